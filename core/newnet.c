/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maker waits in its namespace until the runner has a descriptor of it: a
 * pidfd gives one without any /proc, but of a living process only. It holds
 * nothing else and no command is near, so it needs no guarding: end of file on
 * the line ends it, whatever became of the runner.
 */
#include "core/newnet.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/ns.h"
#include "core/report.h"
#include "core/spawn.h"

/*
 * Away from the runner's processor: nearly all of this is one system call, and
 * where the kernel is not preemptible the runner would wait for all of it.
 */
static void step_aside(void)
{
	cpu_set_t all, others;
	int here = sched_getcpu();

	if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof(all), &all) < 0)
		return;
	others = all;
	CPU_CLR(here, &others);
	if (CPU_COUNT(&others) && sched_setaffinity(0, sizeof(others), &others) == 0)
		sched_setaffinity(0, sizeof(all), &all);
}

int newnet_make(int line)
{
	struct err e = ERR_INIT;
	int r = ns_unshare(CLONE_NEWNET, "a network namespace", &e);

	if (r < 0) {
		err_hint(&e, "see /proc/sys/user/max_net_namespaces");
	} else {
		r = ns_lo_up();
		if (r < 0)
			err_sys(&e, r, "set lo up");
	}
	return report_send(line, r, &e, -1);
}

static _Noreturn void maker_main(int line)
{
	struct pollfd p = { .fd = line, .events = POLLIN };

	step_aside();
	if (newnet_make(line) >= 0)
		while (poll(&p, 1, -1) < 0)
			;
	_exit(0);
}

int newnet_start(struct newnet *n, struct err *e)
{
	const struct spawn s = { .cgroup_fd = -1 };
	_cleanup_close_ int its = -1;
	int sv[2], r;

	/* nobody may look into it, in whatever namespace it is */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys(e, errno, "become non-dumpable");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, errno, "make a socket pair");
	n->line = sv[0];
	its = sv[1];
	r = spawn_clone(&s, &n->pidfd, e);
	if (r == 0) {
		close(n->line);
		maker_main(its);
	}
	return r < 0 ? r : 0;
}

int newnet_take(struct newnet *n, struct err *e)
{
	int fd, r = report_take(n->line, NULL, e);

	if (r == -ECHILD)
		return err_set(e, r, "the process that makes the network namespace died");
	if (r < 0)
		return r;
	fd = ns_open_net(n->pidfd);
	fd_close(take_fd(&n->line));
	return fd < 0 ? err_sys(e, fd, "open the network namespace") : fd;
}

void newnet_end(struct newnet *n)
{
	fd_close(take_fd(&n->line));
	if (n->pidfd >= 0) {
		spawn_wait(n->pidfd);
		fd_close(take_fd(&n->pidfd));
	}
}
