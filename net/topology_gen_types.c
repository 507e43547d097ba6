/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generators. Each is run twice, for its nodes and, when every node of the file
 * is known, for its wires; it makes the same both times. Nodes are numbered in
 * the order in which they are made.
 *
 * star and tree are switches with hosts. line, ring, grid, torus, full and
 * random are routers joined by wires or, with hosts-per-switch, switches with so
 * many hosts each. clos and fattree are routers with a LAN of hosts at the edge.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_gen.h"

/* ---- what they are made of ---- */

static void fail(struct gen *g, const struct ini_entry *at, struct err *e)
{
	topo_blame(g->b, at, e);
	g->failed = true;
}

/* Node number num of its sort; its index. */
static uint32_t node(struct gen *g, const char *kind, const char *stem, uint32_t num)
{
	struct topo_build *b = g->b;
	const char *name = topo_printf(b, "%s%s%u", g->prefix, stem, num);
	uint32_t i = name ? topology_node(b->t, name) : TOPO_NONE;
	struct err e = ERR_INIT;

	if (!name || g->failed)
		return TOPO_NONE;
	g->made++;
	if (g->pass == TOPO_PASS_LINKS)
		return i;
	if (topo_name_check("node", name, &e) < 0) {
		fail(g, g->s->head, &e);
	} else if (i == TOPO_NONE) {
		topo_node_new(b, name, kind, g->s->head, true);
	} else if (b->t->nodes[i].generated) {
		err_set(&e, EINVAL, "another generator makes node %s, too", name);
		err_hint(&e, "give one of them a prefix");
		fail(g, g->s->head, &e);
	} else { /* its own section says more of it */
		b->t->nodes[i].generated = true;
		b->t->nodes[i].kind_name = kind;
	}
	return TOPO_NONE;
}

static const char *port(struct gen *g, uint32_t i, uint32_t first)
{
	return topo_printf(g->b, "eth%u", first + g->ports[i]++);
}

/* The next prefix of that length of subnet s. */
static bool carve(struct gen *g, size_t s, uint8_t len, struct ip_prefix *ret)
{
	struct ip_prefix c = { g->next[s], len };
	struct ip_addr first = prefix_network(&c), last = prefix_last(&c);

	if (!g->next[s].family || len < g->subnets[s].len)
		return false;
	if (ip_cmp(&first, &g->next[s]) < 0) { /* up to its boundary */
		if (!ip_add(&last, 1, &c.addr))
			return false;
		last = prefix_last(&c);
	}
	if (!prefix_has(&g->subnets[s], &c.addr))
		return false;
	*ret = c;
	if (!ip_add(&last, 1, &g->next[s]))
		g->next[s] = (struct ip_addr){ 0 };
	return true;
}

static void no_room(struct gen *g)
{
	const struct ini_entry *at = topo_entry(g->s, "subnet");
	struct err e = ERR_INIT;

	err_set(&e, EINVAL, "the subnet is too small for all of it");
	fail(g, at ? at : g->s->head, &e);
}

static void wire(struct gen *g, struct topo_wire_spec *s)
{
	struct topo_build *b = g->b;
	const char *a = b->t->nodes[s->nodes[0]].name, *z = b->t->nodes[s->nodes[1]].name;
	struct err e = ERR_INIT;

	s->name = topo_printf(b, "%s-%s", a, z);
	if (s->name && topology_link(b->t, s->name) != TOPO_NONE) /* a second one of the two */
		s->name = topo_printf(b, "%s-%s-%s", a, z, s->ifs[0]);
	s->at = g->s->head;
	s->section = g->s;
	s->generated = true;
	if (!s->name || !s->ifs[0] || !s->ifs[1])
		return;
	if (topo_wire_add(b, s, &e) < 0)
		fail(g, g->s->head, &e);
}

static void join(struct gen *g, uint32_t a, uint32_t z)
{
	struct topo_wire_spec s = { .nodes = { a, z }, .no_subnet = g->no_subnet };
	size_t n4 = 0;

	if (g->pass == TOPO_PASS_NODES || g->failed || a == TOPO_NONE || z == TOPO_NONE)
		return;
	for (size_t i = 0; !g->l2 && i < g->n_subnets && i < 2; i++) {
		struct ip_prefix p;

		if (!carve(g, i, g->subnets[i].addr.family == AF_INET ? 31 : 127, &p)) {
			no_room(g);
			return;
		}
		s.addrs[0][n4] = s.addrs[1][n4] = p;
		ip_add(&p.addr, 1, &s.addrs[1][n4++].addr);
	}
	s.ifs[0] = port(g, a, g->l2 ? 1 : 0);
	s.ifs[1] = port(g, z, g->l2 ? 1 : 0);
	wire(g, &s);
}

static uint32_t new_switch(struct gen *g)
{
	return node(g, "switch", "s", ++g->switches);
}

/* A host of a switch, with the k-th address of the subnet. */
static void new_host(struct gen *g, uint32_t sw)
{
	uint32_t k = ++g->hosts, h = node(g, "host", "h", k);
	struct topo_wire_spec s = { .nodes = { h, sw },
				    .ifs = { "eth0" },
				    .no_subnet = g->no_subnet };

	if (g->pass == TOPO_PASS_NODES || g->failed || h == TOPO_NONE || sw == TOPO_NONE)
		return;
	for (size_t i = 0; i < g->n_subnets && i < 2; i++) {
		struct ip_range hosts = prefix_hosts(&g->subnets[i]);
		struct ip_prefix *p = &s.addrs[0][i];

		p->len = g->subnets[i].len;
		if (!ip_add(&hosts.first, k - 1, &p->addr) || ip_cmp(&p->addr, &hosts.last) > 0) {
			no_room(g);
			return;
		}
	}
	s.ifs[1] = port(g, sw, 1);
	wire(g, &s);
}

/* A switch with its hosts to come, or a router: what most types are joined of. */
static uint32_t new_core(struct gen *g, uint32_t num)
{
	if (!g->l2)
		return node(g, "router", "r", num);
	g->switches = num;
	return node(g, "switch", "s", num);
}

static void members_of(struct gen *g, const uint32_t *cores, uint32_t n)
{
	for (uint32_t i = 0; g->l2 && i < n; i++)
		for (uint32_t k = 0; k < g->per_switch; k++)
			new_host(g, cores[i]);
}

static void add_member(struct gen *g, struct topo_net *net, uint32_t n, const char *ifname)
{
	struct topo_build *b = g->b;
	struct err e = ERR_INIT;
	uint32_t i, *to;

	i = n != TOPO_NONE && ifname ? topo_iface_new(b, n, ifname, net->at, &e) : TOPO_NONE;
	if (i == TOPO_NONE) {
		if (e.num)
			fail(g, g->s->head, &e);
		return;
	}
	b->t->ifaces[i].on = TOPO_ON_NET;
	b->t->ifaces[i].wire = (uint32_t)b->t->n_nets;
	to = TOPO_ADD(b, net->members, net->n_members);
	if (to)
		*to = i;
}

/* A LAN of hosts behind a router, named as it. */
static void new_lan(struct gen *g, uint32_t router)
{
	struct topo_build *b = g->b;
	struct topo_net net = { .gateway = router,
				.at = topo_pos(g->s->head),
				.no_subnet = g->no_subnet },
			*to;
	bool wires = g->pass == TOPO_PASS_LINKS && router != TOPO_NONE && !g->failed;

	if (!g->per_switch)
		return;
	if (wires) {
		net.name = b->t->nodes[router].name;
		add_member(g, &net, router, port(g, router, 0));
	}
	for (size_t i = 0; wires && i < g->n_subnets; i++) {
		struct ip_prefix p = { 0 }, *subnet = TOPO_ADD(b, net.subnets, net.n_subnets);

		if (!carve(g, i, g->subnets[i].addr.family == AF_INET ? 24 : 64, &p))
			no_room(g);
		if (subnet)
			*subnet = p;
	}
	for (uint32_t k = 0; k < g->per_switch; k++) {
		uint32_t h = node(g, "host", "h", ++g->hosts);

		if (wires)
			add_member(g, &net, h, "eth0");
	}
	if (!wires)
		return;
	if (topology_net(b->t, net.name) != TOPO_NONE) {
		struct err e = ERR_INIT;

		err_set(&e, EINVAL, "net %s is there already", net.name);
		fail(g, g->s->head, &e);
		return;
	}
	to = TOPO_ADD(b, b->t->nets, b->t->n_nets);
	if (!to)
		return;
	*to = net;
	topo_index_add(b, TOPO_NETS, (uint32_t)b->t->n_nets - 1);
}

/* ---- types ---- */

static uint32_t count_n(const struct gen *g)
{
	return g->n;
}

static uint32_t count_grid(const struct gen *g)
{
	return g->w * g->h;
}

static uint32_t count_one(const struct gen *g)
{
	return 1 + g->n;
}

static uint32_t count_tree(const struct gen *g)
{
	uint64_t sum = 1, level = 1;

	for (uint32_t d = 0; d < g->depth && sum < GEN_NODES_MAX; d++)
		sum += level *= g->fanout;
	return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static uint32_t count_clos(const struct gen *g)
{
	return g->n + g->k + g->n * g->per_switch;
}

static uint32_t count_fattree(const struct gen *g)
{
	return g->k * g->k / 4 + g->k * g->k + g->k * g->k / 2 * g->per_switch;
}

static void make_star(struct gen *g)
{
	uint32_t s = new_switch(g);

	for (uint32_t i = 0; i < g->n; i++)
		new_host(g, s);
}

/* Depth first; a switch's wires follow all that is below the child. */
static uint32_t make_branch(struct gen *g, uint32_t depth)
{
	uint32_t s = new_switch(g);

	for (uint32_t i = 0; i < g->fanout && !g->failed; i++) {
		if (depth == 1) {
			new_host(g, s);
		} else {
			uint32_t child = make_branch(g, depth - 1);

			join(g, s, child);
		}
	}
	return s;
}

static void make_tree(struct gen *g)
{
	make_branch(g, g->depth);
}

static uint32_t *make_cores(struct gen *g, uint32_t n)
{
	uint32_t *v = topo_alloc(g->b, (n + 1) * sizeof(*v));

	for (uint32_t i = 0; v && i < n; i++)
		v[i] = new_core(g, i + 1);
	if (v)
		members_of(g, v, n);
	return v;
}

static void make_line(struct gen *g)
{
	const uint32_t *v = make_cores(g, g->n);

	for (uint32_t i = 1; v && i < g->n; i++)
		join(g, v[i - 1], v[i]);
}

static void make_ring(struct gen *g)
{
	const uint32_t *v = make_cores(g, g->n);

	for (uint32_t i = 0; v && i < g->n; i++)
		join(g, v[i], v[(i + 1) % g->n]);
}

static void make_full(struct gen *g)
{
	const uint32_t *v = make_cores(g, g->n);

	for (uint32_t i = 0; v && i < g->n; i++)
		for (uint32_t k = i + 1; k < g->n; k++)
			join(g, v[i], v[k]);
}

/* Row by row, each with its right and its lower neighbour. */
static void make_rows(struct gen *g, bool around)
{
	const uint32_t *v = make_cores(g, g->w * g->h);

	for (uint32_t y = 0; v && y < g->h; y++)
		for (uint32_t x = 0; x < g->w; x++) {
			uint32_t right = (x + 1) % g->w, below = (y + 1) % g->h;

			if (right > x || around)
				join(g, v[y * g->w + x], v[y * g->w + right]);
			if (below > y || around)
				join(g, v[y * g->w + x], v[below * g->w + x]);
		}
}

static void make_grid(struct gen *g)
{
	make_rows(g, false);
}

static void make_torus(struct gen *g)
{
	make_rows(g, true);
}

/* splitmix64 */
static uint32_t below(struct gen *g, uint32_t n)
{
	uint64_t z = g->random += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z ^ z >> 31) % n);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* A tree in which each joins one before it, then pairs, until k ends a node in the mean. */
static void make_random(struct gen *g)
{
	const uint32_t *v = make_cores(g, g->n);
	uint64_t most = (uint64_t)g->n * (g->n - 1) / 2, want = (uint64_t)g->n * g->k / 2;
	_cleanup_free_ uint64_t *e = NULL;
	size_t n = 0, kept = 0;

	if (want > most)
		want = most;
	if (want < g->n - 1)
		want = g->n - 1;
	e = calloc(4 * want + g->n + 1, sizeof(*e));
	if (!e || !v)
		return;
	for (uint32_t i = 1; i < g->n; i++)
		e[n++] = (uint64_t)below(g, i) << 32 | i;
	/* pairs drawn twice are dropped, so a few more are drawn than wanted */
	for (uint64_t tries = 0; n > 0 && kept < want && tries < 8; tries++) {
		size_t missing = want - (kept ? kept : n);

		for (size_t i = 0; i < missing; i++) {
			uint32_t a = below(g, g->n), z = below(g, g->n);

			if (a != z)
				e[n++] = (uint64_t)(a < z ? a : z) << 32 | (a < z ? z : a);
		}
		qsort(e, n, sizeof(*e), compare_u64);
		kept = 0;
		for (size_t i = 0; i < n; i++)
			if (!i || e[i] != e[i - 1])
				e[kept++] = e[i];
		n = kept;
	}
	for (size_t i = 0; i < n; i++)
		join(g, v[e[i] >> 32], v[(uint32_t)e[i]]);
}

static void make_clos(struct gen *g)
{
	uint32_t *spines = topo_alloc(g->b, (g->k + 1) * sizeof(*spines));
	uint32_t *leaves = topo_alloc(g->b, (g->n + 1) * sizeof(*leaves));

	if (!spines || !leaves)
		return;
	for (uint32_t i = 0; i < g->k; i++)
		spines[i] = node(g, "router", "spine", i + 1);
	for (uint32_t i = 0; i < g->n; i++)
		leaves[i] = node(g, "router", "leaf", i + 1);
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t k = 0; k < g->k; k++)
			join(g, leaves[i], spines[k]);
	for (uint32_t i = 0; i < g->n; i++)
		new_lan(g, leaves[i]);
}

/* Al-Fares: k pods of k/2 and k/2, and k/2 groups of cores; group i has aggregation i of each. */
static void make_fattree(struct gen *g)
{
	uint32_t half = g->k / 2, n = g->k * half;
	uint32_t *core = topo_alloc(g->b, (half * half + 1) * sizeof(*core));
	uint32_t *agg = topo_alloc(g->b, (n + 1) * sizeof(*agg));
	uint32_t *edge = topo_alloc(g->b, (n + 1) * sizeof(*edge));

	if (!core || !agg || !edge)
		return;
	for (uint32_t i = 0; i < half * half; i++)
		core[i] = node(g, "router", "core", i + 1);
	for (uint32_t i = 0; i < n; i++)
		agg[i] = node(g, "router", "agg", i + 1);
	for (uint32_t i = 0; i < n; i++)
		edge[i] = node(g, "router", "edge", i + 1);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < half; k++)
			join(g, agg[i], core[i % half * half + k]);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < half; k++)
			join(g, edge[i], agg[i / half * half + k]);
	for (uint32_t i = 0; i < n; i++)
		new_lan(g, edge[i]);
}

/* clang-format off */
const struct gen_type gen_types[] = {
	{ "line", false, false, GEN_N, GEN_PER_SWITCH, false, count_n, make_line },
	{ "ring", false, false, GEN_N, GEN_PER_SWITCH, true, count_n, make_ring },
	{ "star", true, false, GEN_N, 0, false, count_one, make_star },
	{ "tree", true, false, GEN_DEPTH | GEN_FANOUT, 0, false, count_tree, make_tree },
	{ "grid", false, false, GEN_W | GEN_H, GEN_PER_SWITCH, true, count_grid, make_grid },
	{ "torus", false, false, GEN_W | GEN_H, GEN_PER_SWITCH, true, count_grid, make_torus },
	{ "clos", false, true, GEN_N, GEN_K | GEN_PER_SWITCH, false, count_clos, make_clos },
	{ "fattree", false, true, GEN_K, GEN_PER_SWITCH, false, count_fattree, make_fattree },
	{ "full", false, false, GEN_N, GEN_PER_SWITCH, true, count_n, make_full },
	{ "random", false, false, GEN_N, GEN_K | GEN_PER_SWITCH, true, count_n, make_random },
	{ NULL, false, false, 0, 0, false, NULL, NULL },
};
/* clang-format on */

void gen_set_stp(struct gen *g)
{
	for (uint32_t i = 1; g->l2 && g->type->loops && i <= g->switches; i++) {
		const char *name = topo_printf(g->b, "%ss%u", g->prefix, i);
		uint32_t n = name ? topology_node(g->b->t, name) : TOPO_NONE;

		if (n != TOPO_NONE)
			g->b->t->nodes[n].stp = true;
	}
}
