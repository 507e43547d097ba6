/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node from its birth to its end. As pid 1 it is the parent of every orphan of
 * its pid namespace, and with it all of them die.
 */
#include "core/node_agent.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/node_root.h"
#include "core/ns.h"
#include "core/step.h"

#define READY_WAIT  (30 * NSEC)
#define READY_FIRST (10 * MSEC)
#define READY_MOST  (200 * MSEC)
#define MSEC	    1000000ULL
#define NSEC	    1000000000ULL

uint64_t agent_now(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

int agent_note(const struct agent *a, struct node_note *n, int fd)
{
	size_t len = n->type == NODE_FAILED ? sizeof(*n) : NOTE_SHORT;

	n->id = a->b->id;
	return fd_send(a->b->notes_fd, n, len, &fd, fd >= 0 ? 1 : 0);
}

_Noreturn void agent_failed(const struct agent *a, int r, const struct err *e)
{
	struct node_note n = { .type = NODE_FAILED, .err = *e };

	err_wrap(&n.err, r, "node %s", a->spec->name);
	agent_note(a, &n, -1);
	_exit(1);
}

/* What the supervisor waits for: a node of which it is not heard has failed. */
static void note(const struct agent *a, enum node_event_type type, int fd)
{
	struct node_note n = { .type = type };
	int r = agent_note(a, &n, fd);
	struct err e = ERR_INIT;

	if (r >= 0)
		return;
	err_sys(&e, r, "tell the supervisor");
	agent_failed(a, r, &e);
}

/* ---- birth ---- */

/* The cgroup namespace comes after joining: it shows the group it is made in as its root. */
static int control_group(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	int r;

	if (!a->spec->limits)
		return 0;
	r = cgroup_join(&a->b->cgroup, e);
	return r < 0 ? r : ns_unshare(CLONE_NEWCGROUP, "a cgroup namespace", e);
}

static int host_name(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	const char *name = a->spec->hostname ? a->spec->hostname : a->spec->name;

	return sethostname(name, strlen(name)) < 0 ? err_sys(e, errno, "set the host name %s", name)
						   : 0;
}

static int begin(void *ctx, struct err *e)
{
	struct agent *a = ctx;

	return node_root_begin(a->spec, e);
}

static int born(void *ctx, struct err *e)
{
	struct agent *a = ctx;

	return a->spec->born ? a->spec->born(a->spec->ctx, e) : 0;
}

/* Nobody else ever had the node's end. */
static int report(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	_cleanup_close_ int theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, errno, "make a socket pair");
	a->calls_fd = pair[0];
	theirs = pair[1];
	note(a, NODE_BORN, theirs);
	return 0;
}

int agent_files(struct agent *a, struct err *e)
{
	int r = a->files ? 0 : node_root_build(a->b->template, a->spec, &a->b->files, &a->fs, e);

	a->files = r >= 0;
	return r;
}

/* What will be needed is made while nobody waits for it. */
static int files(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	const struct node_spec *s = a->spec;
	bool needed = !node_root_shared(s) || s->n_mounts || s->n_execs || s->n_daemons || s->ready;

	return needed ? agent_files(a, e) : 0;
}

static const struct step birth[] = {
	{ "control group", control_group },
	{ "host name", host_name },
	{ "mounts", begin },
	{ "settings", born },
	{ "report", report },
	{ "files", files },
};

/* ---- wired, and its work ---- */

static int wired(void *ctx, struct err *e)
{
	struct agent *a = ctx;

	return a->spec->wired ? a->spec->wired(a->spec->ctx, e) : 0;
}

static int enter(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	int r = node_root_enter(a->spec, &a->fs, e);

	return r < 0 || chdir("/") == 0 ? r : err_sys(e, errno, "enter the root");
}

static const struct step wiring[] = {
	{ "network", wired },
	{ "root", enter },
};

static int execs(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	char what[24];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->spec->n_execs; i++) {
		snprintf(what, sizeof(what), "exec.%u", a->spec->execs[i].num);
		r = job_run(a, what, a->spec->execs[i].text, 0, e);
	}
	return r;
}

static int daemons(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->spec->n_daemons; i++)
		r = daemon_put(a, a->spec->daemons[i].num, a->spec->daemons[i].text, e);
	return r;
}

static int ready(void *ctx, struct err *e)
{
	struct agent *a = ctx;
	const char *text = a->spec->ready;
	uint64_t wait = a->spec->ready_wait ? a->spec->ready_wait : READY_WAIT;
	uint64_t until = agent_now() + wait, nap = READY_FIRST;
	struct err now = ERR_INIT, last = ERR_INIT;
	int r;

	if (!text)
		return 0;
	while ((r = job_run(a, "ready", text, until, &now)) == -EREMOTEIO && agent_now() < until) {
		uint64_t next = agent_now() + nap;

		last = now;
		while (agent_now() < next && !a->stop)
			agent_turn(a, next);
		nap = nap * 2 > READY_MOST ? READY_MOST : nap * 2;
	}
	/* the last try was cut short: what one before it said is worth more */
	if (r < 0 && e)
		*e = last.num && r == -EREMOTEIO ? last : now;
	return err_wrap(e, r, "not within %g s", (double)wait / 1e9);
}

static const struct {
	const char *name;
	int (*run)(void *ctx, struct err *e);
} work[] = {
	{ "commands", execs },
	{ "daemons", daemons },
	{ "ready", ready },
};

/* Errors have the names of keys of the file, not those of steps. */
static int do_work(struct agent *a, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(work); i++)
		r = work[i].run(a, e);
	return r;
}

static void reap(struct agent *a)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
		if (pid < 0)
			continue;
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (pid == a->job)
			a->job_status = status;
		else
			daemon_ended(a, pid, status);
	}
	a->childless = pid < 0;
}

/* ---- the end ---- */

static _Noreturn void end(struct agent *a)
{
	uint64_t until = agent_now() + a->grace;

	a->ending = true;
	stops_run(a, until);
	kill(-1, SIGTERM);
	reap(a);
	while (!a->childless && agent_now() < until)
		agent_turn(a, until);
	_exit(0);
}

/* ---- turns ---- */

static int signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, NODE_FILES_SIGNAL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_sys(e, errno, "make a signalfd") : fd;
}

static void take_signals(struct agent *a)
{
	struct signalfd_siginfo si;
	struct err e = ERR_INIT;

	while (read(a->signals_fd, &si, sizeof(si)) == sizeof(si)) {
		int r = si.ssi_signo == NODE_FILES_SIGNAL ? agent_files(a, &e) : 0;

		if (r < 0)
			agent_failed(a, r, &e);
	}
}

/* The node's own two descriptors, and two of each daemon. */
static struct pollfd *polls(struct agent *a, struct pollfd own[2])
{
	size_t n = 2 + 2 * a->n_daemons;

	if (n == 2)
		return own;
	if (n > a->n_polls) {
		struct pollfd *p = realloc(a->polls, 2 * n * sizeof(*p));

		if (!p)
			return own;
		a->polls = p;
		a->n_polls = 2 * n;
	}
	daemons_polls(a, a->polls + 2);
	return a->polls;
}

static struct timespec left(uint64_t until)
{
	uint64_t now = agent_now(), ns = until > now ? until - now : 0;

	return (struct timespec){ .tv_sec = (time_t)(ns / NSEC), .tv_nsec = (long)(ns % NSEC) };
}

void agent_turn(struct agent *a, uint64_t until)
{
	uint64_t due = daemons_due(a);
	struct pollfd own[2], *p = polls(a, own);
	nfds_t n = p == own ? 2 : 2 + 2 * a->n_daemons;
	struct timespec wait;
	int r;

	if (due && (!until || due < until))
		until = due;
	if (until)
		wait = left(until);
	p[0] = (struct pollfd){ .fd = a->calls_fd, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = a->signals_fd, .events = POLLIN };
	r = ppoll(p, n, until ? &wait : NULL, NULL);
	if (r > 0 && n > 2)
		daemons_read(a, p + 2);
	if (r > 0 && p[1].revents)
		take_signals(a);
	reap(a);
	if (r > 0 && p[0].revents)
		agent_take_call(a);
}

_Noreturn void agent_main(const struct node_birth *b)
{
	struct agent a = {
		.b = b, .spec = b->spec, .calls_fd = -1, .signals_fd = -1, .job_status = -1
	};
	struct err e = ERR_INIT;
	int r;

	a.fs = (struct rootfs){ .scratch = -1, .root = -1, .state = -1 };
	r = steps_run(birth, ARRAY_SIZE(birth), &a, &e);
	if (r < 0)
		agent_failed(&a, r, &e);
	agent_await(&a, CALL_WIRE);
	r = steps_run(wiring, ARRAY_SIZE(wiring), &a, &e);
	if (r < 0)
		agent_failed(&a, r, &e);
	note(&a, NODE_WIRED, -1);
	agent_await(&a, CALL_RUN);
	r = a.signals_fd = signals(&e);
	if (r >= 0)
		r = do_work(&a, &e);
	if (r < 0 && !a.stop)
		agent_failed(&a, r, &e);
	if (!a.stop)
		note(&a, NODE_READY, -1);
	while (!a.stop)
		agent_turn(&a, 0);
	end(&a);
}
