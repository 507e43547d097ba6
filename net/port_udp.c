/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP from [::1] to a container: each client gets a socket of its own towards
 * the container, so that answers find their way back, for as long as there is
 * some traffic. The one that was silent longest makes room for one too many.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "net/port_server.h"

#define PEERS_MAX 512
#define SILENCE	  60 /* seconds, as a DNS or game client may take; conntrack gives 30 to 120 */
#define DATAGRAM  65536

struct udp_peer {
	struct source src; /* connected to the container */
	const struct hold *hold;
	struct sockaddr_in6 client;
	int64_t heard;
	struct udp_peer *next;
};

static void unlink_peer(struct server *s, const struct udp_peer *p)
{
	struct udp_peer **at = &s->peers;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
}

static void peer_end(struct server *s, struct udp_peer *p)
{
	unlink_peer(s, p);
	server_forget(s, &p->src);
	s->n_peers--;
	free(p);
}

static void touch(struct server *s, struct udp_peer *p)
{
	p->heard = s->now;
	if (s->peers == p)
		return;
	unlink_peer(s, p);
	p->next = s->peers;
	s->peers = p;
}

static struct udp_peer *last(struct server *s)
{
	struct udp_peer *p = s->peers;

	while (p && p->next)
		p = p->next;
	return p;
}

void udp_expire(struct server *s)
{
	for (struct udp_peer *p = last(s); p && s->now - p->heard > SILENCE; p = last(s))
		peer_end(s, p);
}

void udp_forget(struct server *s, const struct hold *h)
{
	for (struct udp_peer *p = s->peers, *next; p; p = next) {
		next = p->next;
		if (p->hold == h)
			peer_end(s, p);
	}
}

/* From the container; the answer leaves from [::1], as it was asked there. */
static void on_answer(struct server *s, struct source *src, uint32_t events)
{
	struct udp_peer *p = (struct udp_peer *)src;
	char buf[DATAGRAM];
	ssize_t n = recv(src->fd, buf, sizeof(buf), 0);

	if (n < 0)
		return; /* the container refused: the client's socket is told nothing */
	touch(s, p);
	(void)!sendto(p->hold->fd, buf, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&p->client,
		      sizeof(p->client));
}

static int connect_to(const struct hold *h)
{
	_cleanup_close_ int fd = socket(h->to.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage sa;
	unsigned len = sockaddr_of(&h->to, h->port.port, &sa);

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, len) < 0)
		return -errno;
	return take_fd(&fd);
}

static struct udp_peer *peer_new(struct server *s, const struct hold *h,
				 const struct sockaddr_in6 *client)
{
	struct udp_peer *p;
	int fd;

	if (s->n_peers >= PEERS_MAX)
		peer_end(s, last(s));
	fd = connect_to(h);
	p = fd < 0 ? NULL : calloc(1, sizeof(*p));
	if (!p) {
		fd_close(fd);
		return NULL;
	}
	*p = (struct udp_peer){ .src = { .fd = fd, .ready = on_answer },
				.hold = h,
				.client = *client,
				.next = s->peers };
	s->peers = p;
	s->n_peers++;
	server_watch(s, &p->src, EPOLLIN);
	return p;
}

static struct udp_peer *peer_of(struct server *s, const struct hold *h,
				const struct sockaddr_in6 *client)
{
	for (struct udp_peer *p = s->peers; p; p = p->next)
		if (p->hold == h && p->client.sin6_port == client->sin6_port &&
		    !memcmp(&p->client.sin6_addr, &client->sin6_addr, sizeof(struct in6_addr)))
			return p;
	return peer_new(s, h, client);
}

/* Sent to [::1]? The same socket gets whatever NAT has left to it. */
static bool to_loopback(struct msghdr *m)
{
	struct in6_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			return IN6_IS_ADDR_LOOPBACK(&info.ipi6_addr);
		}
	return false;
}

void udp_receive(struct server *s, struct source *src, uint32_t events)
{
	const struct hold *h = (const struct hold *)src; /* answer comes first in it */
	char buf[DATAGRAM], control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 64];
	struct sockaddr_in6 client = { 0 };
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_name = &client,
			    .msg_namelen = sizeof(client),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(src->fd, &m, 0);
	struct udp_peer *p;

	if (n < 0 || client.sin6_family != AF_INET6 || !to_loopback(&m))
		return;
	p = peer_of(s, h, &client);
	if (!p)
		return;
	touch(s, p);
	(void)!send(p->src.fd, buf, (size_t)n, MSG_NOSIGNAL);
}
