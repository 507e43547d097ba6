/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for limits that cannot be changed later; the others: limit_opts.c. */
#include <errno.h>
#include <stdlib.h>

#include "cli/run_opts.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/vec.h"
#include "core/cgroup.h"
#include "core/rlimit.h"

#define OOM_SCORE_ADJ_MAX 1000 /* of the kernel */

static int set_ulimit(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	struct ct_rlimit lim, *added;
	int r = rlimit_parse(value, &lim, e);

	if (r < 0)
		return r;
	added = VEC_ADD(a->spec.rlimits, a->spec.n_rlimits);
	if (!added)
		return -ENOMEM;
	*added = lim;
	return 0;
}

static int set_oom_score_adj(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	bool minus = value[0] == '-';
	uint32_t v;
	int r = parse_u32(value + minus, 0, OOM_SCORE_ADJ_MAX, &v, NULL);

	if (r < 0)
		return err_set(e, EINVAL, "'%s' is not a number from -%d to %d", value,
			       OOM_SCORE_ADJ_MAX, OOM_SCORE_ADJ_MAX);
	a->spec.oom_score_adj = minus ? -(int)v : (int)v;
	a->spec.oom_score_adj_set = true;
	return 0;
}

static int set_cgroup_parent(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	char path[256];
	int r = cgroup_path(value, NULL, path, sizeof(path), e);

	if (r >= 0)
		a->spec.cgroup_parent = value;
	return r;
}

const struct opt run_limits_opts[] = {
	FN("ulimit", 0, "NAME=SOFT[:HARD]", set_ulimit, "as setrlimit(2): nofile=1024"),
	FN("oom-score-adj", 0, "N", set_oom_score_adj,
	   "-1000 to 1000: the higher, the sooner it is killed when the host lacks memory"),
	FN("cgroup-parent", 0, "PATH", set_cgroup_parent,
	   "below which its groups are made (default: [cgroup] parent)"),
	OPT_END,
};
