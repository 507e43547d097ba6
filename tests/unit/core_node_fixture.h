/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny supervisor for tests of nodes: pid 1 of a pid namespace, in mount and
 * network namespaces of its own. What it checks ends it, and the test fails.
 */
#ifndef CT_TESTS_CORE_NODE_FIXTURE_H
#define CT_TESTS_CORE_NODE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_tree.h"
#include "core/node.h"

#define GIVE_UP	    125
#define SECOND	    1000000000ULL
#define CHECK(that) check_that(that, #that, __FILE__, __LINE__)

static inline void check_that(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	_exit(1);
}

static inline void check_ok(int r, const struct err *e, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %d %s\n", what, r, e->msg);
	_exit(1);
}

/* The lab's directory of logs, below a temporary one. */
static inline int logs_dir(void)
{
	char path[] = "/tmp/ct-node-XXXXXX";
	int fd;

	CHECK(mkdtemp(path));
	CHECK(mount("tmpfs", path, "tmpfs", 0, NULL) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(umount2(path, MNT_DETACH) == 0 && rmdir(path) == 0);
	return fd;
}

#define CGROUP_PARENT "ct-node-test"
#define TELL_FD	      9 /* of a supervisor that is left running */

/* The group has been the administrator's for the code under test: removed here. */
static inline void remove_cgroup_parent(void)
{
	struct cg_trees t;
	char full[PATH_MAX];

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	for (size_t i = 0; i < t.n; i++) {
		snprintf(full, sizeof(full), "%s/" CGROUP_PARENT, t.v[i].mount);
		if (rmdir(full) < 0 && errno != ENOENT && errno != EROFS)
			fail_msg("%s: %s: groups were left", full, strerror(errno));
	}
	cg_trees_free(&t);
}

/* How many processes a group may have; 0: there is no such group. */
static inline uint64_t limit_of(const char *path)
{
	struct cgroup_limits l;
	struct cg_trees t;
	const struct cg_tree *tree;
	char full[PATH_MAX] = "";

	CHECK(cg_trees_load(&t, NULL) == 0);
	tree = cg_tree_of(&t, CG_PIDS);
	if (tree)
		snprintf(full, sizeof(full), "%s/%s", tree->mount, path);
	cg_trees_free(&t);
	return access(full, F_OK) == 0 && cgroup_limits(path, &l, NULL) == 0 ? l.pids : 0;
}

typedef void supervisor_fn(struct nodes *ns, int logs_fd);

static inline void supervise(supervisor_fn *fn, unsigned workers)
{
	struct nodes_opts o = { .workers = workers,
				.cgroup_parent = CGROUP_PARENT,
				.cgroup_id = "a0b1c2d3e4f5" };
	struct nodes *ns = NULL;
	struct err e = ERR_INIT;

	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	o.logs_fd = logs_dir();
	check_ok(nodes_new(&o, &ns, &e), &e, "nodes_new");
	fn(ns, o.logs_fd);
	nodes_free(ns);
	_exit(0);
}

/* As fork(2); skips the test without privileges. */
static inline pid_t supervisor_fork(void)
{
	long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD;
	pid_t pid;

	fflush(NULL);
	pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid < 0 && (errno == EPERM || errno == EINVAL))
		skip();
	assert_true(pid >= 0);
	return pid;
}

/* One that goes on, and has a descriptor to tell the test something. */
static inline pid_t supervisor_with(supervisor_fn *fn, int tell_fd)
{
	pid_t pid = supervisor_fork();

	if (pid == 0) {
		CHECK(dup3(tell_fd, TELL_FD, O_CLOEXEC) == TELL_FD);
		supervise(fn, 1);
	}
	return pid;
}

/* The status of one that does this. */
static inline int supervised(supervisor_fn *fn, unsigned workers)
{
	pid_t pid = supervisor_fork();
	int status;

	if (pid == 0)
		supervise(fn, workers);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The next event, or the test fails after a while. */
static inline struct node_event next_event(struct nodes *ns)
{
	struct pollfd p = { .fd = nodes_fd(ns), .events = POLLIN };
	struct node_event ev;
	struct err e = ERR_INIT;
	int r;

	while ((r = nodes_next(ns, &ev, &e)) == 0)
		CHECK(poll(&p, 1, 60000) == 1);
	check_ok(r, &e, "nodes_next");
	return ev;
}

static inline void expect(struct nodes *ns, uint32_t id, enum node_event_type type)
{
	struct node_event ev = next_event(ns);

	if (ev.id != id || ev.type != type)
		fprintf(stderr, "node %u: event %d: %s\n", ev.id, (int)ev.type, ev.err.msg);
	CHECK(ev.id == id && ev.type == type);
}

static inline void begin(struct nodes *ns, uint32_t id, const struct node_spec *s)
{
	struct err e = ERR_INIT;

	check_ok(nodes_start(ns, &id, &s, 1, &e), &e, "nodes_start");
}

static inline void to_ready(struct nodes *ns, uint32_t id)
{
	struct err e = ERR_INIT;

	expect(ns, id, NODE_BORN);
	check_ok(node_wire(ns, id, &e), &e, "node_wire");
	expect(ns, id, NODE_WIRED);
	check_ok(node_run(ns, id, &e), &e, "node_run");
	expect(ns, id, NODE_READY);
}

static inline void up(struct nodes *ns, uint32_t id, const struct node_spec *s)
{
	begin(ns, id, s);
	to_ready(ns, id);
}

/* A command that must succeed, and one that must not. */
static inline void run_ok(struct nodes *ns, uint32_t id, const char *text)
{
	struct err e = ERR_INIT;

	check_ok(node_exec(ns, id, text, &e), &e, text);
}

static inline void run_fails(struct nodes *ns, uint32_t id, const char *text, const char *says)
{
	struct err e = ERR_INIT;
	int r = node_exec(ns, id, text, &e);

	if (r != -EREMOTEIO || !strstr(e.msg, says))
		fprintf(stderr, "%s: %d %s\n", text, r, e.msg);
	CHECK(r == -EREMOTEIO && strstr(e.msg, says));
}

#endif
