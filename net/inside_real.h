/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside_real - what birth and change of a node's network share. Used by inside*.c. */
#ifndef CT_NET_INSIDE_REAL_H
#define CT_NET_INSIDE_REAL_H

#include "net/inside.h"
#include "net/nl.h"

#define INSIDE_LO 1 /* LOOPBACK_IFINDEX of include/net/flow.h: lo is the first of all */

/* Index of a link of the socket's namespace; 0: there is none. */
uint32_t inside_index(const struct nl *nl, const char *ifname);
/* A route of a node added to q; replace: in place of one to the same. -ENODEV: no such dev. */
int inside_route_put(struct nl_req *q, const struct nl *nl, const struct topo_route *x,
		     bool replace);
/* Addresses of a link added to q, usable at once. */
void inside_addrs_put(struct nl_req *q, uint32_t index, const struct ip_prefix *v, size_t n);
/* What to give to a new link besides; false: nothing. */
bool inside_linklocal(const struct topo_node *n, const struct topo_iface *x, struct ip_prefix *ret);
/* The uplink, if it is there, forwards: an attachment is set as a host's interface. */
int inside_uplink(struct nl *nl, struct err *e);
/* One route in a send of its own; -ENODEV as above, without a message. */
int inside_route_add(struct nl *nl, const struct topo_route *x, bool replace, struct err *e);
/* Whether a route was refused because its next hop is on no network of the node. */
bool inside_route_lost(int r);

/* A setting of the file as /proc/sys/net has it: "ipv4/ip_forward". -EINVAL: it is none of net. */
#define INSIDE_SYSCTL_LEN 160
int inside_sysctl_path(const char *key, char buf[INSIDE_SYSCTL_LEN], struct err *e);
/* In the caller's namespace; those of new interfaces (net.*.default), or the others. */
int inside_sysctls(const struct topo_pair *v, size_t n, bool defaults, struct err *e);
/* One of them, whichever. */
int inside_sysctl_set(const struct topo_pair *p, struct err *e);
/*
 * The file of n has no such key any more: back to what we set it to; where that is
 * nothing, it stays as it is.
 */
int inside_sysctl_back(const struct topo_node *n, const struct topo_pair *p, struct err *e);
/* What of our own a setting is for such a node; NULL: nothing. */
const char *inside_setting(const struct topo_node *n, const char *path);
bool inside_forwards(const struct topo_node *n);

/* ---- two descriptions compared ---- */

bool inside_has_addr(const struct ip_prefix *v, size_t n, const struct ip_prefix *a);
/* Whether one stands where the other does: the kernel has one route of that key. */
bool inside_same_key(const struct topo_route *a, const struct topo_route *b);
bool inside_same_route(const struct topo_route *a, const struct topo_route *b);
/* Whether translation is the same; addresses of published nodes are part of it. */
bool inside_same_nat(const struct topology *ot, uint32_t onode, const struct topology *nt,
		     uint32_t nnode);

#endif
