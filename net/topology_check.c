/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can only be seen when all is there: addresses given twice, networks that
 * overlap in one node, circles of `after`, switches with too many ports, and
 * which wires are stitched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_build.h"

/* BR_MAX_PORTS: net/bridge/br_private.h has 10 bits of port numbers, 0 is none. */
#define PORTS_MAX 1023

/* Up to so many links every one is stitched, so that each can be impaired later. */
#define STITCH_ALL 512

/* ---- addresses ---- */

struct has_addr {
	struct ip_addr addr;
	uint32_t node, iface; /* iface TOPO_NONE: on lo */
	uint32_t scope; /* link-locals are compared within their segment */
	struct topo_pos at;
};

static int compare_addrs(const void *a, const void *b)
{
	const struct has_addr *x = a, *y = b;
	int r = ip_cmp(&x->addr, &y->addr);

	if (!r)
		r = (x->scope > y->scope) - (x->scope < y->scope);
	if (!r)
		r = (x->at.line > y->at.line) - (x->at.line < y->at.line);
	return r ? r : (x->iface > y->iface) - (x->iface < y->iface);
}

static size_t collect_addrs(const struct topology *t, struct has_addr *v)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->n_nodes; i++)
		for (size_t k = 0; k < t->nodes[i].n_lo; k++)
			v[n++] = (struct has_addr){ t->nodes[i].lo[k].addr, i, TOPO_NONE, 0,
						    t->nodes[i].at };
	for (uint32_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];

		for (size_t k = 0; k < x->n_addrs; k++)
			v[n++] = (struct has_addr){
				x->addrs[k].addr, x->node, i,
				ip_is_linklocal(&x->addrs[k].addr) ? x->segment + 1 : 0, x->at
			};
	}
	return n;
}

static struct topo_pos addr_pos(const struct topo_build *b, const struct has_addr *a)
{
	const struct topo_iface *i = a->iface == TOPO_NONE ? NULL : &b->t->ifaces[a->iface];

	if (!i)
		return topo_pos_of(b, "node", b->t->nodes[a->node].name, "lo", a->at);
	if (i->on != TOPO_ON_LINK)
		return a->at;
	return topo_pos_of(b, "link", b->t->links[i->wire].name, "ip", a->at);
}

static void check_addrs(struct topo_build *b)
{
	const struct topology *t = b->t;
	_cleanup_free_ struct has_addr *v = NULL;
	size_t n = 1;

	for (size_t i = 0; i < t->n_nodes; i++)
		n += t->nodes[i].n_lo;
	for (size_t i = 0; i < t->n_ifaces; i++)
		n += t->ifaces[i].n_addrs;
	v = calloc(n, sizeof(*v));
	if (!v) {
		b->oom = true;
		return;
	}
	n = collect_addrs(t, v);
	qsort(v, n, sizeof(*v), compare_addrs);
	for (size_t i = 1; i < n; i++) {
		const struct has_addr *x = &v[i], *y = &v[i - 1];
		struct err e = ERR_INIT;
		char buf[IP_STRLEN];

		if (!ip_eq(&x->addr, &y->addr) || x->scope != y->scope)
			continue;
		err_set(&e, EINVAL, "%s:%s has address %s, which %s:%s has in line %u",
			t->nodes[x->node].name,
			x->iface == TOPO_NONE ? "lo" : t->ifaces[x->iface].name,
			ip_str(&x->addr, buf), t->nodes[y->node].name,
			y->iface == TOPO_NONE ? "lo" : t->ifaces[y->iface].name,
			addr_pos(b, y).line);
		topo_blame_pos(b, addr_pos(b, x), &e);
	}
}

/* RFC 8200 section 5; the kernel has no IPv6 on a link that takes less. */
#define MTU_IPV6 1280

static void check_mtus(struct topo_build *b)
{
	const struct topology *t = b->t;

	for (size_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];
		char buf[IP_STRLEN];

		for (size_t k = 0; x->mtu && x->mtu < MTU_IPV6 && k < x->n_addrs; k++) {
			struct err e = ERR_INIT;

			if (x->addrs[k].addr.family != AF_INET6)
				continue;
			err_set(&e, EINVAL, "%s:%s has mtu %u, too little for its address %s",
				t->nodes[x->node].name, x->name, x->mtu,
				ip_str(&x->addrs[k].addr, buf));
			err_hint(&e, "IPv6 needs %d", MTU_IPV6);
			topo_blame_pos(b, x->at, &e);
			break;
		}
	}
}

/* Overlapping networks on two wires of one node: it could not tell where to send. */
struct at_iface {
	struct ip_prefix net;
	const struct topo_iface *iface;
};

static int compare_nets(const void *a, const void *b)
{
	const struct at_iface *x = a, *y = b;
	int r = ip_cmp(&x->net.addr, &y->net.addr);

	return r ? r : (int)x->net.len - (int)y->net.len;
}

/* The same prefix on two wires is a slip; one within another is for the longest match. */
static void check_pair(struct topo_build *b, const struct at_iface *x, const struct at_iface *y)
{
	const char *node = b->t->nodes[x->iface->node].name;
	char one[IP_PREFIX_STRLEN], two[IP_PREFIX_STRLEN];
	struct err e = ERR_INIT;

	if (x->iface->segment == y->iface->segment || ip_is_linklocal(&x->net.addr) ||
	    !prefix_overlaps(&x->net, &y->net))
		return;
	prefix_str(&x->net, one);
	prefix_str(&y->net, two);
	if (x->net.len != y->net.len) {
		topo_warn(b, y->iface->at, "%s:%s is in %s, which overlaps %s of %s:%s", node,
			  y->iface->name, two, one, node, x->iface->name);
		return;
	}
	err_set(&e, EINVAL, "%s:%s is in %s, and so is %s:%s", node, y->iface->name, two, node,
		x->iface->name);
	topo_blame_pos(b, y->iface->at, &e);
}

static void check_overlaps(struct topo_build *b, const struct topo_node *n, struct at_iface *v)
{
	const struct topology *t = b->t;
	size_t n_v = 0;

	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];

		for (size_t k = 0; k < x->n_addrs; k++)
			v[n_v++] = (struct at_iface){ prefix_masked(&x->addrs[k]), x };
	}
	if (n_v)
		qsort(v, n_v, sizeof(*v), compare_nets);
	for (size_t i = 1; i < n_v; i++)
		check_pair(b, &v[i - 1], &v[i]);
}

static void check_nodes(struct topo_build *b)
{
	const struct topology *t = b->t;
	_cleanup_free_ struct at_iface *v = NULL;
	size_t n = 1;

	for (size_t i = 0; i < t->n_ifaces; i++)
		n += t->ifaces[i].n_addrs;
	v = calloc(n, sizeof(*v));
	if (!v) {
		b->oom = true;
		return;
	}
	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct topo_node *node = &t->nodes[i];
		struct err e = ERR_INIT;

		check_overlaps(b, node, v);
		if (node->kind != TOPO_SWITCH || node->n_ifaces <= PORTS_MAX)
			continue;
		err_set(&e, EINVAL, "switch %s has %zu ports, a bridge has at most %d", node->name,
			node->n_ifaces, PORTS_MAX);
		topo_blame_pos(b, node->at, &e);
	}
	for (size_t i = 0; i < t->n_nets; i++) {
		struct err e = ERR_INIT;

		if (t->nets[i].n_members <= PORTS_MAX)
			continue;
		err_set(&e, EINVAL, "net %s has %zu members, a bridge has at most %d ports",
			t->nets[i].name, t->nets[i].n_members, PORTS_MAX);
		topo_blame_pos(b, t->nets[i].at, &e);
	}
}

/* ---- after: what is left when all that can start have started is a circle ---- */

static void blame_circle(struct topo_build *b, const uint32_t *waits)
{
	const struct topology *t = b->t;
	struct err e = ERR_INIT;
	char names[300] = "";
	uint32_t at = 0, slow;
	size_t len = 0;

	while (!waits[at])
		at++;
	/* each node left waits for another one left: n steps lead into the circle */
	for (size_t step = 0; step < t->n_nodes; step++) {
		const struct topo_node *n = &t->nodes[at];

		for (size_t i = 0; i < n->n_after; i++)
			if (n->after[i] != TOPO_NONE && waits[n->after[i]]) {
				at = n->after[i];
				break;
			}
	}
	slow = at;
	do {
		const struct topo_node *n = &t->nodes[at];

		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s after ", n->name);
		for (size_t i = 0; i < n->n_after; i++)
			if (n->after[i] != TOPO_NONE && waits[n->after[i]]) {
				at = n->after[i];
				break;
			}
	} while (at != slow && len < 200);
	err_set(&e, EINVAL, "after goes in a circle: %s%s", names, t->nodes[at].name);
	topo_blame_pos(b, topo_pos_of(b, "node", t->nodes[slow].name, "after", t->nodes[slow].at),
		       &e);
}

/* Counts down who waits for whom (Kahn); edges are turned round into lists first. */
static void check_after(struct topo_build *b)
{
	const struct topology *t = b->t;
	size_t edges = 0, head = 0, tail = 0;
	_cleanup_free_ uint32_t *waits = calloc(t->n_nodes + 1, sizeof(*waits));
	_cleanup_free_ uint32_t *first = calloc(t->n_nodes + 2, sizeof(*first));
	_cleanup_free_ uint32_t *queue = calloc(t->n_nodes + 1, sizeof(*queue));
	_cleanup_free_ uint32_t *who = NULL;

	for (size_t i = 0; i < t->n_nodes; i++)
		edges += t->nodes[i].n_after;
	who = calloc(edges + 1, sizeof(*who));
	if (!waits || !first || !queue || !who) {
		b->oom = true;
		return;
	}
	for (size_t i = 0; i < t->n_nodes; i++)
		for (size_t k = 0; k < t->nodes[i].n_after; k++)
			if (t->nodes[i].after[k] != TOPO_NONE) {
				waits[i]++;
				first[t->nodes[i].after[k] + 1]++;
			}
	for (size_t i = 0; i < t->n_nodes; i++)
		first[i + 1] += first[i];
	for (uint32_t i = 0; i < t->n_nodes; i++)
		for (size_t k = 0; k < t->nodes[i].n_after; k++)
			if (t->nodes[i].after[k] != TOPO_NONE)
				who[first[t->nodes[i].after[k]]++] = i;
	for (uint32_t i = 0; i < t->n_nodes; i++)
		if (!waits[i])
			queue[tail++] = i;
	for (; head < tail; head++) {
		uint32_t n = queue[head];

		/* first[n] has moved to the end of n's list, which begins where n-1's ends */
		for (uint32_t k = n ? first[n - 1] : 0; k < first[n]; k++)
			if (!--waits[who[k]])
				queue[tail++] = who[k];
	}
	if (tail < t->n_nodes)
		blame_circle(b, waits);
}

/* ---- wires ---- */

static bool in_scenario(const struct topology *t, uint32_t link)
{
	for (size_t s = 0; s < t->n_scenarios; s++)
		for (size_t i = 0; i < t->scenarios[s].n_steps; i++)
			if (t->scenarios[s].steps[i].link == link)
				return true;
	return false;
}

static void mark_scenarios(struct topology *t)
{
	for (size_t s = 0; s < t->n_scenarios; s++)
		for (size_t i = 0; i < t->scenarios[s].n_steps; i++)
			if (t->scenarios[s].steps[i].link != TOPO_NONE)
				t->links[t->scenarios[s].steps[i].link].stitched = true;
}

static void check_wires(struct topo_build *b)
{
	struct topology *t = b->t;

	mark_scenarios(t);
	for (uint32_t i = 0; i < t->n_links; i++) {
		struct topo_link *l = &t->links[i];
		bool impaired = impair_any(&l->impair[0]) || impair_any(&l->impair[1]);
		struct err e = ERR_INIT;

		if (l->wire == TOPO_WIRE_DIRECT) {
			if (impaired || l->down || (l->stitched && in_scenario(t, i)))
				err_set(&e, EINVAL, "link %s is direct, but %s", l->name,
					impaired  ? "has an impairment"
					: l->down ? "is to be down"
						  : "a scenario changes it");
			l->stitched = false;
			err_hint(&e, "wire = stitched");
			if (e.num)
				topo_blame_pos(b, l->at, &e);
			continue;
		}
		l->stitched |= l->wire == TOPO_WIRE_STITCHED || impaired || l->state_given ||
			       t->n_links <= STITCH_ALL;
	}
}

void topo_check(struct topo_build *b)
{
	check_addrs(b);
	check_mtus(b);
	if (!b->oom)
		check_nodes(b);
	if (!b->oom)
		check_after(b);
	check_wires(b);
}

/* ---- asked of a finished topology ---- */

static const struct ip_addr *first_addr(const struct ip_prefix *v, size_t n, uint8_t family)
{
	for (size_t i = 0; i < n; i++)
		if (!family || v[i].addr.family == family)
			return &v[i].addr;
	return NULL;
}

bool topology_target_addr(const struct topology *t, const struct topo_target *to, uint8_t family,
			  struct ip_addr *ret)
{
	const struct ip_addr *a = NULL;

	if (ip_is_set(&to->prefix.addr)) {
		*ret = to->prefix.addr;
		return !family || family == ret->family;
	}
	if (to->iface != TOPO_NONE) {
		const struct topo_iface *i = &t->ifaces[to->iface];

		a = first_addr(i->addrs, i->n_addrs, family);
	} else if (to->node != TOPO_NONE) {
		const struct topo_node *n = &t->nodes[to->node];

		a = first_addr(n->lo, n->n_lo, family);
		for (size_t i = 0; !a && i < n->n_ifaces; i++)
			a = first_addr(t->ifaces[n->ifaces[i]].addrs,
				       t->ifaces[n->ifaces[i]].n_addrs, family);
	}
	if (a)
		*ret = *a;
	return a;
}

uint64_t topology_neighbours(const struct topology *t)
{
	_cleanup_free_ uint32_t *n = calloc((size_t)t->n_segments + 1, sizeof(*n));
	uint64_t sum = 0;

	for (size_t i = 0; n && i < t->n_ifaces; i++)
		if (t->nodes[t->ifaces[i].node].kind != TOPO_SWITCH)
			n[t->ifaces[i].segment]++;
	for (uint32_t i = 0; n && i < t->n_segments; i++)
		sum += n[i] > 2 ? (uint64_t)n[i] * n[i] : n[i];
	return sum;
}
