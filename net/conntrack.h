/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conntrack - forgetting connections that a change of NAT has made wrong. What
 * is tracked keeps its old translation, UDP above all: a client that sends on
 * the same port all the time never gets to the new container.
 *
 * nft: a socket of NETLINK_NETFILTER; conntrack -D in other words.
 */
#ifndef CT_NET_CONNTRACK_H
#define CT_NET_CONNTRACK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "net/nl.h"

struct err;
struct port_map;

/* An entry; families of all addresses are equal. */
struct conntrack_entry {
	struct ip_addr src, dst; /* as the first packet was sent */
	struct ip_addr reply_src; /* who answers */
	uint16_t dport, reply_sport; /* 0: a protocol without ports */
	uint16_t zone;
	uint32_t id;
	uint8_t proto;
	const struct nlattr *orig; /* CTA_TUPLE_ORIG, in the message */
};
/* A message of ctnetlink read; false when it is none. */
bool conntrack_parse(const struct nlmsghdr *msg, struct conntrack_entry *ret);

/* What only these have is told; the rest is any. */
struct conntrack_match {
	uint8_t family; /* AF_UNSPEC: both */
	uint8_t proto; /* with dport */
	uint16_t dport; /* 0: any; else of one family */
};
typedef int conntrack_fn(const struct conntrack_entry *c, void *ctx);
/* The kernel filters, since 5.8; an older one shows all, so fn looks itself. */
int conntrack_list(struct nl *nft, const struct conntrack_match *m, conntrack_fn *fn, void *ctx,
		   struct err *e);
/* Deletes exactly that entry, in a batch. */
void conntrack_del_put(struct nl_req *q, const struct conntrack_entry *c);

/* Whether this namespace tracks any connection: to look through the table takes milliseconds. */
bool conntrack_any(void);

/*
 * Ports that lead somewhere now: UDP entries of them, on addresses of this host,
 * that lead elsewhere. A TCP connection to a service that gave up its port goes on.
 */
int conntrack_forget_published(struct nl *nft, struct nl *rt, const struct port_map *maps, size_t n,
			       struct err *e);
/* Ports that lead there no more: entries of any protocol that do. */
int conntrack_forget_unpublished(struct nl *nft, const struct port_map *maps, size_t n,
				 struct err *e);

#endif
