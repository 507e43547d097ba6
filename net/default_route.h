/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * default_route - which of a container's networks leads to the world. Each
 * family has one default route that counts; it can be given to another
 * attachment, and passes on when its attachment ends.
 *
 * Families are a set of these bits.
 */
#ifndef CT_NET_DEFAULT_ROUTE_H
#define CT_NET_DEFAULT_ROUTE_H

#include "net/attach.h"
#include "net/network.h"

struct err;

#define FAMILY_4 1u
#define FAMILY_6 2u

/* The families in which a network has a way out: it has a gateway and is not internal. */
unsigned default_route_can(const struct network *n);

/*
 * ip route replace default via GATEWAY dev IFNAME [metric N], in a namespace.
 * Those that would win over it are removed; with a metric, others stay beside it.
 */
struct default_route {
	const struct network *n;
	const struct attach_info *a;
	unsigned families;
	uint32_t metric; /* 0: the kernel's default */
};
int default_route_give(int netns_fd, const struct default_route *d, struct err *e);

/* The families that have a default route in a namespace. */
int default_route_there(int netns_fd, unsigned *ret, struct err *e);

/*
 * Before an attachment ends: each family whose only default routes go by it
 * gets one by the first of its owner's other attachments that leads out. The
 * caller holds the lock.
 */
int default_route_pass_on(struct net *net, const struct attach_info *from, int netns_fd,
			  struct err *e);

#endif
