/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drivers share: links of ours on the host, and the MTU of the way out. */
#include <errno.h>
#include <string.h>

#include "core/base/err.h"
#include "net/driver.h"
#include "net/network_real.h"
#include "net/route.h"

#define MTU_DEFAULT 1500
#define MTU_MAX	    65535

static bool has_mark(const struct link_info *l, const char *network, const char *kind)
{
	return !strcmp(l->kind, kind) && str_starts(l->alias, ALIAS_PREFIX) &&
	       !strcmp(l->alias + strlen(ALIAS_PREFIX), network);
}

/*
 * The start of what we were making: who made it was killed before it got its mark
 * (link_add). A bridge is born in our group, what else there is as its port.
 */
static bool is_begun(struct net *net, const struct link_info *l, const char *network,
		     const char *kind)
{
	return !l->alias[0] && !strcmp(l->kind, kind) &&
	       (l->group == LINK_GROUP_CTNET ||
		(l->master && l->master == net_link_index(net, network)));
}

int driver_own_link(struct driver_net *r, const char *name, const char *kind, struct link_info *ret)
{
	int k = link_get(&r->net->rt, name, ret, NULL);

	if (k >= 0 && is_begun(r->net, ret, r->n->name, kind)) {
		k = link_del(&r->net->rt, name, r->e);
		return k < 0 ? k : -ENODEV;
	}
	if (k == -ENODEV)
		return k;
	if (k < 0)
		return err_sys(r->e, k, "find link %s", name);
	if (has_mark(ret, r->n->name, kind))
		return 1;
	err_hint(r->e, "rename or remove that link, or use another network name");
	return err_set(r->e, EEXIST, "link %s exists and is not ctnet's", name);
}

int driver_drop_link(struct net *net, const char *network, const char *name, const char *kind,
		     struct err *e)
{
	struct link_info l;
	int r = link_get(&net->rt, name, &l, NULL);

	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return err_sys(e, r, "find link %s", name);
	return has_mark(&l, network, kind) || is_begun(net, &l, network, kind)
		       ? link_del(&net->rt, name, e)
		       : 0;
}

struct best {
	uint32_t index, metric;
};

static int better_default(const struct route_info *route, void *ctx)
{
	struct best *b = ctx;

	if (route->dst.len == 0 && route->index && (!b->index || route->metric < b->metric)) {
		b->index = route->index;
		b->metric = route->metric;
	}
	return 0;
}

/* What goes out by the default route fits without fragments; without one, Ethernet's. */
uint32_t driver_default_mtu(struct net *net)
{
	struct best b = { 0 };
	struct link_info link;

	route_list(&net->rt, AF_INET, better_default, &b, NULL);
	if (!b.index)
		route_list(&net->rt, AF_INET6, better_default, &b, NULL);
	if (!b.index || link_get_index(&net->rt, b.index, &link, NULL) < 0 || !link.mtu)
		return MTU_DEFAULT;
	return link.mtu > MTU_MAX ? MTU_MAX : link.mtu;
}
