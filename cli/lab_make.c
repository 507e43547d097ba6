/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The making of a lab, on the client's side. From the first file to the last word of the
 * supervisor everything can be undone, and everything that is there when we die is found
 * by the next command:
 *
 *	lock, record		the lab is "starting" while we live
 *	supervisor		builds; asks us for the host's part
 *	record: ready		counts only with a living supervisor
 *	"stand"			from now on it lives without us
 *
 * Signals that would end us are taken note of: they end the making, not us.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "cli/lab_file.h"
#include "cli/lab_host.h"
#include "cli/lab_lacks.h"
#include "cli/lab_remains.h"
#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/parse.h"
#include "core/spawn.h"

struct making {
	struct app *app;
	struct topology *t;
	const struct lab_up *u;
	struct lab_record rec;
	struct lab_dir dir;
	pid_t pid; /* the supervisor's, with its pidfd */
	int line, pidfd, signals;
	struct lab_lent *lent;
	sigset_t mask; /* the caller's */
	bool shown; /* a line of progress */
};

static void making_close(struct making *m)
{
	fd_close(m->line);
	fd_close(m->pidfd);
	if (m->signals >= 0) {
		fd_close(m->signals);
		sigprocmask(SIG_SETMASK, &m->mask, NULL);
	}
	lab_host_let(m->lent);
	lab_dir_close(&m->dir);
	lab_record_free(&m->rec);
}

/* ---- what may be too little ---- */

/* Neighbour tables are one for all namespaces, and their size is the first's. */
static void check_neighbours(const struct topology *t)
{
	_cleanup_free_ char *text = NULL;
	uint64_t want = topology_neighbours(t), limit;

	if (file_read_at(AT_FDCWD, "/proc/sys/net/ipv4/neigh/default/gc_thresh3", 64, &text, NULL) <
	    0)
		return;
	limit = strtoull(text, NULL, 10);
	if (limit && want > limit)
		log_note("when all talk to all, %llu neighbours are known, and this machine holds "
			 "%llu: sysctl net.ipv4.neigh.default.gc_thresh3, and net.ipv6",
			 (unsigned long long)want, (unsigned long long)limit);
}

/* ---- the place ---- */

static int taken(const char *name, const struct lab_record *rec, struct err *e)
{
	err_hint(e, "`ctlab down %s` first, or `ctlab apply` for what differs", name);
	if (!rec->name[0])
		return err_set(e, -EEXIST, "lab %s runs, and its record cannot be read", name);
	return err_set(e, -EEXIST, "lab %s %s", name,
		       rec->ready ? "is up already" : "is being made");
}

/* 1: what was left of a dead one was removed, and with it the place. */
static int take_place(struct making *m, struct err *e)
{
	_cleanup_(lab_record_free) struct lab_record old = { 0 };
	int r = lab_dir_lock(m->app, m->t->name, LAB_DIR_TRY | LAB_DIR_MAKE, &m->dir);

	if (r == -EWOULDBLOCK)
		return err_set(e, -EBUSY, "lab %s: another command is changing it", m->t->name);
	if (r < 0)
		return err_sys(e, r, "make the directory of lab %s", m->t->name);
	if (faccessat(m->dir.fd, LAB_RECORD, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (!lab_is_dead(m->dir.fd, &old))
		return taken(m->t->name, &old, e);
	r = lab_remains_remove(m->app, m->t->name, &old, e);
	lab_dir_close(&m->dir);
	return r < 0 ? r : 1;
}

static void count(struct making *m)
{
	for (size_t i = 0; i < m->t->n_nodes; i++) {
		const struct topo_node *n = &m->t->nodes[i];

		if (m->u->only && !strv_has(m->u->only, n->name))
			continue;
		m->rec.nodes += n->kind != TOPO_SWITCH;
		m->rec.stops |= n->n_stops > 0;
	}
}

static int write_record(struct making *m, struct err *e)
{
	int r = lab_record_init(&m->rec, m->t->name, m->u->file);

	if (r >= 0)
		r = proc_identify(getpid(), &m->rec.maker);
	count(m);
	if (r >= 0)
		r = lab_record_save(m->dir.fd, &m->rec);
	crash_point("lab", "record");
	if (r >= 0)
		r = file_replace_at(m->dir.fd, LAB_FILE, m->u->text, m->u->len, 0600, false);
	return r < 0 ? err_sys(e, r, "write the record of lab %s", m->rec.name) : 0;
}

/* ---- the supervisor ---- */

static int hold_signals(struct making *m, struct err *e)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ours, &m->mask);
	m->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? err_sys(e, errno, "listen for signals") : 0;
}

static int start(struct making *m, struct err *e)
{
	_cleanup_close_ int listener = lab_listen(m->dir.fd, e);
	_cleanup_free_ char *base = lab_file_base(m->u->file);
	struct supervisor_spec spec = {
		.rec = &m->rec,
		.t = m->t,
		.cgroup_parent = m->app->cgroup_parent,
		.base = base ? base : "/",
		.only = m->u->only,
		.tied = m->u->tied,
		.dir_fd = m->dir.fd,
		.listen_fd = listener,
	};
	int r;

	if (listener < 0)
		return listener;
	m->pid = supervisor_start(&spec, &m->line, &m->pidfd, e);
	if (m->pid < 0)
		return m->pid;
	crash_point("lab", "supervisor");
	r = proc_identify(m->pid, &m->rec.supervisor);
	if (r >= 0)
		r = lab_record_save(m->dir.fd, &m->rec);
	crash_point("lab", "supervisor recorded");
	return r < 0 ? err_sys(e, r, "the supervisor") : 0;
}

static void show(struct making *m, const json_t *o)
{
	if (m->u->progress_fd < 0)
		return;
	dprintf(m->u->progress_fd, "\r%s: nodes %d/%d\033[K", m->rec.name,
		(int)json_int(o, "progress", 0), (int)json_int(o, "of", 0));
	m->shown = true;
}

/* 1: the supervisor's last word, with its meaning in *ret_r. */
static int hear(struct making *m, int *ret_r, struct err *e)
{
	_cleanup_json_ json_t *o = NULL;
	const json_t *host;
	int r = lab_recv(m->line, &o, NULL);

	if (r < 0)
		return err_sys(e, r, "hear of the lab's supervisor");
	if (r == 0)
		return err_set(e, -ECHILD, "the lab's supervisor died");
	host = json_object_get(o, "host");
	if (host) {
		r = lab_host_answer(m->app, &m->rec, m->t, host, m->line, e);
		/* a node that fails is gone before it is heard of */
		lab_host_keep(m->app, &m->rec, &m->lent);
		return r;
	}
	if (lab_is_end(o, ret_r, e))
		return 1;
	show(m, o);
	return 0;
}

static int await(struct making *m, struct err *e)
{
	struct pollfd p[] = { { .fd = m->line, .events = POLLIN },
			      { .fd = m->signals, .events = POLLIN } };
	struct signalfd_siginfo si;
	int r = 0, end = 0;

	while (r == 0) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return err_sys(e, errno, "wait for the supervisor");
		/* read, or it would end us once it is blocked no more */
		if (p[1].revents && read(m->signals, &si, sizeof(si)) > 0)
			return err_set(e, -EINTR, "interrupted");
		if (p[0].revents)
			r = hear(m, &end, e);
	}
	return r > 0 ? end : r;
}

static int stand(struct making *m, struct err *e)
{
	_cleanup_json_ json_t *o = json_pack("{s:b}", "stand", 1);
	int r;

	m->rec.ready = true;
	m->rec.maker = (struct proc_id){ 0 };
	r = lab_record_save(m->dir.fd, &m->rec);
	if (r < 0)
		return err_sys(e, r, "write the record of lab %s", m->rec.name);
	crash_point("lab", "ready");
	r = o ? lab_send(m->line, o, -1) : -ENOMEM;
	return r < 0 ? err_sys(e, r, "the lab's supervisor") : await(m, e);
}

/* What the supervisor has written, for --trace. */
static void show_log(const struct making *m)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (log_tracing() && file_read_at(m->dir.fd, "log", 1UL << 30, &text, &len) >= 0)
		fd_write_all(STDERR_FILENO, text, len);
}

static int roll_back(struct making *m)
{
	struct err e = ERR_INIT;

	if (m->pidfd >= 0) {
		/* a child that was not waited for: its pid is nobody else's */
		if (pidfd_send_signal(m->pidfd, SIGKILL, NULL, 0) < 0)
			kill(m->pid, SIGKILL);
		spawn_wait(m->pidfd);
	}
	lab_host_back(m->app, take_ptr(m->lent));
	show_log(m);
	crash_point("lab", "rolled back");
	if (lab_remains_remove(m->app, m->rec.name, &m->rec, &e) < 0)
		log_note("of lab %s something is left: %s", m->rec.name, e.msg);
	return LAB_ROLLED_BACK;
}

static int make(struct making *m, struct err *e)
{
	int r = write_record(m, e);

	if (r >= 0)
		r = hold_signals(m, e);
	if (r >= 0)
		r = start(m, e);
	if (r >= 0)
		r = await(m, e);
	if (r >= 0)
		r = stand(m, e);
	if (m->shown)
		dprintf(m->u->progress_fd, "\r\033[K");
	if (r < 0)
		return roll_back(m);
	show_log(m);
	return 0;
}

int lab_up(struct app *app, struct topology *t, const struct lab_up *u, struct err *e)
{
	struct making m __attribute__((cleanup(making_close))) = {
		.app = app,
		.t = t,
		.u = u,
		.dir = LAB_DIR_INIT,
		.line = -1,
		.pidfd = -1,
		.signals = -1,
	};
	int r = lab_lacks_check(app, u->file ? u->file : "stdin", t, &m.rec.unapplied, e);

	if (r)
		return r;
	check_neighbours(t);
	do {
		r = take_place(&m, e);
	} while (r > 0);
	return r < 0 ? r : make(&m, e);
}
