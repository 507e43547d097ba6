/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ipvlan driver: containers behind the MAC address of a link of the host's. */
#include <string.h>

#include "net/attach_real.h"
#include "net/driver.h"
#include "net/route.h"

static int realise(struct driver_net *r)
{
	return parent_realise(r, &link_ipvlan);
}

static int make_link(const struct driver_link *l)
{
	return parent_link(l,
			   &(struct link_spec){ .kind = &link_ipvlan, .ipvlan.mode = l->n->mode });
}

/* In l3 and l3s the host routes what is sent: there is nobody on the link to ask for. */
static void put_routes(struct nl_req *q, const struct attach_inside *in, uint32_t index)
{
	if (!strcmp(in->n->mode, "l2")) {
		lan_put_routes(q, in, index);
		return;
	}
	for (int i = 0; i < 2; i++) {
		struct route_spec route = { .index = index, .metric = in->metric };

		route.dst.addr.family = i ? AF_INET6 : AF_INET;
		if (in->default_route && network_has_family(in->n, route.dst.addr.family))
			route_add_put(q, &route);
	}
}

const struct driver driver_ipvlan = {
	.name = "ipvlan",
	.takes = DRIVER_PARENT | DRIVER_MODE | DRIVER_SUBNET,
	.needs = DRIVER_PARENT | DRIVER_SUBNET,
	.modes = { "l2", "l3", "l3s" },
	.without_firewall = "its packets do not pass the host",
	.realise = realise,
	.link = make_link,
	.put_routes = put_routes,
};
