/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/ending.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/proc_exit.h"

#define SECOND	    1000000000LL
#define GRACE	    (10 * SECOND)
#define KILL_WAIT   (10 * SECOND) /* for the runner to clean up, then for the kernel */
#define NEVER	    INT64_MAX
#define MS	    1000000
#define POLL_MS_MAX 60000

enum { ASKED, KILLED, RUNNER_KILLED };

/* ---- one ---- */

int ending_open(struct ct_info *ct, struct ending *x, struct err *e)
{
	int r;

	*x = (struct ending)ENDING_INIT;
	x->ct = *ct;
	*ct = (struct ct_info){ .exit_code = -1 };
	r = x->runner = proc_open(&x->ct.runner);
	if (r >= 0 || r == -ESRCH)
		return 0;
	err_sys(e, r, "open the runner of %s", x->ct.name);
	ending_close(x);
	return r;
}

void ending_close(struct ending *x)
{
	fd_close(x->runner);
	ct_info_free(&x->ct);
	*x = (struct ending)ENDING_INIT;
}

static int not_running(const struct ct_info *ct, struct err *e)
{
	return err_set(e, -ESRCH, "container %s does not run", ct->name);
}

/* What the runner cannot pass on, or takes for its own terminal's. */
static bool is_direct(int sig)
{
	static const int sigs[] = { SIGKILL, SIGSTOP, SIGCONT, SIGWINCH,
				    SIGCHLD, SIGURG,  SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		if (sigs[i] == sig)
			return true;
	return false;
}

static int send_signal(int pidfd, int sig)
{
	return pidfd_send_signal(pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

/* The first process is looked up at the last moment: a restart makes another. */
static int signal_init(int root_fd, const struct ct_info *ct, int sig)
{
	struct ct_info now = { .exit_code = -1 };
	_cleanup_close_ int init = -1;
	int r = state_find(root_fd, ct->id, &now, NULL);

	if (r >= 0)
		r = init = proc_open(&now.init);
	ct_info_free(&now);
	return r < 0 ? r : send_signal(init, sig);
}

static int mark_last(struct ct_info *i, void *ctx)
{
	(void)ctx;
	i->stopping = true;
	return 0;
}

/* A container that is gone needs no mark. */
static int mark(int root_fd, const char *id, int (*fn)(struct ct_info *i, void *ctx), struct err *e)
{
	struct err why = ERR_INIT;
	int r = state_change(root_fd, id, fn, NULL, &why);

	if (r == -ENOENT)
		return 0;
	if (r < 0 && e)
		*e = why;
	return r;
}

int ending_signal(int root_fd, struct ending *x, int sig, bool last, struct err *e)
{
	int r;

	if (x->runner < 0)
		return not_running(&x->ct, e);
	r = last ? mark(root_fd, x->ct.id, mark_last, e) : 0;
	if (r < 0)
		return r;
	r = is_direct(sig) ? signal_init(root_fd, &x->ct, sig) : send_signal(x->runner, sig);
	if (r == -ESRCH || r == -ENOENT)
		return not_running(&x->ct, e);
	return r < 0 ? err_sys(e, r, "signal container %s", x->ct.name) : 0;
}

/* ---- asking ---- */

static int64_t after(uint64_t ns)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	return ns > (uint64_t)(NEVER - now) ? NEVER : now + (int64_t)ns;
}

/* What is frozen meets no signal but, on some hosts, SIGKILL. */
static int mark_ending(struct ct_info *i, void *ctx)
{
	int r = 0;

	(void)ctx;
	if (!strcmp(i->status, "paused")) {
		r = i->cgroup ? cgroup_freeze(i->cgroup, false) : 0;
		memcpy(i->status, "running", sizeof("running"));
	}
	return r == -ENOENT || r >= 0 ? mark_last(i, NULL) : r;
}

int ending_ask(int root_fd, struct ending *x, int sig, const uint64_t *grace, struct err *e)
{
	uint64_t own = x->ct.stop_timeout == UINT64_MAX ? GRACE : x->ct.stop_timeout;
	int r;

	if (x->runner < 0)
		return 0;
	r = mark(root_fd, x->ct.id, mark_ending, e);
	if (r < 0)
		return err_wrap(e, r, "stop %s", x->ct.name);
	crash_point("ending", "marked");
	if (!sig)
		sig = x->ct.stop_signal ? x->ct.stop_signal : SIGTERM;
	r = ending_signal(root_fd, x, sig, false, NULL);
	/* without a first process yet, or any more, the grace runs all the same */
	if (r < 0 && r != -ESRCH)
		return err_sys(e, r, "signal container %s", x->ct.name);
	crash_point("ending", "asked");
	x->stage = ASKED;
	x->deadline = after(grace ? *grace : own);
	return 0;
}

void ending_expect(struct ending *x)
{
	x->stage = ASKED;
	x->deadline = after(KILL_WAIT);
}

/* ---- enforcing ---- */

/*
 * The first process; where there is none, its runner is asked not to start one.
 * When that does not help, because the runner was stopped or hangs, the runner,
 * whose death the kernel passes on. It has time to clean up before.
 */
static int enforce(int root_fd, struct ending *x, struct err *e)
{
	if (x->stage == RUNNER_KILLED)
		return err_set(e, -ETIMEDOUT, "container %s does not end: its runner %d was killed",
			       x->ct.name, (int)x->ct.runner.pid);
	if (x->stage == ASKED) {
		if (signal_init(root_fd, &x->ct, SIGKILL) < 0)
			send_signal(x->runner, SIGTERM);
		send_signal(x->runner, SIGCONT); /* one that was stopped as a job */
		x->stage = KILLED;
	} else {
		send_signal(x->runner, SIGKILL);
		x->stage = RUNNER_KILLED;
		x->killed = true;
	}
	if (x->ct.cgroup)
		cgroup_freeze(x->ct.cgroup, false); /* v1 freezes SIGKILL too */
	x->deadline = after(KILL_WAIT);
	return 0;
}

static int until(int64_t deadline)
{
	int64_t left = deadline - clock_ns(CLOCK_MONOTONIC);

	return left <= 0 ? 0 : left / MS >= POLL_MS_MAX ? POLL_MS_MAX : (int)(left / MS) + 1;
}

/* Those that still run, into p; the time left of the first one due. */
static size_t living(const struct ending *v, size_t n, struct pollfd *p, int *ret_ms)
{
	int64_t first = NEVER;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].runner < 0)
			continue;
		p[k++] = (struct pollfd){ .fd = v[i].runner, .events = POLLIN };
		if (v[i].deadline < first)
			first = v[i].deadline;
	}
	*ret_ms = until(first);
	return k;
}

static bool has_ended(const struct ending *x)
{
	struct pollfd p = { .fd = x->runner, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

int ending_await(int root_fd, struct ending *v, size_t n, struct err *e)
{
	_cleanup_free_ struct pollfd *p = calloc(n + 1, sizeof(*p));
	int worst = 0, ms;
	size_t k;

	if (!p)
		return err_sys(e, -ENOMEM, "wait");
	while ((k = living(v, n, p, &ms))) {
		if (poll(p, k, ms) < 0 && errno != EINTR)
			return err_sys(e, errno, "poll");
		for (size_t i = 0; i < n; i++) {
			int r = 0;

			if (v[i].runner < 0)
				continue;
			if (!has_ended(&v[i])) {
				if (v[i].deadline <= clock_ns(CLOCK_MONOTONIC))
					r = enforce(root_fd, &v[i], e);
				if (r >= 0)
					continue;
				worst = r;
				v[i].lives = true;
			}
			fd_close(take_fd(&v[i].runner));
		}
	}
	return worst;
}

/* ---- its status ---- */

/* The record of one that is detached; -ENOENT: there is none, or it says nothing. */
static int recorded_status(int root_fd, const char *id, bool *ret_dead)
{
	struct ct_info now = { .exit_code = -1 };
	int r = state_find(root_fd, id, &now, NULL);

	*ret_dead = r >= 0 && !strcmp(now.status, "dead");
	if (r >= 0)
		r = !strcmp(now.status, "exited") ? now.exit_code : -ENOENT;
	ct_info_free(&now);
	return r;
}

int ending_status(int root_fd, struct ending *x, void (*gc)(void *ctx), void *ctx, struct err *e)
{
	struct pollfd p = { .fd = x->runner, .events = POLLIN };
	bool dead;
	int r, own = -ENODATA;

	while (x->runner >= 0 && poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "poll");
	if (x->runner >= 0)
		own = proc_exit_status(x->runner, &x->ct.runner);
	r = recorded_status(root_fd, x->ct.id, &dead);
	if (dead) {
		gc(ctx);
		r = recorded_status(root_fd, x->ct.id, &dead);
	}
	if (r < 0)
		r = own;
	if (r < 0) {
		err_hint(e, "detached, and without --rm, it is kept; or with Linux 6.15");
		return err_set(e, -ENODATA, "container %s has ended, its status is not kept",
			       x->ct.name);
	}
	return r;
}
