/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command in a node, and what it printed. A process between enters the node
 * (core/node.h: its caller is the terminal and the relay of signals) with a pipe
 * for its output; this one reads, and ends the command with all that it began when its
 * time is over or this process is to end. The command leads a session of its own, so that is
 * everything but what left it on purpose.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/lab_place.h"
#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/run.h"
#include "core/spawn.h"
#include "net/probe_icmp.h"

#define TEXT_HALF (32U << 10)

struct command {
	pid_t pid; /* the process between */
	int pidfd, out, signals;
	sigset_t saved;
	char *text; /* the first half, then the last bytes in a ring */
	size_t head, tail; /* tail: how many went to the ring */
};

/* ---- text ---- */

static void keep(struct command *c, const char *buf, size_t n)
{
	size_t first = c->head + n <= TEXT_HALF ? n : TEXT_HALF - c->head;

	memcpy(c->text + c->head, buf, first);
	c->head += first;
	for (size_t i = first; i < n; i++)
		c->text[TEXT_HALF + c->tail++ % TEXT_HALF] = buf[i];
}

static void hear(struct command *c)
{
	char buf[8192];
	ssize_t n;

	while ((n = read(c->out, buf, sizeof(buf))) > 0)
		keep(c, buf, (size_t)n);
	if (n == 0)
		fd_close(take_fd(&c->out));
}

/* Both halves, and between them how much is missing. */
static char *whole_text(const struct command *c)
{
	size_t kept = c->tail < TEXT_HALF ? c->tail : TEXT_HALF, from = c->tail - kept, size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fwrite(c->text, 1, c->head, f);
	if (from)
		fprintf(f, "\n... %zu bytes ...\n", from);
	for (size_t i = 0; i < kept; i++)
		fputc(c->text[TEXT_HALF + (from + i) % TEXT_HALF], f);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	/* a byte of zero would end it early */
	for (size_t i = 0; i < size; i++)
		if (!text[i])
			text[i] = '?';
	return text;
}

/* ---- the process between ---- */

static _Noreturn void between_main(const struct command *c, const struct node_place *place,
				   const char *text, int out, pid_t caller)
{
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)text, NULL };
	const struct ct_exec x = { .argv = argv, .tty = TTY_NO };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), r;
	struct err e = ERR_INIT;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &c->saved, NULL);
	if (getppid() != caller || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(125);
	r = node_enter(place, &x, &e);
	if (e.num)
		dprintf(1, "%s\n", e.msg);
	_exit(r < 0 ? 125 : r);
}

static int begin(struct command *c, const struct node_place *place, const char *text, struct err *e)
{
	const struct spawn how = { .cgroup_fd = -1 };
	const pid_t self = getpid();
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	c->out = p[0];
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	c->pid = spawn_clone(&how, &c->pidfd, e);
	if (c->pid == 0)
		between_main(c, place, text, p[1], self);
	fd_close(p[1]);
	return c->pid < 0 ? (int)c->pid : 0;
}

/* The command is the only child of the process between, and leads its own group. */
static void end_command(const struct command *c)
{
	_cleanup_free_ char *list = NULL;
	char path[64], *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)c->pid, (int)c->pid);
	if (file_read_at(AT_FDCWD, path, 4096, &list, NULL) >= 0)
		for (char *p = list; *p; p = end + strspn(end, " ")) {
			long pid = strtol(p, &end, 10);

			if (end == p)
				break;
			if (pid > 1)
				kill((pid_t)-pid, SIGKILL);
		}
	pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0);
}

/* 1: it has ended, 0: its time is over, -EINTR: we are to end. */
static int await_end(struct command *c, uint64_t until)
{
	for (;;) {
		struct pollfd p[] = { { c->pidfd, POLLIN, 0 },
				      { c->out, POLLIN, 0 },
				      { c->signals, POLLIN, 0 } };
		uint64_t now = probe_now();

		if (now >= until)
			return 0;
		if (poll(p, ARRAY_SIZE(p), (int)((until - now) / PROBE_MS) + 1) < 0 &&
		    errno != EINTR)
			return -errno;
		if (p[2].revents)
			return -EINTR;
		if (p[1].revents)
			hear(c);
		if (p[0].revents)
			return 1;
	}
}

static int catch_signals(struct command *c, struct err *e)
{
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &end, &c->saved) == 0)
		c->signals = signalfd(-1, &end, SFD_CLOEXEC);
	return c->signals < 0 ? err_sys(e, errno, "catch signals") : 0;
}

static void command_close(struct command *c)
{
	fd_close(c->pidfd);
	fd_close(c->out);
	if (c->signals >= 0) {
		fd_close(c->signals);
		sigprocmask(SIG_SETMASK, &c->saved, NULL);
	}
	free(c->text);
}

static int run(struct command *c, uint64_t timeout, struct lab_said *ret, struct err *e)
{
	int r = await_end(c, probe_now() + timeout);

	if (r <= 0)
		end_command(c);
	ret->status = spawn_wait(c->pidfd);
	if (r == -EINTR)
		_exit(1);
	if (c->out >= 0)
		hear(c);
	if (r == 0)
		ret->status = -ETIMEDOUT;
	ret->text = whole_text(c);
	return ret->text ? 0 : err_sys(e, ENOMEM, "output of a command");
}

int lab_command(struct lab_trial *x, uint32_t node, const char *text, uint64_t timeout,
		struct lab_said *ret, struct err *e)
{
	_cleanup_(command_close) struct command c = { .pidfd = -1, .out = -1, .signals = -1 };
	_cleanup_(lab_place_free) struct lab_place place = { .user = NULL };
	int r = trial_netns(x, node, e);

	r = r < 0 ? r : lab_place(x->app, x->lab, x->t->nodes[node].name, &place, e);
	if (r < 0)
		return r;
	c.text = malloc(2 * (size_t)TEXT_HALF);
	if (!c.text)
		return err_sys(e, ENOMEM, "output of a command");
	r = catch_signals(&c, e);
	r = r < 0 ? r : begin(&c, &place.p, text, e);
	return r < 0 ? r : run(&c, timeout, ret, e);
}
