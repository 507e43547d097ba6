/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way there. Order: lock, look, record, unlock; mark, move, up. Whatever
 * fails, phys_return undoes it from the record.
 */
#include "net/phys.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/network_real.h"
#include "net/phys_real.h"
#include "net/route.h"

int phys_alias(const struct phys_info *p, char buf[PHYS_ALIAS_LEN])
{
	return str_fmt(buf, PHYS_ALIAS_LEN, ALIAS_PREFIX "phys:%s:%s", p->owner, p->name);
}

static int check_virtual(const struct link_info *l, const struct phys_spec *s, struct err *e)
{
	if (link_is_physical(l) || s->move_virtual)
		return 0;
	if (s->cure)
		err_hint(e, "if that may happen: %s", s->cure);
	else
		err_hint(e, "if that may happen: --net phys:%s,move-virtual", l->name);
	return err_set(e, EINVAL, "interface %s is virtual (%s): the kernel would %s", l->name,
		       l->kind, "destroy it with the namespace it is lent to");
}

static int check(struct net *net, const struct link_info *l, const struct phys_spec *s,
		 struct err *e)
{
	struct link_info master;

	if (l->flags & IFF_LOOPBACK)
		return err_set(e, EINVAL, "interface %s is the host's loopback", l->name);
	if (str_starts(l->alias, ALIAS_PREFIX) || l->group == LINK_GROUP_CTNET)
		return err_set(e, EINVAL, "interface %s belongs to ctnet itself", l->name);
	if (l->master) {
		if (link_get_index(&net->rt, l->master, &master, NULL) < 0)
			return err_set(e, EBUSY, "interface %s is a port of another", l->name);
		err_hint(e, "release it first: ip link set %s nomaster", l->name);
		return err_set(e, EBUSY, "interface %s is a port of %s", l->name, master.name);
	}
	return check_virtual(l, s, e);
}

struct leads {
	uint32_t index;
	bool here, elsewhere;
};

static int on_route(const struct route_info *r, void *ctx)
{
	struct leads *l = ctx;

	if (r->dst.len || r->type != RTN_UNICAST)
		return 0;
	l->here |= r->index == l->index;
	l->elsewhere |= r->index != l->index;
	return 0;
}

/* Its addresses and routes are lost; that the way to the world is among them is said. */
static void tell(struct net *net, const struct link_info *l)
{
	struct leads d = { .index = l->index };

	if (route_list(&net->rt, AF_UNSPEC, on_route, &d, NULL) >= 0 && d.here && !d.elsewhere)
		log_note("interface %s had the host's only default route; it is not restored",
			 l->name);
}

static int fill(struct phys_info *p, const struct phys_spec *s, const struct link_info *l,
		struct err *e)
{
	*p = (struct phys_info){
		.mac = l->mac, .mtu = l->mtu, .up = l->flags & IFF_UP, .holder = s->holder
	};
	if (str_fmt(p->name, sizeof(p->name), "%s", l->name) < 0 ||
	    str_fmt(p->inside, sizeof(p->inside), "%s", s->inside ? s->inside : l->name) < 0 ||
	    str_fmt(p->owner, sizeof(p->owner), "%s", s->owner) < 0 ||
	    str_fmt(p->kind, sizeof(p->kind), "%s", l->kind) < 0 ||
	    str_fmt(p->alias, sizeof(p->alias), "%s", l->alias) < 0)
		return err_set(e, ENAMETOOLONG, "names of interface %s are too long", l->name);
	return 0;
}

static int lent(const struct phys_info *p, struct err *e)
{
	return err_set(e, EBUSY, "interface %s is lent to container %s", p->name, p->owner);
}

/* Under the lock: nobody else's, and from the record on ours. */
static int reserve(struct net *net, const struct phys_spec *s, struct link_info *l,
		   struct phys_info *p, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	int r = lock;

	if (r >= 0)
		r = phys_gc(net, e);
	if (r >= 0 && phys_record_load(net, s->name, p) >= 0)
		return lent(p, e);
	if (r >= 0)
		r = link_get(&net->rt, s->name, l, e);
	if (r >= 0)
		r = check(net, l, s, e);
	if (r >= 0)
		r = fill(p, s, l, e);
	if (r < 0)
		return r;
	r = phys_record_save(net, p);
	return r < 0 ? err_sys(e, r, "write the record of interface %s", p->name) : 0;
}

/* ip link set IF alias MARK; ip link set IF netns FD name INSIDE; ip -n FD link set INSIDE up */
static int lend(struct net *net, const struct phys_info *p, const struct link_info *l, int netns_fd,
		struct err *e)
{
	_cleanup_nl_ struct nl in = NL_INIT;
	struct link_info there;
	char alias[PHYS_ALIAS_LEN];
	int r = phys_alias(p, alias);

	crash_point("phys", "recorded");
	if (r >= 0)
		r = link_set(&net->rt, l->index, NULL, &(struct link_change){ .alias = alias }, e);
	crash_point("phys", "marked");
	if (r >= 0)
		r = link_move(&net->rt, l->index, netns_fd, p->inside, &there, e);
	crash_point("phys", "moved");
	if (r >= 0)
		r = netns_nl_open(netns_fd, &in, NETLINK_ROUTE, e);
	if (r >= 0)
		r = link_set(&in, there.index, NULL, &(struct link_change){ .up = ON }, e);
	return r;
}

int phys_take(struct net *net, const struct phys_spec *s, int netns_fd, struct phys_info *ret,
	      struct err *e)
{
	struct phys_info p;
	struct link_info l;
	int r = reserve(net, s, &l, &p, e);

	if (r < 0)
		return r;
	tell(net, &l);
	r = lend(net, &p, &l, netns_fd, e);
	if (r < 0) {
		phys_return(net, &p, netns_fd, NULL);
		return err_wrap(e, r, "take interface %s", p.name);
	}
	*ret = p;
	return 0;
}
