/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One poll loop for all of it. Until the command has started, the sync socket
 * is watched too and a signal that ends things ends the start.
 */
#include "core/relay.h"

#include <errno.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/console.h"
#include "core/notify.h"
#include "core/spawn.h"

/*
 * SIGTTOU and SIGTTIN stay: they stop a runner in the background as any job. A fault
 * of our own ends us whatever is blocked (kernel/signal.c, force_sig_info_to_task);
 * only a sanitizer, which reports it first, has to be let hear of it.
 */
static const int unblocked[] = {
	SIGTTIN, SIGTTOU,
#ifdef __SANITIZE_ADDRESS__
	SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
#endif
};

int relay_open(struct relay *r, struct err *e)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

	if (!r->ends)
		r->ends = &console_ends;
	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_SIZE(unblocked); i++)
		sigdelset(&all, unblocked[i]);
	/* a caller that ignores SIGCHLD would leave nothing to wait for */
	sigaction(SIGCHLD, &dfl, &r->saved_chld);
	sigprocmask(SIG_BLOCK, &all, &r->saved_mask);
	r->blocked = true;
	sigdelset(&all, SIGCHLD);
	sigdelset(&all, SIGPIPE);
	r->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? err_sys(e, errno, "make a signalfd") : 0;
}

void relay_restore(struct relay *r)
{
	if (r->ends)
		r->ends->close(r);
}

void relay_close(struct relay *r)
{
	relay_restore(r);
	fd_close(take_fd(&r->master));
	fd_close(take_fd(&r->listener));
	fd_close(take_fd(&r->sync));
	if (!r->blocked)
		return;
	fd_close(take_fd(&r->signals));
	sigaction(SIGCHLD, &r->saved_chld, NULL);
	sigprocmask(SIG_SETMASK, &r->saved_mask, NULL);
	r->blocked = false;
}

/* ---- signals ---- */

static bool ends_all(int sig)
{
	return sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT;
}

static void signal_take(struct relay *r, int sig)
{
	if (!r->started) {
		/* what the child is told before it is the command would be lost */
		if (ends_all(sig)) {
			r->target.ended_by = sig;
			if (r->target.pidfd >= 0)
				pidfd_send_signal(r->target.pidfd, SIGKILL, NULL, 0);
		}
		return;
	}
	if (r->ends->hear(r, sig))
		return;
	if (target_signal(&r->target, sig) == TARGET_SUSPEND)
		r->ends->suspend(r, false);
}

static void signals_read(struct relay *r)
{
	struct signalfd_siginfo si;

	while (read(r->signals, &si, sizeof(si)) == sizeof(si))
		signal_take(r, (int)si.ssi_signo);
}

/* ---- the child's reports ---- */

static void started(struct relay *r)
{
	fd_close(take_fd(&r->sync));
	r->started = true;
	r->ends->started(r);
}

static int report_read(struct relay *r, struct err *e)
{
	struct sync_msg m;
	int fd = -1, n = sync_recv(r->sync, &m, &fd);

	if (n < 0) {
		fd_close(fd);
		return err_sys(e, n, "hear from the container's first process");
	}
	if (n == 0 && r->exec_seen && !r->failed.type) {
		started(r);
	} else if (n == 0) {
		fd_close(take_fd(&r->sync));
	} else if (m.type == SYNC_TTY && fd >= 0 && r->master < 0) {
		r->master = take_fd(&fd);
		if (r->ends->opened)
			r->ends->opened(r);
	} else if (m.type == SYNC_EXEC) {
		r->exec_seen = true;
		if (r->target.reaper && fd >= 0) {
			r->target.command = spawn_pid(fd);
			fd_close(take_fd(&fd));
		}
		if (r->listener < 0)
			r->listener = take_fd(&fd);
	} else if (m.type == SYNC_FAILED) {
		r->failed = m;
	}
	fd_close(fd);
	return 0;
}

/* ---- the loop ---- */

enum { AT_SIGNALS, AT_END, AT_SYNC, AT_NOTIFY, AT_ENDS };

void relay_limit(struct relay *r, uint64_t ns)
{
	r->deadline = ns ? (uint64_t)clock_ns(CLOCK_MONOTONIC) + ns : 0;
}

/* Milliseconds that are left, rounded up: 0 when it has passed. */
static int deadline_left(const struct relay *r)
{
	uint64_t now = (uint64_t)clock_ns(CLOCK_MONOTONIC);

	if (now >= r->deadline)
		return 0;
	return r->deadline - now > 1000000000ULL * 1000 ? 1000000
							: (int)((r->deadline - now) / 1000000) + 1;
}

static int wait_for_any(struct relay *r, struct pollfd *p)
{
	int timeout = -1, left;
	size_t n;

	p[AT_SIGNALS] = (struct pollfd){ r->signals, POLLIN, 0 };
	p[AT_END] = (struct pollfd){ target_end_fd(&r->target), POLLIN, 0 };
	p[AT_SYNC] = (struct pollfd){ r->sync, POLLIN, 0 };
	p[AT_NOTIFY] = (struct pollfd){ r->listener, POLLIN, 0 };
	n = r->ends->wait_for(r, p + AT_ENDS, &timeout);
	if (r->deadline) {
		left = deadline_left(r);
		if (timeout < 0 || left < timeout)
			timeout = left;
	}
	return poll(p, AT_ENDS + n, timeout);
}

static void deadline_look(struct relay *r)
{
	if (!r->deadline || deadline_left(r) || r->target.pidfd < 0)
		return;
	r->deadline = 0;
	r->timed_out = true;
	pidfd_send_signal(r->target.pidfd, SIGKILL, NULL, 0);
}

/* 1: the target has ended and every report of its was read. */
static int turn(struct relay *r, struct err *e)
{
	struct pollfd p[AT_ENDS + RELAY_ENDS_MAX];

	if (wait_for_any(r, p) < 0)
		return errno == EINTR ? 0 : err_sys(e, errno, "poll");
	deadline_look(r);
	if (p[AT_SYNC].revents)
		return report_read(r, e);
	if (p[AT_SIGNALS].revents)
		signals_read(r);
	if (p[AT_NOTIFY].revents & POLLIN)
		notify_answer(r->listener, &r->target);
	else if (p[AT_NOTIFY].revents) /* the last process under the filter is gone */
		fd_close(take_fd(&r->listener));
	if (p[AT_END].revents)
		return 1;
	r->ends->ready(r, p + AT_ENDS);
	return 0;
}

int relay_await(struct relay *r, int fd, struct err *e)
{
	struct pollfd p[] = { { fd, POLLIN, 0 }, { r->signals, POLLIN, 0 } };

	for (;;) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return err_sys(e, errno, "poll");
		if (p[0].revents)
			return 0;
		if (p[1].revents)
			signals_read(r);
		if (r->target.ended_by)
			return err_set(e, -EINTR, "ended by signal %d", r->target.ended_by);
	}
}

int relay_sleep(struct relay *r, int timeout_ms)
{
	struct pollfd p = { r->signals, POLLIN, 0 };

	r->started = false;
	r->target.ended_by = 0;
	relay_limit(r, (uint64_t)timeout_ms * 1000000);
	for (int left; !r->target.ended_by && (left = deadline_left(r)) > 0;)
		if (poll(&p, 1, left) > 0)
			signals_read(r);
	return r->target.ended_by ? -EINTR : 0;
}

int relay_run(struct relay *r, struct err *e)
{
	int n, status;

	do {
		n = turn(r, e);
	} while (n == 0);
	if (n < 0) {
		target_kill(&r->target);
		return n;
	}
	r->ends->drain(r);
	status = target_wait(&r->target);
	if (status < 0)
		return err_sys(e, status, "wait for the command");
	return r->started || r->target.ended_by ? status : -ECANCELED;
}

bool relay_has_failure(struct relay *r)
{
	struct pollfd p = { .events = POLLIN };

	while (!r->failed.type && (p.fd = r->sync) >= 0 && poll(&p, 1, 0) > 0)
		if (report_read(r, NULL) < 0)
			break;
	return r->failed.type != 0;
}

int relay_failure(const struct relay *r, struct err *e)
{
	const struct sync_msg *m = &r->failed;

	if (!m->type) {
		err_hint(
			e,
			"it was killed: by the kernel when --memory is too small, or from outside");
		return err_set(e, -ECHILD, "the first process died before it was the command");
	}
	if (e)
		*e = m->err;
	if (m->status == 126 || m->status == 127)
		return m->status;
	return m->err.num < 0 ? m->err.num : -EIO;
}
