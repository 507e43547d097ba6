/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper's life. It is told what to hold over its first line, or over its
 * socket by commands that come later, and has nothing to tell anybody else. It
 * ends with the container (a pidfd), and whenever it holds nothing and nobody
 * is on a line. What was asked for on a line that is cut before anything leads
 * anywhere is let go: so a command that is killed leaves nothing.
 */
#include "net/port_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/proc.h"
#include "net/port_keeper.h"

/*
 * So many listen at [::1] before the answer is given, and so many every millisecond
 * later on: a processor is left to the next command, and 4096 take a tenth of a second.
 */
#define SERVE_FIRST   64
#define SERVE_THEN    64
#define SERVE_MS      1
#define SERVE_BETWEEN 16 /* events, where there is always another */

/* One that waits for nothing is taken out, or a hang-up would be told again and again. */
int server_watch(struct server *s, struct source *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };
	int op = !src->events ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (src->events == events)
		return 0;
	if (epoll_ctl(s->ep, op, src->fd, &ev) < 0)
		return -errno;
	src->events = events;
	return 0;
}

/* The last descriptor of a socket takes it out of the epoll, too. */
void server_forget(struct server *s, struct source *src)
{
	(void)s;
	fd_close(take_fd(&src->fd));
	src->events = 0;
}

static bool same_port(const struct hold *h, const struct port_spec *spec)
{
	return h->port.proto == spec->proto && h->port.host_port >= spec->host_port &&
	       h->port.host_port <= spec->host_end && ip_eq(&h->port.host_ip, &spec->host_ip);
}

/* Lets go of what the line asked for in vain, or of what one of the specs names. */
static void let_go(struct server *s, int line, const struct port_spec *specs, size_t n)
{
	for (struct hold **at = &s->holds; *at;) {
		struct hold *h = *at;
		bool gone = line >= 0 && h->line == line;

		for (size_t i = 0; i < n && !gone; i++)
			gone = same_port(h, &specs[i]);
		if (!gone) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		s->n_holds--;
		hold_close(s, h);
	}
	s->next_due = s->holds;
}

static int hold_one(struct server *s, const struct port_spec *port, int line, uint16_t *ret_port)
{
	struct hold *h;
	int r = hold_open(port, &h);

	if (r < 0)
		return r;
	h->line = line;
	h->next = s->holds;
	s->holds = h;
	s->n_holds++;
	*ret_port = h->port.host_port;
	return 0;
}

static int hold_spec(struct server *s, const struct port_spec *spec, int line,
		     struct keeper_reply *a)
{
	unsigned count = spec->host_end - spec->host_port + 1u;
	uint16_t port;
	int r = 0;

	for (unsigned i = 0; i < count && r >= 0; i++) {
		struct port_spec one = *spec;

		one.host_port = a->port = (uint16_t)(spec->host_port + i);
		one.port = (uint16_t)(spec->port + i);
		r = hold_one(s, &one, line, &port);
		if (i == 0 && r >= 0)
			a->ports[a->n++] = port;
	}
	return r;
}

static int do_hold(struct server *s, const struct keeper_request *q, int line,
		   struct keeper_reply *a)
{
	int r = 0;

	for (a->at = 0; a->at < q->n && r >= 0; a->at++)
		r = hold_spec(s, &q->specs[a->at], line, a);
	if (r < 0) {
		a->at--;
		let_go(s, line, NULL, 0);
	}
	return r;
}

/* A container without an address in IPv6 is reached by the other one: to ask for
 * localhost works as one expects. */
static void lead(struct server *s, const struct ip_addr to[2], int line)
{
	for (struct hold *h = s->holds; h; h = h->next)
		if (h->line == line) {
			h->to = ip_is_set(&to[1]) ? to[1] : to[0];
			h->line = -1;
			h->due = true;
		}
	s->next_due = s->holds;
}

/* Some at a time, so that who asks meanwhile does not wait for thousands. */
static void serve_some(struct server *s, size_t max)
{
	while (s->next_due && max) {
		struct hold *h = s->next_due;

		s->next_due = h->next;
		if (!h->due)
			continue;
		h->due = false;
		hold_serve(s, h);
		max--;
	}
}

static void on_holder(struct server *s, struct source *src, uint32_t events)
{
	_exit(0);
}

/* One in a pid namespace that is not ours cannot be watched: records end this then. */
static int watch_holder(struct server *s, const struct proc_id *holder)
{
	if (s->holder_src.fd >= 0 || holder->pid <= 0)
		return 0;
	s->holder_src = (struct source){ .fd = proc_open(holder), .ready = on_holder };
	if (s->holder_src.fd < 0)
		return s->holder_src.fd;
	return server_watch(s, &s->holder_src, EPOLLIN);
}

static uint32_t room(const struct server *s)
{
	uint32_t all = port_keeper_capacity();

	return s->n_holds < all ? all - (uint32_t)s->n_holds : 0;
}

static void answer(const struct server *s, int fd, struct keeper_reply *a)
{
	a->room = room(s);
	/* who waits for an answer that cannot be given sees the end of the line */
	if (send(fd, a, sizeof(*a) + a->n * sizeof(a->ports[0]), MSG_NOSIGNAL) < 0)
		shutdown(fd, SHUT_RDWR);
}

static void do_serve(struct server *s, const struct keeper_request *q, int line,
		     struct keeper_reply *a)
{
	a->result = watch_holder(s, &q->holder);
	if (a->result >= 0) {
		lead(s, q->to, line);
		serve_some(s, SERVE_FIRST);
	}
	answer(s, line, a);
}

static void obey(struct server *s, const struct keeper_request *q, int line, struct keeper_reply *a)
{
	switch (q->op) {
	case KEEPER_HOLD:
		a->result = do_hold(s, q, line, a);
		break;
	case KEEPER_RELEASE:
		let_go(s, -1, q->specs, q->n);
		break;
	case KEEPER_SERVE:
		do_serve(s, q, line, a);
		return;
	default:
		break;
	}
	answer(s, line, a);
}

static void end_if_idle(const struct server *s)
{
	if (!s->n_holds && !s->lines)
		_exit(0);
}

/* The other end of a line waits for its closing: only then the ports are free. */
static void cut(struct server *s, struct source *src)
{
	let_go(s, src->fd, NULL, 0);
	server_forget(s, src);
	free(src);
	s->lines--;
	end_if_idle(s);
}

static bool is_whole(const struct keeper_request *q, ssize_t len)
{
	return len >= (ssize_t)sizeof(*q) && q->n <= KEEPER_PORTS &&
	       (size_t)len == sizeof(*q) + q->n * sizeof(q->specs[0]);
}

static void on_line(struct server *s, struct source *src, uint32_t events)
{
	const size_t size = sizeof(struct keeper_request) + KEEPER_PORTS * sizeof(struct port_spec);
	_cleanup_free_ struct keeper_request *q = malloc(size);
	_cleanup_free_ struct keeper_reply *a =
		calloc(1, sizeof(*a) + KEEPER_PORTS * sizeof(a->ports[0]));
	ssize_t len = q && a ? recv(src->fd, q, size, 0) : 0;

	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0 || !is_whole(q, len))
		cut(s, src);
	else
		obey(s, q, src->fd, a);
}

static void add_line(struct server *s, int fd)
{
	struct source *src = fd < 0 ? NULL : malloc(sizeof(*src));

	if (!src) {
		fd_close(fd);
		return;
	}
	*src = (struct source){ .fd = fd, .ready = on_line };
	s->lines++;
	/* nobody would ever be answered */
	if (server_watch(s, src, EPOLLIN) < 0)
		cut(s, src);
}

static void on_control(struct server *s, struct source *src, uint32_t events)
{
	add_line(s, accept4(src->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* One event at a time: what it ends cannot be the source of another in hand. */
void port_server_main(void)
{
	struct server s = { .ep = epoll_create1(EPOLL_CLOEXEC),
			    .holder_src = { .fd = -1 },
			    .control = { .fd = KEEPER_LISTEN_FD, .ready = on_control } };
	struct epoll_event ev;
	struct timespec t;
	unsigned events = 0;

	raise_limit();
	if (s.ep < 0 || server_watch(&s, &s.control, EPOLLIN) < 0)
		return;
	add_line(&s, KEEPER_LINE_FD);
	for (;;) {
		int n = epoll_wait(s.ep, &ev, 1, s.next_due ? SERVE_MS : s.peers ? 5000 : -1);

		if (n < 0 && errno != EINTR)
			return;
		clock_gettime(CLOCK_MONOTONIC, &t);
		s.now = t.tv_sec;
		if (n > 0) {
			struct source *src = ev.data.ptr;

			src->ready(&s, src, ev.events);
		}
		/* who asks comes first, but not for ever */
		if (n <= 0 || ++events % SERVE_BETWEEN == 0)
			serve_some(&s, SERVE_THEN);
		udp_expire(&s);
		end_if_idle(&s);
	}
}
