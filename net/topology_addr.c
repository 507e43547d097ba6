/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MACs, MTUs, broadcast domains and the addresses that the file leaves open.
 *
 * A segment is what a broadcast reaches: a link between two nodes, a net, or
 * nets and switches that are joined. A net with subnets numbers its members;
 * for what has no subnet either see topology_pool.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_build.h"

#define MAC_ATTEMPTS 16

/* ---- MACs ---- */

static uint64_t mix(uint64_t h, const char *s)
{
	do {
		h = (h ^ (unsigned char)*s) * 1099511628211U; /* FNV-1a, the NUL included */
	} while (*s++);
	return h;
}

/* The finaliser of splitmix64: every bit of h in every bit of the result. */
static uint64_t spread(uint64_t h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9U;
	h = (h ^ h >> 27) * 0x94d049bb133111ebU;
	return h ^ h >> 31;
}

struct mac_addr topology_mac(const struct topology *t, const char *node, const char *ifname,
			     unsigned attempt)
{
	uint64_t h = 14695981039346656037U ^ spread(t->seed + attempt);
	struct mac_addr m;

	h = spread(mix(mix(mix(h, t->name), node), ifname));
	for (size_t i = 0; i < sizeof(m.b); i++)
		m.b[i] = (uint8_t)(h >> 8 * i);
	m.b[0] = (uint8_t)((m.b[0] & 0xfc) | 2); /* locally administered, one station */
	return m;
}

static bool has_mac(const struct topology *t, const struct topo_iface *i)
{
	return i->on != TOPO_ON_PHYS && t->nodes[i->node].kind != TOPO_SWITCH;
}

static void given_macs(struct topo_build *b)
{
	struct topology *t = b->t;

	for (uint32_t n = 0; n < t->n_nodes; n++) {
		for (size_t i = 0; i < t->nodes[n].n_macs; i++) {
			const struct topo_mac *m = &t->nodes[n].macs[i];
			struct err e = ERR_INIT;
			uint32_t x;

			if (topo_find_iface(b, n, m->ifname, &x, &e) == 0 &&
			    t->ifaces[x].mac_given &&
			    memcmp(&t->ifaces[x].mac, &m->mac, sizeof(m->mac)) != 0)
				err_set(&e, EINVAL, "the link gives it another MAC");
			if (e.num) {
				err_wrap(&e, -EINVAL, "mac.%s", m->ifname);
				topo_blame_pos(b, m->at, &e);
				continue;
			}
			t->ifaces[x].mac = m->mac;
			t->ifaces[x].mac_given = true;
		}
	}
}

struct by_mac {
	struct mac_addr mac;
	uint32_t iface;
	bool given;
};

/* Given ones first, then in the order of interfaces: the later one yields. */
static int compare_macs(const void *a, const void *b)
{
	const struct by_mac *x = a, *y = b;
	int r = memcmp(&x->mac, &y->mac, sizeof(x->mac));

	if (!r)
		r = (int)y->given - (int)x->given;
	return r ? r : (x->iface > y->iface) - (x->iface < y->iface);
}

static size_t sort_macs(const struct topology *t, struct by_mac *v)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->n_ifaces; i++)
		if (has_mac(t, &t->ifaces[i]))
			v[n++] = (struct by_mac){ t->ifaces[i].mac, i, t->ifaces[i].mac_given };
	if (n)
		qsort(v, n, sizeof(*v), compare_macs);
	return n;
}

static void duplicate_mac(struct topo_build *b, const struct topo_iface *i,
			  const struct topo_iface *first)
{
	struct err e = ERR_INIT;
	char buf[MAC_STRLEN];

	err_set(&e, EINVAL, "%s:%s has MAC %s, which %s:%s has", b->t->nodes[i->node].name, i->name,
		mac_str(&i->mac, buf), b->t->nodes[first->node].name, first->name);
	topo_blame_pos(b, i->at, &e);
}

/* Changes what clashes; whether there was any. Given ones are refused in the last round. */
static bool part_macs(struct topo_build *b, struct by_mac *v, unsigned attempt, bool last)
{
	struct topology *t = b->t;
	size_t n = sort_macs(t, v);
	bool clash = false;

	for (size_t k = 1; k < n; k++) {
		struct topo_iface *i = &t->ifaces[v[k].iface];

		if (memcmp(&v[k].mac, &v[k - 1].mac, sizeof(v[k].mac)) != 0)
			continue;
		if (last && i->mac_given)
			duplicate_mac(b, i, &t->ifaces[v[k - 1].iface]);
		if (i->mac_given)
			continue;
		i->mac = topology_mac(t, t->nodes[i->node].name, i->name, attempt);
		clash = true;
	}
	return clash;
}

static void give_macs(struct topo_build *b)
{
	struct topology *t = b->t;
	_cleanup_free_ struct by_mac *v = calloc(t->n_ifaces + 1, sizeof(*v));
	unsigned attempt = 1;

	given_macs(b);
	if (!v) {
		b->oom = true;
		return;
	}
	for (size_t i = 0; i < t->n_ifaces; i++) {
		struct topo_iface *x = &t->ifaces[i];

		if (has_mac(t, x) && !x->mac_given)
			x->mac = topology_mac(t, t->nodes[x->node].name, x->name, 0);
	}
	while (attempt < MAC_ATTEMPTS && part_macs(b, v, attempt, false))
		attempt++;
	part_macs(b, v, attempt, true);
}

static void give_mtus(struct topology *t)
{
	for (size_t i = 0; i < t->n_ifaces; i++) {
		struct topo_iface *x = &t->ifaces[i];

		if (!x->mtu)
			x->mtu = t->nodes[x->node].mtu;
		if (!x->mtu)
			x->mtu = t->mtu;
	}
}

/* ---- segments: union-find over links, nets and nodes ---- */

struct sets {
	uint32_t *parent;
	size_t links, nets, nodes; /* where each begins */
};

static uint32_t root(struct sets *s, size_t i)
{
	while (s->parent[i] != i) {
		s->parent[i] = s->parent[s->parent[i]];
		i = s->parent[i];
	}
	return (uint32_t)i;
}

static size_t set_of(const struct topology *t, const struct sets *s, const struct topo_iface *i)
{
	if (i->on == TOPO_ON_PHYS)
		return s->nodes + i->node;
	return (i->on == TOPO_ON_LINK ? s->links : s->nets) + i->wire;
}

static void number_segments(struct topo_build *b, struct sets *s, uint32_t *number)
{
	struct topology *t = b->t;

	for (size_t i = 0; i < t->n_ifaces; i++) {
		struct topo_iface *x = &t->ifaces[i];

		if (t->nodes[x->node].kind == TOPO_SWITCH)
			s->parent[root(s, set_of(t, s, x))] = root(s, s->nodes + x->node);
	}
	for (size_t i = 0; i < t->n_ifaces; i++) {
		struct topo_iface *x = &t->ifaces[i];
		uint32_t r = root(s, set_of(t, s, x));

		if (x->on == TOPO_ON_PHYS) { /* nobody knows what is behind it */
			x->segment = t->n_segments++;
			continue;
		}
		if (number[r] == TOPO_NONE)
			number[r] = t->n_segments++;
		x->segment = number[r];
	}
}

static void find_segments(struct topo_build *b)
{
	const struct topology *t = b->t;
	struct sets s = { .links = 0, .nets = t->n_links, .nodes = t->n_links + t->n_nets };
	size_t n = s.nodes + t->n_nodes;
	_cleanup_free_ uint32_t *parent = calloc(n + 1, sizeof(*parent));
	_cleanup_free_ uint32_t *number = malloc((n + 1) * sizeof(*number));

	if (!parent || !number) {
		b->oom = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		parent[i] = (uint32_t)i;
	memset(number, 0xff, (n + 1) * sizeof(*number));
	s.parent = parent;
	number_segments(b, &s, number);
}

/* ---- members of a net that has subnets ---- */

static int compare_ips(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* Addresses of one family that the members were given, sorted. */
static size_t taken_in(const struct topology *t, const struct topo_net *net,
		       const struct ip_prefix *subnet, struct ip_addr *v)
{
	size_t n = 0;

	for (size_t m = 0; m < net->n_members; m++) {
		const struct topo_iface *i = &t->ifaces[net->members[m]];

		for (size_t k = 0; k < i->n_addrs; k++)
			if (prefix_has(subnet, &i->addrs[k].addr))
				v[n++] = i->addrs[k].addr;
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_ips);
	return n;
}

static size_t count_addrs(const struct topology *t, const struct topo_net *net)
{
	size_t n = 0;

	for (size_t m = 0; m < net->n_members; m++)
		n += t->ifaces[net->members[m]].n_addrs;
	return n;
}

/* The free ones in order, one to each of those who had none at all. */
static int number_members(struct topo_build *b, const struct topo_net *net,
			  const struct ip_prefix *subnet, const bool *open, struct ip_addr *taken,
			  size_t n_taken)
{
	struct ip_range hosts = prefix_hosts(subnet);
	struct ip_prefix next = { hosts.first, subnet->len };
	bool full = false;
	size_t at = 0;

	for (size_t m = 0; m < net->n_members; m++) {
		if (!open[m])
			continue;
		while (!full && at < n_taken && ip_cmp(&taken[at], &next.addr) <= 0) {
			if (ip_eq(&taken[at++], &next.addr))
				full = !ip_add(&next.addr, 1, &next.addr);
		}
		if (full || ip_cmp(&next.addr, &hosts.last) > 0)
			return -ENOSPC;
		if (topo_addr_add(b, net->members[m], &next) < 0)
			return -ENOMEM;
		full = !ip_add(&next.addr, 1, &next.addr);
	}
	return 0;
}

static void number_net(struct topo_build *b, const struct topo_net *net)
{
	const struct topology *t = b->t;
	_cleanup_free_ bool *open = calloc(net->n_members + 1, sizeof(*open));
	_cleanup_free_ struct ip_addr *taken =
		calloc(count_addrs(t, net) + net->n_members + 1, sizeof(*taken));
	int r = open && taken ? 0 : -ENOMEM;

	for (size_t m = 0; r == 0 && m < net->n_members; m++) {
		const struct topo_iface *i = &t->ifaces[net->members[m]];

		open[m] = !i->n_addrs && t->nodes[i->node].kind != TOPO_SWITCH;
	}
	for (size_t s = 0; r == 0 && s < net->n_subnets; s++) {
		size_t n = taken_in(t, net, &net->subnets[s], taken);

		r = number_members(b, net, &net->subnets[s], open, taken, n);
	}
	if (r == -ENOSPC) {
		struct err e = ERR_INIT;

		err_set(&e, EINVAL, "net %s has more members than its subnet has addresses",
			net->name);
		topo_blame_pos(b, net->at, &e);
	} else if (r < 0) {
		b->oom = true;
	}
}

void topo_read_addresses(struct topo_build *b)
{
	give_mtus(b->t);
	give_macs(b);
	find_segments(b);
	for (size_t i = 0; i < b->t->n_nets && !b->oom; i++)
		number_net(b, &b->t->nets[i]);
	if (!b->oom && (b->t->pool4.addr.family || b->t->pool6.addr.family))
		topo_address_open(b);
}
