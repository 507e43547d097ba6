/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vxlan kind: ip link add NAME type vxlan id VNI dev PARENT local A dstport 4789 ...
 *
 * Ethernet in UDP (RFC 7348). Where frames go is learned from a multicast
 * group, or told by fdb_add: for all MACs (broadcasts, unknown ones) an entry
 * of 00:00:00:00:00:00 for each peer, appended.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <netinet/in.h>

#include "net/link_kind.h"

/* By IANA; the kernel's own default is older: 8472. */
#define VXLAN_PORT    4789
#define VXLAN_VNI_MAX 0xffffff

static void put_addr(struct nl_req *q, uint16_t type4, uint16_t type6, const struct ip_addr *a)
{
	if (ip_is_set(a))
		nl_put_ip(q, a->family == AF_INET6 ? type6 : type4, a);
}

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	const struct in6_addr any = IN6ADDR_ANY_INIT;
	bool bare = !ip_is_set(&s->vxlan.remote) && !ip_is_set(&s->vxlan.local);

	if (s->vxlan.vni > VXLAN_VNI_MAX)
		nl_req_fail(q, -EINVAL);
	nl_put_u32(q, IFLA_VXLAN_ID, s->vxlan.vni);
	put_addr(q, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, &s->vxlan.remote);
	put_addr(q, IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6, &s->vxlan.local);
	/* the family of the socket follows from an address, and is IPv4 without any */
	if (bare && s->vxlan.family == AF_INET6)
		nl_put(q, IFLA_VXLAN_GROUP6, &any, sizeof(any));
	link_put_u32(q, IFLA_VXLAN_LINK, s->parent);
	/* 0 would be "choose": always sent, as ip(8) does */
	nl_put_u8(q, IFLA_VXLAN_TTL, s->vxlan.ttl);
	link_put_tri(q, IFLA_VXLAN_LEARNING, s->vxlan.learning);
	nl_put_be16(q, IFLA_VXLAN_PORT, s->vxlan.port ? s->vxlan.port : VXLAN_PORT);
}

const struct link_kind link_vxlan = {
	.name = "vxlan",
	.module = "vxlan",
	.config = "CONFIG_VXLAN",
	.put_data = put_data,
};
