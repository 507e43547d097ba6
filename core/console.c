/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal is raw while the command runs, so Ctrl-C and its like arrive as
 * bytes and become signals in the pty; the three that the kernel would drop for a
 * pid 1 with the default action are carried out here.
 */
#include "core/console.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/pty.h"

#define DRAIN_MS 50
/* How often a pty that nobody has open, or a terminal that is another's, is looked at again. */
#define LOOK_AGAIN_MS 200

struct console {
	struct terminal terminal;
	bool background; /* the terminal is another job's */
	bool in_eof, out_broken, hung_up;
	char in[1024], out[16384];
	size_t in_len, out_len;
};

/* ---- stopping as a job ---- */

/*
 * In the foreground the terminal is raw. In the background it is the shell's:
 * changing or reading it would stop us, so it is only written to. Not every
 * shell tells a running job with SIGCONT that it is in front now.
 */
static void terminal_follow(struct relay *r)
{
	struct console *c = r->data;

	if (!c)
		return;
	c->background = terminal_is_anothers(STDIN_FILENO);
	if (c->background) {
		terminal_forget(&c->terminal); /* the shell has set it as it wants it */
	} else if (!c->terminal.raw) {
		terminal_raw(&c->terminal, STDIN_FILENO);
		terminal_size_copy(r->master);
	}
}

/* by_key: only we know of it, so the rest of the job is told, as a terminal would. */
static void console_suspend(struct relay *r, bool by_key)
{
	struct console *c = r->data;

	target_suspend(&r->target);
	if (c)
		terminal_restore(&c->terminal);
	if (by_key)
		kill(0, SIGTSTP);
	raise(SIGSTOP); /* SIGCONT, when it comes, discards the pending SIGTSTP */
	terminal_follow(r);
	target_resume(&r->target);
}

static bool console_signal(struct relay *r, int sig)
{
	if (sig == SIGWINCH && r->master >= 0) {
		terminal_size_copy(r->master);
		return true;
	}
	if (sig == SIGCONT)
		terminal_follow(r);
	return false;
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

void console_keys(struct relay *r, const char *buf, size_t len)
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
		if (!sig || ioctl(r->master, TIOCGPGRP, &group) < 0 ||
		    group != target_command(&r->target))
			continue;
		if (!target_drops(&r->target, sig))
			continue;
		if (target_signal(&r->target, sig) == TARGET_SUSPEND)
			r->ends->suspend(r, true);
	}
}

static void input_read(struct relay *r)
{
	struct console *c = r->data;
	ssize_t n = read(STDIN_FILENO, c->in, sizeof(c->in));
	struct termios tio;

	if (n > 0) {
		c->in_len = (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		c->in_eof = true;
		/* a pty knows end of file only as a key */
		if (tcgetattr(r->master, &tio) == 0 && (tio.c_lflag & ICANON)) {
			c->in[0] = (char)tio.c_cc[VEOF];
			c->in_len = 1;
		}
	}
}

static void input_write(struct relay *r)
{
	struct console *c = r->data;
	ssize_t n = write(r->master, c->in, c->in_len);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			c->in_len = 0;
		return;
	}
	console_keys(r, c->in, (size_t)n);
	c->in_len -= (size_t)n;
	memmove(c->in, c->in + n, c->in_len);
}

/* False when nobody has the other side open and everything was read. */
static bool output_read(struct relay *r)
{
	struct console *c = r->data;
	ssize_t n = read(r->master, c->out, sizeof(c->out));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->out_len = c->out_broken ? 0 : (size_t)n;
	return true;
}

static void output_write(struct relay *r)
{
	struct console *c = r->data;
	ssize_t n = write(STDOUT_FILENO, c->out, c->out_len);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		/* the reader is gone: the command is told as if it had written there itself */
		if (errno == EPIPE && !c->out_broken)
			target_signal(&r->target, SIGPIPE);
		c->out_broken = true; /* nor is it held up, if it goes on */
		n = (ssize_t)c->out_len;
	}
	c->out_len -= (size_t)n;
	memmove(c->out, c->out + n, c->out_len);
}

/*
 * What the command left in its pty, after its end. A slave that somebody else
 * still has open would never give an end: quiet for a moment is enough then.
 */
static void console_drain(struct relay *r)
{
	struct pollfd in = { .fd = r->master, .events = POLLIN };
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	struct console *c = r->data;

	if (!c || !r->started)
		return;
	do {
		while (c->out_len && !c->out_broken)
			if (poll(&out, 1, -1) >= 0)
				output_write(r);
	} while (poll(&in, 1, DRAIN_MS) > 0 && output_read(r));
}

/* ---- the loop's part ---- */

enum { AT_IN, AT_MASTER, AT_OUT, AT_N };

static void console_opened(struct relay *r)
{
	r->data = calloc(1, sizeof(struct console));
	terminal_size_copy(r->master);
}

static size_t console_wait_for(struct relay *r, struct pollfd *p, int *timeout)
{
	const struct console *c = r->data;
	short master = 0;
	bool input;

	if (!c || !r->started)
		return 0;
	input = !c->in_len && !c->in_eof && !c->background;
	if (!c->out_len && !c->hung_up)
		master |= POLLIN;
	if (c->in_len && !c->hung_up)
		master |= POLLOUT;
	p[AT_IN] = (struct pollfd){ input ? STDIN_FILENO : -1, POLLIN, 0 };
	p[AT_MASTER] = (struct pollfd){ master ? r->master : -1, master, 0 };
	p[AT_OUT] = (struct pollfd){ c->out_len ? STDOUT_FILENO : -1, POLLOUT, 0 };
	if (c->hung_up || c->background)
		*timeout = LOOK_AGAIN_MS;
	return AT_N;
}

static void console_ready(struct relay *r, const struct pollfd *p)
{
	struct console *c = r->data;

	if (!c || !r->started)
		return;
	if (c->background)
		terminal_follow(r);
	c->hung_up = false;
	if (p[AT_IN].revents && !c->background)
		input_read(r);
	if (p[AT_MASTER].revents & POLLOUT)
		input_write(r);
	/* POLLHUP comes unasked for too, while what was read before waits to go out */
	if (p[AT_MASTER].revents & (POLLIN | POLLHUP) && !c->out_len)
		c->hung_up = !output_read(r);
	if (p[AT_OUT].revents)
		output_write(r);
}

static void console_close(struct relay *r)
{
	struct console *c = r->data;

	if (!c)
		return;
	terminal_restore(&c->terminal);
	free(c);
	r->data = NULL;
}

const struct relay_ends console_ends = {
	.opened = console_opened,
	.started = terminal_follow,
	.hear = console_signal,
	.suspend = console_suspend,
	.wait_for = console_wait_for,
	.ready = console_ready,
	.drain = console_drain,
	.close = console_close,
};
