/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The caller makes the monitor and waits for one word of it: that the command
 * runs, or why not. Until then the monitor has the caller's standard descriptors,
 * so that notes go where they would in the foreground; from then on nothing of
 * the caller's.
 *
 * A session of its own is enough to be nobody's: its maker ends soon, and it opens
 * no terminal that could become its own.
 *
 * The end: what the container had is given up, then the record says so, then who
 * is attached hears of it.
 */
#include "core/monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/log_file.h"
#include "core/pages.h"
#include "core/parent.h"
#include "core/restart.h"
#include "core/spawn.h"
#include "core/streams.h"
#include "core/sync.h"

/* The one word. */
struct word {
	int status; /* 0: it runs; else as of ct_run() */
	struct err err;
	char id[CT_ID_LEN + 1], name[NAME_MAX_CT + 1];
	struct proc_id init;
};

struct monitor {
	int caller; /* who waits for the word; -1: it was said */
	int root_fd;
	struct ct_spec *spec;
	struct ct_info *info;
	const struct ct_hooks *hooks;
	struct run run;
	struct streams streams;
	int delay; /* of restarts, milliseconds */
	int status; /* of the last end: its own, for who waits for one that leaves no record */
};

/* ---- what the caller leaves ---- */

/* All of ours are close-on-exec, so those that are not came from outside. */
static void close_inherited(void)
{
	_cleanup_closedir_ DIR *d = opendir("/proc/self/fd");

	for (struct dirent *ent; d && (ent = readdir(d));) {
		int fd = (int)strtol(ent->d_name, NULL, 10);
		int flags = fd > 2 ? fcntl(fd, F_GETFD) : -1;

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
}

/* With a restart policy relative paths are looked up again: there it stays. */
static void leave_caller(const struct monitor *m)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	fd_close(null);
	if (m->spec->restart == RESTART_NO && chdir("/") < 0)
		return;
}

static void say(struct monitor *m, int status, const struct err *e)
{
	struct word w = { .status = status, .err = *e, .init = m->info->init };

	if (m->caller < 0)
		return;
	str_fmt(w.id, sizeof(w.id), "%s", m->info->id);
	str_fmt(w.name, sizeof(w.name), "%s", m->info->name);
	fd_send(m->caller, &w, sizeof(w), NULL, 0);
	fd_close(take_fd(&m->caller));
}

/* ---- while it runs ---- */

static void on_started(void *ctx)
{
	struct monitor *m = ctx;
	struct err none = ERR_INIT;

	if (m->caller < 0)
		return;
	leave_caller(m);
	crash_point("monitor", "started");
	say(m, 0, &none);
	crash_point("monitor", "said");
}

static int copy_health(struct ct_info *i, void *ctx)
{
	const struct monitor *m = ctx;

	memcpy(i->health, m->info->health, sizeof(i->health));
	return 0;
}

static void on_health(void *ctx)
{
	struct monitor *m = ctx;

	state_change(m->root_fd, m->info->id, copy_health, m, NULL);
}

/* Its record is there, and so can be its directory. */
static int on_plan(struct run *r, struct err *e)
{
	struct monitor *m = r->owner;
	const struct ct_spec *spec = m->spec;
	_cleanup_close_ int dir = -1;
	int n = 0;

	if (spec->health.argv)
		str_fmt(m->info->health, sizeof(m->info->health), "starting");
	if (r->again)
		return 0;
	dir = state_dir(m->root_fd, m->info->id);
	if (dir < 0)
		return err_sys(e, dir, "make the container's directory");
	crash_point("monitor", "directory");
	if (!spec->log_none)
		n = log_file_open(dir, spec->log_max_size, spec->log_max_file, &m->streams.log, e);
	if (n < 0)
		return n;
	crash_point("monitor", "log");
	return attach_listen(&m->streams.attach, dir,
			     (m->streams.tty ? ATTACH_TTY | ATTACH_INPUT : 0) |
				     (m->streams.input ? ATTACH_INPUT : 0),
			     e);
}

static int once(struct monitor *m, bool again, struct err *e)
{
	struct run *r = &m->run;
	int n;

	*r = (struct run)RUN_INIT;
	r->root_fd = m->root_fd;
	r->spec = m->spec;
	r->info = m->info;
	r->hooks = m->hooks;
	r->tty = m->streams.tty;
	r->caller = m->caller;
	r->again = again;
	r->on_plan = on_plan;
	r->owner = m;
	r->relay.ends = &streams_ends;
	r->relay.data = &m->streams;
	n = streams_open(&m->streams, r->io, e);
	return n < 0 ? n : run_once(r, e);
}

/* ---- its end ---- */

struct ending {
	const struct monitor *m;
	const struct err *e;
	int status;
	bool over; /* whatever the policy */
	bool again;
};

static int settle(struct ct_info *i, void *ctx)
{
	struct ending *end = ctx;
	const struct monitor *m = end->m;
	const struct ct_spec *spec = m->spec;
	char *why = end->e->num && end->e->msg[0] ? strdup(end->e->msg) : NULL;

	end->again = !end->over && !i->stopping &&
		     restart_wanted(spec->restart, spec->restart_max, end->status, i->restarts);
	str_fmt(i->status, sizeof(i->status), "%s", end->again ? "restarting" : "exited");
	i->restarts += end->again;
	i->init = (struct proc_id){ 0 };
	i->exit_code = end->status;
	i->finished = clock_ns(CLOCK_REALTIME);
	i->health[0] = '\0';
	i->oom_killed = m->info->oom_killed;
	i->memory_peak = m->info->memory_peak;
	i->cpu_ns = m->info->cpu_ns;
	free(i->error);
	i->error = why;
	/* what it is called from now on */
	memcpy(m->info->name, i->name, sizeof(i->name));
	return 0;
}

/* Whether it is to be started again; the record says what is. */
static bool end_round(struct monitor *m, int n, bool over, const struct err *e)
{
	struct ending end = { .m = m, .e = e, .status = n < 0 ? 125 : n, .over = over };

	m->status = end.status;
	run_release(&m->run);
	guard_end(&m->run.guard);
	crash_point("monitor", "released");
	/* a record that is gone was removed by force, and with it the container */
	if (state_change(m->root_fd, m->info->id, settle, &end, NULL) < 0)
		end.again = false;
	crash_point("monitor", "settled");
	attach_end(&m->streams.attach, end.status);
	return end.again;
}

/* False: somebody wants no more of it. */
static bool wait_for_next(struct monitor *m, uint64_t ran_ms, const struct err *e)
{
	int ms = restart_delay(&m->delay, ran_ms);

	if (ms >= 1000)
		pages_release();
	if (relay_sleep(&m->run.relay, ms) >= 0)
		return true;
	end_round(m, m->run.relay.target.ended_by + 128, true, e);
	return false;
}

static void live(struct monitor *m)
{
	bool again = false, more;

	do {
		int64_t from = clock_ns(CLOCK_MONOTONIC);
		struct err e = ERR_INIT;
		int n = once(m, again, &e);

		if (m->caller >= 0) {
			/* never started: nothing of it stays */
			run_release(&m->run);
			if (m->info->id[0])
				state_forget(m->root_fd, m->info);
			run_close(&m->run);
			say(m, n, &e);
			return;
		}
		more = end_round(m, n, !m->run.relay.started && m->run.relay.target.ended_by, &e);
		if (more)
			more = wait_for_next(
				m, (uint64_t)(clock_ns(CLOCK_MONOTONIC) - from) / 1000000, &e);
		run_close(&m->run);
		again = true;
	} while (more);
	if (m->info->auto_remove)
		state_remove(m->root_fd, m->info->id);
}

static _Noreturn void monitor_main(struct monitor *m)
{
	sigset_t all;

	setsid();
	prctl(PR_SET_NAME, "ct-monitor");
	close_inherited();
	/* between two starts none of them may end it */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	m->streams.tty = m->spec->tty == TTY_YES;
	m->streams.input = m->spec->interactive;
	m->streams.started = on_started;
	m->streams.health_changed = on_health;
	m->streams.ctx = m;
	m->streams.health = (struct health){
		.spec = &m->spec->health, .root_fd = m->root_fd, .info = m->info, .probe = -1
	};
	/* for the exit record, and `ct stats` */
	m->spec->limits.accounting = true;
	live(m);
	attach_close(&m->streams.attach);
	log_file_close(m->streams.log);
	_exit(m->status);
}

/* ---- the caller ---- */

static int hear(int line, int pidfd, struct ct_info *ret, struct err *e)
{
	struct word w;
	size_t n = 0;

	if (fd_recv(line, &w, sizeof(w), NULL, 0, &n) != sizeof(w)) {
		/* one that lives would keep a container of which nobody was told */
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		return err_set(e, -ECHILD, "the container's monitor died");
	}
	memcpy(ret->id, w.id, sizeof(ret->id));
	memcpy(ret->name, w.name, sizeof(ret->name));
	ret->init = w.init;
	if (w.status)
		*e = w.err;
	return w.status;
}

int ct_run_detached(int root_fd, struct ct_spec *spec, struct ct_info *info,
		    const struct ct_hooks *hooks, struct err *e)
{
	struct monitor m = { .root_fd = root_fd,
			     .spec = spec,
			     .info = info,
			     .hooks = hooks,
			     .run = RUN_INIT,
			     .streams = STREAMS_INIT };
	struct spawn how = { .cgroup_fd = -1 };
	_cleanup_close_ int here = -1, there = -1, pidfd = -1;
	int pair[2], r = sync_pair(pair, e);
	pid_t pid;

	if (r < 0)
		return r;
	here = pair[0];
	there = pair[1];
	pid = spawn_clone(&how, &pidfd, e);
	if (pid == 0) {
		close(here);
		m.caller = there;
		monitor_main(&m);
	}
	if (pid < 0)
		return pid;
	fd_close(take_fd(&there));
	r = hear(here, pidfd, info, e);
	/* one that failed is about to end: its caller leaves no zombie */
	if (r != 0)
		spawn_wait(pidfd);
	return r;
}
