/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port - published ports: which port of the host leads to which port of whom.
 *
 * A port of the host belongs to one publication: the rules over all addresses,
 * ranges and both families are decided here under the lock, since the maps in
 * the kernel would take 0.0.0.0 beside one address, or a port beside a range.
 */
#ifndef CT_NET_PORT_H
#define CT_NET_PORT_H

#include <stdbool.h>

#include "core/base/inet.h"
#include "core/base/parse.h"
#include "core/base/proc.h"
#include "net/store.h"

struct attach_info;
struct err;
struct network;

/* One publication in one family, as the maps of the firewall have it. */
struct port_map {
	char owner[64]; /* container id */
	uint8_t proto; /* IPPROTO_TCP, UDP, SCTP */
	uint8_t family; /* of the host's side and of `to` */
	uint16_t first, last; /* ports of the host, inclusive */
	uint16_t to_port; /* of the first one; first == to_port: an identity range */
	struct ip_addr host_ip; /* unset: every address of the host in that family */
	struct ip_addr to; /* the container's address */
};

/* All publications recorded in this namespace, in an allocated array (free it). */
int port_maps(struct net *net, struct port_map **ret, size_t *ret_n, struct err *e);

/* Where the published ports of a container lead: what they need to know of an attachment. */
struct port_target {
	bool family[2]; /* IPv4, IPv6: it has, or will have, an address */
	struct ip_addr to[2]; /* unset before the attachment is there */
	char dev[16]; /* the host's link towards it */
	char bridge_port[16]; /* its port on a bridge; "": dev is no bridge */
};
/* -EOPNOTSUPP: containers of such a network cannot publish, and why. a: NULL before it is there. */
int port_target(const struct network *n, const struct attach_info *a, struct port_target *ret,
		struct err *e);

/* Who publishes what. specs: host port 0 asks for a free one. */
struct port_want {
	const char *owner, *name; /* container id; its name, for messages */
	struct proc_id holder; /* whose death ends the claim */
	const struct port_spec *specs;
	size_t n;
};

/*
 * Ports that are taken for somebody and lead nowhere yet: decided against all
 * other publications and, by binding them, against the host's own services.
 * -EADDRINUSE names who has one. Takes the lock.
 */
struct port_claim;
int port_claim(struct net *net, const struct port_want *w, const struct port_target *t,
	       struct port_claim **ret, struct err *e);
/* With the ports that were chosen; valid as long as the claim. */
const struct port_spec *port_claimed(const struct port_claim *c, size_t *ret_n);
/*
 * Now they lead to the target (with its addresses), until the holder dies.
 * Takes the lock. When it fails, nothing of it is left.
 */
int port_publish(struct port_claim *c, const struct port_target *t, const struct proc_id *holder,
		 struct err *e);
/* Gives up what was not published. Accepts NULL. */
void port_claim_free(struct port_claim *c);

/* -ENOENT: it does not publish one of these, and nothing is done. Takes the lock. */
int port_unpublish(struct net *net, const struct port_want *w, struct err *e);

/* What a container publishes, in the order in which it was asked for. */
typedef int port_fn(const struct port_spec *s, void *ctx);
int port_list(struct net *net, const char *owner, port_fn *fn, void *ctx);

/*
 * An attachment goes, and with it what leads to its addresses. Costs one system
 * call where nothing was published. The caller holds the lock.
 */
int port_end(struct net *net, const struct attach_info *a, struct err *e);
/*
 * Ends publications of dead holders and what was left half-ended; max owners
 * looked at, 0: all, and the index is made exact. The caller holds the lock.
 */
int port_gc(struct net *net, unsigned max, struct err *e);

#endif
