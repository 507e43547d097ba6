/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_stats - how the kernel's counters are read. Private to the cgroup
 * modules; the counters themselves are in cgroup.h.
 */
#ifndef CT_CORE_CGROUP_STATS_H
#define CT_CORE_CGROUP_STATS_H

#include <stdbool.h>
#include <stdint.h>

struct cg_trees;
struct cgroup_stats;

/* How much: each less than the one before. */
enum cg_extent {
	CG_STATS_ALL,
	CG_STATS_RECORDED, /* what a record of one that ended holds */
	CG_STATS_OOMS,
};

/*
 * fds: of the group in each of the trees, negative where it has none. UINT64_MAX for
 * what is beyond the extent.
 */
void cg_stats_read(const struct cg_trees *trees, const int *fds, enum cg_extent extent,
		   struct cgroup_stats *ret);

/*
 * The number of a file that is nothing else (key NULL), or of the line "KEY
 * NUMBER". UINT64_MAX: there is none, it says "max", or stands for no limit.
 */
uint64_t cg_stat_number(const char *text, const char *key);
/* Bytes of all devices, from the v1 or v2 text of what was read and written. */
void cg_stat_io(const char *text, bool v2, uint64_t *ret_read, uint64_t *ret_write);

#endif
