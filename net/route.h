/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route - routes of the main table, both families, single and multipath.
 */
#ifndef CT_NET_ROUTE_H
#define CT_NET_ROUTE_H

#include "core/base/inet.h"
#include "net/nl.h"

struct route_hop {
	struct ip_addr via; /* unset: on the link itself */
	uint32_t index; /* ifindex, 0: by via */
	uint8_t weight; /* 1..255; 0: 1 */
	bool onlink;
};

struct route_spec {
	struct ip_prefix dst; /* len 0 with a family: default */
	struct ip_addr via, src; /* unset: none */
	uint32_t index; /* ifindex of the device, 0: by via */
	uint32_t metric;
	bool onlink;
	const struct route_hop *hops; /* multipath: in place of via and index */
	size_t n_hops;
	uint8_t type; /* RTN_*; 0: unicast */
	bool replace; /* NLM_F_REPLACE in place of EXCL */
};

struct route_info {
	struct ip_prefix dst;
	struct ip_addr via, src; /* of a multipath route: its first hop's */
	uint32_t index, metric, table;
	uint8_t type, protocol;
};

void route_add_put(struct nl_req *q, const struct route_spec *s);
int route_add(struct nl *nl, const struct route_spec *s, struct err *e); /* -EEXIST */
int route_del(struct nl *nl, const struct route_spec *s, struct err *e); /* absent: success */

typedef int route_fn(const struct route_info *r, void *ctx);
/* AF_UNSPEC: both families. */
int route_list(struct nl *nl, uint8_t family, route_fn *fn, void *ctx, struct err *e);

/* The route a packet to dst would take (ip route get); -ENETUNREACH. */
int route_get(struct nl *nl, const struct ip_addr *dst, struct route_info *ret, struct err *e);
/* An RTM_NEWROUTE message of IPv4 or IPv6 read; false when it is none. */
bool route_parse(const struct nlmsghdr *msg, struct route_info *ret);

#endif
