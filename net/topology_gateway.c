/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Default routes that the gateway of a net means, and whether every next hop is
 * one: on a network of an interface of its node.
 */
#include <errno.h>
#include <string.h>

#include "net/topology_build.h"

static bool has_default(const struct topo_node *n, uint8_t family)
{
	for (size_t i = 0; i < n->n_routes; i++)
		if (!n->routes[i].dst.len && n->routes[i].dst.addr.family == family)
			return true;
	return false;
}

static const struct ip_prefix *addr_of(const struct topo_iface *i, uint8_t family, bool global)
{
	for (size_t k = 0; k < i->n_addrs; k++)
		if (i->addrs[k].addr.family == family &&
		    !(global && ip_is_linklocal(&i->addrs[k].addr)))
			return &i->addrs[k];
	return NULL;
}

static void add_default(struct topo_build *b, const struct topo_iface *i, const struct ip_addr *via)
{
	struct topo_node *n = &b->t->nodes[i->node];
	struct topo_route *x = TOPO_ADD(b, n->routes, n->n_routes);
	struct topo_hop *hop;

	if (!x)
		return;
	hop = TOPO_ADD(b, x->hops, x->n_hops);
	if (!hop)
		return;
	x->implied = true;
	x->dst.addr.family = via->family;
	hop->via = *via;
	hop->dev = i->name;
}

static void lead_members(struct topo_build *b, const struct topo_net *net, uint8_t family,
			 const struct ip_addr *via)
{
	for (size_t m = 0; m < net->n_members; m++) {
		const struct topo_iface *i = &b->t->ifaces[net->members[m]];
		const struct topo_node *n = &b->t->nodes[i->node];

		if (i->node == net->gateway || n->kind == TOPO_ROUTER || n->kind == TOPO_SWITCH ||
		    n->uplink || !addr_of(i, family, false) || has_default(n, family))
			continue;
		add_default(b, i, via);
	}
}

static void read_gateway(struct topo_build *b, const struct topo_net *net)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const char *name = b->t->nodes[net->gateway].name;
	const struct topo_iface *its = NULL;
	struct err e = ERR_INIT;
	bool any = false;

	for (size_t m = 0; !its && m < net->n_members; m++)
		if (b->t->ifaces[net->members[m]].node == net->gateway)
			its = &b->t->ifaces[net->members[m]];
	for (size_t f = 0; its && f < 2; f++) {
		const struct ip_prefix *a = addr_of(its, families[f], true);

		if (!a)
			continue;
		any = true;
		lead_members(b, net, families[f], &a->addr);
	}
	if (any)
		return;
	if (!its)
		err_set(&e, EINVAL, "gateway %s is not a member of net %s", name, net->name);
	else
		err_set(&e, EINVAL, "gateway %s has no address on net %s", name, net->name);
	topo_blame_pos(b, net->at, &e);
}

/* ---- next hops ---- */

/* The node's networks may be more than the file tells. */
static bool open_ended(const struct topo_node *n)
{
	return n->uplink || n->n_phys || n->n_execs || n->n_daemons;
}

static bool on_link(const struct topology *t, const struct topo_node *n, const struct topo_hop *h)
{
	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];

		if (h->dev && strcmp(h->dev, x->name) != 0)
			continue;
		for (size_t k = 0; k < x->n_addrs; k++)
			if (prefix_has(&x->addrs[k], &h->via))
				return true;
	}
	return false;
}

static bool is_own(const struct topology *t, const struct topo_node *n, const struct ip_addr *a)
{
	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];

		for (size_t k = 0; k < x->n_addrs; k++)
			if (ip_eq(&x->addrs[k].addr, a))
				return true;
	}
	for (size_t k = 0; k < n->n_lo; k++)
		if (ip_eq(&n->lo[k].addr, a))
			return true;
	return false;
}

static int check_hop(struct topo_build *b, uint32_t node, const struct topo_hop *h, struct err *e)
{
	const struct topo_node *n = &b->t->nodes[node];
	char buf[IP_STRLEN];
	uint32_t i;

	if (h->dev && strcmp(h->dev, "lo") != 0 && !open_ended(n) &&
	    topo_find_iface(b, node, h->dev, &i, e) < 0)
		return -EINVAL;
	if (!ip_is_set(&h->via) || ip_is_linklocal(&h->via) || open_ended(n))
		return 0;
	if (is_own(b->t, n, &h->via))
		return err_set(e, EINVAL, "next hop %s is the node itself", ip_str(&h->via, buf));
	if (on_link(b->t, n, h))
		return 0;
	err_set(e, EINVAL, "next hop %s is on no network of %s", ip_str(&h->via, buf), n->name);
	err_hint(e, "its interfaces need an address in the same subnet");
	return -EINVAL;
}

static const struct ini_entry *entry_of(const struct topo_build *b, const struct topo_node *n,
					const struct topo_route *r)
{
	const struct topo_section *s = topo_section_of(b, "node", n->name);
	char key[24];

	snprintf(key, sizeof(key), "route.%u", r->num);
	return s ? topo_entry(s, key) : NULL;
}

static void check_route(struct topo_build *b, uint32_t node, const struct topo_route *r)
{
	const struct topo_node *n = &b->t->nodes[node];
	const struct ini_entry *at;
	struct err e = ERR_INIT;
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < r->n_hops; i++)
		bad = check_hop(b, node, &r->hops[i], &e);
	if (bad == 0 && ip_is_set(&r->src) && !open_ended(n) && !is_own(b->t, n, &r->src))
		bad = err_set(&e, EINVAL, "src is no address of %s", n->name);
	if (bad == 0)
		return;
	at = entry_of(b, n, r);
	if (at) {
		topo_blame(b, at, &e);
		return;
	}
	err_wrap(&e, -EINVAL, "%s: route.%u", n->name, r->num);
	topo_blame_pos(b, n->at, &e);
}

void topo_read_routes(struct topo_build *b)
{
	for (size_t i = 0; i < b->t->n_nets; i++)
		if (b->t->nets[i].gateway != TOPO_NONE)
			read_gateway(b, &b->t->nets[i]);
	for (uint32_t i = 0; i < b->t->n_nodes; i++)
		for (size_t k = 0; k < b->t->nodes[i].n_routes; k++)
			check_route(b, i, &b->t->nodes[i].routes[k]);
}
