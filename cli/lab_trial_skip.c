/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cannot be told here is skipped, and neither passes nor fails: what a test needs and
 * the kernel lacks, nodes that were not built, and what a test measures where its
 * packets go over a wire that was built without it. Which way they go is asked of
 * the nodes, hop by hop.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/route.h"

#define HOPS_MAX 64

/* What of a wire a type measures. */
static unsigned measures(enum topo_test_type type)
{
	switch (type) {
	case TOPO_TEST_RTT:
		return 1U << TOPO_DELAY | 1U << TOPO_JITTER;
	case TOPO_TEST_LOSS:
		return 1U << TOPO_LOSS | 1U << TOPO_CORRUPT;
	case TOPO_TEST_TCP_RATE:
	case TOPO_TEST_UDP_RATE:
		return 1U << TOPO_RATE | 1U << TOPO_LOSS;
	default:
		return 0;
	}
}

/* The first of these parameters that the file has and the wire has not; NULL. */
static const char *left_out(const struct topo_impair *whole, const struct topo_impair *built,
			    unsigned which)
{
	for (unsigned d = 0; d < TOPO_DIRS; d++)
		for (unsigned p = 0; p < TOPO_PARAMS; p++)
			if (which & 1U << p && whole[d].v[p] && whole[d].v[p] != built[d].v[p])
				return impair_name((enum topo_param)p);
	return NULL;
}

/* Of the wire of an interface; *ret_name: its link or net. */
static const char *wire_lacks(const struct lab_trial *x, uint32_t iface, unsigned which,
			      const char **ret_name)
{
	const struct topo_iface *i = &x->t->ifaces[iface];

	if (i->on == TOPO_ON_LINK && i->wire < x->whole.n_links) {
		*ret_name = x->t->links[i->wire].name;
		return left_out(x->whole.links[i->wire].impair, x->t->links[i->wire].impair, which);
	}
	if (i->on == TOPO_ON_NET && i->wire < x->whole.n_nets) {
		*ret_name = x->t->nets[i->wire].name;
		return left_out(x->whole.nets[i->wire].impair, x->t->nets[i->wire].impair, which);
	}
	return NULL;
}

/* The interface by which a node sends to dst, and who is next; TOPO_NONE: nobody knows. */
static uint32_t next_hop(struct lab_trial *x, uint32_t node, const struct ip_addr *dst,
			 uint32_t *ret_next)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct route_info route = { 0 };
	struct link_info link;
	uint32_t iface;
	int fd = trial_netns(x, node, NULL);

	if (fd < 0 || netns_nl_open(fd, &nl, NETLINK_ROUTE, NULL) < 0 ||
	    route_get(&nl, dst, &route, NULL) < 0 || route.type != RTN_UNICAST ||
	    link_get_index(&nl, route.index, &link, NULL) < 0)
		return TOPO_NONE;
	iface = topology_iface(x->t, node, link.name);
	*ret_next = TOPO_NONE;
	if (iface == TOPO_NONE)
		return iface;
	if (x->t->ifaces[iface].on == TOPO_ON_LINK) {
		const struct topo_link *l = &x->t->links[x->t->ifaces[iface].wire];

		*ret_next = x->t->ifaces[l->ifaces[l->ifaces[0] == iface]].node;
	} else {
		*ret_next = trial_owner(x, ip_is_set(&route.via) ? &route.via : dst);
	}
	return iface;
}

/* Along the way of a packet, and at its ends: wires that lack something. */
static const char *way_lacks(struct lab_trial *x, uint32_t node, const struct ip_addr *dst,
			     unsigned which, const char **ret_name)
{
	const char *lacks = NULL;

	for (unsigned i = 0; i < HOPS_MAX && node != TOPO_NONE && !lacks; i++) {
		uint32_t iface, next = TOPO_NONE;

		if (x->t->nodes[node].kind == TOPO_SWITCH || trial_owner(x, dst) == node)
			break;
		iface = next_hop(x, node, dst, &next);
		if (iface == TOPO_NONE)
			break;
		lacks = wire_lacks(x, iface, which, ret_name);
		node = next;
	}
	return lacks;
}

static const char *both_ways_lack(struct lab_trial *x, const struct topo_test *t, unsigned which,
				  const char **ret_name)
{
	struct ip_addr dst, src;
	const char *lacks;
	uint32_t owner;

	if (t->from.node == TOPO_NONE || !topology_target_addr(x->t, &t->to, t->family, &dst))
		return NULL;
	lacks = way_lacks(x, t->from.node, &dst, which, ret_name);
	owner = trial_owner(x, &dst);
	if (lacks || owner == TOPO_NONE || !topology_target_addr(x->t, &t->from, dst.family, &src))
		return lacks;
	return way_lacks(x, owner, &src, which, ret_name);
}

/* Not built (ctlab up --only); that one is stopped is no reason. */
static bool is_left_out(const struct lab_trial *x, uint32_t node)
{
	return !strcmp(x->nodes[node].state, "left out");
}

static const char *not_built(const struct lab_trial *x, const struct topo_test *t)
{
	const uint32_t named[] = { t->from.node, t->to.node, t->node };

	for (size_t i = 0; i < ARRAY_SIZE(named) + t->n_nodes; i++) {
		uint32_t n = i < ARRAY_SIZE(named) ? named[i] : t->nodes[i - ARRAY_SIZE(named)];

		if (n != TOPO_NONE && is_left_out(x, n))
			return x->t->nodes[n].name;
	}
	return NULL;
}

/* The first that the kernel has not. */
static bool needs_more(const struct lab_trial *x, const char *const *needs, size_t n,
		       struct lab_verdict *ret)
{
	const char *why = "";

	for (size_t i = 0; i < n; i++) {
		if (fabric_has(&x->lab->lacks, needs[i], &why))
			continue;
		lab_verdict_set(ret, LAB_SKIP, "needs %s: %s", needs[i], why);
		return true;
	}
	return false;
}

static bool lacks_wire(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *ret)
{
	const unsigned which = measures(t->type);
	const char *name = NULL, *lacks;

	if (!which || !x->lab->lacks.n)
		return false;
	lacks = both_ways_lack(x, t, which, &name);
	if (lacks)
		lab_verdict_set(ret, LAB_SKIP, "%s was built without %s, which this kernel lacks",
				name, lacks);
	return lacks;
}

bool trial_skip(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *ret)
{
	const char *name;

	if (needs_more(x, t->needs, t->n_needs, ret))
		return true;
	/* all of nothing answered, which tells nothing */
	if (t->type == TOPO_TEST_PINGALL && t->n_nodes < 2) {
		lab_verdict_set(ret, LAB_SKIP, "there are no two nodes to ask each other");
		return true;
	}
	name = not_built(x, t);
	if (name)
		lab_verdict_set(ret, LAB_SKIP, "node %s was left out", name);
	return name || lacks_wire(x, t, ret);
}

/* One that a step is about, and that was not built. */
static const char *step_not_built(const struct lab_trial *x, const struct topo_step *s)
{
	uint32_t named[] = { s->node, s->from.node, s->to.node, TOPO_NONE, TOPO_NONE };

	if (s->what != TOPO_STEP_EXPECT)
		named[1] = named[2] = TOPO_NONE;
	for (size_t i = 0; s->link != TOPO_NONE && i < 2; i++)
		named[3 + i] = x->t->ifaces[x->t->links[s->link].ifaces[i]].node;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i] != TOPO_NONE && is_left_out(x, named[i]))
			return x->t->nodes[named[i]].name;
	return NULL;
}

/* A step whose impairment was left out did not do what it says. */
bool scenario_skip(const struct lab_trial *x, const struct topo_scenario *s,
		   struct lab_verdict *ret)
{
	const struct topo_scenario *whole = &x->whole.scenarios[s - x->t->scenarios];

	if (needs_more(x, s->needs, s->n_needs, ret))
		return true;
	for (size_t i = 0; i < s->n_steps; i++) {
		const char *lacks = left_out(whole->steps[i].dirs, s->steps[i].dirs, ~0U);
		const char *node = step_not_built(x, &s->steps[i]);

		if (node) {
			lab_verdict_set(ret, LAB_SKIP, "node %s was left out", node);
			return true;
		}
		if (!lacks)
			continue;
		lab_verdict_set(ret, LAB_SKIP, "step %u needs %s, which this kernel lacks",
				s->steps[i].num, lacks);
		return true;
	}
	return false;
}
