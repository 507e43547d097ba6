/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop; nothing is read while what was read before is not away. Signals that
 * the terminal makes of keys go to the command as bytes when it has a pty, and as
 * signals when not.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/attach.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/pty.h"

#define HELLO_MS 5000
#define CHUNK	 4096 /* as much as a pipe that is ready takes at once */

struct attached {
	int sock, signals;
	const struct attach_options *o;
	struct terminal terminal;
	int32_t flags; /* of HELLO */
	bool in_eof;
	char in[CHUNK];
	size_t in_len;
	size_t matched; /* of the keys that detach */
	int ended; /* 0: no; a negative errno; a status and 1 */
	struct attach_msg msg;
};

/* ---- signals ---- */

static void send_size(const struct attached *a)
{
	struct winsize ws;

	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &ws) == 0) {
			attach_send(a->sock, ATTACH_SIZE, ws.ws_row << 16 | ws.ws_col, NULL, 0);
			return;
		}
}

static bool has_tty(const struct attached *a)
{
	return a->flags & ATTACH_TTY;
}

static void take_terminal(struct attached *a)
{
	if (!has_tty(a))
		return;
	if (!a->o->no_stdin)
		terminal_raw(&a->terminal, STDIN_FILENO);
	send_size(a);
}

static void suspend(struct attached *a)
{
	terminal_restore(&a->terminal);
	raise(SIGSTOP);
	take_terminal(a);
}

/* Those of the command's own terminal come as keys. */
static void signal_take(struct attached *a, int sig)
{
	if (sig == SIGWINCH)
		send_size(a);
	else if (sig == SIGTSTP)
		suspend(a);
	else if (sig == SIGCONT)
		take_terminal(a);
	else if (!has_tty(a) && !a->o->no_signals)
		attach_send(a->sock, ATTACH_SIGNAL, sig, NULL, 0);
	else if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT)
		a->ended = 128 + sig + 1;
}

static void signals_read(struct attached *a)
{
	struct signalfd_siginfo si;

	while (read(a->signals, &si, sizeof(si)) == sizeof(si))
		signal_take(a, (int)si.ssi_signo);
}

static int signals_open(struct attached *a, sigset_t *saved, struct err *e)
{
	static const int others[] = { SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS, SIGFPE,
				      SIGILL,  SIGABRT, SIGTRAP, SIGSYS };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		sigdelset(&all, others[i]);
	sigprocmask(SIG_BLOCK, &all, saved);
	sigdelset(&all, SIGCHLD);
	sigdelset(&all, SIGPIPE);
	a->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return a->signals < 0 ? err_sys(e, errno, "make a signalfd") : 0;
}

/* ---- what the command writes ---- */

/* Whoever reads ours may be slow: signals are heard meanwhile. */
static void put(struct attached *a, int fd, const char *buf, size_t n)
{
	struct pollfd p[] = { { fd, POLLOUT, 0 }, { a->signals, POLLIN, 0 } };

	while (n && !a->ended) {
		ssize_t done;

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			signals_read(a);
		if (!p[0].revents)
			continue;
		done = write(fd, buf, n < CHUNK ? n : CHUNK);
		if (done < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (done < 0) {
			a->ended = ATTACH_DETACHED;
			break;
		}
		buf += done;
		n -= (size_t)done;
	}
}

static void message_take(struct attached *a)
{
	const struct attach_msg *m = &a->msg;
	int r = attach_recv(a->sock, &a->msg);

	if (r == -EAGAIN)
		return;
	if (r <= 0)
		a->ended = -EPIPE;
	else if (m->head.type == ATTACH_OUT || m->head.type == ATTACH_ERR)
		put(a, m->head.type == ATTACH_OUT ? STDOUT_FILENO : STDERR_FILENO, m->data, m->len);
	else if (m->head.type == ATTACH_LOST)
		log_note("%d bytes were not read in time: `ct logs` has them", m->head.value);
	else if (m->head.type == ATTACH_END)
		a->ended = m->head.value + 1;
}

/* ---- what is typed ---- */

/* What is left when the keys that detach are taken out; a prefix of them waits. */
static size_t keys_look(struct attached *a, const char *from, size_t n, char *to)
{
	const struct attach_options *o = a->o;
	size_t len = 0;

	for (size_t i = 0; i < n && !a->ended; i++) {
		unsigned char c = (unsigned char)from[i];

		if (a->matched && c != o->keys[a->matched]) {
			memcpy(to + len, o->keys, a->matched);
			len += a->matched;
			a->matched = 0;
		}
		if (c != o->keys[a->matched])
			to[len++] = (char)c;
		else if (++a->matched == o->n_keys)
			a->ended = ATTACH_DETACHED;
	}
	return len;
}

static void input_read(struct attached *a)
{
	char buf[CHUNK / 2];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* a terminal that was closed has nobody any more; a file has only ended */
		if (has_tty(a) && a->terminal.raw)
			a->ended = ATTACH_DETACHED;
		a->in_eof = true;
		return;
	}
	if (a->o->n_keys && a->terminal.raw) {
		a->in_len = keys_look(a, buf, (size_t)n, a->in);
	} else {
		memcpy(a->in, buf, (size_t)n);
		a->in_len = (size_t)n;
	}
}

static void input_send(struct attached *a)
{
	if (a->in_len && attach_send(a->sock, ATTACH_IN, 0, a->in, a->in_len) != -EAGAIN)
		a->in_len = 0;
}

/* ---- the loop ---- */

static void turn(struct attached *a)
{
	bool input = !a->o->no_stdin && (a->flags & ATTACH_INPUT) && !a->in_eof && !a->in_len;
	struct pollfd p[] = { { a->sock, a->in_len ? POLLIN | POLLOUT : POLLIN, 0 },
			      { a->signals, POLLIN, 0 },
			      { input ? STDIN_FILENO : -1, POLLIN, 0 } };

	if (poll(p, ARRAY_SIZE(p), -1) < 0)
		return;
	if (p[1].revents)
		signals_read(a);
	if (p[0].revents & (POLLIN | POLLHUP | POLLERR) && !a->ended)
		message_take(a);
	if (p[2].revents && !a->ended)
		input_read(a);
	if (!a->ended || a->ended == ATTACH_DETACHED)
		input_send(a);
}

static int hello_take(struct attached *a, struct err *e)
{
	struct pollfd p = { .fd = a->sock, .events = POLLIN };

	if (poll(&p, 1, HELLO_MS) <= 0 || attach_recv(a->sock, &a->msg) != 1 ||
	    a->msg.head.type != ATTACH_HELLO) {
		err_hint(e, "%d may attach at a time", ATTACH_MAX);
		return err_set(e, -EBUSY, "the container's monitor does not answer");
	}
	a->flags = a->msg.head.value;
	return 0;
}

static int run(struct attached *a, struct err *e)
{
	sigset_t saved;
	int r = hello_take(a, e);

	if (r < 0)
		return r;
	r = signals_open(a, &saved, e);
	if (r >= 0) {
		take_terminal(a);
		while (!a->ended)
			turn(a);
		terminal_restore(&a->terminal);
		r = a->ended;
	}
	fd_close(a->signals);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return r > 0 ? r - 1 : r;
}

int attach_run(int sock, const struct attach_options *o, struct err *e)
{
	struct attached *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return err_sys(e, -ENOMEM, "attach");
	a->sock = sock;
	a->signals = -1;
	a->o = o;
	r = run(a, e);
	free(a);
	return r;
}
