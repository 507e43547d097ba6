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
	uint16_t state;			/* NUD_* */
};

int neigh_add(struct nl *nl, uint32_t index, const struct ip_addr *a, const struct mac_addr *m,
	      uint16_t state, struct err *e);
int neigh_del(struct nl *nl, uint32_t index, const struct ip_addr *a, struct err *e);

typedef int neigh_fn(const struct neigh_info *n, void *ctx);
int neigh_list(struct nl *nl, uint32_t index, uint8_t family, neigh_fn *fn, void *ctx,
	       struct err *e);

#endif
