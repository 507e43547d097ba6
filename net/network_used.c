/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/addr.h"
#include "net/driver.h"
#include "net/network_real.h"
#include "net/route.h"

/*
 * Routes as wide as these stand for a default route (0.0.0.0/1 and 128.0.0.0/1
 * of a VPN, 2000::/3): a subnet inside them collides with nobody.
 */
#define WIDE4 7
#define WIDE6 3

static int add(struct network_used *u, const struct used_item *item)
{
	struct used_item *added = VEC_ADD(u->v, u->n);

	if (!added)
		return -ENOMEM;
	*added = *item;
	return 0;
}

static int on_addr(const struct addr_info *a, void *ctx)
{
	if (ip_is_linklocal(&a->addr.addr))
		return 0;
	return add(ctx, &(struct used_item){ .p = prefix_masked(&a->addr),
					     .by = USED_ADDRESS,
					     .index = a->index });
}

static int on_route(const struct route_info *r, void *ctx)
{
	if (r->dst.len <= (r->dst.addr.family == AF_INET ? WIDE4 : WIDE6) ||
	    ip_is_linklocal(&r->dst.addr) || r->type == RTN_MULTICAST)
		return 0;
	return add(ctx, &(struct used_item){
				.p = prefix_masked(&r->dst), .by = USED_ROUTE, .index = r->index });
}

/* A definition that means no network holds nothing: its network does not come up either. */
static int add_network(struct net *net, struct network_used *u, const char *name)
{
	_cleanup_network_ struct network n = { 0 };
	int r = network_load_any(net, name, &n, NULL);

	for (size_t i = 0; r >= 0 && i < n.n_subnets; i++) {
		struct used_item item = { .p = n.subnets[i].subnet, .by = USED_NETWORK };

		memcpy(item.name, n.name, sizeof(item.name));
		r = add(u, &item);
	}
	return r;
}

/* Networks first: of all that overlap they are the best explanation. */
int network_used_read(struct net *net, struct network_used *ret, struct err *e)
{
	struct network_used u = { 0 };
	struct strv names = { 0 };
	int r = network_names(net, &names, e);

	for (size_t i = 0; i < names.n && r >= 0; i++) {
		r = add_network(net, &u, names.v[i]);
		if (r < 0)
			err_sys(e, r, "collect the subnets in use");
	}
	strv_free(&names);
	if (r >= 0)
		r = addr_list(&net->rt, 0, AF_UNSPEC, on_addr, &u, e);
	if (r >= 0)
		r = route_list(&net->rt, AF_UNSPEC, on_route, &u, e);
	if (r < 0) {
		network_used_free(&u);
		return r;
	}
	*ret = u;
	return 0;
}

void network_used_free(struct network_used *u)
{
	free(u->v);
	*u = (struct network_used){ 0 };
}

const struct used_item *network_used_find(const struct network_used *u, const struct ip_prefix *p,
					  char *buf, size_t size)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct used_item *item = &u->v[i];
		char link[IF_NAMESIZE] = "?", text[IP_PREFIX_STRLEN];

		if (!prefix_overlaps(p, &item->p))
			continue;
		prefix_str(&item->p, text);
		if (item->by == USED_NETWORK)
			snprintf(buf, size, "%s of network %s", text, item->name);
		else
			snprintf(buf, size, "%s %s of link %s",
				 item->by == USED_ROUTE ? "the route" : "the addresses", text,
				 if_indextoname(item->index, link) ? link : "?");
		return item;
	}
	return NULL;
}

int network_used_check(const struct network_used *u, const struct network *n, struct err *e)
{
	/* on a link of the host's, its own addresses and routes are the same network's */
	bool lan = driver_of(n)->without_firewall;
	char who[128], p[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < n->n_subnets; i++) {
		const struct ip_prefix *subnet = &n->subnets[i].subnet;
		const struct used_item *item = network_used_find(u, subnet, who, sizeof(who));

		/* networks come first, so one that is none ends the search */
		if (!item || (lan && item->by != USED_NETWORK))
			continue;
		err_set(e, EADDRINUSE, "subnet %s overlaps %s", prefix_str(subnet, p), who);
		err_hint(e, "give another --subnet, or none to get a free one");
		return -EADDRINUSE;
	}
	return 0;
}

static bool is_own(const struct network *n, const struct used_item *item)
{
	char link[IF_NAMESIZE];

	if (item->by == USED_NETWORK)
		return !strcmp(item->name, n->name);
	return if_indextoname(item->index, link) && !strcmp(link, n->name);
}

void network_used_standing(struct net *net, struct network_used *u, const struct network *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < u->n; i++)
		if (!is_own(n, &u->v[i]) &&
		    (u->v[i].by != USED_NETWORK || network_is_real(net, u->v[i].name)))
			u->v[kept++] = u->v[i];
	u->n = kept;
}
