/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bridge driver: a bridge named as the network, which has the gateways'
 * addresses, and a veth pair for each container. Links of the host as its
 * ports: net/driver_bridge_port.c.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/ip.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/addr.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/network_real.h"
#include "net/sysctl.h"

/*
 * Before the bridge is up: no router advertisement is believed on it
 * (CVE-2020-13401), and without an IPv6 subnet it has no IPv6 at all.
 */
static int bridge_sysctls(const struct network *n, struct err *e)
{
	bool v6 = network_has_family(n, AF_INET6);
	char ra[64], dad[64], off[64];
	struct sysctl table[] = {
		{ off, v6 ? "0" : "1" },
		{ ra, "0" },
		{ dad, "0" },
	};

	if (str_fmt(off, sizeof(off), "ipv6/conf/%s/disable_ipv6", n->name) < 0 ||
	    str_fmt(ra, sizeof(ra), "ipv6/conf/%s/accept_ra", n->name) < 0 ||
	    str_fmt(dad, sizeof(dad), "ipv6/conf/%s/accept_dad", n->name) < 0)
		return err_set(e, ENAMETOOLONG, "sysctls of %s", n->name);
	return sysctl_apply(-1, table, ARRAY_SIZE(table), e);
}

/*
 * ip link add NAME address MAC group 4242 type bridge stp_state 0 mcast_snooping 0
 *	no_linklocal_learn 1
 *
 * The MAC is given, or it would follow the ports'. The MTU is set later: only
 * one that is changed is kept, one of the creation gives way to 1500 when the
 * last port leaves (br_mtu_auto_adjust). Snooping is off: without a querier it
 * only cuts groups off, and it makes large bridges slow. Frames to the bridge
 * itself (01:80:c2:00:00:0X, LLDP among them) pass no hook before the bridge
 * learns who sent them (br_handle_frame): a container would be sent what is its
 * neighbour's. With --vlan every port and the bridge itself is an untagged
 * member of that VLAN alone.
 */
static int make_bridge(struct driver_net *r)
{
	char alias[32];
	struct link_spec spec = {
		.kind = &link_bridge,
		.name = r->n->name,
		.mac = r->n->mac,
		.group = LINK_GROUP_CTNET,
		.alias = alias,
		.bridge = { .stp = r->n->stp ? ON : OFF,
			    .mcast_snooping = OFF,
			    .linklocal_learn = OFF,
			    .vlan_filtering = r->n->vlan ? ON : UNSET,
			    .default_pvid = r->n->vlan },
	};
	int k = str_fmt(alias, sizeof(alias), ALIAS_PREFIX "%s", r->n->name);

	if (k >= 0 && r->n->vlan)
		k = link_vlan_filtering_probe(&r->net->rt, r->e);
	if (k >= 0)
		k = link_add(&r->net->rt, &spec, r->e);
	crash_point("bridge", "add");
	if (k >= 0)
		k = bridge_sysctls(r->n, r->e);
	if (k >= 0)
		k = link_get(&r->net->rt, r->n->name, &r->link, r->e);
	return k;
}

static int look_bridge(struct driver_net *r)
{
	int k = driver_own_link(r, r->n->name, "bridge", &r->link);

	if (k == -ENODEV) {
		r->created = true;
		return make_bridge(r);
	}
	/* a bridge that never came up may lack its sysctls too */
	if (k < 0 || r->link.flags & IFF_UP)
		return k;
	r->created = true;
	return bridge_sysctls(r->n, r->e);
}

struct missing {
	const struct network *n;
	bool there[NETWORK_SUBNETS_MAX];
};

static int on_addr(const struct addr_info *a, void *ctx)
{
	struct missing *m = ctx;

	for (size_t i = 0; i < m->n->n_subnets; i++)
		m->there[i] |= a->addr.len == m->n->subnets[i].subnet.len &&
			       ip_eq(&a->addr.addr, &m->n->subnets[i].gateway);
	return 0;
}

/*
 * The group, the MTU and IPv4's own settings. Loose rp_filter: a container on
 * two networks answers by its default route, also what came by the other.
 */
static void put_settings(struct nl_req *q, const struct driver_net *r)
{
	static const struct link_devconf conf4[] = { { IPV4_DEVCONF_RP_FILTER, 2 },
						     { IPV4_DEVCONF_FORWARDING, 1 } };
	bool v4 = network_has_family(r->n, AF_INET), made = r->created;
	struct link_change change = { .group = LINK_GROUP_CTNET };

	if (made && v4) {
		change.conf4 = conf4;
		change.n_conf4 = r->n->internal ? 1 : ARRAY_SIZE(conf4);
	}
	if (made || r->link.mtu != r->mtu)
		change.mtu = r->mtu;
	if (made || change.mtu || r->link.group != LINK_GROUP_CTNET)
		link_set_put(q, r->link.index, r->n->name, &change);
}

/* One batch of what is missing: group, forwarding, addresses, up. */
static int complete_bridge(struct driver_net *r)
{
	_cleanup_nl_req_ struct nl_req q;
	struct missing m = { .n = r->n };
	uint32_t index = r->link.index;
	int k = addr_list(&r->net->rt, index, AF_UNSPEC, on_addr, &m, r->e);

	nl_req_init(&q);
	if (k < 0)
		return k;
	put_settings(&q, r);
	for (size_t i = 0; i < r->n->n_subnets; i++)
		if (!m.there[i])
			addr_add_put(&q,
				     &(struct addr_spec){ .index = index,
							  .addr = { r->n->subnets[i].gateway,
								    r->n->subnets[i].subnet.len },
							  .nodad = true });
	if (r->created)
		link_set_put(&q, index, r->n->name, &(struct link_change){ .up = ON });
	if (q.n == 0)
		return q.error;
	k = nl_run(&r->net->rt, &q, NULL, NULL, r->e);
	crash_point("bridge", "settings");
	return k;
}

/*
 * What the port of a container is held to. Its spanning tree would not pass the
 * guard, but does not come by it either (br_handle_frame hands it on first).
 */
static struct brport_flags port_flags(const struct network *n)
{
	return (struct brport_flags){ .isolated = network_isolates(n) ? ON : UNSET,
				      .bpdu_guard = n->stp && !n->no_spoof_guard ? ON : UNSET };
}

/* A port in this group is closed until its elements are there, and after they went. */
static uint32_t port_group(const struct attach_info *a)
{
	return a->filtered ? LINK_GROUP_GUARDED : 0;
}

/*
 * A bridge that was deleted let go of its ports: those of living containers come
 * back, with what keeps them apart.
 */
static int take_back(const struct attach_info *a, void *ctx)
{
	_cleanup_nl_req_ struct nl_req q;
	struct driver_net *r = ctx;
	struct brport_flags flags = port_flags(r->n);
	struct link_info port;

	nl_req_init(&q);
	if (!attach_alive(a) || link_get(&r->net->rt, a->host_ifname, &port, NULL) < 0 ||
	    !str_starts(port.alias, ALIAS_PREFIX) || port.master)
		return 0;
	log_trace("%s: taking %s back", r->n->name, port.name);
	link_set_put(&q, port.index, port.name,
		     &(struct link_change){ .master = r->link.index,
					    .group = port_group(a),
					    .no_group = !port_group(a),
					    .up = ON });
	/* the kernel looks for the bridge port before it makes one: a second message */
	if (brport_is_set(&flags))
		link_set_put(&q, port.index, port.name, &(struct link_change){ .brport = flags });
	return nl_run(&r->net->rt, &q, NULL, NULL, r->e);
}

/* The MTU of a definition that was changed reaches those who are on the network already. */
static int resize(const struct attach_info *a, void *ctx)
{
	const struct driver_net *r = ctx;

	return attach_alive(a) ? attach_set_mtu(r->net, a, r->mtu, r->e) : 0;
}

static int adjust_attachments(struct driver_net *r, bool resized)
{
	int k = r->created ? attach_list(r->net, NULL, r->n->name, take_back, r) : 0;

	return k >= 0 && resized ? attach_list(r->net, NULL, r->n->name, resize, r) : k;
}

/* r->mtu is what the caller knows better than the default route, or 0. */
int bridge_realise(struct driver_net *r)
{
	bool resized;
	int k = look_bridge(r);

	if (k < 0)
		return k;
	if (r->n->mtu)
		r->mtu = r->n->mtu;
	else if (!r->created)
		r->mtu = r->link.mtu; /* looked up when it is made */
	else if (!r->mtu)
		r->mtu = driver_default_mtu(r->net);
	k = bridge_ports_mtu(r);
	if (k < 0)
		return k;
	resized = !r->created && r->mtu != r->link.mtu;
	k = complete_bridge(r);
	if (k < 0)
		return k;
	r->link.mtu = r->mtu;
	k = bridge_ports_take(r);
	return k < 0 ? k : adjust_attachments(r, resized);
}

int bridge_destroy(struct net *net, const char *name, struct err *e)
{
	int r = driver_drop_link(net, name, name, "bridge", e);

	if (r >= 0)
		bridge_ports_give_back(net, name);
	return r;
}

/* bridge link set dev veX isolated on guard on */
static int restrain(const struct driver_link *l)
{
	const struct link_change change = { .brport = port_flags(l->n) };

	if (!brport_is_set(&change.brport))
		return 0;
	return link_set(&l->net->rt, 0, l->info->host_ifname, &change, l->e);
}

/*
 * ip link add veX mtu N group 4243 master BR up type veth peer name eth0 netns FD
 * ip link set veX alias ctnet:...; ip link set veX addrgenmode none
 *
 * One send; the last is refused by a kernel without IPv6, after the rest was done.
 */
int bridge_link(const struct driver_link *l)
{
	_cleanup_nl_req_ struct nl_req q;
	struct link_spec spec = { .kind = &link_veth,
				  .name = l->info->host_ifname,
				  .mtu = l->mtu,
				  .queues = 1,
				  .mac = attach_host_mac(l->info),
				  .group = port_group(l->info),
				  .master = l->on->index,
				  .up = ON,
				  .veth = { .peer = l->info->ifname,
					    .peer_mac = l->info->mac,
					    .peer_mtu = l->mtu,
					    .peer_netns = l->netns_fd } };
	char alias[ATTACH_ALIAS_LEN];
	int r = attach_alias(l->info, alias);

	nl_req_init(&q);
	if (r < 0)
		return err_set(l->e, r, "alias of %s", spec.name);
	link_add_put(&q, &spec);
	link_set_put(&q, 0, spec.name, &(struct link_change){ .alias = alias });
	link_set_put(&q, 0, spec.name, &(struct link_change){ .no_linklocal = true });
	r = nl_run(&l->net->rt, &q, NULL, NULL, l->e);
	crash_point("bridge", "link");
	if (r == -EXFULL)
		err_hint(l->e, "a bridge takes 1023 ports; a network of driver ptp has no limit");
	if (r < 0 && r != -EAFNOSUPPORT)
		return r;
	err_clear(l->e);
	return restrain(l);
}

const struct driver driver_bridge = {
	.name = "bridge",
	.takes = DRIVER_PORT | DRIVER_STP | DRIVER_VLAN | DRIVER_MAC | DRIVER_SUBNET |
		 DRIVER_FIREWALL,
	.host_end = true,
	.bridged = true,
	.own_mac = true,
	.realise = bridge_realise,
	.destroy = bridge_destroy,
	.link = bridge_link,
	.put_routes = lan_put_routes,
};
