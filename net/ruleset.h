/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset - ctnet's own tables: which chains, sets and rules there are, and
 * the elements that stand for networks.
 *
 * Chains and rules are fixed and the same on every host; networks (later:
 * ports, containers) are only elements of sets and maps, so the cost per
 * packet and per change does not grow. The administrator's chain `user` is
 * created once and never flushed. The rules themselves: net/ruleset_def.c.
 */
#ifndef CT_NET_RULESET_H
#define CT_NET_RULESET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/inet.h"

struct err;
struct nl;

/* What the firewall knows of one network. */
struct ruleset_net {
	const char *ifname; /* bridge, or what stands for it */
	const struct ip_prefix *subnets;
	size_t n_subnets;
	bool masquerade, internal, open, icc;
};

/* Families whose forwarding between foreign interfaces is refused. */
enum ruleset_refuse { RULESET_REFUSE4 = 1, RULESET_REFUSE6 = 2 };

/*
 * Makes the kernel hold exactly the ruleset for these networks, in one
 * transaction: creates what is missing, flushes and refills our own chains and
 * sets. refuse: the families that the host did not forward before we turned
 * ip_forward on; between foreign interfaces it stays so.
 */
int ruleset_load(struct nl *nft, const struct ruleset_net *nets, size_t n, unsigned refuse,
		 struct err *e);

/* One network more or less, with the tables in place: a few elements. Idempotent. */
int ruleset_add_net(struct nl *nft, const struct ruleset_net *net, struct err *e);
int ruleset_del_net(struct nl *nft, const struct ruleset_net *net, struct err *e);

/* Whether the kernel holds exactly what ruleset_load would make: 1, 0 or -errno.
 * A caller who knows that nft_generation has not moved need not ask. */
int ruleset_intact(struct nl *nft, const struct ruleset_net *nets, size_t n, unsigned refuse,
		   struct err *e);

/* Removes the table; what the administrator put into it stays, and the table for it. */
int ruleset_unload(struct nl *nft, struct err *e);

#endif
