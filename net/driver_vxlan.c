/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vxlan driver: the bridge driver's bridge with one port more, a VXLAN
 * (RFC 7348) to the bridges of the same network on other hosts.
 *
 * With static peers nothing is learned from what arrives: the bridge learns
 * which MACs are behind the port, and the port sends what it has no entry for,
 * which is everything, to all peers (head-end replication). With a group the
 * port learns. With neither, forwarding entries are made by somebody else.
 */
#include <errno.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>

#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/driver.h"
#include "net/neigh.h"
#include "net/network_real.h"
#include "net/route.h"

/* outer IP, UDP, VXLAN, inner Ethernet header: RFC 7348 section 5 */
#define OVERHEAD4 50
#define OVERHEAD6 70
#define MTU_ROOM  1000

/* "vx" and 12 hex digits of the network's name: found without its definition. */
static void port_name(const char *network, char buf[16])
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (; *network; network++)
		h = (h ^ (unsigned char)*network) * 0x100000001b3;
	snprintf(buf, 16, "vx%012llx", (unsigned long long)(h >> 16));
}

static uint8_t family_of(const struct network *n)
{
	if (n->n_peers)
		return n->peers[0].family;
	return ip_is_set(&n->group) ? n->group.family : AF_INET;
}

/* The link that packets to the peers leave by; index 0: the default route's. */
static int underlay(struct driver_net *r, struct link_info *ret)
{
	struct route_info route = { 0 };
	int k;

	*ret = (struct link_info){ 0 };
	if (r->n->parent[0]) {
		k = link_get(&r->net->rt, r->n->parent, ret, NULL);
		if (k != -ENODEV)
			return k < 0 ? err_sys(r->e, k, "find link %s", r->n->parent) : 0;
		err_hint(r->e, "`ip link` lists the interfaces of the host");
		return err_set(r->e, ENODEV, "parent %s: the host has no such link", r->n->parent);
	}
	if (r->n->n_peers && route_get(&r->net->rt, &r->n->peers[0], &route, NULL) >= 0)
		link_get_index(&r->net->rt, route.index, ret, NULL);
	return 0;
}

static int choose_mtu(struct driver_net *r, const struct link_info *under)
{
	uint32_t over = family_of(r->n) == AF_INET6 ? OVERHEAD6 : OVERHEAD4;
	uint32_t mtu = under->index ? under->mtu : driver_default_mtu(r->net);

	mtu = mtu > over + MTU_ROOM ? mtu - over : mtu;
	if (r->n->mtu && under->index && r->n->mtu > mtu) {
		err_hint(r->e, "give --mtu %u or less", mtu);
		return err_set(r->e, EMSGSIZE,
			       "an MTU of %u does not fit into packets of link %s (%u - %u)",
			       r->n->mtu, under->name, under->mtu, over);
	}
	r->mtu = r->n->mtu ? r->n->mtu : mtu;
	return 0;
}

/* bridge fdb append 00:00:00:00:00:00 dev vxX dst PEER self */
static int add_peers(struct driver_net *r, uint32_t index)
{
	int k = 0;

	for (size_t i = 0; i < r->n->n_peers && k >= 0; i++) {
		k = fdb_add(
			&r->net->rt,
			&(struct fdb_spec){ .index = index, .dst = r->n->peers[i], .append = true },
			r->e);
		if (k == -EEXIST) {
			err_clear(r->e);
			k = 0;
		}
	}
	return k;
}

/*
 * ip link add vxX mtu N master BR up type vxlan id VNI dev PARENT dstport 4789
 *   [group G | nolearning]
 *
 * Up comes last: a port that is up is whole.
 */
static int make_port(struct driver_net *r, const struct link_info *under, const char *name)
{
	struct link_spec spec = { .kind = &link_vxlan,
				  .name = name,
				  .mtu = r->mtu,
				  .master = r->link.index,
				  .parent = r->n->parent[0] ? under->index : 0,
				  .alias = r->link.alias,
				  .no_linklocal = true,
				  .vxlan = { .vni = r->n->vni,
					     .remote = r->n->group,
					     .family = family_of(r->n),
					     .learning = ip_is_set(&r->n->group) ? ON : OFF } };
	int k = link_add(&r->net->rt, &spec, r->e);

	crash_point("vxlan", "add");
	if (k == -EEXIST)
		err_hint(r->e, "`ip -d link show type vxlan` shows who has VNI %u", r->n->vni);
	return k;
}

static int finish_port(struct driver_net *r, uint32_t index, const char *name)
{
	struct link_change change = { .master = r->link.index, .mtu = r->mtu, .up = ON };
	int k = add_peers(r, index);

	crash_point("vxlan", "peers");
	if (network_isolates(r->n))
		change.brport.isolated = ON;
	return k < 0 ? k : link_set(&r->net->rt, index, name, &change, r->e);
}

static int realise(struct driver_net *r)
{
	struct link_info under, port;
	char name[16];
	int k = underlay(r, &under);

	if (k >= 0)
		k = choose_mtu(r, &under);
	if (k >= 0)
		k = bridge_realise(r);
	if (k < 0)
		return k;
	port_name(r->n->name, name);
	k = driver_own_link(r, name, "vxlan", &port);
	if (k == -ENODEV) {
		/* of a link just read: a bridge made now has its mark, too */
		str_fmt(r->link.alias, sizeof(r->link.alias), ALIAS_PREFIX "%s", r->n->name);
		k = make_port(r, &under, name);
		if (k >= 0)
			k = link_get(&r->net->rt, name, &port, r->e);
	}
	if (k < 0)
		return k;
	if (port.flags & IFF_UP && port.master == r->link.index && port.mtu == r->mtu)
		return 0;
	return finish_port(r, port.index, name);
}

static int destroy(struct net *net, const char *network, struct err *e)
{
	char name[16];
	int r;

	port_name(network, name);
	r = driver_drop_link(net, network, name, "vxlan", e);
	return r < 0 ? r : bridge_destroy(net, network, e);
}

const struct driver driver_vxlan = {
	.name = "vxlan",
	.takes = DRIVER_PARENT | DRIVER_VNI | DRIVER_PEER | DRIVER_GROUP | DRIVER_PORT |
		 DRIVER_STP | DRIVER_MAC | DRIVER_SUBNET | DRIVER_FIREWALL,
	.needs = DRIVER_VNI,
	.host_end = true,
	.bridged = true,
	.own_mac = true,
	.realise = realise,
	.destroy = destroy,
	.link = bridge_link,
	.put_routes = lan_put_routes,
};
