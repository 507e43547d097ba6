/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a node's network is the same in two descriptions. */
#include <string.h>

#include "core/base/cleanup.h"
#include "net/inside_real.h"

bool inside_has_addr(const struct ip_prefix *v, size_t n, const struct ip_prefix *a)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].len == a->len && ip_eq(&v[i].addr, &a->addr))
			return true;
	return false;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool inside_same_key(const struct topo_route *a, const struct topo_route *b)
{
	return a->dst.len == b->dst.len && ip_eq(&a->dst.addr, &b->dst.addr) &&
	       a->metric == b->metric;
}

bool inside_same_route(const struct topo_route *a, const struct topo_route *b)
{
	if (!inside_same_key(a, b) || a->n_hops != b->n_hops || !ip_eq(&a->src, &b->src))
		return false;
	for (size_t i = 0; i < a->n_hops; i++)
		if (!ip_eq(&a->hops[i].via, &b->hops[i].via) ||
		    !same_name(a->hops[i].dev, b->hops[i].dev) ||
		    a->hops[i].weight != b->hops[i].weight)
			return false;
	return true;
}

static bool same_target(const struct topology *old, const struct topo_publish *o,
			const struct topology *new, const struct topo_publish *n)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const struct topo_target ot = { .node = o->to, .iface = TOPO_NONE };
	const struct topo_target nt = { .node = n->to, .iface = TOPO_NONE };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct ip_addr a = { 0 }, b = { 0 };

		topology_target_addr(old, &ot, families[i], &a);
		topology_target_addr(new, &nt, families[i], &b);
		if (!ip_eq(&a, &b))
			return false;
	}
	return same_name(o->to_name, n->to_name);
}

bool inside_same_nat(const struct topology *ot, uint32_t onode, const struct topology *nt,
		     uint32_t nnode)
{
	const struct topo_node *o = &ot->nodes[onode], *n = &nt->nodes[nnode];

	if (!o->uplink != !n->uplink || o->n_masquerade != n->n_masquerade ||
	    o->n_publish != n->n_publish)
		return false;
	for (size_t i = 0; i < n->n_masquerade; i++)
		if (!inside_has_addr(o->masquerade, o->n_masquerade, &n->masquerade[i]))
			return false;
	for (size_t i = 0; i < n->n_publish; i++)
		if (strcmp(o->publish[i].text, n->publish[i].text) != 0 ||
		    !same_target(ot, &o->publish[i], nt, &n->publish[i]))
			return false;
	return true;
}
