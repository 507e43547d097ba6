/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One bound port. A port of every address is one socket for both families. It
 * does not listen, so what NAT does not take away (the other family, any
 * packet after somebody flushed the rules) is refused as by a closed port.
 *
 * It is bound without SO_REUSEADDR, so nobody else gets the port whatever he
 * sets; only where that fails it is tried with, since connections of an earlier
 * service that are still in TIME_WAIT must not be in the way. [::1] is listened
 * on by a second socket: for it the first one allows sharing, for that moment
 * (net/ipv4/inet_connection_sock.c: a port is shared when both sockets say so
 * and none listens, and listening ends it for later ones).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "net/port_server.h"

#define BACKLOG 128

unsigned sockaddr_of(const struct ip_addr *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (a->family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, a->b, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, a->b, 16);
	return sizeof(*v6);
}

static void set_int(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

static int socket_of(uint8_t family, uint8_t proto)
{
	int type = proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);

	return fd < 0 ? -errno : fd;
}

static int bind_to(int fd, uint8_t proto, const struct ip_addr *a, uint16_t port)
{
	struct sockaddr_storage sa;
	unsigned len = sockaddr_of(a, port, &sa);
	int r;

	if (bind(fd, (struct sockaddr *)&sa, len) == 0)
		return 0;
	if (errno != EADDRINUSE || proto == IPPROTO_UDP || !port)
		return -errno;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	r = bind(fd, (struct sockaddr *)&sa, len) < 0 ? -errno : 0;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	return r;
}

/* Which the kernel chose; sin_port of IPv4 is at the same place. */
static uint16_t bound_port(int fd)
{
	struct sockaddr_in6 sa = { 0 };
	socklen_t len = sizeof(sa);

	return getsockname(fd, (struct sockaddr *)&sa, &len) < 0 ? 0 : ntohs(sa.sin6_port);
}

static int open_bound(const struct port_spec *p)
{
	static const struct ip_addr any6 = { .family = AF_INET6 }, any4 = { .family = AF_INET };
	_cleanup_close_ int fd = -1;
	const struct ip_addr *a = ip_is_set(&p->host_ip) ? &p->host_ip : &any6;
	int r;

	fd = socket_of(a->family, p->proto);
	if (fd == -EAFNOSUPPORT && a == &any6) {
		a = &any4;
		fd = socket_of(a->family, p->proto);
	}
	if (fd < 0)
		return fd;
	if (ip_eq(a, &any6)) /* whatever net.ipv6.bindv6only says */
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, a != &any6);
	r = bind_to(fd, p->proto, a, p->host_port);
	return r < 0 ? r : take_fd(&fd);
}

int hold_open(const struct port_spec *port, struct hold **ret)
{
	struct hold *h;
	int fd = open_bound(port);

	if (fd < 0)
		return fd;
	h = calloc(1, sizeof(*h));
	if (!h) {
		fd_close(fd);
		return -ENOMEM;
	}
	*h = (struct hold){ .answer = { .fd = -1 }, .fd = fd, .port = *port, .line = -1 };
	if (!port->host_port)
		h->port.host_port = bound_port(fd);
	*ret = h;
	return 0;
}

static const struct ip_addr lo6 = { .family = AF_INET6, .b = { [15] = 1 } };

static int listen_beside(const struct hold *h)
{
	_cleanup_close_ int fd = socket_of(AF_INET6, h->port.proto);
	struct sockaddr_storage sa;
	unsigned len = sockaddr_of(&lo6, h->port.host_port, &sa);
	int r;

	if (fd < 0)
		return fd;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(h->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	r = bind(fd, (struct sockaddr *)&sa, len) < 0 || listen(fd, BACKLOG) < 0 ? -errno : 0;
	set_int(h->fd, SOL_SOCKET, SO_REUSEADDR, 0);
	return r < 0 ? r : take_fd(&fd);
}

/*
 * Listening asks for the port once more, and TIME_WAIT must not be in the way then
 * either. What is accepted inherits the setting, and so does its TIME_WAIT: so it
 * stays. Nobody shares the port of a socket that listens.
 */
static int listen_itself(const struct hold *h)
{
	set_int(h->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return listen(h->fd, BACKLOG) < 0 ? -errno : h->fd;
}

static void serve_tcp(struct server *s, struct hold *h)
{
	int fd = ip_eq(&h->port.host_ip, &lo6) ? listen_itself(h) : listen_beside(h);

	if (fd < 0)
		return;
	h->answer = (struct source){ .fd = fd, .ready = splice_accept };
	server_watch(s, &h->answer, EPOLLIN);
}

static void serve_udp(struct server *s, struct hold *h)
{
	set_int(h->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	h->answer = (struct source){ .fd = h->fd, .ready = udp_receive };
	server_watch(s, &h->answer, EPOLLIN);
}

/* Whether the port is one of ::1, alone or with others. */
static bool is_local6(const struct ip_addr *a)
{
	return !ip_is_set(a) || (a->family == AF_INET6 && (ip_is_any(a) || ip_is_loopback(a)));
}

void hold_serve(struct server *s, struct hold *h)
{
	bool local = is_local6(&h->port.host_ip);

	if (local && h->port.proto == IPPROTO_TCP)
		serve_tcp(s, h);
	else if (local && h->port.proto == IPPROTO_UDP)
		serve_udp(s, h);
	else /* nobody reads it: what strays here must not pile up */
		set_int(h->fd, SOL_SOCKET, SO_RCVBUF, 0);
}

void hold_close(struct server *s, struct hold *h)
{
	udp_forget(s, h);
	if (h->answer.fd != h->fd)
		fd_close(h->fd);
	server_forget(s, &h->answer);
	free(h);
}
