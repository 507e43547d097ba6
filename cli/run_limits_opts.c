/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for limits. */
#include <errno.h>
#include <stdlib.h>

#include "cli/run_opts.h"
#include "core/rlimit.h"

static int set_ulimit(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	struct ct_rlimit lim, *grown;
	int r = rlimit_parse(value, &lim, e);

	if (r < 0)
		return r;
	grown = realloc(a->spec.rlimits, (a->spec.n_rlimits + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[a->spec.n_rlimits++] = lim;
	a->spec.rlimits = grown;
	return 0;
}

const struct opt run_limits_opts[] = {
	OPT_HEADING("Limits"),
	ROW("memory", 'm', OPT_SIZE, "SIZE", spec.limits.memory, "bytes, or with K M G"),
	ROW("cpus", 0, OPT_CPUS, "N", spec.limits.cpus_milli, "CPU time, as 0.2 or 2"),
	ROW("pids", 0, OPT_U32, "N", spec.limits.pids, "number of processes and threads"),
	FN("ulimit", 0, "NAME=SOFT[:HARD]", set_ulimit, "as setrlimit(2): nofile=1024"),
	OPT_END,
};
