/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vlan kind: ip link add link PARENT NAME type vlan id N, by 802.1Q. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>

#include "net/link_kind.h"

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	/* 0 and 4095 are reserved (802.1Q, 9.6) */
	if (!s->vlan_id || s->vlan_id > 4094)
		nl_req_fail(q, -EINVAL);
	nl_put_u16(q, IFLA_VLAN_ID, s->vlan_id);
}

const struct link_kind link_vlan = {
	.name = "vlan",
	.module = "8021q",
	.config = "CONFIG_VLAN_8021Q",
	.on_parent = true,
	.put_data = put_data,
};
