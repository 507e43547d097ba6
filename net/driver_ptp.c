/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ptp driver: a veth pair for each container and no bridge; the host
 * routes each address, alone in its /32 or /128, to its pair.
 *
 *   container eth0   10.88.0.2/32     10.88.0.1 dev eth0, default via 10.88.0.1
 *   host      veX    10.88.0.1/32     10.88.0.2 dev veX
 *             veY    10.88.0.1/32     10.88.0.3 dev veY
 *
 * The gateways' addresses stand on every host end: so a container's question
 * for its gateway is answered by the link it comes in on, whatever arp_ignore
 * says, and what the host itself asks has a source that the container can
 * answer. IPv6 asks for neighbours from a link-local address, which the host
 * ends have no other use for: fe80::1 on each.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/ip.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/addr.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/route.h"
#include "net/sysctl.h"

static int realise(struct driver_net *r)
{
	r->mtu = r->n->mtu ? r->n->mtu : driver_default_mtu(r->net);
	return 0;
}

/* ip link add veX mtu N group 4242 type veth peer name eth0 netns FD, with its mark; down */
static int make_pair(const struct driver_link *l)
{
	static const struct link_devconf conf4[] = { { IPV4_DEVCONF_RP_FILTER, 2 },
						     { IPV4_DEVCONF_FORWARDING, 1 } };
	_cleanup_nl_req_ struct nl_req q;
	struct link_spec spec = { .kind = &link_veth,
				  .name = l->info->host_ifname,
				  .mtu = l->mtu,
				  .queues = 1,
				  .mac = attach_host_mac(l->info),
				  .group = LINK_GROUP_CTNET,
				  .veth = { .peer = l->info->ifname,
					    .peer_mac = l->info->mac,
					    .peer_mtu = l->mtu,
					    .peer_netns = l->netns_fd } };
	struct link_change change = { .conf4 = conf4, .n_conf4 = ARRAY_SIZE(conf4) };
	char alias[ATTACH_ALIAS_LEN];
	int r = attach_alias(l->info, alias);

	nl_req_init(&q);
	if (r < 0)
		return err_set(l->e, r, "alias of %s", spec.name);
	change.alias = alias;
	link_add_put(&q, &spec);
	link_set_put(&q, 0, spec.name, &change);
	link_set_put(&q, 0, spec.name, &(struct link_change){ .no_linklocal = true });
	r = nl_run(&l->net->rt, &q, NULL, NULL, l->e);
	crash_point("ptp", "link");
	if (r != -EAFNOSUPPORT)
		return r;
	err_clear(l->e);
	return 0;
}

/* While it is down: nothing that a container advertises is believed by the host. */
static int host_sysctls(const struct driver_link *l)
{
	bool v6 = network_has_family(l->n, AF_INET6);
	char path[64];
	struct sysctl one = { path, v6 ? "0" : "1" };
	int r = str_fmt(path, sizeof(path), "ipv6/conf/%s/%s", l->info->host_ifname,
			v6 ? "accept_ra" : "disable_ipv6");

	return r < 0 ? r : sysctl_apply(-1, &one, 1, l->e);
}

static void put_address(struct nl_req *q, uint32_t index, const struct ip_addr *a, uint8_t len)
{
	addr_add_put(q, &(struct addr_spec){ .index = index, .addr = { *a, len }, .nodad = true });
}

/* ip addr add GATEWAY/32 dev veX; ip link set veX up; ip route add ADDR/32 dev veX */
static void put_host_end(struct nl_req *q, const struct driver_link *l, uint32_t index)
{
	static const struct ip_addr linklocal = { AF_INET6, { 0xfe, 0x80, [15] = 1 } };

	for (size_t i = 0; i < l->n->n_subnets; i++) {
		const struct ip_addr *gateway = &l->n->subnets[i].gateway;

		put_address(q, index, gateway, (uint8_t)ip_bits(gateway));
	}
	if (network_has_family(l->n, AF_INET6))
		put_address(q, index, &linklocal, 64);
	link_set_put(q, index, l->info->host_ifname, &(struct link_change){ .up = ON });
	for (size_t i = 0; i < l->info->n_addrs; i++)
		route_add_put(q, &(struct route_spec){ .index = index, .dst = l->info->addrs[i] });
}

static int make_link(const struct driver_link *l)
{
	_cleanup_nl_req_ struct nl_req q;
	struct link_info host;
	int r = make_pair(l);

	nl_req_init(&q);
	if (r >= 0)
		r = host_sysctls(l);
	if (r >= 0)
		r = link_get(&l->net->rt, l->info->host_ifname, &host, l->e);
	if (r < 0)
		return r;
	put_host_end(&q, l, host.index);
	r = nl_run(&l->net->rt, &q, NULL, NULL, l->e);
	crash_point("ptp", "host end");
	return r;
}

static bool leads_out(const struct attach_inside *in)
{
	return in->default_route && !in->n->internal;
}

/*
 * The gateway is on the link, and everything else of the network behind it:
 * subnet by subnet, or with all the rest.
 */
static void put_routes(struct nl_req *q, const struct attach_inside *in, uint32_t index)
{
	const struct network *n = in->n;
	const struct ip_addr *via[2] = { NULL };

	for (size_t i = 0; i < n->n_subnets; i++) {
		const struct ip_addr *gateway = &n->subnets[i].gateway;
		bool v6 = gateway->family == AF_INET6;

		if (via[v6] || !attach_has_addr(in->info, &n->subnets[i].subnet))
			continue;
		via[v6] = gateway;
		route_add_put(
			q, &(struct route_spec){ .index = index,
						 .dst = { *gateway, (uint8_t)ip_bits(gateway) } });
	}
	for (size_t i = 0; i < n->n_subnets; i++) {
		const struct ip_addr *by = via[n->subnets[i].subnet.addr.family == AF_INET6];

		if (by)
			route_add_put(q, &(struct route_spec){ .index = index,
							       .dst = n->subnets[i].subnet,
							       .via = *by });
	}
	for (int v6 = 0; v6 < 2 && leads_out(in); v6++)
		if (via[v6])
			route_add_put(q, &(struct route_spec){ .index = index,
							       .dst.addr.family = via[v6]->family,
							       .via = *via[v6],
							       .metric = in->metric });
}

const struct driver driver_ptp = {
	.name = "ptp",
	.takes = DRIVER_SUBNET | DRIVER_FIREWALL,
	.host_end = true,
	.own_mac = true,
	.host_routes = true,
	.realise = realise,
	.link = make_link,
	.put_routes = put_routes,
};
