/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall_want - what the ruleset ought to hold, as definitions, marks and
 * records say: the networks that stand, their attachments, the published ports.
 */
#ifndef CT_NET_FIREWALL_WANT_H
#define CT_NET_FIREWALL_WANT_H

#include "net/attach.h"
#include "net/network.h"
#include "net/ruleset.h"

struct err;

/* One network as the ruleset wants it, with subnets for its arrays; false: its
 * driver leaves nothing to filter on the host. */
bool firewall_net(const struct network *n, struct ruleset_net *ret,
		  struct ip_prefix subnets[NETWORK_SUBNETS_MAX]);
/* One attachment on it; *a and *net must outlive the result. */
struct ruleset_link firewall_link(const struct ruleset_net *net, const struct attach_info *a);

/* All of it; spec points into the rest. */
struct firewall_want {
	struct ruleset_spec spec; /* but for what is refused */
	struct firewall_want_net {
		struct network n;
		struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	} * one;
	struct ruleset_net *nets;
	struct attach_info *infos;
	struct ruleset_link *links;
	struct port_map *ports;
	bool nothing; /* no network stands that needs a ruleset */
};

/* gone: an attachment to be left out though its record is there; may be NULL. */
int firewall_want_read(struct net *net, const struct attach_info *gone, struct firewall_want *ret,
		       struct err *e);
void firewall_want_free(struct firewall_want *w); /* accepts { 0 } */

#endif
