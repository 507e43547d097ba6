/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_server - inside of a keeper: one thread, one epoll, and sources of
 * events that know what to do.
 */
#ifndef CT_NET_PORT_SERVER_H
#define CT_NET_PORT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "core/base/parse.h"

struct server;

struct source {
	int fd; /* -1: none */
	uint32_t events; /* asked for */
	void (*ready)(struct server *s, struct source *src, uint32_t events);
};

/* One port of the host, bound. */
struct hold {
	struct source answer; /* listens at [::1], or gets the datagrams */
	int fd; /* keeps the port; answer.fd may be the same */
	struct port_spec port; /* a single one: host_port, port, proto, host_ip */
	struct ip_addr to; /* where it leads; unset: not yet */
	int line; /* who asked, until it leads somewhere */
	bool due; /* it is still to be made to answer at [::1] */
	struct hold *next;
};

struct server {
	int ep;
	int holder; /* pidfd, -1: not known yet */
	struct source control, holder_src;
	size_t lines, n_holds;
	struct hold *holds;
	struct hold *next_due; /* none before this one is due */
	struct udp_peer *peers; /* net/port_udp.c, the one heard last comes first */
	size_t n_peers, n_relays;
	int64_t now; /* seconds, of the last event */
};

/* Changes what is waited for; adds a source that was not there. */
int server_watch(struct server *s, struct source *src, uint32_t events);
void server_forget(struct server *s, struct source *src); /* and closes it */

/*
 * net/port_hold.c: binds the port. Port 0: one that the kernel chooses, which
 * is then in the hold.
 */
int hold_open(const struct port_spec *port, struct hold **ret);
/* Where it leads is known (h->to): makes it answer at [::1]. Best effort. */
void hold_serve(struct server *s, struct hold *h);
void hold_close(struct server *s, struct hold *h);

/* net/port_splice.c: a connection on a listening socket. */
void splice_accept(struct server *s, struct source *src, uint32_t events);
/* net/port_udp.c: datagrams on a bound one. */
void udp_receive(struct server *s, struct source *src, uint32_t events);
void udp_forget(struct server *s, const struct hold *h); /* its peers */
void udp_expire(struct server *s); /* peers that were silent for long */

/* An address as the socket calls want it; returns its length. */
struct sockaddr_storage;
unsigned sockaddr_of(const struct ip_addr *a, uint16_t port, struct sockaddr_storage *ret);

#endif
