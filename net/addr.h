/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - addresses of links, both families.
 */
#ifndef CT_NET_ADDR_H
#define CT_NET_ADDR_H

#include "core/base/inet.h"
#include "net/nl.h"

struct addr_spec {
	uint32_t index; /* ifindex */
	struct ip_prefix addr; /* host bits kept; broadcast is set for IPv4 up to /30 */
	bool nodad; /* IPv6: usable at once (IFA_F_NODAD) */
	bool noprefixroute;
};

struct addr_info {
	uint32_t index, flags; /* IFA_F_* */
	struct ip_prefix addr;
	uint8_t scope;
};

void addr_add_put(struct nl_req *q, const struct addr_spec *s);
int addr_add(struct nl *nl, const struct addr_spec *s, struct err *e); /* -EEXIST */
int addr_del(struct nl *nl, uint32_t index, const struct ip_prefix *a,
	     struct err *e); /* absent: success */

typedef int addr_fn(const struct addr_info *a, void *ctx);
/* index 0: every link; family AF_UNSPEC: both. */
int addr_list(struct nl *nl, uint32_t index, uint8_t family, addr_fn *fn, void *ctx, struct err *e);
/* An RTM_NEWADDR message read; false when it is none. */
bool addr_parse(const struct nlmsghdr *msg, struct addr_info *ret);

#endif
