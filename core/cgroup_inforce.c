/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits in force, as the files of the control groups have them, in either version. */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_stats.h"
#include "core/cgroup_tree.h"

#define UNKNOWN UINT64_MAX

/* A file of the group, where the controller is and the container has a group there. */
static char *read_file(const struct cg_trees *trees, const char *path, enum cg_controller c,
		       const char *v1, const char *v2)
{
	const struct cg_tree *t = cg_tree_of(trees, c);
	_cleanup_close_ int group = t ? cg_group_open(t, path) : -1;
	char *text = NULL;

	if (group < 0 || file_read_at(group, t->ops == &cg_v2 ? v2 : v1, 4096, &text, NULL) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static uint64_t number(const struct cg_trees *trees, const char *path, enum cg_controller c,
		       const char *v1, const char *v2)
{
	_cleanup_free_ char *text = read_file(trees, path, c, v1, v2);

	return text ? cg_stat_number(text, NULL) : UNKNOWN;
}

/* v1 has quota and period in two files, v2 in one; thousandths of a CPU. */
static uint64_t cpus(const struct cg_trees *trees, const char *path)
{
	_cleanup_free_ char *max = read_file(trees, path, CG_CPU, "cpu.cfs_quota_us", "cpu.max");
	uint64_t quota, period;
	char *space = max ? strchr(max, ' ') : NULL;

	if (!max)
		return UNKNOWN;
	if (space)
		*space = '\0';
	quota = cg_stat_number(max, NULL); /* "-1" and "max" are none */
	period = space ? cg_stat_number(space + 1, NULL)
		       : number(trees, path, CG_CPU, "cpu.cfs_period_us", "cpu.max");
	if (quota == UNKNOWN || period == UNKNOWN || !period)
		return UNKNOWN;
	return (quota * 1000 + period / 2) / period;
}

/* v1 counts swap with memory, v2 apart. */
static uint64_t memory_swap(const struct cg_trees *trees, const char *path, uint64_t memory)
{
	const struct cg_tree *t = cg_tree_of(trees, CG_MEMORY);
	uint64_t n =
		number(trees, path, CG_MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max");

	if (n == UNKNOWN || !t || t->ops != &cg_v2)
		return n;
	return memory == UNKNOWN ? UNKNOWN : memory + n;
}

int cgroup_limits(const char *path, struct cgroup_limits *ret, struct err *e)
{
	_cleanup_(cg_trees_free) struct cg_trees trees = { .n = 0 };
	_cleanup_free_ char *cpuset = NULL;
	int r = cg_trees_load(&trees, e);

	if (r < 0)
		return r;
	ret->memory = number(&trees, path, CG_MEMORY, "memory.limit_in_bytes", "memory.max");
	ret->memory_swap = memory_swap(&trees, path, ret->memory);
	ret->cpus_milli = cpus(&trees, path);
	ret->cpu_shares = number(&trees, path, CG_CPU, "cpu.shares", "");
	ret->cpu_weight = number(&trees, path, CG_CPU, "", "cpu.weight");
	ret->pids = number(&trees, path, CG_PIDS, "pids.max", "pids.max");
	cpuset = read_file(&trees, path, CG_CPUSET, "cpuset.cpus", "cpuset.cpus");
	return str_fmt(ret->cpuset_cpus, sizeof(ret->cpuset_cpus), "%s", cpuset ? cpuset : "");
}
