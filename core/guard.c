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
 *	both			what core/guard_ns.h says, if that is to be
 *	guard -> runner		0 or the error of the network namespace, if it makes one
 *	runner -> guard		the order (core/order.h), then the groups
 *	guard -> runner		pidfd of the first process, or the error
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
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/child.h"
#include "core/guard_ns.h"
#include "core/newnet.h"
#include "core/ns.h"
#include "core/order.h"
#include "core/pages.h"
#include "core/report.h"
#include "core/spawn.h"
#include "core/spec.h"
#include "core/sync.h"
#include "core/userns.h"

/* What the guard holds as long as it lives: nothing of the runner's but the line. */
struct ends {
	int line;
	int first; /* a pidfd */
	int kill; /* cgroup.kill, or -1 */
	int children; /* /proc/PID/task/TID/children, opened while that was the host's, or -1 */
};

/* SIGKILL for each. */
static void kill_children(const struct ends *w)
{
	char text[4096], *at = text;
	ssize_t len = pread(w->children, text, sizeof(text) - 1, 0);

	if (len <= 0)
		return;
	text[len] = '\0';
	/* one that is cut short, or gone, is some other time's */
	while (strchr(at, ' ')) {
		pid_t pid = (pid_t)strtol(at, &at, 10);

		if (pid > 1)
			kill(pid, SIGKILL);
		at++;
	}
}

/*
 * The end of a container without a pid namespace of its own. Orphans of the host's
 * pid namespace become the guard's children, those of another's that one's: for
 * them there is the group.
 */
static void end_all(const struct ends *w)
{
	siginfo_t si;

	pidfd_send_signal(w->first, SIGKILL, NULL, 0);
	/* without the file, before Linux 5.14 or v2, they go one by one */
	if (write(w->kill, "1", 1) < 0)
		kill_children(w);
	while (waitid(P_ALL, 0, &si, WEXITED) == 0)
		kill_children(w);
}

static int first_status(const struct ends *w)
{
	siginfo_t si = { 0 };

	/* collected with the others */
	while (waitid(P_PIDFD, (id_t)w->first, &si, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	return si.si_code == CLD_EXITED ? si.si_status & 0xff : 128 + si.si_status;
}

/* Until the line is cut, or the first process has ended. */
static _Noreturn void watch(const struct ends *w, bool nested)
{
	struct pollfd p[] = { { w->line, POLLIN, 0 }, { w->first, POLLIN, 0 } };
	int status = -ECHILD;

	while (poll(p, ARRAY_SIZE(p), -1) < 0)
		;
	if (!p[0].revents)
		status = first_status(w);
	if (!nested)
		end_all(w);
	/* without a word the runner believes that it was killed */
	for (int i = 0; !p[0].revents && i < 100; i++) {
		if (!err_is_passing(report_send(w->line, status, NULL, -1)))
			break;
		usleep(1000);
	}
	_exit(0);
}

static int make_pipe(const struct child *child, int ret[2], struct err *e)
{
	return child_leaves_early(child) && pipe2(ret, O_CLOEXEC) < 0
		       ? err_sys(e, errno, "make a pipe")
		       : 0;
}

/* Returns in the guard only; tell: the end of a pipe for child_leave(), -1: none. */
static int make_first(struct ends *w, struct child *child, int *ret_tell, struct err *e)
{
	struct spawn how = { .flags = ns_is_new(child->spec, CT_NS_PID) ? CLONE_NEWPID : 0,
			     .cgroup_fd = child->cgroup.v2_fd };
	pid_t pid = guard_ns_bear(child->spec, e);
	int pair[2] = { -1, -1 };

	if (pid >= 0)
		pid = make_pipe(child, pair, e);
	child->left = pair[0];
	*ret_tell = pair[1];
	if (pid >= 0)
		pid = spawn_clone(&how, &w->first, e);

	if (pid == 0) {
		close(w->line);
		fd_close(*ret_tell); /* the guard's end alone tells of its death */
		child_main(child);
	}
	return pid;
}

/* All but what the guard needs, and what it still has to say. */
static int close_others(const struct ends *w, const struct child *child, int tell, struct err *e)
{
	int keep[] = { w->line, w->first, w->kill, w->children, child->sync, tell };
	int r = fd_close_others(0, keep, ARRAY_SIZE(keep));

	return r < 0 ? err_sys(e, r, "close what is the runner's") : 0;
}

static void leave(const struct ends *w, struct child *child, int tell)
{
	struct err e = ERR_INIT;
	int r = child_leave(child, &e);

	if (r >= 0)
		r = close_others(w, child, tell, &e);
	/* one that failed meanwhile has said why itself */
	if (r >= 0 && (write(tell, "", 1) == 1 || errno == EPIPE)) {
		close(tell);
		return;
	}
	if (r >= 0)
		err_sys(&e, errno, "speak to the first process");
	sync_send_failed(child->sync, 0, &e);
	_exit(1);
}

/*
 * The last word that the first process waits for is that it is there, or that the guard
 * has left its files: what can fail comes before.
 */
static void begin(struct ends *w, struct child *child)
{
	struct err e = ERR_INIT;
	int tell = -1, r = make_first(w, child, &tell, &e);

	if (r >= 0 && tell < 0)
		r = close_others(w, child, -1, &e);
	if (report_send(w->line, r, &e, w->first) < 0 || r < 0)
		_exit(1);
	if (tell >= 0)
		leave(w, child, tell);
	close(child->sync);
}

/* What end_all() needs; before the container's root is the guard's too. */
static void open_ends(const struct child *child, struct ends *w)
{
	if (ns_is_new(child->spec, CT_NS_PID))
		return;
	if (child->cgroup.v2_fd >= 0)
		w->kill = openat(child->cgroup.v2_fd, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	w->children = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
}

/* Everything until there is a first process; ends the guard when there is none. */
static void build(int line, struct child *child)
{
	struct err e = ERR_INIT;
	int r = 0;

	if (guard_ns_special(child->spec))
		r = guard_ns_settle(line, child->spec, &child->fs.trees, &e);
	if (r > 0)
		_exit(1);
	if (r >= 0 && child->in_netns && child->spec->netns == NETNS_NEW) {
		r = newnet_enter(&e);
		if (report_send(line, r, &e, -1) < 0 || r < 0)
			_exit(1);
	}
	if (r >= 0)
		r = child_prepare(child, &e);
	if (r >= 0 && order_take(line, child->spec, child->trees) < 0)
		_exit(1); /* a runner that failed */
	if (r >= 0)
		r = child_settle(child, &e);
	if (r >= 0 && order_take_groups(line, &child->cgroup) < 0)
		_exit(1);
	if (r >= 0)
		return;
	sync_send_failed(child->sync, 0, &e);
	_exit(1);
}

static _Noreturn void guard_main(int line, struct child *child)
{
	struct ends w = { .line = line, .first = -1, .kill = -1, .children = -1 };

	guard_ns_hold(child->spec);
	prctl(PR_SET_NAME, "ct-guard");
	setsid();
	build(line, child);
	open_ends(child, &w);
	begin(&w, child);
	if (child->spec->detach)
		pages_release(); /* it waits for days */
	watch(&w, ns_is_new(child->spec, CT_NS_PID));
}

int guard_start(struct guard *g, struct child *child, struct err *e)
{
	_cleanup_close_ int its = -1;
	struct spawn s = { .flags = guard_ns_birth(child->spec), .cgroup_fd = -1 };
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

static int reply(const struct guard *g, int *ret_fd, struct err *e)
{
	int r = report_take(g->line, ret_fd, e);

	return r == -ECHILD ? err_set(e, r, "the guard process died") : r;
}

/* Of what was said to it; why it died, it has said elsewhere. */
static int or_dead(int r)
{
	return r == -EPIPE ? -ECHILD : r;
}

int guard_admit(const struct guard *g, const struct ct_spec *spec, const struct userns *ids,
		struct err *e)
{
	_cleanup_close_ int userns = -1;
	int r;

	if (!ns_has_user(spec))
		return 0;
	r = reply(g, NULL, e);
	if (r >= 0 && ns_is_new(spec, CT_NS_USER))
		r = userns_map(ids, g->pid, e);
	if (r < 0)
		return r;
	r = userns = ns_open(g->pid, "user");
	if (r < 0)
		return err_sys(e, r, "open the user namespace");
	r = trees_send(g->line, spec, userns, e);
	return or_dead(r);
}

int guard_order(const struct guard *g, const struct ct_spec *spec, const int *trees, struct err *e)
{
	int r = order_send(g->line, spec, trees, e);

	return or_dead(r);
}

int guard_go(const struct guard *g, const struct cgroup *cgroup, struct err *e)
{
	int r = order_send_groups(g->line, cgroup, e);

	return or_dead(r);
}

int guard_netns(const struct guard *g, struct err *e)
{
	int r = reply(g, NULL, e), fd;

	if (r < 0)
		return r;
	fd = ns_open_net(g->pidfd);
	if (fd == -ENOENT || fd == -ESRCH) /* it failed since: its own words are elsewhere */
		return err_set(e, -ECHILD, "the guard process died");
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
