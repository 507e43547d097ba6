/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Its descriptors are few and have fixed numbers, whatever its maker had open; what it
 * prints goes to a log in the lab's directory.
 *
 * A question is handled to its end before the next is read, so a handler may wait; what
 * nodes do meanwhile is handled by live_settle() and its kin. Who asks and does not read
 * the answers is given up after a while.
 */
#include "cli/lab_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/lab_control.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/pages.h"
#include "core/spawn.h"
#include "net/inside.h"

#define LOG "log"

enum { LINE = 3, LISTEN, DIRECTORY = SUPERVISOR_DIR_FD, FIXED_END };
#define PATIENCE_S  10 /* for who does not read */
#define PROGRESS_NS 50000000

static const struct {
	const char *what;
	supervisor_do *fn;
} table[] = {
	{ "apply", supervisor_do_apply },   { "down", supervisor_do_down },
	{ "node", supervisor_do_node },	    { "nodes", supervisor_do_nodes },
	{ "ports", supervisor_do_ports },   { "status", supervisor_do_status },
	{ "place", supervisor_do_place },   { "link", supervisor_do_link },
	{ "impair", supervisor_do_impair }, { "restart", supervisor_do_restart },
};

/* ---- for those that answer ---- */

/* An answer with a hole in it would pass for a whole one: who asks hears no end instead. */
void supervisor_tell(const struct question *q, json_t *o)
{
	if (!o || lab_send(q->sock, o, -1) < 0)
		shutdown(q->sock, SHUT_RDWR);
	json_decref(o);
}

static const char *node_name(const void *ctx, size_t i)
{
	const struct topology *t = ctx;

	return i < t->n_nodes ? t->nodes[i].name : NULL;
}

static const char *link_name(const void *ctx, size_t i)
{
	const struct topology *t = ctx;

	return i < t->n_links ? t->links[i].name : NULL;
}

static int not_there(const struct supervisor *s, const char *what, const char *name,
		     const char *(*get)(const void *ctx, size_t i), struct err *e)
{
	const char *near = str_nearest(name, get, s->live.t);

	if (near)
		err_hint(e, "did you mean '%s'?", near);
	return err_set(e, -ENOENT, "lab %s has no %s %s", s->rec->name, what, name);
}

int supervisor_node(const struct supervisor *s, const struct question *q, uint32_t *ret,
		    struct err *e)
{
	const char *name = json_str(q->o, "node", "");
	uint32_t i = topology_node(s->live.t, name);

	if (i == TOPO_NONE)
		return not_there(s, "node", name, node_name, e);
	*ret = i;
	return 0;
}

int supervisor_link(const struct supervisor *s, const struct question *q, uint32_t *ret,
		    struct err *e)
{
	const char *name = json_str(q->o, "link", "");
	uint32_t i = topology_link(s->live.t, name);

	if (i == TOPO_NONE)
		return not_there(s, "link", name, link_name, e);
	*ret = i;
	return 0;
}

/* ---- questions ---- */

static int dispatch(struct supervisor *s, const struct question *q, struct err *e)
{
	const char *what = json_str(q->o, "do", "");

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(what, table[i].what))
			return table[i].fn(s, q, e);
	return err_set(e, -ENOSYS, "the supervisor of lab %s knows no '%s'", s->rec->name, what);
}

/* False: there was none, and who was there is gone; or waits for what cannot be said. */
static bool answer(struct supervisor *s, int sock)
{
	_cleanup_json_ json_t *o = NULL;
	_cleanup_close_ int fd = -1;
	struct err e = ERR_INIT;
	struct question q = { .sock = sock };
	int r = lab_recv(sock, &o, &fd);

	if (r == 0)
		return false;
	if (r > 0) {
		q.o = o;
		q.fd = fd;
		nodes_patron(s->live.nodes, sock);
		r = dispatch(s, &q, &e);
		nodes_patron(s->live.nodes, -1);
	} else {
		err_sys(&e, r, "lab %s: hear the question", s->rec->name);
	}
	return lab_send_end(sock, r, &e) >= 0;
}

static int add(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void take_client(int ep)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int sock = accept4(LISTEN, NULL, NULL, SOCK_CLOEXEC);

	if (sock < 0)
		return;
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (add(ep, sock) < 0)
		close(sock);
}

/* What nodes do by themselves concerns nobody now: their state is kept. */
static void on_nodes(struct supervisor *s)
{
	struct err e = ERR_INIT;

	if (live_events(&s->live, &e) < 0)
		dprintf(STDERR_FILENO, "%s\n", e.msg);
}

/* While there is still somebody who can be told that it does not work. */
static int listen_to_all(const struct supervisor *s, int *ret_ep, struct err *e)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep < 0 || add(ep, LISTEN) < 0 || add(ep, nodes_fd(s->live.nodes)) < 0)
		return err_sys(e, errno, "lab %s: listen for questions", s->rec->name);
	*ret_ep = ep;
	return 0;
}

static _Noreturn void serve(struct supervisor *s, int ep)
{
	int nodes = nodes_fd(s->live.nodes);
	struct epoll_event ev;

	while (!s->over) {
		if (epoll_wait(ep, &ev, 1, -1) <= 0)
			continue;
		if (ev.data.fd == nodes)
			on_nodes(s);
		else if (ev.data.fd == LISTEN)
			take_client(ep);
		else if (!answer(s, ev.data.fd))
			close(ev.data.fd);
	}
	/* everybody else ends with us */
	_exit(0);
}

/* ---- the beginning ---- */

/* Nothing of the maker's stays but these. *line is where the line is, whatever becomes of it. */
static int settle_descriptors(const struct supervisor_spec *spec, int *line, struct err *e)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int log = openat(spec->dir_fd, LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const int from[] = { null, log, log, *line, spec->listen_fd, spec->dir_fd };
	int high[ARRAY_SIZE(from)];

	if (null < 0 || log < 0)
		return err_sys(e, errno, "open /dev/null and the log");
	/* above all of the fixed ones first, so that none is overwritten */
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FIXED_END);
		if (high[i] < 0)
			return err_sys(e, errno, "put the descriptors in order");
	}
	*line = high[LINE];
	for (size_t i = 0; i < ARRAY_SIZE(from); i++)
		if (dup3(high[i], (int)i, i < LINE ? 0 : O_CLOEXEC) < 0)
			return err_sys(e, errno, "put the descriptors in order");
	*line = LINE;
	return close_range(FIXED_END, ~0U, 0) < 0 ? err_sys(e, errno, "close_range") : 0;
}

/* The maker may have died before its death could be heard of. */
static bool has_maker(void)
{
	struct pollfd p = { .fd = LINE, .events = POLLIN };

	return poll(&p, 1, 0) <= 0;
}

static void progress(const struct lab_live *l, void *ctx)
{
	_cleanup_json_ json_t *o = NULL;
	int64_t *last = ctx;
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	if (now - *last < PROGRESS_NS)
		return;
	*last = now;
	o = json_pack("{s:i, s:i}", "progress", (int)(l->n_starting - l->pending), "of",
		      (int)l->n_starting);
	if (o)
		lab_send(LINE, o, -1);
}

char *supervisor_hosts(const struct topology *t)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return NULL;
	r = inside_hosts(t, f);
	if (fclose(f) != 0 || r < 0)
		free(take_ptr(text));
	return text;
}

static int build(struct supervisor *s, const struct supervisor_spec *spec, struct err *e)
{
	struct nodes_opts o = { .cgroup_parent = spec->cgroup_parent, .cgroup_id = s->rec->id };
	struct inside_fresh fresh;
	int64_t last = 0;
	int r = dir_make_at(DIRECTORY, "logs", 0700);

	if (r >= 0)
		r = o.logs_fd = openat(DIRECTORY, "logs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r < 0)
		return err_sys(e, o.logs_fd < 0 ? -errno : r, "make the directory of logs");
	r = inside_look(&fresh, e);
	if (r < 0)
		return r;
	s->live.hosts = supervisor_hosts(spec->t);
	s->live.base = spec->base;
	s->live.fresh = &fresh;
	if (proc_identify(getpid(), &s->live.self) < 0)
		s->live.self = (struct proc_id){ 0 };
	r = live_open(&s->live, spec->t, &o, e);
	if (r < 0)
		return r;
	s->live.progress = progress;
	s->live.ctx = &last;
	s->live.all_or_nothing = true;
	r = live_add_all(&s->live, spec->only, e);
	if (r >= 0)
		r = live_settle(&s->live, LINE, e);
	s->live.all_or_nothing = false;
	s->live.progress = NULL;
	s->live.fresh = NULL;
	return r;
}

/* The maker's last word; without it nothing is left. */
static int await_stand(bool tied, struct err *e)
{
	_cleanup_json_ json_t *o = NULL;
	int r = lab_recv(LINE, &o, NULL);

	if (r == 0 || (r > 0 && !json_flag(o, "stand", false)))
		_exit(1);
	if (r < 0)
		return err_sys(e, r, "hear of the maker");
	if (!tied && prctl(PR_SET_PDEATHSIG, 0) < 0)
		return err_sys(e, errno, "part from the maker");
	crash_point("supervisor", "stands");
	return 0;
}

/* What is said on the line; when nobody hears it, or it is an error, nothing is left. */
static void say(int line, int r, const struct err *e)
{
	if (lab_send_end(line, r, e) < 0 || r < 0)
		_exit(1);
}

/* Of its own: processes, mounts; and who made it is there. */
static int settle_apart(const struct supervisor_spec *spec, int *line, struct err *e)
{
	int r = settle_descriptors(spec, line, e);

	if (r < 0)
		return r;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(e, errno, "die with the maker");
	if (!has_maker())
		_exit(1);
	setsid();
	prctl(PR_SET_NAME, SUPERVISOR_COMM);
	if (chdir("/") < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, errno, "keep the mounts apart");
	return 0;
}

static _Noreturn void supervisor_main(const struct supervisor_spec *spec, int line)
{
	struct supervisor s = { .rec = spec->rec, .dir_fd = DIRECTORY };
	struct err e = ERR_INIT;
	int r = settle_apart(spec, &line, &e), ep = -1;

	if (r >= 0)
		r = build(&s, spec, &e);
	if (r >= 0)
		r = listen_to_all(&s, &ep, &e);
	crash_point("supervisor", "built");
	say(line, r, &e);
	r = await_stand(spec->tied, &e);
	say(line, r, &e);
	close(line);
	pages_release();
	serve(&s, ep);
}

pid_t supervisor_start(const struct supervisor_spec *spec, int *ret_line, int *ret_pidfd,
		       struct err *e)
{
	struct spawn how = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET, .cgroup_fd = -1 };
	_cleanup_close_ int its = -1, ours = -1;
	int sv[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, errno, "make a socket pair");
	ours = sv[0];
	its = sv[1];
	pid = spawn_clone(&how, ret_pidfd, e);
	if (pid == 0) {
		close(ours);
		supervisor_main(spec, its);
	}
	if (pid > 0)
		*ret_line = take_fd(&ours);
	return pid;
}
