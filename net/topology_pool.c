/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses from the pools: a segment without any gets a prefix of each, in the
 * order of its first interface, past everything that the file itself names.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "net/topology_build.h"

/* What the file names itself, merged and sorted; a pool's next prefix lies behind it. */
struct pool {
	struct ip_prefix pool;
	struct ip_range *used;
	size_t n_used, at;
	struct ip_addr next;
	bool full;
};

static int compare_ranges(const void *a, const void *b)
{
	const struct ip_range *x = a, *y = b;

	return ip_cmp(&x->first, &y->first);
}

static void use_prefix(struct pool *p, const struct ip_prefix *a)
{
	if (prefix_overlaps(&p->pool, a))
		p->used[p->n_used++] = (struct ip_range){ prefix_network(a), prefix_last(a) };
}

static void merge_used(struct pool *p)
{
	size_t n = 0;

	if (p->n_used)
		qsort(p->used, p->n_used, sizeof(*p->used), compare_ranges);
	for (size_t i = 0; i < p->n_used; i++) {
		struct ip_range *last = n ? &p->used[n - 1] : NULL;

		if (!last || ip_cmp(&p->used[i].first, &last->last) > 0)
			p->used[n++] = p->used[i];
		else if (ip_cmp(&p->used[i].last, &last->last) > 0)
			last->last = p->used[i].last;
	}
	p->n_used = n;
}

static int pool_init(const struct topology *t, const struct ip_prefix *pool, struct pool *p)
{
	size_t n = 1;

	*p = (struct pool){ .pool = *pool, .next = prefix_network(pool) };
	for (size_t i = 0; i < t->n_nodes; i++)
		n += t->nodes[i].n_lo;
	for (size_t i = 0; i < t->n_nets; i++)
		n += t->nets[i].n_subnets;
	for (size_t i = 0; i < t->n_links; i++)
		n += t->links[i].n_subnets;
	for (size_t i = 0; i < t->n_ifaces; i++)
		n += t->ifaces[i].n_addrs;
	p->used = calloc(n, sizeof(*p->used));
	if (!p->used)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_nodes; i++)
		for (size_t k = 0; k < t->nodes[i].n_lo; k++)
			use_prefix(p, &t->nodes[i].lo[k]);
	for (size_t i = 0; i < t->n_nets; i++)
		for (size_t k = 0; k < t->nets[i].n_subnets; k++)
			use_prefix(p, &t->nets[i].subnets[k]);
	for (size_t i = 0; i < t->n_links; i++)
		for (size_t k = 0; k < t->links[i].n_subnets; k++)
			use_prefix(p, &t->links[i].subnets[k]);
	for (size_t i = 0; i < t->n_ifaces; i++)
		for (size_t k = 0; k < t->ifaces[i].n_addrs; k++)
			use_prefix(p, &t->ifaces[i].addrs[k]);
	merge_used(p);
	return 0;
}

/* The next free prefix of that length. */
static bool pool_take(struct pool *p, uint8_t len, struct ip_prefix *ret)
{
	while (!p->full && len >= p->pool.len) {
		struct ip_prefix c = { p->next, len };
		struct ip_addr first = prefix_network(&c), last = prefix_last(&c);

		if (ip_cmp(&first, &p->next) < 0) { /* up to the next boundary */
			p->full = !ip_add(&last, 1, &p->next);
			p->full |= !prefix_has(&p->pool, &p->next);
			continue;
		}
		while (p->at < p->n_used && ip_cmp(&p->used[p->at].last, &first) < 0)
			p->at++;
		if (p->at < p->n_used && ip_cmp(&p->used[p->at].first, &last) <= 0) {
			p->full = !ip_add(&p->used[p->at].last, 1, &p->next);
			p->full |= !prefix_has(&p->pool, &p->next);
			continue;
		}
		p->full = !ip_add(&last, 1, &p->next) || !prefix_has(&p->pool, &p->next);
		*ret = c;
		return true;
	}
	return false;
}

/* ---- segments that the file leaves without addresses ---- */

struct segment {
	uint32_t first, n; /* of its interfaces in the sorted array */
	bool addressed, bare; /* somebody has an address; some wire wants none */
	bool lan; /* a net or a switch is part of it */
	uint32_t ends; /* that can have addresses */
};

static bool wants_none(const struct topology *t, const struct topo_iface *i)
{
	if (i->on == TOPO_ON_PHYS)
		return true;
	return i->on == TOPO_ON_LINK ? t->links[i->wire].no_subnet : t->nets[i->wire].no_subnet;
}

static void survey(const struct topology *t, struct segment *v)
{
	for (size_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];
		struct segment *s = &v[x->segment];
		bool sw = t->nodes[x->node].kind == TOPO_SWITCH;

		s->n++;
		s->lan |= x->on == TOPO_ON_NET || sw;
		s->addressed |= x->n_addrs > 0;
		s->addressed |= x->on == TOPO_ON_NET && t->nets[x->wire].n_subnets;
		s->bare |= x->on == TOPO_ON_PHYS;
		s->ends += !sw && !wants_none(t, x);
	}
}

/* A /24 or what holds all; a /31 between two. */
static uint8_t length_for(const struct segment *s, uint8_t family)
{
	uint8_t len = 24;

	if (!s->lan)
		return family == AF_INET ? 31 : 127;
	if (family == AF_INET6)
		return 64;
	while (len > 8 && s->ends + 2 > 1U << (32 - len))
		len--;
	return len;
}

static int address_segment(struct topo_build *b, const struct segment *s, const uint32_t *ifaces,
			   struct pool *pool)
{
	struct topology *t = b->t;
	struct ip_prefix subnet, a;
	struct ip_range hosts;

	if (!pool_take(pool, length_for(s, pool->pool.addr.family), &subnet))
		return -ENOSPC;
	hosts = prefix_hosts(&subnet);
	a = (struct ip_prefix){ hosts.first, subnet.len };
	for (uint32_t i = 0; i < s->n; i++) {
		const struct topo_iface *x = &t->ifaces[ifaces[s->first + i]];

		if (t->nodes[x->node].kind == TOPO_SWITCH || wants_none(t, x))
			continue;
		if (topo_addr_add(b, ifaces[s->first + i], &a) < 0)
			return -ENOMEM;
		ip_add(&a.addr, 1, &a.addr);
	}
	for (uint32_t i = 0; i < s->n; i++) {
		const struct topo_iface *x = &t->ifaces[ifaces[s->first + i]];
		struct topo_net *net = x->on == TOPO_ON_NET ? &t->nets[x->wire] : NULL;
		struct ip_prefix *to;

		if (!net || net->no_subnet || net->members[0] != ifaces[s->first + i])
			continue;
		to = TOPO_ADD(b, net->subnets, net->n_subnets);
		if (to)
			*to = subnet;
	}
	return 0;
}

static void address_from(struct topo_build *b, const struct segment *v, const uint32_t *ifaces,
			 const struct ip_prefix *prefix)
{
	_cleanup_free_ struct ip_range *used = NULL;
	struct pool pool;
	int r = pool_init(b->t, prefix, &pool);

	used = pool.used;
	for (uint32_t i = 0; r == 0 && i < b->t->n_segments; i++) {
		struct err e = ERR_INIT;
		char buf[IP_PREFIX_STRLEN];

		if (v[i].addressed || v[i].bare || !v[i].ends)
			continue;
		r = address_segment(b, &v[i], ifaces, &pool);
		if (r != -ENOSPC)
			continue;
		err_set(&e, EINVAL, "pool %s has no room left", prefix_str(prefix, buf));
		topo_blame_pos(b, b->t->ifaces[ifaces[v[i].first]].at, &e);
		return;
	}
	if (r < 0)
		b->oom = true;
}

void topo_address_open(struct topo_build *b)
{
	const struct topology *t = b->t;
	_cleanup_free_ struct segment *v = calloc(t->n_segments + 1, sizeof(*v));
	_cleanup_free_ uint32_t *ifaces = calloc(t->n_ifaces + 1, sizeof(*ifaces));
	uint32_t sum = 0;

	if (!v || !ifaces) {
		b->oom = true;
		return;
	}
	survey(t, v);
	for (uint32_t i = 0; i < t->n_segments; i++) {
		v[i].first = sum;
		sum += v[i].n;
		v[i].n = 0;
	}
	for (uint32_t i = 0; i < t->n_ifaces; i++) {
		struct segment *s = &v[t->ifaces[i].segment];

		ifaces[s->first + s->n++] = i;
	}
	if (t->pool4.addr.family)
		address_from(b, v, ifaces, &t->pool4);
	if (t->pool6.addr.family && !b->oom)
		address_from(b, v, ifaces, &t->pool6);
}
