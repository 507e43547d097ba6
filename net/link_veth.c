/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The veth kind: ip link add NAME type veth peer name PEER [address] [mtu] [netns].
 *
 * The peer is born in its namespace, with its name and MAC, in the same
 * message: renaming or moving it later would wait for RCU. It cannot be born
 * up (ENOTCONN).
 */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "net/link_kind.h"

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	struct ifinfomsg *peer;

	nl_nest(q, VETH_INFO_PEER);
	peer = nl_extra(q, sizeof(*peer));
	peer->ifi_index = (int)s->veth.peer_index;
	if (s->veth.peer)
		link_put_name(q, s->veth.peer);
	link_put_mac(q, &s->veth.peer_mac);
	link_put_u32(q, IFLA_MTU, s->veth.peer_mtu);
	link_put_queues(q, s->queues);
	link_put_u32(q, IFLA_GSO_MAX_SEGS, s->veth.peer_gso_segs);
	link_put_netns(q, s->veth.peer_netns, s->veth.peer_netns_pid);
	nl_nest_end(q);
}

const struct link_kind link_veth = {
	.name = "veth",
	.module = "veth",
	.config = "CONFIG_VETH",
	.put_data = put_data,
};
