/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon is started again when it ends, after a pause that grows while it does not
 * last. What it and its children write goes line by line to its log, in the
 * directory NODE/daemon.N of the lab's. One that is to end has SIGTERM, and SIGKILL
 * if that does not help in time; its group, since it may have children that are
 * no daemons of ours.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/vec.h"
#include "core/log_file.h"
#include "core/node_agent.h"
#include "core/restart.h"

#define MSEC	  1000000ULL
#define END_GRACE (5000 * MSEC)

static void tell(const struct agent *a, const struct node_daemon *d, uint32_t type)
{
	struct node_note n = { .type = type, .daemon = d->info };

	agent_note(a, &n, -1);
}

static struct node_daemon *find(const struct agent *a, uint32_t num)
{
	for (size_t i = 0; i < a->n_daemons; i++)
		if (a->daemons[i].info.num == num)
			return &a->daemons[i];
	return NULL;
}

/* ---- its log ---- */

static int log_open(const struct agent *a, struct node_daemon *d, struct err *e)
{
	_cleanup_close_ int dir = -1;
	char path[320];
	int r;

	if (d->log || a->b->logs_fd < 0)
		return 0;
	r = str_fmt(path, sizeof(path), "%s/daemon.%u", a->spec->name, d->info.num);
	if (r >= 0)
		r = dir_make_at(a->b->logs_fd, path, 0700);
	if (r >= 0) {
		dir = openat(a->b->logs_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : 0;
	}
	return r < 0 ? err_sys(e, r, "make the log directory %s", path)
		     : log_file_open(dir, 0, 0, &d->log, e);
}

/* 0: nothing there, or never again. */
static size_t log_some(struct node_daemon *d, int i)
{
	char buf[4096];
	ssize_t n = d->out[i] < 0 ? 0 : read(d->out[i], buf, sizeof(buf));

	if (n > 0 && d->log)
		log_file_write(d->log, i + 1, buf, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		fd_close(take_fd(&d->out[i]));
	return n > 0 ? (size_t)n : 0;
}

/* What it said last; a child that it left behind is not heard any more. */
static void log_rest(struct node_daemon *d)
{
	for (int i = 0; i < 2; i++) {
		while (log_some(d, i))
			;
		fd_close(take_fd(&d->out[i]));
	}
}

/* ---- start ---- */

static int pipes(struct node_daemon *d, int theirs[2], struct err *e)
{
	for (int i = 0; i < 2; i++) {
		int p[2];

		if (pipe2(p, O_CLOEXEC) < 0)
			return err_sys(e, errno, "make a pipe");
		d->out[i] = p[0];
		theirs[i] = p[1];
		if (fcntl(p[0], F_SETFL, O_NONBLOCK) < 0)
			return err_sys(e, errno, "make a pipe");
	}
	return 0;
}

static int start(struct agent *a, struct node_daemon *d, struct err *e)
{
	int theirs[2] = { -1, -1 };
	int r = log_open(a, d, e);
	pid_t pid = 0;

	if (r >= 0)
		r = pipes(d, theirs, e);
	if (r >= 0)
		r = pid = job_start(a, d->text, theirs, e);
	fd_close(theirs[0]);
	fd_close(theirs[1]);
	if (r < 0) {
		log_rest(d);
		return err_wrap(e, r, "daemon.%u", d->info.num);
	}
	d->info.pid = pid;
	d->info.state = DAEMON_RUNNING;
	d->started = agent_now();
	d->due = 0;
	tell(a, d, NOTE_DAEMON);
	return 0;
}

/* ---- end ---- */

static void pause_before_next(struct agent *a, struct node_daemon *d)
{
	uint64_t now = agent_now();
	int wait = restart_delay(&d->delay, (now - d->started) / MSEC);

	d->info.state = DAEMON_BACKOFF;
	d->due = now + (uint64_t)wait * MSEC;
	tell(a, d, NOTE_DAEMON);
}

bool daemon_ended(struct agent *a, pid_t pid, int status)
{
	for (size_t i = 0; i < a->n_daemons; i++) {
		struct node_daemon *d = &a->daemons[i];

		if (d->info.pid != pid)
			continue;
		log_rest(d);
		d->info.pid = 0;
		d->info.status = status;
		d->info.state = DAEMON_ENDED;
		d->due = 0;
		if (d->leaving || a->ending)
			tell(a, d, NOTE_DAEMON);
		else
			pause_before_next(a, d);
		return true;
	}
	return false;
}

/* Until it has ended. Turns may happen meanwhile, but no call is seen to: the array stays. */
static void leave(struct agent *a, struct node_daemon *d)
{
	d->leaving = true;
	if (d->info.pid) {
		kill(-d->info.pid, SIGTERM);
		d->due = agent_now() + END_GRACE;
	} else {
		d->due = 0;
	}
	while (d->info.pid && !(a->stop && !a->ending))
		agent_turn(a, 0);
	d->leaving = false;
}

static void forget(struct agent *a, struct node_daemon *d)
{
	tell(a, d, NOTE_FORGOTTEN);
	log_file_close(d->log);
	free(d->text);
	*d = a->daemons[--a->n_daemons];
}

uint64_t daemons_due(struct agent *a)
{
	uint64_t now = 0, next = 0;

	for (size_t i = 0; i < a->n_daemons; i++) {
		struct node_daemon *d = &a->daemons[i];
		struct err e = ERR_INIT;

		if (d->due && !now)
			now = agent_now();
		if (d->due && d->due <= now && d->info.pid) {
			kill(-d->info.pid, SIGKILL);
			d->due = 0;
		} else if (d->due && d->due <= now && !a->ending) {
			d->info.restarts++;
			if (start(a, d, &e) < 0)
				pause_before_next(a, d);
		}
		if (d->due && (!next || d->due < next))
			next = d->due;
	}
	return next;
}

void daemons_polls(const struct agent *a, struct pollfd *p)
{
	for (size_t i = 0; i < a->n_daemons; i++)
		for (int k = 0; k < 2; k++)
			p[2 * i + (size_t)k] =
				(struct pollfd){ .fd = a->daemons[i].out[k], .events = POLLIN };
}

void daemons_read(struct agent *a, const struct pollfd *p)
{
	for (size_t i = 0; i < a->n_daemons; i++)
		for (int k = 0; k < 2; k++)
			if (p[2 * i + (size_t)k].revents)
				log_some(&a->daemons[i], k);
}

/* ---- calls ---- */

/*
 * VEC_ADD tells room from the count, so one that was forgotten must not make it
 * shrink past a power of two: the array is made anew each time. There are few.
 */
static struct node_daemon *add(struct agent *a, uint32_t num)
{
	struct node_daemon *v = realloc(a->daemons, (a->n_daemons + 1) * sizeof(*v)), *d;

	if (!v)
		return NULL;
	a->daemons = v;
	d = &v[a->n_daemons++];
	*d = (struct node_daemon){ .info = { .num = num, .status = -1 }, .out = { -1, -1 } };
	return d;
}

int daemon_put(struct agent *a, uint32_t num, const char *text, struct err *e)
{
	struct node_daemon *d = find(a, num);
	char *copy = text ? strdup(text) : NULL;

	if (d)
		leave(a, d);
	if (!text) {
		if (d)
			forget(a, d);
		return 0;
	}
	if (!d)
		d = add(a, num);
	if (!copy || !d) {
		free(copy);
		return err_sys(e, -ENOMEM, "daemon.%u", num);
	}
	free(d->text);
	d->text = copy;
	d->delay = 0;
	return start(a, d, e);
}

int daemon_restart(struct agent *a, uint32_t num, struct err *e)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->n_daemons; i++) {
		struct node_daemon *d = &a->daemons[i];

		if (num && d->info.num != num)
			continue;
		any = true;
		leave(a, d);
		d->info.restarts++;
		d->delay = 0;
		r = start(a, d, e);
	}
	if (any || !num)
		return r;
	return err_set(e, -ENOENT, "node %s has no daemon.%u", a->spec->name, num);
}
