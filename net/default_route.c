/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/default_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/route.h"

/* IP6_RT_PRIO_USER, linux/ipv6_route.h: what the kernel makes of no metric */
#define METRIC_6 1024

static unsigned family_bit(uint8_t family)
{
	return family == AF_INET ? FAMILY_4 : family == AF_INET6 ? FAMILY_6 : 0;
}

/* In ipvlan's modes l3 and l3s the host routes what is sent: the link is the way. */
static bool needs_gateway(const struct network *n)
{
	return strcmp(n->driver, "ipvlan") != 0 || !str_starts(n->mode, "l3");
}

unsigned default_route_can(const struct network *n)
{
	unsigned can = 0;

	for (size_t i = 0; i < n->n_subnets && !n->internal; i++)
		if (ip_is_set(&n->subnets[i].gateway) || !needs_gateway(n))
			can |= family_bit(n->subnets[i].subnet.addr.family);
	return can;
}

/* ---- looking ---- */

/* The default routes of a namespace's main table. */
struct defaults {
	struct route_info *v;
	size_t n;
};

static void defaults_free(struct defaults *d)
{
	free(d->v);
}

static int on_route(const struct route_info *r, void *ctx)
{
	struct defaults *d = ctx;
	struct route_info *added;

	/* the kernel keeps "unreachable default" routes of IPv6 on lo */
	if (r->dst.len != 0 || r->table != RT_TABLE_MAIN || r->type != RTN_UNICAST)
		return 0;
	added = VEC_ADD(d->v, d->n);
	if (!added)
		return -ENOMEM;
	*added = *r;
	return 0;
}

static int index_of(struct nl *nl, const char *ifname, uint32_t *ret, struct err *e)
{
	struct link_info l;
	int r = link_get(nl, ifname, &l, e);

	*ret = r < 0 ? 0 : l.index;
	return r;
}

/* The families of those that go by the link, and of the others. */
static int look(int netns_fd, const char *ifname, unsigned *ret_by, unsigned *ret_others,
		struct err *e)
{
	_cleanup_(defaults_free) struct defaults d = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	uint32_t index = 0;
	int r = netns_nl_open(netns_fd, &nl, NETLINK_ROUTE, e);

	*ret_by = *ret_others = 0;
	if (r >= 0 && ifname)
		index_of(&nl, ifname, &index, NULL);
	if (r >= 0)
		r = route_list(&nl, AF_UNSPEC, on_route, &d, e);
	for (size_t i = 0; i < d.n && r >= 0; i++)
		*(index && d.v[i].index == index ? ret_by : ret_others) |=
			family_bit(d.v[i].dst.addr.family);
	return r;
}

int default_route_there(int netns_fd, unsigned *ret, struct err *e)
{
	unsigned none;

	return look(netns_fd, NULL, &none, ret, e);
}

/* ---- giving ---- */

static uint32_t effective(uint8_t family, uint32_t metric)
{
	return !metric && family == AF_INET6 ? METRIC_6 : metric;
}

/* What would still be taken in its place: other devices' with no larger metric. */
static int drop_rivals(struct nl *nl, const struct route_spec *ours, struct err *e)
{
	_cleanup_(defaults_free) struct defaults d = { 0 };
	uint8_t family = ours->dst.addr.family;
	int r = route_list(nl, family, on_route, &d, e);

	for (size_t i = 0; i < d.n && r >= 0; i++) {
		const struct route_spec rival = { .dst = d.v[i].dst,
						  .via = d.v[i].via,
						  .index = d.v[i].index,
						  .metric = d.v[i].metric };

		if (rival.index != ours->index && rival.metric <= effective(family, ours->metric))
			r = route_del(nl, &rival, e);
	}
	return r;
}

/* The subnet of a family that the attachment has an address in. */
static const struct network_subnet *subnet_of(const struct default_route *d, uint8_t family)
{
	for (size_t i = 0; i < d->n->n_subnets; i++) {
		const struct network_subnet *s = &d->n->subnets[i];

		for (size_t k = 0; k < d->a->n_addrs; k++)
			if (s->subnet.addr.family == family &&
			    prefix_has(&s->subnet, &d->a->addrs[k].addr))
				return s;
	}
	return NULL;
}

static int give(struct nl *nl, const struct default_route *d, uint8_t family, uint32_t index,
		struct err *e)
{
	const struct network_subnet *subnet = subnet_of(d, family);
	struct route_spec route = {
		.dst = { .addr = { .family = family } },
		.index = index,
		.metric = d->metric,
		.replace = true,
	};
	int r;

	if (!(d->families & family_bit(family)) || !subnet)
		return 0;
	if (needs_gateway(d->n))
		route.via = subnet->gateway;
	r = route_add(nl, &route, e);
	return r < 0 ? r : drop_rivals(nl, &route, e);
}

int default_route_give(int netns_fd, const struct default_route *d, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	uint32_t index = 0;
	int r = netns_nl_open(netns_fd, &nl, NETLINK_ROUTE, e);

	if (r >= 0)
		r = index_of(&nl, d->a->ifname, &index, e);
	if (r >= 0)
		r = give(&nl, d, AF_INET, index, e);
	return r < 0 ? r : give(&nl, d, AF_INET6, index, e);
}

/* ---- passing on ---- */

struct heirs {
	struct attach_info *v;
	size_t n;
};

static void heirs_free(struct heirs *h)
{
	free(h->v);
}

static int add_heir(const struct attach_info *a, void *ctx)
{
	struct heirs *h = ctx;
	struct attach_info *added = VEC_ADD(h->v, h->n);

	if (!added)
		return -ENOMEM;
	*added = *a;
	return 0;
}

/* eth2 comes before eth10. */
static int by_ifname(const void *a, const void *b)
{
	const char *x = ((const struct attach_info *)a)->ifname;
	const char *y = ((const struct attach_info *)b)->ifname;
	size_t lx = strlen(x), ly = strlen(y);

	return lx != ly ? (lx < ly ? -1 : 1) : strcmp(x, y);
}

int default_route_pass_on(struct net *net, const struct attach_info *from, int netns_fd,
			  struct err *e)
{
	_cleanup_(heirs_free) struct heirs heirs = { 0 };
	unsigned by = 0, others = 0;
	int r = look(netns_fd, from->ifname, &by, &others, e);

	by &= ~others;
	if (r < 0 || !by)
		return r;
	r = attach_list(net, from->owner, NULL, add_heir, &heirs);
	if (r >= 0 && heirs.n)
		qsort(heirs.v, heirs.n, sizeof(*heirs.v), by_ifname);
	for (size_t i = 0; i < heirs.n && r >= 0 && by; i++) {
		_cleanup_network_ struct network n = { 0 };
		struct default_route d = { .n = &n, .a = &heirs.v[i] };

		if (!strcmp(d.a->ifname, from->ifname))
			continue;
		r = network_load_any(net, d.a->network, &n, e);
		if (r <= 0)
			continue;
		d.families = by & default_route_can(&n);
		/* one that is only being built has no link yet: the next */
		if (d.families && default_route_give(netns_fd, &d, NULL) >= 0)
			by &= ~d.families;
	}
	return r < 0 ? r : 0;
}
