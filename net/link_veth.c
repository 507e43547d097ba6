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
	nl_nest(q, VETH_INFO_PEER);
	nl_extra(q, sizeof(struct ifinfomsg));
	if (s->veth.peer)
		link_put_name(q, s->veth.peer);
	link_put_mac(q, &s->veth.peer_mac);
	link_put_u32(q, IFLA_MTU, s->veth.peer_mtu);
	link_put_queues(q, s->queues);
	if (s->veth.peer_netns > 0)
		nl_put_u32(q, IFLA_NET_NS_FD, (uint32_t)s->veth.peer_netns);
	nl_nest_end(q);
}

const struct link_kind link_veth = {
	.name = "veth",
	.module = "veth",
	.config = "CONFIG_VETH",
	.put_data = put_data,
};
