/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One poll loop for all of it. Until the command has started, the sync socket
 * is watched too and a signal that ends things ends the start. The terminal is
 * raw while the loop runs, so Ctrl-C and its like arrive as bytes and become
 * signals in the pty; the three that the kernel would drop for a pid 1 with the
 * default action are carried out here.
 */
#include "core/relay.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/notify.h"

#define DRAIN_MS 50
/* How often a pty that nobody has open, or a terminal that is another's, is looked at again. */
#define LOOK_AGAIN_MS 200

/* SIGTTOU and SIGTTIN stay: they stop a runner in the background as any job. */
static const int unblocked[] = { SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS, SIGFPE,
				 SIGILL,  SIGABRT, SIGTRAP, SIGSYS };

int relay_open(struct relay *r, struct err *e)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

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

void relay_close(struct relay *r)
{
	terminal_restore(&r->terminal);
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

/* ---- stopping as a job ---- */

/*
 * In the foreground the terminal is raw. In the background it is the shell's:
 * changing or reading it would stop us, so it is only written to. Not every
 * shell tells a running job with SIGCONT that it is in front now.
 */
static void terminal_follow(struct relay *r)
{
	if (r->master < 0)
		return;
	r->background = terminal_is_anothers(STDIN_FILENO);
	if (r->background) {
		r->terminal.raw = false; /* the shell has set it as it wants it */
	} else if (!r->terminal.raw) {
		terminal_raw(&r->terminal, STDIN_FILENO);
		terminal_size_copy(r->master);
	}
}

/* by_key: only we know of it, so the rest of the job is told, as a terminal would. */
static void suspend(struct relay *r, bool by_key)
{
	target_suspend(&r->target);
	terminal_restore(&r->terminal);
	if (by_key)
		kill(0, SIGTSTP);
	raise(SIGSTOP); /* SIGCONT, when it comes, discards the pending SIGTSTP */
	terminal_follow(r);
	target_resume(&r->target);
}

static void signal_take(struct relay *r, int sig)
{
	if (!r->started) {
		/* what the child is told before it is the command would be lost */
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT) {
			r->target.ended_by = sig;
			if (r->target.pidfd >= 0)
				pidfd_send_signal(r->target.pidfd, SIGKILL, NULL, 0);
		}
		return;
	}
	if (sig == SIGWINCH && r->master >= 0) {
		terminal_size_copy(r->master);
		return;
	}
	if (sig == SIGCONT)
		terminal_follow(r);
	if (target_signal(&r->target, sig) == TARGET_SUSPEND)
		suspend(r, false);
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
	terminal_follow(r);
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
		terminal_size_copy(r->master);
	} else if (m.type == SYNC_EXEC) {
		r->exec_seen = true;
		if (r->listener < 0)
			r->listener = take_fd(&fd);
	} else if (m.type == SYNC_FAILED) {
		r->failed = m;
	}
	fd_close(fd);
	return 0;
}

/* ---- bytes ---- */

/* The signal that the pty makes of this byte, 0: none. */
static int key_signal(const struct termios *tio, char c)
{
	static const struct {
		int index, sig;
	} keys[] = { { VINTR, SIGINT }, { VQUIT, SIGQUIT }, { VSUSP, SIGTSTP } };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (tio->c_cc[keys[i].index] && tio->c_cc[keys[i].index] == (cc_t)c)
			return keys[i].sig;
	return 0;
}

/*
 * The pty has been given the bytes and has signalled its foreground group. When
 * that is pid 1's own and pid 1 did not get it, the rest is for us.
 */
static void keys_carry_out(struct relay *r, const char *buf, size_t len)
{
	struct termios tio;
	bool looked = false;

	for (size_t i = 0; i < len; i++) {
		pid_t group;
		int sig;

		if ((unsigned char)buf[i] >= 0x20 && buf[i] != 0x7f)
			continue;
		if (!looked && (tcgetattr(r->master, &tio) < 0 || !(tio.c_lflag & ISIG)))
			return;
		looked = true;
		sig = key_signal(&tio, buf[i]);
		if (!sig || ioctl(r->master, TIOCGPGRP, &group) < 0 || group != r->target.pid)
			continue;
		if (!target_drops(&r->target, sig))
			continue;
		if (target_signal(&r->target, sig) == TARGET_SUSPEND)
			suspend(r, true);
	}
}

static void input_read(struct relay *r)
{
	ssize_t n = read(STDIN_FILENO, r->in, sizeof(r->in));
	struct termios tio;

	if (n > 0) {
		r->in_len = (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		r->in_eof = true;
		/* a pty knows end of file only as a key */
		if (tcgetattr(r->master, &tio) == 0 && (tio.c_lflag & ICANON)) {
			r->in[0] = (char)tio.c_cc[VEOF];
			r->in_len = 1;
		}
	}
}

static void input_write(struct relay *r)
{
	ssize_t n = write(r->master, r->in, r->in_len);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			r->in_len = 0;
		return;
	}
	keys_carry_out(r, r->in, (size_t)n);
	r->in_len -= (size_t)n;
	memmove(r->in, r->in + n, r->in_len);
}

/* False when nobody has the other side open and everything was read. */
static bool output_read(struct relay *r)
{
	ssize_t n = read(r->master, r->out, sizeof(r->out));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	r->out_len = r->out_broken ? 0 : (size_t)n;
	return true;
}

static void output_write(struct relay *r)
{
	ssize_t n = write(STDOUT_FILENO, r->out, r->out_len);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		r->out_broken = true; /* the reader is gone; the command is not held up */
		n = (ssize_t)r->out_len;
	}
	r->out_len -= (size_t)n;
	memmove(r->out, r->out + n, r->out_len);
}

/*
 * What the command left in its pty, after its end. A slave that somebody else
 * still has open would never give an end: quiet for a moment is enough then.
 */
static void output_drain(struct relay *r)
{
	struct pollfd in = { .fd = r->master, .events = POLLIN };
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	do {
		while (r->out_len && !r->out_broken)
			if (poll(&out, 1, -1) >= 0)
				output_write(r);
	} while (poll(&in, 1, DRAIN_MS) > 0 && output_read(r));
}

/* ---- the loop ---- */

enum { AT_SIGNALS, AT_END, AT_SYNC, AT_NOTIFY, AT_IN, AT_MASTER, AT_OUT, AT_N };

static void poll_set(const struct relay *r, struct pollfd p[AT_N])
{
	bool tty = r->started && r->master >= 0;
	bool input = tty && !r->in_len && !r->in_eof && !r->background;
	short master = 0;

	if (tty && !r->out_len && !r->hung_up)
		master |= POLLIN;
	if (tty && r->in_len && !r->hung_up)
		master |= POLLOUT;
	p[AT_SIGNALS] = (struct pollfd){ r->signals, POLLIN, 0 };
	p[AT_END] = (struct pollfd){ target_end_fd(&r->target), POLLIN, 0 };
	p[AT_SYNC] = (struct pollfd){ r->sync, POLLIN, 0 };
	p[AT_NOTIFY] = (struct pollfd){ r->listener, POLLIN, 0 };
	p[AT_IN] = (struct pollfd){ input ? STDIN_FILENO : -1, POLLIN, 0 };
	p[AT_MASTER] = (struct pollfd){ master ? r->master : -1, master, 0 };
	p[AT_OUT] = (struct pollfd){ tty && r->out_len ? STDOUT_FILENO : -1, POLLOUT, 0 };
}

static void bytes_move(struct relay *r, const struct pollfd p[AT_N])
{
	if (p[AT_IN].revents && !r->background)
		input_read(r);
	if (p[AT_MASTER].revents & POLLOUT)
		input_write(r);
	if (p[AT_MASTER].revents & (POLLIN | POLLHUP))
		r->hung_up = !output_read(r);
	if (p[AT_OUT].revents)
		output_write(r);
}

/* 1: the target has ended and every report of its was read. */
static int turn(struct relay *r, struct err *e)
{
	struct pollfd p[AT_N];

	poll_set(r, p);
	if (poll(p, AT_N, r->hung_up || r->background ? LOOK_AGAIN_MS : -1) < 0)
		return errno == EINTR ? 0 : err_sys(e, errno, "poll");
	if (r->background)
		terminal_follow(r);
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
	r->hung_up = false;
	bytes_move(r, p);
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
	if (r->started && r->master >= 0)
		output_drain(r);
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
