/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two things end the guard: PDEATHSIG when the runner dies, and end of file on
 * the line, which also covers a runner that died before PDEATHSIG was set.
 * Nobody below can see or signal it; the line's other end must not be in their
 * hands, which the child sees to.
 */
#include "core/guard.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/ns.h"
#include "core/spawn.h"

static int net_make(void)
{
	struct err e = ERR_INIT;
	int r = ns_unshare(CLONE_NEWNET, "a network namespace", &e);

	return r < 0 ? r : ns_lo_up();
}

/* Holds nothing of the runner's but the line. Signals are blocked already. */
static _Noreturn void guard_main(int line, bool new_net)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ct-guard");
	if (line)
		dup2(line, 0);
	close_range(1, ~0U, 0);
	if (new_net) {
		int r = net_make();

		if (write(0, &r, sizeof(r)) != sizeof(r))
			_exit(1);
	}
	setsid();
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int guard_start(struct guard *g, bool new_net, struct err *e)
{
	_cleanup_close_ int mine = -1, its = -1;
	struct spawn s = { .flags = CLONE_NEWPID, .cgroup_fd = -1 };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, errno, "make a socket pair");
	mine = sv[0];
	its = sv[1];
	g->pid = spawn_clone(&s, &g->pidfd, e);
	if (g->pid < 0)
		return g->pid;
	if (g->pid == 0)
		guard_main(its, new_net);
	g->line = take_fd(&mine);
	return 0;
}

int guard_netns(const struct guard *g, struct err *e)
{
	int r = 0, fd;
	ssize_t n = fd_read_all(g->line, &r, sizeof(r));

	if (n != sizeof(r))
		return err_set(e, -ECHILD, "the guard process died");
	if (r < 0) {
		err_sys(e, r, "make a network namespace");
		if (r == -ENOSPC)
			err_hint(e, "see /proc/sys/user/max_net_namespaces");
		return r;
	}
	fd = ns_open_net(g->pidfd, g->pid);
	return fd < 0 ? err_sys(e, fd, "open the network namespace") : fd;
}

int guard_enter(struct guard *g, struct err *e)
{
	g->own_pidns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (g->own_pidns < 0)
		return err_sys(e, errno, "open /proc/self/ns/pid");
	return ns_enter(g->pidfd, CLONE_NEWPID, "the guard's pid namespace", e);
}

int guard_leave(struct guard *g, struct err *e)
{
	int r = ns_enter(g->own_pidns, CLONE_NEWPID, "the pid namespace of the caller", e);

	fd_close(take_fd(&g->own_pidns));
	return r;
}

void guard_release(struct guard *g)
{
	fd_close(take_fd(&g->line));
}

void guard_end(struct guard *g)
{
	guard_release(g);
	fd_close(take_fd(&g->own_pidns));
	if (g->pidfd >= 0) {
		spawn_wait(g->pidfd);
		fd_close(take_fd(&g->pidfd));
	}
}
