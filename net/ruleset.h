/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset - ctnet's own tables, `inet ctnet` and `bridge ctnet`: which chains,
 * sets and rules there are, and the elements that stand for networks,
 * attachments and published ports.
 *
 * Chains and rules are fixed and the same on every host; networks,
 * attachments and ports are only elements of sets and maps, so the cost per
 * packet and per change does not grow. The administrator's chain `user` is
 * created once and never flushed. The rules themselves: net/ruleset_def.c.
 */
#ifndef CT_NET_RULESET_H
#define CT_NET_RULESET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/inet.h"
#include "net/port.h"

struct err;
struct nl;

/* What the firewall knows of one network. */
struct ruleset_net {
	const char *ifname; /* bridge, or what stands for it */
	const struct ip_prefix *subnets;
	size_t n_subnets;
	bool masquerade, internal, open, icc;
	bool no_host; /* its members reach nothing on the host; internal implies it */
	bool guard; /* its ports, as they come, are guarded */
	bool ptp; /* no interface stands for it: each of its links does */
};

/* Of one attachment: a guarded port of a bridge, or the host link of a ptp network. */
struct ruleset_link {
	const struct ruleset_net *net;
	const char *ifname; /* of the host's end */
	const char *owner; /* for comments */
	struct mac_addr mac; /* of the other end */
	const struct ip_prefix *addrs;
	size_t n_addrs;
};

/* Families whose forwarding between foreign interfaces is refused. */
enum ruleset_refuse { RULESET_REFUSE4 = 1, RULESET_REFUSE6 = 2 };

/* All of it, or some to be added or taken away. */
struct ruleset_spec {
	const struct ruleset_net *nets;
	const struct ruleset_link *links;
	const struct port_map *ports;
	size_t n_nets, n_links, n_ports;
	/* enum ruleset_refuse: the families that the host did not forward before we turned
	 * ip_forward on; between foreign interfaces it stays so */
	unsigned refuse;
};

/*
 * Makes the kernel hold exactly the ruleset for these, in one transaction:
 * creates what is missing, flushes and refills our own chains and sets.
 */
int ruleset_load(struct nl *nft, const struct ruleset_spec *s, struct err *e);

/* Some more or less, with the tables in place: a few elements. Adding what is there
 * is success; deleting links and ports that are not is -ENOENT, networks success. */
int ruleset_add(struct nl *nft, const struct ruleset_spec *s, struct err *e);
int ruleset_del(struct nl *nft, const struct ruleset_spec *s, struct err *e);

/* Whether the kernel holds exactly what ruleset_load would make: 1, 0 or -errno.
 * A caller who knows that nft_generation has not moved need not ask. */
int ruleset_intact(struct nl *nft, const struct ruleset_spec *s, struct err *e);

/* Removes the tables; what the administrator put into them stays, and the table for it. */
int ruleset_unload(struct nl *nft, struct err *e);

#endif
