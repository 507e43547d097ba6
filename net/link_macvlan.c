/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The macvlan kind: ip link add link PARENT NAME type macvlan mode bridge.
 *
 * It has a MAC of its own on the parent's wire. The parent and its macvlans do
 * not hear each other; in passthru there is one, and it has the parent's MAC.
 */
#include <linux/if_link.h>

#include "net/link_kind.h"

static const char *const modes[] = { "private", "vepa", "bridge", "passthru", NULL };

static void put_data(struct nl_req *q, const struct link_spec *s)
{
	/* MACVLAN_MODE_PRIVATE and so on are bits */
	if (s->macvlan.mode)
		nl_put_u32(q, IFLA_MACVLAN_MODE,
			   MACVLAN_MODE_PRIVATE << link_mode(q, &link_macvlan, s->macvlan.mode));
	if (s->macvlan.nopromisc)
		nl_put_u16(q, IFLA_MACVLAN_FLAGS, MACVLAN_FLAG_NOPROMISC);
}

const struct link_kind link_macvlan = {
	.name = "macvlan",
	.module = "macvlan",
	.config = "CONFIG_MACVLAN",
	.modes = modes,
	.on_parent = true,
	.put_data = put_data,
};
