/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP from [::1] to a container. Two sockets and a buffer for each direction;
 * the end of one direction is passed on once its buffer is empty and leaves the
 * other open, an error ends both by a reset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "net/port_server.h"

#define RELAYS_MAX 512
#define BUFFER	   16384

/* What side i sends to the other. */
struct flow {
	size_t at, len; /* still to be written */
	bool ended; /* no more comes */
	bool passed; /* and the other side was told */
	char data[BUFFER];
};

/* Each side knows which one it is by its place. */
struct side {
	struct source src;
	struct relay *relay;
};

struct relay {
	struct side side[2]; /* the client, the container */
	bool connecting;
	struct flow flow[2];
};

static void reset(int fd)
{
	const struct linger l = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static void relay_end(struct server *s, struct relay *r, bool hard)
{
	for (int i = 0; i < 2; i++) {
		if (hard)
			reset(r->side[i].src.fd);
		server_forget(s, &r->side[i].src);
	}
	s->n_relays--;
	free(r);
}

/* -EAGAIN: not now; 0 or more: done */
static int fill(int fd, struct flow *f)
{
	ssize_t n = recv(fd, f->data, sizeof(f->data), 0);

	if (n < 0)
		return -errno;
	f->at = 0;
	f->len = (size_t)n;
	f->ended = n == 0;
	return 0;
}

static int drain(int fd, struct flow *f)
{
	while (f->len) {
		ssize_t n = send(fd, f->data + f->at, f->len, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		f->at += (size_t)n;
		f->len -= (size_t)n;
	}
	if (f->ended && !f->passed) {
		f->passed = true;
		return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
	}
	return 0;
}

static bool later(int r)
{
	return r == -EAGAIN || r == -EINTR;
}

/* From side i to the other, as far as it goes now; false: broken. */
static bool pump(struct relay *r, int i)
{
	struct flow *f = &r->flow[i];
	int n = 0;

	if (!f->len && !f->ended)
		n = fill(r->side[i].src.fd, f);
	if (n >= 0)
		n = drain(r->side[!i].src.fd, f);
	return n >= 0 || later(n);
}

/* Read where there is room, write where something waits. */
static void rearm(struct server *s, struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		uint32_t in = !r->flow[i].len && !r->flow[i].ended && !r->connecting ? EPOLLIN : 0;
		uint32_t out = r->flow[!i].len || (i == 1 && r->connecting) ? EPOLLOUT : 0;

		server_watch(s, &r->side[i].src, in | out);
	}
}

static bool connected(struct relay *r)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(r->side[1].src.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	r->connecting = false;
	return error == 0;
}

static void on_side(struct server *s, struct source *src, uint32_t events)
{
	struct relay *r = ((struct side *)src)->relay;
	bool ok = true;

	if (r->connecting) {
		/* the client went away meanwhile, or the container has answered */
		ok = src == &r->side[1].src && connected(r);
	} else if (events & EPOLLERR) {
		ok = false;
	}
	for (int i = 0; i < 2 && ok; i++)
		ok = pump(r, i);
	if (!ok || (r->flow[0].passed && r->flow[1].passed))
		relay_end(s, r, !ok);
	else
		rearm(s, r);
}

static struct relay *relay_new(int client, int container)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->connecting = true;
	for (int i = 0; i < 2; i++)
		r->side[i] =
			(struct side){ .src = { .fd = i ? container : client, .ready = on_side },
				       .relay = r };
	return r;
}

static int connect_to(const struct hold *h)
{
	_cleanup_close_ int fd =
		socket(h->to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage sa;
	unsigned len = sockaddr_of(&h->to, h->port.port, &sa);

	if (fd < 0 || (connect(fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS))
		return -errno;
	return take_fd(&fd);
}

/* One too many is refused by a reset: it is not left waiting. */
void splice_accept(struct server *s, struct source *src, uint32_t events)
{
	const struct hold *h = (const struct hold *)src; /* answer comes first in it */
	_cleanup_close_ int client = -1, container = -1;
	struct relay *r;

	client = accept4(src->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client < 0)
		return;
	if (s->n_relays < RELAYS_MAX)
		container = connect_to(h);
	r = container < 0 ? NULL : relay_new(client, container);
	if (!r) {
		reset(client);
		return;
	}
	s->n_relays++;
	client = container = -1;
	rearm(s, r);
}
