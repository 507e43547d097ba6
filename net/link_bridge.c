/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge kind: ip link add NAME type bridge [stp_state 0] [mcast_snooping 0] ... */
#include <linux/if_bridge.h>
#include <linux/if_link.h>

#include "net/link_kind.h"

static void put_linklocal_learn(struct nl_req *q, enum tristate on)
{
	const struct br_boolopt_multi o = { .optval = on == OFF ? 1u << BR_BOOLOPT_NO_LL_LEARN : 0,
					    .optmask = 1u << BR_BOOLOPT_NO_LL_LEARN };

	if (on != UNSET)
		nl_put(q, IFLA_BR_MULTI_BOOLOPT, &o, sizeof(o));
}

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	if (s->bridge.stp != UNSET)
		nl_put_u32(q, IFLA_BR_STP_STATE, s->bridge.stp == ON);
	link_put_u32(q, IFLA_BR_FORWARD_DELAY, s->bridge.forward_delay);
	link_put_u32(q, IFLA_BR_HELLO_TIME, s->bridge.hello);
	link_put_u32(q, IFLA_BR_MAX_AGE, s->bridge.max_age);
	link_put_tri(q, IFLA_BR_VLAN_FILTERING, s->bridge.vlan_filtering);
	if (s->bridge.default_pvid)
		nl_put_u16(q, IFLA_BR_VLAN_DEFAULT_PVID, s->bridge.default_pvid);
	link_put_tri(q, IFLA_BR_MCAST_SNOOPING, s->bridge.mcast_snooping);
	put_linklocal_learn(q, s->bridge.linklocal_learn);
}

const struct link_kind link_bridge = {
	.name = "bridge",
	.module = "bridge",
	.config = "CONFIG_BRIDGE",
	.put_data = put_data,
};
