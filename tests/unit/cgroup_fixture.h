/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of control groups share: a parent of their own, and members. */
#ifndef CT_TESTS_CGROUP_FIXTURE_H
#define CT_TESTS_CGROUP_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

#define MIB (1024UL * 1024)

static char parent[64];

/* The group in the tree that holds processes and in that of a controller; "" if not there. */
static inline bool group_exists(const char *path, enum cg_controller c)
{
	struct cg_trees t;
	const struct cg_tree *tree;
	char full[PATH_MAX];
	bool there;

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	tree = cg_tree_of(&t, c);
	snprintf(full, sizeof(full), "%s/%s", tree ? tree->mount : "/nowhere", path);
	there = access(full, F_OK) == 0;
	cg_trees_free(&t);
	return there;
}

/* Our private parent is the administrator's for the code under test: removed here. */
static inline void remove_parent(void)
{
	struct cg_trees t;
	char full[PATH_MAX];

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	for (size_t i = 0; i < t.n; i++) {
		snprintf(full, sizeof(full), "%s/%s", t.v[i].mount, parent);
		if (rmdir(full) < 0 && errno != ENOENT && errno != EROFS)
			fail_msg("%s: %s: groups were left", full, strerror(errno));
	}
	cg_trees_free(&t);
}

/* fork() into the group as the runner does it */
static inline pid_t spawn_in(struct cgroup *cg)
{
	struct clone_args a = { .exit_signal = SIGCHLD };
	pid_t pid;

	if (cg->v2_fd >= 0) {
		a.flags = CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cg->v2_fd;
	}
	pid = (pid_t)syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0 && cgroup_join(cg, NULL) < 0)
		_exit(99);
	return pid;
}

static inline void create(const char *id, const struct ct_limits *l, struct cgroup *cg)
{
	struct err e = ERR_INIT;
	int r = cgroup_create(parent, id, l, cg, &e);

	if (r == -ENOTSUP || (r == 0 && !cg->path[0])) {
		print_message("skipped: %s (%s)\n", e.msg, e.hint);
		skip();
	}
	if (r < 0)
		fail_msg("create: %s", e.msg);
}

static inline void drop(struct cgroup *cg)
{
	assert_int_equal(cgroup_destroy(cg), 0);
	assert_false(group_exists(cg->path, CG_MEMORY));
	remove_parent();
}

static inline int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static inline volatile uint32_t *counting_child(struct cgroup *cg, pid_t *pid)
{
	volatile uint32_t *n =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(n != MAP_FAILED);
	*pid = spawn_in(cg);
	if (*pid == 0)
		for (;;) {
			++*n;
			usleep(1000);
		}
	while (!*n)
		usleep(1000);
	return n;
}

#endif
