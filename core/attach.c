/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who attaches and reads too slowly holds the command up for a moment, as a
 * terminal would, and then no more: it is told how much it has missed once it
 * reads again. The log has all of it.
 */
#include "core/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"

#define NAME	    "attach"
#define PATIENCE_MS 200

/* ---- messages ---- */

int attach_send(int sock, enum attach_type type, int32_t value, const char *data, size_t n)
{
	struct attach_head head = { type, value };
	struct iovec v[] = { { &head, sizeof(head) }, { (void *)(uintptr_t)data, n } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = n ? 2 : 1 };
	ssize_t r;

	do {
		r = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (r < 0 && errno == EINTR);
	if (r >= 0)
		return 0;
	return errno == EAGAIN || errno == ENOBUFS ? -EAGAIN : -EPIPE;
}

int attach_recv(int sock, struct attach_msg *ret)
{
	struct iovec v[] = { { &ret->head, sizeof(ret->head) }, { ret->data, sizeof(ret->data) } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	ssize_t r;

	do {
		r = recvmsg(sock, &m, MSG_DONTWAIT);
		/* reset is said once, before the messages that are there still */
	} while (r < 0 && (errno == EINTR || errno == ECONNRESET));
	if (r < 0)
		return errno == EAGAIN ? -EAGAIN : -EPROTO;
	if (r == 0)
		return 0;
	if (r < (ssize_t)sizeof(ret->head) || m.msg_flags & MSG_TRUNC)
		return -EPROTO;
	ret->len = (size_t)r - sizeof(ret->head);
	return 1;
}

/* Through the descriptor: a state root may be at a path longer than a socket's can be. */
static struct sockaddr_un address(int dir_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" NAME, dir_fd);
	return a;
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

int attach_connect(int dir_fd, struct err *e)
{
	_cleanup_close_ int fd = make_socket();
	struct sockaddr_un a = address(dir_fd);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(e, fd < 0 ? fd : -errno, "connect to the container's monitor");
	return take_fd(&fd);
}

/* ---- the monitor's side ---- */

int attach_listen(struct attach_server *s, int dir_fd, int32_t hello, struct err *e)
{
	_cleanup_close_ int fd = make_socket();
	struct sockaddr_un a = address(dir_fd);
	mode_t mask;
	int r;

	if (fd < 0)
		return err_sys(e, fd, "make a socket");
	unlinkat(dir_fd, NAME, 0);
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0 || listen(fd, ATTACH_MAX) < 0)
		return err_sys(e, r < 0 ? r : -errno, "listen for who attaches");
	s->listener = take_fd(&fd);
	s->hello = hello;
	return 0;
}

static int64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static void drop(struct attach_server *s, size_t i)
{
	fd_close(s->v[i].fd);
	s->v[i] = s->v[--s->n];
}

static bool is_owed(const struct attach_server *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].owed)
			return true;
	return false;
}

static void let_go_held(struct attach_server *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].owed)
			s->v[i].lost += s->held_len;
		s->v[i].owed = false;
	}
	free(take_ptr(s->held));
	s->held_len = 0;
}

bool attach_is_busy(const struct attach_server *s, int *timeout)
{
	int64_t left;

	if (!s->held)
		return false;
	left = s->held_since + PATIENCE_MS - now_ms();
	if (left < 0)
		left = 0;
	if (*timeout < 0 || left < *timeout)
		*timeout = (int)left;
	return true;
}

/* False: it is gone. */
static bool give(struct attach_client *c, enum attach_type type, const char *buf, size_t n)
{
	int r;

	if (c->lost) {
		c->lost += n;
		return true;
	}
	r = attach_send(c->fd, type, 0, buf, n);
	c->owed = r == -EAGAIN;
	return r != -EPIPE;
}

void attach_output(struct attach_server *s, enum attach_type type, const char *buf, size_t n)
{
	for (size_t i = s->n; i-- > 0;)
		if (!give(&s->v[i], type, buf, n))
			drop(s, i);
	if (!is_owed(s))
		return;
	s->held = malloc(n);
	s->held_len = n;
	s->held_type = type;
	s->held_since = now_ms();
	if (s->held)
		memcpy(s->held, buf, n);
	else
		let_go_held(s);
}

/* A client that can take something: what is held, or how much it has missed. */
static bool catch_up(struct attach_server *s, struct attach_client *c)
{
	int32_t lost = c->lost > INT32_MAX ? INT32_MAX : (int32_t)c->lost;
	int r = 0;

	if (c->owed) {
		r = attach_send(c->fd, s->held_type, 0, s->held, s->held_len);
		c->owed = r == -EAGAIN;
	} else if (c->lost) {
		r = attach_send(c->fd, ATTACH_LOST, lost, NULL, 0);
		if (r >= 0)
			c->lost = 0;
	}
	return r != -EPIPE;
}

void attach_settle(struct attach_server *s)
{
	int timeout = -1;

	while (attach_is_busy(s, &timeout)) {
		struct pollfd p[1 + ATTACH_MAX];
		size_t n = attach_wait_for(s, false, p);

		poll(p, n, timeout);
		p[0].revents = 0;
		attach_ready(s, p, NULL, NULL);
		timeout = -1;
	}
}

void attach_end(struct attach_server *s, int status)
{
	attach_settle(s);
	for (size_t i = 0; i < s->n; i++) {
		struct attach_client *c = &s->v[i];

		if (c->lost)
			attach_send(c->fd, ATTACH_LOST,
				    c->lost > INT32_MAX ? INT32_MAX : (int32_t)c->lost, NULL, 0);
		attach_send(c->fd, ATTACH_END, status, NULL, 0);
		fd_close(c->fd);
	}
	s->n = 0;
}

void attach_close(struct attach_server *s)
{
	for (size_t i = 0; i < s->n; i++)
		fd_close(s->v[i].fd);
	s->n = 0;
	free(take_ptr(s->held));
	fd_close(take_fd(&s->listener));
}

static bool may_attach(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static void take_client(struct attach_server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (s->n == ATTACH_MAX || !may_attach(fd) ||
	    attach_send(fd, ATTACH_HELLO, s->hello, NULL, 0) < 0) {
		fd_close(fd);
		return;
	}
	s->v[s->n++] = (struct attach_client){ .fd = fd };
}

size_t attach_wait_for(const struct attach_server *s, bool input, struct pollfd *p)
{
	p[0] = (struct pollfd){ s->listener, POLLIN, 0 };
	for (size_t i = 0; i < s->n; i++) {
		short events = input ? POLLIN : 0;

		if (s->v[i].owed || s->v[i].lost)
			events |= POLLOUT;
		p[1 + i] = (struct pollfd){ s->v[i].fd, events, 0 };
	}
	return 1 + s->n;
}

/* One message; false: the client is gone, or is none. */
static bool hear(const struct attach_client *c, attach_fn *fn, void *ctx)
{
	struct attach_msg m;
	int r = attach_recv(c->fd, &m);

	if (r == 1 && fn)
		fn(&m, ctx);
	return r == 1 || r == -EAGAIN;
}

void attach_ready(struct attach_server *s, const struct pollfd *p, attach_fn *fn, void *ctx)
{
	/* from the end: who is dropped is replaced by the last, which was seen */
	for (size_t i = s->n; i-- > 0;) {
		/* output may have dropped one since: another is in its place */
		short got = p[1 + i].fd == s->v[i].fd ? p[1 + i].revents : 0;
		bool stays = true;

		if (got & POLLOUT)
			stays = catch_up(s, &s->v[i]);
		if (stays && got & POLLIN)
			stays = hear(&s->v[i], fn, ctx);
		else if (stays && got & (POLLHUP | POLLERR))
			stays = false;
		if (!stays)
			drop(s, i);
	}
	if (s->held && (!is_owed(s) || now_ms() - s->held_since >= PATIENCE_MS))
		let_go_held(s);
	if (p[0].revents & POLLIN)
		take_client(s);
}
