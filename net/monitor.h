/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor - what happens to the networks of one namespace, as it happens: links,
 * addresses, routes and neighbours as the kernel tells them, networks and
 * attachments as their records change.
 */
#ifndef CT_NET_MONITOR_H
#define CT_NET_MONITOR_H

#include <poll.h>

#include "net/addr.h"
#include "net/attach.h"
#include "net/link.h"
#include "net/neigh.h"
#include "net/route.h"

struct err;
struct net;
struct nlmsghdr;

enum monitor_object {
	MONITOR_LINK = 1 << 0,
	MONITOR_ADDRESS = 1 << 1,
	MONITOR_ROUTE = 1 << 2,
	MONITOR_NEIGH = 1 << 3,
	MONITOR_NETWORK = 1 << 4,
	MONITOR_ATTACH = 1 << 5,
	MONITOR_LOST = 1 << 6, /* events came faster than they were read: some are missing */
};

/* A link by the names that users gave; empty ones are not known. */
struct monitor_link {
	uint32_t index; /* 0: none */
	char name[16], network[16], owner[64], container[64];
};

struct monitor_event {
	enum monitor_object object;
	enum { MONITOR_ADDED, MONITOR_CHANGED, MONITOR_DELETED } what;
	struct monitor_link on; /* the link that it is, or is about */
	char master[16]; /* of a link */
	union {
		struct link_info link;
		struct addr_info addr;
		struct route_info route;
		struct neigh_info neigh;
		struct attach_info attach;
		char network[16];
	};
};

struct monitor;
/* objects: what to tell of; MONITOR_LOST comes unasked. From its return on nothing is missed. */
int monitor_open(struct net *net, unsigned objects, struct monitor **ret, struct err *e);
void monitor_close(struct monitor *m); /* accepts NULL */

/* What to poll for reading. */
#define MONITOR_FDS 2
void monitor_fds(const struct monitor *m, struct pollfd fds[MONITOR_FDS]);
/* Tells all there is to read, without waiting; stops at the first r < 0 of fn. */
typedef int monitor_fn(const struct monitor_event *ev, void *ctx);
int monitor_read(struct monitor *m, monitor_fn *fn, void *ctx, struct err *e);

/*
 * One message of a multicast group: object, what, and its part of the union. Its
 * type is changed in place, since the parsers know the messages of new objects;
 * false: none of ours.
 */
bool monitor_parse(struct nlmsghdr *msg, struct monitor_event *ret);

#endif
