/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ipvlan kind: ip link add link PARENT NAME type ipvlan mode l2.
 *
 * It shares the parent's MAC and is told apart by its addresses. l2: it does
 * ARP and NDP itself; l3: what it sends is routed in the parent's namespace,
 * without broadcasts; l3s: the same, seen by the parent's netfilter.
 */
#include <linux/if_link.h>

#include "net/link_kind.h"

static const char *const modes[] = { "l2", "l3", "l3s", NULL };

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	if (s->ipvlan.mode)
		nl_put_u16(q, IFLA_IPVLAN_MODE,
			   (uint16_t)link_mode(q, &link_ipvlan, s->ipvlan.mode));
	if (s->ipvlan.private)
		nl_put_u16(q, IFLA_IPVLAN_FLAGS, IPVLAN_F_PRIVATE);
	else if (s->ipvlan.vepa)
		nl_put_u16(q, IFLA_IPVLAN_FLAGS, IPVLAN_F_VEPA);
}

const struct link_kind link_ipvlan = {
	.name = "ipvlan",
	.module = "ipvlan",
	.config = "CONFIG_IPVLAN",
	.modes = modes,
	.on_parent = true,
	.put_data = put_data,
};
