/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network_real - what stands for a network in the kernel: made, checked and
 * taken away. For network.c and attach.c; the caller holds the lock.
 */
#ifndef CT_NET_NETWORK_REAL_H
#define CT_NET_NETWORK_REAL_H

#include <stdbool.h>

#include "net/forward.h"
#include "net/network.h"

#define ALIAS_PREFIX "ctnet:"

/* Whether the network was realised in this namespace and not removed since. */
bool network_is_real(struct net *net, const char *name);
/* Their names, sorted. */
int network_real_names(struct net *net, struct strv *ret, struct err *e);

/* Whether its ports must be isolated from each other, as the host is set now. */
bool network_isolates(const struct network *n);

/*
 * Link, firewall elements, leases, hosts file, marks, and forwarding with the
 * last network; n: its definition, or NULL when that cannot be read. Accepts
 * what is half there or gone. Not the definition.
 */
int network_destroy(struct net *net, const char *name, const struct network *n, struct err *e);

/* A network that is being made or removed, under the lock: net/network_intent.c. */
int network_intent_set(struct net *net, const char *name, struct err *e);
int network_intent_clear(struct net *net, const char *name, struct err *e);
bool network_is_unfinished(struct net *net, const char *name);
/* Removes the networks whose maker or remover died on the way; the first error. */
int network_intent_undo(struct net *net, struct err *e);

/* What of the host a new subnet must keep away from: net/network_used.c. */
struct network_used {
	struct used_item {
		struct ip_prefix p;
		enum { USED_NETWORK, USED_ADDRESS, USED_ROUTE } by;
		char name[NAME_MAX_IF + 1]; /* of a network */
		uint32_t index; /* of a link */
	} * v;
	size_t n;
};
int network_used_read(struct net *net, struct network_used *ret, struct err *e);
void network_used_free(struct network_used *u);
/* The part of it that overlaps p, in words; NULL: none. */
const struct used_item *network_used_find(const struct network_used *u, const struct ip_prefix *p,
					  char *buf, size_t size);
/* -EADDRINUSE when a subnet of n overlaps any of it. */
int network_used_check(const struct network_used *u, const struct network *n, struct err *e);
/* Leaves out what is n's own, and networks that are only defined. */
void network_used_standing(struct net *net, struct network_used *u, const struct network *n);

#endif
