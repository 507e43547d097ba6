/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two things end the guard: PDEATHSIG when the runner dies, and end of file on
 * the line, which also covers a runner that died before PDEATHSIG was set.
 * Nobody below can see or signal it.
 *
 * The guard lives in the container's namespaces but for the pid namespace. So
 * they outlive the container's last process: taking its mounts down, up to half
 * of a millisecond, goes on beside the runner's own cleaning up and delays
 * nobody who waits for the command. The kernel makes a pid namespace only inside
 * its maker's own, so nobody but the guard could make the first process.
 *
 *	runner -> guard		the order (core/order.h)
 *	guard -> runner		0 or the error of the network namespace, if it makes one
 *				pidfd of the first process, or the error
 *				the exit status
 *
 * What goes wrong before there is a first process is told as that would tell it.
 */
#include "core/guard.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/child.h"
#include "core/newnet.h"
#include "core/ns.h"
#include "core/order.h"
#include "core/pages.h"
#include "core/report.h"
#include "core/spawn.h"
#include "core/spec.h"
#include "core/sync.h"

/* Until the line is cut, or the first process has ended. */
static _Noreturn void watch(int line, int first)
{
	struct pollfd p[] = { { line, POLLIN, 0 }, { first, POLLIN, 0 } };

	while (poll(p, ARRAY_SIZE(p), -1) < 0)
		;
	if (!p[0].revents)
		report_send(line, spawn_wait(first), NULL, -1);
	_exit(0);
}

/* Returns in the guard only. */
static int make_first(int line, struct child *child, int *ret_pidfd)
{
	struct spawn how = { .flags = CLONE_NEWPID, .cgroup_fd = child->cgroup.v2_fd };
	struct err e = ERR_INIT;
	pid_t pid = spawn_clone(&how, ret_pidfd, &e);
	int r;

	if (pid == 0) {
		close(line);
		child_main(child);
	}
	r = report_send(line, pid < 0 ? pid : 0, &e, *ret_pidfd);
	return pid < 0 ? pid : r;
}

static _Noreturn void guard_main(int line, struct child *child)
{
	struct err e = ERR_INIT;
	int first = -1, r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ct-guard");
	setsid();
	if (child->in_netns) {
		r = newnet_enter(&e);
		if (report_send(line, r, &e, -1) < 0 || r < 0)
			_exit(1);
	}
	r = child_prepare(child, &e);
	if (r >= 0 && order_take(line, child->spec, child->trees, &child->cgroup) < 0)
		_exit(1); /* a runner that failed */
	if (r >= 0)
		r = child_settle(child, &e);
	if (r < 0)
		sync_send_failed(child->sync, 0, &e);
	if (r < 0 || make_first(line, child, &first) < 0)
		_exit(1);
	/* from here on it holds nothing of the runner's but the line */
	if (dup2(line, 0) < 0 || dup2(first, 1) < 0)
		_exit(1);
	close_range(2, ~0U, 0);
	if (child->spec->detach)
		pages_release(); /* it waits for days */
	watch(0, 1);
}

int guard_start(struct guard *g, struct child *child, struct err *e)
{
	_cleanup_close_ int its = -1;
	struct spawn s = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC,
			   .cgroup_fd = -1 };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, errno, "make a socket pair");
	g->line = sv[0];
	its = sv[1];
	g->pid = spawn_clone(&s, &g->pidfd, e);
	if (g->pid == 0) {
		close(g->line); /* in no hands but the runner's */
		guard_main(its, child);
	}
	if (g->pid < 0)
		return g->pid;
	spawn_aside(g->pid);
	return 0;
}

int guard_go(const struct guard *g, const struct ct_spec *spec, const int *trees,
	     const struct cgroup *cgroup, struct err *e)
{
	int r = order_send(g->line, spec, trees, cgroup, e);

	return r == -EPIPE ? -ECHILD : r;
}

static int reply(const struct guard *g, int *ret_fd, struct err *e)
{
	int r = report_take(g->line, ret_fd, e);

	return r == -ECHILD ? err_set(e, r, "the guard process died") : r;
}

int guard_netns(const struct guard *g, struct err *e)
{
	int r = reply(g, NULL, e), fd;

	if (r < 0)
		return r;
	fd = ns_open_net(g->pidfd);
	return fd < 0 ? err_sys(e, fd, "open the network namespace") : fd;
}

int guard_first(const struct guard *g, struct err *e)
{
	int fd = -1, r = reply(g, &fd, e);

	return r < 0 ? r : fd;
}

int guard_status(const struct guard *g)
{
	int r = report_take(g->line, NULL, NULL);

	/* without a word only a SIGKILL ends it, and that is what the others got too */
	return r < 0 ? 128 + SIGKILL : r;
}

void guard_kill(const struct guard *g)
{
	if (g->pidfd >= 0)
		pidfd_send_signal(g->pidfd, SIGKILL, NULL, 0);
}

void guard_release(struct guard *g)
{
	fd_close(take_fd(&g->line));
}

void guard_end(struct guard *g)
{
	guard_release(g);
	if (g->pidfd >= 0) {
		spawn_wait(g->pidfd);
		fd_close(take_fd(&g->pidfd));
	}
}
