/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/console.h"
#include "core/log_file.h"
#include "core/pages.h"

/* Quiet for so long, and memory is given back. */
#define QUIET_MS 300
/* How often a pty that nobody has open is looked at again. */
#define LOOK_AGAIN_MS 1000
#define DRAIN_MS      50

/* ---- pipes ---- */

static int make_pipe(int *ours, int *its, bool to_us, struct err *e)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, errno, "make a pipe");
	*ours = p[to_us ? 0 : 1];
	*its = p[to_us ? 1 : 0];
	/* of our end alone: the other is the command's, who expects to wait */
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? err_sys(e, errno, "set up a pipe") : 0;
}

int streams_open(struct streams *s, int ret[3], struct err *e)
{
	int r;

	s->hung_up = s->lean = false;
	for (int fd = 0; fd <= 2; fd++)
		ret[fd] = -1;
	if (s->tty)
		return 0;
	if (s->input) {
		r = make_pipe(&s->in, &ret[0], false, e);
	} else {
		ret[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		r = ret[0] < 0 ? err_sys(e, errno, "open /dev/null") : 0;
	}
	if (r >= 0)
		r = make_pipe(&s->out, &ret[1], true, e);
	if (r >= 0)
		r = make_pipe(&s->err, &ret[2], true, e);
	return r;
}

static void forget_typed(struct streams *s)
{
	free(take_ptr(s->typed));
	s->typed_len = 0;
}

void streams_close(struct streams *s)
{
	fd_close(take_fd(&s->in));
	fd_close(take_fd(&s->out));
	fd_close(take_fd(&s->err));
	forget_typed(s);
}

/* ---- what the command writes ---- */

/* False: there is nothing now, or never again (*ret_end). */
static bool pass_on(struct streams *s, int fd, enum attach_type type, bool *ret_end)
{
	char buf[ATTACH_DATA];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0) {
		*ret_end = n == 0 || (errno != EAGAIN && errno != EINTR);
		return false;
	}
	if (s->log)
		log_file_write(s->log, type == ATTACH_ERR ? 2 : 1, buf, (size_t)n);
	attach_output(&s->attach, type, buf, (size_t)n);
	return true;
}

static void pipe_read(struct streams *s, int *fd, enum attach_type type)
{
	bool end = false;

	if (*fd >= 0 && !pass_on(s, *fd, type, &end) && end)
		fd_close(take_fd(fd));
}

/* ---- what is typed ---- */

static int input_of(const struct relay *r)
{
	const struct streams *s = r->data;

	return s->tty ? r->master : s->in;
}

static void typed_write(struct relay *r)
{
	struct streams *s = r->data;
	ssize_t n = write(input_of(r), s->typed, s->typed_len);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		/* it reads no more */
		if (!s->tty)
			fd_close(take_fd(&s->in));
		forget_typed(s);
		return;
	}
	if (s->tty)
		console_keys(r, s->typed, (size_t)n);
	s->typed_len -= (size_t)n;
	memmove(s->typed, s->typed + n, s->typed_len);
	if (!s->typed_len)
		forget_typed(s);
}

static void type(struct relay *r, const char *data, size_t n)
{
	struct streams *s = r->data;

	char *grown;

	if (input_of(r) < 0 || !n)
		return;
	grown = realloc(s->typed, s->typed_len + n);
	if (!grown)
		return;
	memcpy(grown + s->typed_len, data, n);
	s->typed = grown;
	s->typed_len += n;
	typed_write(r);
}

static void size_set(const struct relay *r, int rows, int columns)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	if (r->master >= 0)
		ioctl(r->master, TIOCSWINSZ, &ws);
}

static void client_said(const struct attach_msg *m, void *ctx)
{
	struct relay *r = ctx;
	int v = m->head.value;

	if (m->head.type == ATTACH_IN)
		type(r, m->data, m->len);
	else if (m->head.type == ATTACH_SIZE)
		size_set(r, (v >> 16) & 0xffff, v & 0xffff);
	else if (m->head.type == ATTACH_SIGNAL && r->started && v > 0 && v < NSIG &&
		 target_signal(&r->target, v) == TARGET_SUSPEND)
		r->ends->suspend(r, false);
}

/* ---- the loop's part ---- */

enum { AT_OUT, AT_ERR, AT_IN, AT_HEALTH, AT_CLIENTS };

static void streams_started(struct relay *r)
{
	struct streams *s = r->data;

	health_start(&s->health);
	s->started(s->ctx);
}

/*
 * There is no job to stop with it: SIGTSTP suspends the container until SIGCONT.
 * Ctrl-Z in a terminal that is attached does nothing, as the kernel has it.
 */
static void streams_suspend(struct relay *r, bool by_key)
{
	if (!by_key)
		target_suspend(&r->target);
}

static bool streams_signal(struct relay *r, int sig)
{
	if (sig == SIGCONT && r->target.frozen) {
		target_resume(&r->target);
		return true;
	}
	return sig == SIGWINCH;
}

static size_t streams_wait_for(struct relay *r, struct pollfd *p, int *timeout)
{
	struct streams *s = r->data;
	bool busy = attach_is_busy(&s->attach, timeout);
	int out = s->tty ? r->master : s->out;

	if (s->hung_up && (*timeout < 0 || *timeout > LOOK_AGAIN_MS))
		*timeout = LOOK_AGAIN_MS;
	if (r->started && !s->lean && (*timeout < 0 || *timeout > QUIET_MS))
		*timeout = QUIET_MS;
	p[AT_OUT] = (struct pollfd){ busy || s->hung_up ? -1 : out, POLLIN, 0 };
	p[AT_ERR] = (struct pollfd){ busy ? -1 : s->err, POLLIN, 0 };
	p[AT_IN] = (struct pollfd){ s->typed ? input_of(r) : -1, POLLOUT, 0 };
	p[AT_HEALTH] = (struct pollfd){ health_wait_for(&s->health, timeout), POLLIN, 0 };
	return AT_CLIENTS + attach_wait_for(&s->attach, !s->typed, p + AT_CLIENTS);
}

static bool is_quiet(const struct streams *s, const struct pollfd *p)
{
	for (size_t i = 0; i <= AT_CLIENTS + s->attach.n; i++)
		if (p[i].revents)
			return false;
	return true;
}

static void streams_ready(struct relay *r, const struct pollfd *p)
{
	struct streams *s = r->data;
	bool quiet = is_quiet(s, p), end = false;

	s->hung_up = false;
	if (p[AT_OUT].revents && s->tty)
		s->hung_up = !pass_on(s, r->master, ATTACH_OUT, &end) && end;
	else if (p[AT_OUT].revents)
		pipe_read(s, &s->out, ATTACH_OUT);
	/* a client may be waited for since then */
	if (p[AT_ERR].revents && !s->attach.held)
		pipe_read(s, &s->err, ATTACH_ERR);
	if (p[AT_IN].revents)
		typed_write(r);
	attach_ready(&s->attach, p + AT_CLIENTS, client_said, r);
	if (health_turn(&s->health))
		s->health_changed(s->ctx);
	if (quiet && r->started && !s->lean)
		pages_release();
	s->lean = quiet;
}

/* One end after the other; who is attached is waited for as ever. */
static void drain(struct streams *s, int fd, enum attach_type type, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool end = false;

	while (fd >= 0 && !end && poll(&p, 1, wait_ms) > 0) {
		attach_settle(&s->attach);
		pass_on(s, fd, type, &end);
	}
}

static void streams_drain(struct relay *r)
{
	struct streams *s = r->data;

	health_stop(&s->health);
	if (s->tty) {
		drain(s, r->master, ATTACH_OUT, DRAIN_MS);
		return;
	}
	drain(s, s->out, ATTACH_OUT, 0);
	drain(s, s->err, ATTACH_ERR, 0);
}

static void streams_end(struct relay *r)
{
	struct streams *s = r->data;

	if (s)
		streams_close(s);
}

const struct relay_ends streams_ends = {
	.started = streams_started,
	.hear = streams_signal,
	.suspend = streams_suspend,
	.wait_for = streams_wait_for,
	.ready = streams_ready,
	.drain = streams_drain,
	.close = streams_end,
};
