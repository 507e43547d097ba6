/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_stats - what links have sent and received.
 */
#ifndef CT_NET_LINK_STATS_H
#define CT_NET_LINK_STATS_H

#include "net/link.h"

struct link_stats {
	struct link_info link;
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};

/* ip -s link show dev NAME, without a dump; -ENODEV. */
int link_stats_get(struct nl *nl, const char *name, struct link_stats *ret, struct err *e);

/* ip -s link show: each link with its counters; stops at the first r < 0. */
typedef int link_stats_fn(const struct link_stats *s, void *ctx);
int link_stats_list(struct nl *nl, link_stats_fn *fn, void *ctx, struct err *e);

#endif
