/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neigh - neighbour (ARP, NDP) entries and bridge forwarding entries.
 */
#ifndef CT_NET_NEIGH_H
#define CT_NET_NEIGH_H

#include "core/base/inet.h"
#include "net/nl.h"

struct neigh_info {
	uint32_t index;
	struct ip_addr addr;
	struct mac_addr mac;
	uint16_t state; /* NUD_* */
};

/* mac unset: none is sent */
void neigh_add_put(struct nl_req *q, const struct neigh_info *n);
int neigh_add(struct nl *nl, const struct neigh_info *n, struct err *e); /* -EEXIST */
int neigh_del(struct nl *nl, uint32_t index, const struct ip_addr *a,
	      struct err *e); /* absent: success */

typedef int neigh_fn(const struct neigh_info *n, void *ctx);
/* index 0: every link; family AF_UNSPEC: both. */
int neigh_list(struct nl *nl, uint32_t index, uint8_t family, neigh_fn *fn, void *ctx,
	       struct err *e);
/* An RTM_NEWNEIGH message of IPv4 or IPv6 read; false when it is none. */
bool neigh_parse(const struct nlmsghdr *msg, struct neigh_info *ret);

/* Where a bridge or a vxlan link sends frames for a MAC. */
struct fdb_spec {
	uint32_t index; /* ifindex of the port, or of the vxlan link */
	struct mac_addr mac;
	struct ip_addr dst; /* vxlan: the peer; unset: none */
	bool master; /* in the bridge the port belongs to */
	bool append; /* one more destination of the same MAC */
};
int fdb_add(struct nl *nl, const struct fdb_spec *s, struct err *e); /* -EEXIST */
int fdb_del(struct nl *nl, const struct fdb_spec *s, struct err *e); /* absent: success */

#endif
