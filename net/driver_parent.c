/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What macvlan and ipvlan have in common: a link on top of one of the host's,
 * born inside the container's namespace. The host keeps nothing of it, neither
 * a link nor rules, and it dies with the namespace; its mark is set there.
 */
#include <errno.h>
#include <linux/if.h>
#include <string.h>

#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/attach.h"
#include "net/driver.h"
#include "net/network.h"

static int check_parent(struct driver_net *r)
{
	const struct link_info *l = &r->link;
	struct link_info master = { .name = "?" };

	if (l->flags & IFF_LOOPBACK)
		return err_set(r->e, EINVAL, "parent %s: there is no link behind the loopback",
			       l->name);
	if (!(l->flags & IFF_UP)) {
		err_hint(r->e, "`ip link set %s up`", l->name);
		return err_set(r->e, ENETDOWN, "parent %s is down", l->name);
	}
	if (!l->master)
		return 0;
	link_get_index(&r->net->rt, l->master, &master, NULL);
	err_hint(r->e, "`--parent %s` leads to the same link", master.name);
	return err_set(r->e, EBUSY, "parent %s is a port of %s", l->name, master.name);
}

static int check_mtu(struct driver_net *r)
{
	if (r->n->mtu <= r->link.mtu)
		return 0;
	err_hint(r->e, "give --mtu %u or less, or none", r->link.mtu);
	return err_set(r->e, EMSGSIZE, "parent %s has an MTU of %u, the network %u", r->link.name,
		       r->link.mtu, r->n->mtu);
}

int parent_realise(struct driver_net *r, const struct link_kind *kind)
{
	int k = r->first ? link_kind_probe(&r->net->rt, kind, r->e) : 0;

	if (k < 0)
		return k;
	k = link_get(&r->net->rt, r->n->parent, &r->link, NULL);
	if (k == -ENODEV) {
		err_hint(r->e, "`ip link` lists the interfaces of the host");
		return err_set(r->e, ENODEV, "parent %s: the host has no such link", r->n->parent);
	}
	if (k < 0)
		return err_sys(r->e, k, "find link %s", r->n->parent);
	k = check_parent(r);
	if (k >= 0)
		k = check_mtu(r);
	r->mtu = r->n->mtu ? r->n->mtu : r->link.mtu;
	return k;
}

/* ip link add link PARENT name eth0 mtu N netns FD type KIND mode M */
int parent_link(const struct driver_link *l, const struct link_spec *kind)
{
	struct link_spec spec = *kind;
	int r;

	spec.name = l->info->ifname;
	spec.parent = l->on->index;
	spec.mtu = l->mtu;
	spec.netns_fd = l->netns_fd;
	r = link_add(&l->net->rt, &spec, l->e);
	crash_point("parent", "link");
	if (r == -EBUSY)
		err_hint(l->e,
			 "links of macvlan and of ipvlan, or two of passthru, exclude each "
			 "other on %s",
			 l->on->name);
	return r;
}
