/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_tree - the mounted cgroup hierarchies, and what differs between the
 * two versions. Private to the cgroup modules.
 */
#ifndef CT_CORE_CGROUP_TREE_H
#define CT_CORE_CGROUP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct_limits;
struct err;

#define CG_GROUP "ctnet" /* all containers of a parent are below it */

enum cg_controller {
	CG_CPU,
	CG_CPUACCT,
	CG_CPUSET,
	CG_DEVICES,
	CG_FREEZER,
	CG_HUGETLB,
	CG_IO,
	CG_MEMORY,
	CG_MISC,
	CG_PIDS,
	CG_RDMA,
	CG_N_CONTROLLERS,
};

struct cg_ops {
	long magic; /* f_type of statfs(2) */
	/* All in the group stops or goes on; waits for it at most timeout_ms. */
	int (*freeze)(int group_fd, bool freeze, int timeout_ms);
	/* Kills every member and waits until they left, or -ETIMEDOUT. */
	int (*kill)(int group_fd, int timeout_ms);
};

extern const struct cg_ops cg_v1, cg_v2;

struct cg_tree {
	const struct cg_ops *ops;
	const char *mount; /* mount point */
	uint32_t controllers; /* v1: bits of enum cg_controller; v2: 0, see cg_v2_enable */
	/* of the mount table alone */
	uint32_t major, minor;
	bool whole; /* the mount shows the hierarchy from its root */
};

#define CG_TREES_MAX 16

struct cg_trees {
	struct cg_tree v[CG_TREES_MAX];
	size_t n;
	char *text; /* backs the mount points */
};

int cg_trees_load(struct cg_trees *ret, struct err *e);
bool cg_trees_v2_at_usual_place(struct cg_trees *ret);
int cg_trees_parse(char *text, struct cg_trees *ret); /* text: of mountinfo, is modified */
/* text: of /proc/PID/cgroup; false: not all are where they are expected. */
bool cg_trees_at_usual_places(const char *text, struct cg_trees *ret);
void cg_trees_free(struct cg_trees *t);

/* NULL: not mounted */
const struct cg_tree *cg_tree_v2(const struct cg_trees *t);
/* Where a controller's files are: its v1 hierarchy, else the v2 tree. */
const struct cg_tree *cg_tree_of(const struct cg_trees *t, enum cg_controller c);

const struct cg_tree *cg_tree_held(const struct cg_trees *t);
/* The controllers, as bits, that count in this hierarchy what cgroup_stats() tells. */
uint32_t cg_counted_in(const struct cg_trees *trees, const struct cg_tree *t);

const char *cg_controller_name(enum cg_controller c, const struct cg_ops *ops);

/* Makes the controllers (bits) usable in the group at path, from the mount downwards. */
int cg_v2_enable(const struct cg_tree *t, const char *path, int group_fd, uint32_t controllers,
		 struct err *e);

/* SIGKILL to every process listed in cgroup.procs; their count, or -errno. */
int cg_kill_members(int group_fd, int wait_ms);

int cg_full_path(const struct cg_tree *t, const char *path, char *buf); /* PATH_MAX bytes */
int cg_group_open(const struct cg_tree *t, const char *path);

/* cgroup_limits.c: whether anything but counting is asked for. */
bool cg_limits_any(const struct ct_limits *l);

/* cgroup.c: a new group, also above it what lacks; its directory, or -errno. */
int cg_tree_make(const struct cg_tree *t, const char *path);

/*
 * cgroup_v1.c: a process can join a group of the cpuset controller only when it has
 * CPUs and memory nodes; those of each level that has none become those of the one above.
 */
int cg_v1_cpuset_inherit(const struct cg_tree *t, const char *path);

/* cgroup_remove.c */
int cg_tree_remove(const struct cg_tree *t, const char *path);
int cg_trees_remove(const struct cg_trees *trees, const char *path);

int64_t cg_now_ms(void);

#endif
