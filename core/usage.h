/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage - what a running container uses: what its control groups counted, and
 * where a controller is not there the sum over its processes, in which those
 * that have ended are missing.
 */
#ifndef CT_CORE_USAGE_H
#define CT_CORE_USAGE_H

struct cgroup_stats;
struct ct_info;
struct err;

/* As cgroup_stats(): UINT64_MAX is not known, or no limit. -ESRCH: it does not run. */
int usage_read(const struct ct_info *ct, struct cgroup_stats *ret, struct err *e);

#endif
