/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup - one container's control groups, whichever the host has: v2, v1, or
 * both (hybrid). One table of limits, two back-ends (cgroup_v1.c, cgroup_v2.c).
 *
 * On v2, and in the v2 tree of a hybrid host, the child is born in its group
 * (CLONE_INTO_CGROUP). On v1 the child, while single-threaded, writes "0" to
 * each `tasks` file through descriptors opened before the clone, which costs
 * a twentieth of a numeric pid (no RCU wait). Groups are at PARENT/ctnet/ID.
 */
#ifndef CT_CORE_CGROUP_H
#define CT_CORE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cg_trees;
struct ct_limits;
struct err;

#define CGROUP_V1_MAX 11

struct cgroup {
	/* "ctnet/ID", below every hierarchy; "": there is none */
	char path[256];
	/* directory to be born in; -1: none */
	int v2_fd;
	/* v1 `tasks` files for the child */
	int tasks_fds[CGROUP_V1_MAX];
	unsigned n_tasks;
	/* the hierarchies, for cgroup_destroy(); NULL: it has to look for them */
	struct cg_trees *trees;
};

/* clang-format off */
#define CGROUP_INIT { .v2_fd = -1 }
/* clang-format on */

/*
 * PARENT/ctnet/ID, for the record that is on disk before anything is made.
 * -EINVAL for a parent or an id with ".." and the like.
 */
int cgroup_path(const char *parent, const char *id, char *buf, size_t size, struct err *e);

/*
 * Makes the groups a container with these limits needs and sets the limits. A
 * limit the host cannot enforce is an error that says what lacks (-ENOTSUP);
 * without limits a host that has nothing writable is no error (path "").
 * The id is the caller's alone: what is left in a group of that name is killed.
 * On failure nothing is left.
 */
int cgroup_create(const char *parent, const char *id, const struct ct_limits *limits,
		  struct cgroup *ret, struct err *e);
/*
 * Whether a word of limits->io_max, ->hugetlb, ->raw can be meant; -EINVAL, -ERANGE.
 * The host is not asked.
 */
int cgroup_io_max_check(const char *word, struct err *e);
int cgroup_hugetlb_check(const char *word, struct err *e);
int cgroup_raw_check(const char *word, struct err *e);
/* In the child, single-threaded: joins the v1 groups. */
int cgroup_join(const struct cgroup *cg, struct err *e);
/* Opens the groups of a running container for a process that will join (ct exec). */
int cgroup_open(const char *path, struct cgroup *ret, struct err *e);
/* Descriptors only; the groups stay. */
void cgroup_close(struct cgroup *cg);

/*
 * Changes limits of a running container; what is 0 or NULL stays as it is, and
 * with a new memory limit alone so does how much swap there is besides. A
 * group that a limit needs and that is not there is made, and its processes
 * are moved: what they hold of memory stays charged to where they came from.
 * accounting and devices are none of it. On failure what was changed is changed
 * back. -ENOTSUP: no controller, or no group at all; -ENOENT: it is gone.
 */
int cgroup_update(const char *path, const struct ct_limits *limits, struct err *e);

/*
 * What the kernel counted, UINT64_MAX: not known, or no limit. Of a container with
 * limits.accounting everything is known; of others cpu_* where there is a v2 tree,
 * and what their limits count. memory_cache: that part of memory which is files not
 * in use of late (docker subtracts it).
 */
struct cgroup_stats {
	uint64_t cpu_ns, cpu_user_ns, cpu_system_ns, throttled_ns;
	uint64_t memory, memory_peak, memory_limit, memory_cache; /* bytes */
	uint64_t pids, pids_limit;
	uint64_t io_read, io_write; /* bytes */
	uint64_t oom_kills;
};
/* -ENOENT: there is no such group any more. */
int cgroup_stats(const char *path, struct cgroup_stats *ret, struct err *e);
/*
 * For the maker, after the last process and before cgroup_destroy(): only what the
 * record of one that ended holds, cpu_ns, memory_peak and oom_kills; and of one
 * that leaves no record oom_kills alone.
 */
int cgroup_stats_recorded(const struct cgroup *cg, struct cgroup_stats *ret);
int cgroup_stats_ooms(const struct cgroup *cg, struct cgroup_stats *ret);

/* What is in force, whoever set it. UINT64_MAX: no limit, or nothing that would have one. */
struct cgroup_limits {
	uint64_t memory, memory_swap; /* bytes; memory_swap: both together */
	uint64_t cpus_milli, pids;
	uint64_t cpu_shares, cpu_weight; /* of v1, of v2 */
	char cpuset_cpus[256]; /* "": not limited */
};
int cgroup_limits(const char *path, struct cgroup_limits *ret, struct err *e);

/*
 * Pids, the caller's, of what is in the group and in those below it, in no order;
 * *ret is to be freed. -ENOENT: there is no such group (any more).
 */
int cgroup_pids(const char *path, pid_t **ret, size_t *ret_n);

/*
 * A descriptor that is readable when the kernel has killed for want of memory
 * (v1: eventfd of memory.oom_control; v2: inotify of memory.events); how often,
 * tells cgroup_stats(). -ENOTSUP: nothing limits memory.
 */
int cgroup_oom_fd(const char *path);

/* Freezes or thaws everything inside, and waits until it is so. */
int cgroup_freeze(const char *path, bool freeze);
/* Kills what is left inside and removes the groups; absent is success. */
int cgroup_remove(const char *path);
/* The same for the maker, cheaper: also closes cg. -EINVAL and the like as cgroup_remove(). */
int cgroup_destroy(struct cgroup *cg);

/*
 * The sweep for groups that no record names: below PARENT/ctnet, alive(id) is
 * false, without processes, and older than half a minute, so that containers
 * of another state root are safe. A dead container's own go by cgroup_remove.
 */
int cgroup_gc(const char *parent, bool (*alive)(const char *id, void *ctx), void *ctx);

#endif
