/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge kind: ip link add NAME type bridge [stp_state 0] [mcast_snooping 0] ... */
#include <linux/if_link.h>

#include "net/link_kind.h"

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	if (s->bridge.stp != UNSET)
		nl_put_u32(q, IFLA_BR_STP_STATE, s->bridge.stp == ON);
	link_put_tri(q, IFLA_BR_VLAN_FILTERING, s->bridge.vlan_filtering);
	if (s->bridge.default_pvid)
		nl_put_u16(q, IFLA_BR_VLAN_DEFAULT_PVID, s->bridge.default_pvid);
	link_put_tri(q, IFLA_BR_MCAST_SNOOPING, s->bridge.mcast_snooping);
}

const struct link_kind link_bridge = {
	.name = "bridge",
	.module = "bridge",
	.config = "CONFIG_BRIDGE",
	.put_data = put_data,
};
