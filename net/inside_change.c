/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running node brought from one description to another. What comes is made before
 * what goes is removed: the last IPv4 address of a link takes its routes along
 * (fib_disable_ip), and a packet under way finds the old route or the new one.
 * Nobody counts the time here, so each object is a send of its own, and one that is there
 * already, by hand or from a change that failed half-way, is no error.
 */
#include <errno.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/addr.h"
#include "net/inside_real.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/route.h"
#include "net/sysctl.h"

#define MTU_KERNEL	1500 /* of a veth */
#define METRIC6_DEFAULT 1024 /* IP6_RT_PRIO_USER, include/uapi/linux/ipv6_route.h */

struct change {
	const struct topology *ot, *nt;
	uint32_t onode, nnode;
	const struct topo_node *o, *n;
	const uint32_t *fresh;
	size_t n_fresh;
	struct nl nl;
	struct err *e;
	bool entered;
	bool moved; /* links or addresses came or went: routes over them may have gone too */
	bool late; /* what goes has gone */
};

/* ---- what is the same ---- */

static bool has_sysctl(const struct topo_node *n, const struct topo_pair *p)
{
	for (size_t i = 0; i < n->n_sysctls; i++)
		if (!strcmp(n->sysctls[i].left, p->left) && !strcmp(n->sysctls[i].right, p->right))
			return true;
	return false;
}

static const struct topo_route *find_route(const struct topo_node *n, const struct topo_route *r,
					   bool (*same)(const struct topo_route *,
							const struct topo_route *))
{
	for (size_t i = 0; i < n->n_routes; i++)
		if (same(&n->routes[i], r))
			return &n->routes[i];
	return NULL;
}

static bool is_fresh(const struct change *c, uint32_t iface)
{
	for (size_t i = 0; i < c->n_fresh; i++)
		if (c->fresh[i] == iface)
			return true;
	return false;
}

/* ---- settings ---- */

static int set_sysctls(const struct change *c)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->o->n_sysctls; i++)
		r = inside_sysctl_back(c->n, &c->o->sysctls[i], c->e);
	for (size_t i = 0; r >= 0 && i < c->n->n_sysctls; i++)
		if (!has_sysctl(c->o, &c->n->sysctls[i]))
			r = inside_sysctl_set(&c->n->sysctls[i], c->e);
	return r;
}

static int entered(void *ctx)
{
	struct change *c = ctx;
	int r;

	c->entered = true;
	r = set_sysctls(c);
	return r < 0 ? r : nl_open(&c->nl, NETLINK_ROUTE, c->e);
}

/* ---- addresses ---- */

/* The addresses of one link as they were and as they are to be. */
struct addrs {
	uint32_t index;
	const struct ip_prefix *o, *n;
	size_t n_o, n_n;
};

/*
 * The broadcast address of a subnet that goes: as long as it is one the kernel makes no
 * route of the new address's subnet (fib_valid_prefsrc).
 */
static bool is_taken(const struct addrs *a, const struct ip_prefix *p)
{
	for (size_t i = 0; i < a->n_o; i++) {
		struct ip_addr last = prefix_last(&a->o[i]);

		if (last.family == AF_INET && ip_eq(&last, &p->addr) &&
		    !ip_eq(&last, &a->o[i].addr))
			return true;
	}
	return false;
}

static int add_addrs(struct change *c, const struct addrs *a)
{
	for (size_t i = 0; i < a->n_n; i++) {
		const struct addr_spec s = { .index = a->index, .addr = a->n[i], .nodad = true };
		struct err own = ERR_INIT;
		int r;

		if (inside_has_addr(a->o, a->n_o, &a->n[i]) || is_taken(a, &a->n[i]) != c->late)
			continue;
		c->moved = true;
		r = addr_add(&c->nl, &s, &own);
		if (r >= 0 || r == -EEXIST)
			continue;
		if (c->e)
			*c->e = own;
		return r;
	}
	return 0;
}

/* Without the setting the first address of a subnet takes the others along. */
static int del_addrs(struct change *c, const struct addrs *a)
{
	static const struct link_devconf promote = { IPV4_DEVCONF_PROMOTE_SECONDARIES, 1 };
	bool first = true;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->n_o; i++) {
		if (inside_has_addr(a->n, a->n_n, &a->o[i]))
			continue;
		if (first)
			r = link_set(&c->nl, a->index, NULL,
				     &(struct link_change){ .conf4 = &promote, .n_conf4 = 1 },
				     c->e);
		first = false;
		c->moved = true;
		if (r >= 0)
			r = addr_del(&c->nl, a->index, &a->o[i], c->e);
	}
	return r;
}

typedef int addrs_fn(struct change *c, const struct addrs *a);

/* Of lo, and of every link that is there; fresh ones had none. */
static int each_link(struct change *c, addrs_fn *fn)
{
	const struct addrs lo = { INSIDE_LO, c->o->lo, c->n->lo, c->o->n_lo, c->n->n_lo };
	int r = fn(c, &lo);

	for (size_t i = 0; r >= 0 && i < c->n->n_ifaces; i++) {
		const struct topo_iface *x = &c->nt->ifaces[c->n->ifaces[i]], *old = NULL;
		struct addrs a = { .n = x->addrs, .n_n = x->n_addrs };
		uint32_t k = topology_iface(c->ot, c->onode, x->name);

		if (k != TOPO_NONE && !is_fresh(c, c->n->ifaces[i]))
			old = &c->ot->ifaces[k];
		a.index = inside_index(&c->nl, x->name);
		if (x->on == TOPO_ON_PHYS || !a.index)
			continue;
		if (old) {
			a.o = old->addrs;
			a.n_o = old->n_addrs;
		}
		r = fn(c, &a);
	}
	return r;
}

/* ---- links ---- */

static int set_mtu(struct change *c, const struct topo_iface *x)
{
	uint32_t k = topology_iface(c->ot, c->onode, x->name);

	if (k == TOPO_NONE || c->ot->ifaces[k].mtu == x->mtu)
		return 0;
	return link_set(&c->nl, 0, x->name,
			&(struct link_change){ .mtu = x->mtu ? x->mtu : MTU_KERNEL }, c->e);
}

static int set_links(struct change *c)
{
	int r = c->n->uplink ? inside_uplink(&c->nl, c->e) : 0;

	for (size_t i = 0; r >= 0 && i < c->n->n_ifaces; i++) {
		const struct topo_iface *x = &c->nt->ifaces[c->n->ifaces[i]];
		uint32_t index = inside_index(&c->nl, x->name);
		struct ip_prefix local;

		if (x->on == TOPO_ON_PHYS || !index)
			continue;
		if (is_fresh(c, c->n->ifaces[i])) {
			c->moved = true;
			if (inside_linklocal(c->n, x, &local)) /* without IPv6 it is refused */
				addr_add(&c->nl,
					 &(struct addr_spec){
						 .index = index, .addr = local, .nodad = true },
					 NULL);
			r = link_set(&c->nl, index, x->name, &(struct link_change){ .up = ON },
				     c->e);
		} else {
			r = set_mtu(c, x);
		}
	}
	return r;
}

/* ---- routes ---- */

static int put_route(struct change *c, const struct topo_route *x, bool replace)
{
	struct err own = ERR_INIT;
	int r = inside_route_add(&c->nl, x, replace, &own);

	/* of a lab built in part, where the link it needs is not there */
	if (r >= 0 || r == -EEXIST || r == -ENODEV || (!c->late && inside_route_lost(r)))
		return 0;
	if (c->e)
		*c->e = own;
	return r;
}

/* What is new or other; what it stands on may come late. */
static int put_routes(struct change *c)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->n->n_routes; i++) {
		const struct topo_route *x = &c->n->routes[i];

		if (!find_route(c->o, x, inside_same_route))
			r = put_route(c, x, true);
	}
	return r;
}

static int del_route(struct change *c, const struct topo_route *x)
{
	struct route_spec s = { .dst = x->dst, .metric = x->metric };

	/* in IPv4 the hops tell it from another one; in IPv6 all hops go without them */
	if (x->dst.addr.family == AF_INET6 && !x->metric)
		s.metric = METRIC6_DEFAULT;
	if (x->dst.addr.family == AF_INET && x->n_hops == 1)
		s.via = x->hops->via;
	if (!x->n_hops)
		s.type = RTN_BLACKHOLE;
	return route_del(&c->nl, &s, c->e);
}

static int del_routes(struct change *c)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->o->n_routes; i++)
		if (!find_route(c->n, &c->o->routes[i], inside_same_key))
			r = del_route(c, &c->o->routes[i]);
	return r;
}

/*
 * Once more where what they stand on has changed: it may have taken them along, or some of
 * many hops. One that is there by the key of a route that stays is left as it is.
 */
static int settle_routes(struct change *c)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->n->n_routes; i++) {
		const struct topo_route *x = &c->n->routes[i];
		bool stays = find_route(c->o, x, inside_same_route);

		if (!stays || c->moved)
			r = put_route(c, x, !stays || x->n_hops > 1);
	}
	return r;
}

static int set_late(struct change *c)
{
	c->late = true;
	return 0;
}

/* ---- address translation ---- */

static int nat_entered(void *ctx)
{
	const struct change *c = ctx;

	return inside_nat_again(c->nt, c->nnode, c->e);
}

/* ---- all of it ---- */

static const struct {
	int (*all)(struct change *c);
	addrs_fn *addrs;
} steps[] = {
	{ .addrs = add_addrs }, { .all = set_links },	  { .all = put_routes },
	{ .all = del_routes },	{ .addrs = del_addrs },	  { .all = set_late },
	{ .addrs = add_addrs }, { .all = settle_routes },
};

int inside_change(int netns_fd, const struct topology *ot, uint32_t onode,
		  const struct topology *nt, uint32_t nnode, const uint32_t *fresh, size_t n_fresh,
		  struct err *e)
{
	struct change c = { .ot = ot,
			    .nt = nt,
			    .onode = onode,
			    .nnode = nnode,
			    .o = &ot->nodes[onode],
			    .n = &nt->nodes[nnode],
			    .fresh = fresh,
			    .n_fresh = n_fresh,
			    .nl = NL_INIT,
			    .e = e };
	int r = netns_do(netns_fd, entered, &c);

	if (r < 0 && !c.entered)
		err_sys(e, r, "enter the network namespace");
	/* a link that is gone took routes along; the uplink may be another than before */
	c.moved = c.o->n_ifaces != c.n->n_ifaces || n_fresh || c.n->uplink;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(steps); i++)
		r = steps[i].all ? steps[i].all(&c) : each_link(&c, steps[i].addrs);
	nl_close(&c.nl);
	if (r >= 0 && !inside_same_nat(ot, onode, nt, nnode))
		r = netns_do(netns_fd, nat_entered, &c);
	return r < 0 ? err_wrap(e, r, "node %s", c.n->name) : 0;
}
