/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside - the network of a lab's node as it is inside: settings, addresses, routes,
 * address translation; made at its birth by the node's own first process, changed
 * later from outside.
 */
#ifndef CT_NET_INSIDE_H
#define CT_NET_INSIDE_H

#include <stdio.h>

#include "net/topology.h"

struct err;

/* Which of our settings a new namespace does not have by itself, one bit each. */
struct inside_fresh {
	uint32_t host, router; /* of nodes that forward nothing, that do */
};
/*
 * Looks at the caller's network namespace, in which nothing was set yet: the host decides
 * what new ones have, so it holds for those that are made in the next moments.
 */
int inside_look(struct inside_fresh *ret, struct err *e);

/*
 * In a new network namespace without links but lo: our settings, not the host's
 * (rp_filter 0, accept_dad 0, forwarding by kind ...), then the file's for
 * net.*.default. fresh: only what it says is written; NULL: each is looked at, 50 us more.
 */
int inside_born(const struct topology *t, uint32_t node, const struct inside_fresh *fresh,
		struct err *e);
/*
 * With all links there, uplink and lent ones too: the other sysctls of the file, then in one
 * send lo up with its addresses, every interface with its addresses up, routes; then the rules
 * of a nat node. Interfaces that are not there (of a lab built in part) are passed over, with
 * the routes that need them.
 */
int inside_up(const struct topology *t, uint32_t node, struct err *e);

/*
 * What differs between the node's old and new description, done to a node that runs:
 * sysctls, lo, addresses, MTU, routes, rules; of interfaces only those that have
 * been there before (by name) and those in `fresh` (indices of nt's interfaces that
 * were put in just now). Addresses and routes that stay are not touched.
 */
int inside_change(int netns_fd, const struct topology *ot, uint32_t onode,
		  const struct topology *nt, uint32_t nnode, const uint32_t *fresh, size_t n_fresh,
		  struct err *e);

/* Text of /etc/hosts, the same for all nodes: each name with the addresses it stands for. */
int inside_hosts(const struct topology *t, FILE *f);

/* The name of the interface by which a nat node reaches its uplink. */
#define INSIDE_UPLINK "uplink0"

/*
 * Rules of a nat node, a table of its own in the calling process's namespace: masquerade of
 * its prefixes (with an uplink and no prefix: of all that leaves by it); published ports lead
 * from the node's uplink (without one: from any interface) to their targets. Nothing where
 * there is nothing to translate.
 */
int inside_nat(const struct topology *t, uint32_t node, struct err *e);
/* The same in the place of what is there. */
int inside_nat_again(const struct topology *t, uint32_t node, struct err *e);
/*
 * The port of the node's uplink, the first of a range, by which a published port is reached:
 * one of the node's own by its number, one of another node by the host's.
 */
uint16_t inside_publish_port(uint32_t node, const struct topo_publish *p);

#endif
