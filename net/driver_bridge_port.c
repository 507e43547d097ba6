/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --port: links of the host as ports of a network's bridge. They stay the
 * host's: their addresses are left where they are, and they are as they were
 * once the network goes. taken/NETWORK/LINK notes "up" or "down", how it was
 * found, from before it is taken until it is given back.
 */
#include <errno.h>
#include <linux/if.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "net/addr.h"
#include "net/driver.h"
#include "net/network.h"
#include "net/note.h"

#define DIR_TAKEN "taken"

static int find(struct driver_net *r, const char *name, struct link_info *ret)
{
	int k = link_get(&r->net->rt, name, ret, NULL);

	if (k == -ENODEV) {
		err_hint(r->e, "`ip link` lists the interfaces of the host");
		return err_set(r->e, ENODEV, "port %s: the host has no such link", name);
	}
	return k < 0 ? err_sys(r->e, k, "find link %s", name) : 0;
}

/* No frame that the bridge sends may be too long for a port. */
int bridge_ports_mtu(struct driver_net *r)
{
	for (size_t i = 0; i < NETWORK_PORTS_MAX && r->n->ports[i][0]; i++) {
		struct link_info l;
		int k = find(r, r->n->ports[i], &l);

		if (k < 0)
			return k;
		if (l.mtu >= r->mtu)
			continue;
		if (r->n->mtu) {
			err_hint(r->e, "give --mtu %u, or `ip link set %s mtu %u`", l.mtu, l.name,
				 r->n->mtu);
			return err_set(r->e, EMSGSIZE, "port %s has an MTU of %u, the network %u",
				       l.name, l.mtu, r->n->mtu);
		}
		r->mtu = l.mtu;
	}
	return 0;
}

struct addresses {
	char text[IP_PREFIX_STRLEN];
};

static int first_addr(const struct addr_info *a, void *ctx)
{
	struct addresses *found = ctx;

	if (!found->text[0] && !ip_is_linklocal(&a->addr.addr))
		prefix_str(&a->addr, found->text);
	return 0;
}

/* What arrives goes to the bridge, so the port's own addresses hear nothing more. */
static void warn_of_addresses(struct driver_net *r, const struct link_info *l)
{
	struct addresses found = { "" };

	if (addr_list(&r->net->rt, l->index, AF_UNSPEC, first_addr, &found, NULL) >= 0 &&
	    found.text[0])
		log_note("port %s keeps its address %s, which is not reached there any more; "
			 "move it to %s",
			 l->name, found.text, r->n->name);
}

static int check_free(struct driver_net *r, const struct link_info *l)
{
	struct link_info master = { .name = "?" };

	if (l->flags & IFF_LOOPBACK)
		return err_set(r->e, EINVAL, "port %s: the loopback cannot be one", l->name);
	if (!l->master)
		return 0;
	link_get_index(&r->net->rt, l->master, &master, NULL);
	err_hint(r->e, "take it out there first: `ip link set %s nomaster`", l->name);
	return err_set(r->e, EBUSY, "port %s belongs to %s", l->name, master.name);
}

/*
 * ip link set eth1 master BR up
 *
 * With VLANs it carries the network's tagged, where its containers' ports are
 * untagged members.
 */
static int take(struct driver_net *r, const struct link_info *l)
{
	_cleanup_close_ int dir = net_dir_of(r->net, DIR_TAKEN, r->n->name, true);
	const struct brvlan_spec tagged = { .index = l->index, .vid = r->n->vlan };
	int k = dir < 0 ? dir : note_add(dir, l->name, l->flags & IFF_UP ? "up" : "down");

	if (k < 0 && k != -EEXIST)
		return err_sys(r->e, k, "note port %s", l->name);
	crash_point("port", "note");
	k = link_set(&r->net->rt, l->index, l->name,
		     &(struct link_change){ .master = r->link.index, .up = ON }, r->e);
	crash_point("port", "enslave");
	if (k >= 0 && r->n->vlan)
		k = brvlan_add(&r->net->rt, &tagged, r->e);
	if (k >= 0)
		warn_of_addresses(r, l);
	return k;
}

int bridge_ports_take(struct driver_net *r)
{
	int k = 0;

	for (size_t i = 0; i < NETWORK_PORTS_MAX && r->n->ports[i][0] && k >= 0; i++) {
		struct link_info l;

		k = find(r, r->n->ports[i], &l);
		if (k < 0 || l.master == r->link.index)
			continue;
		k = check_free(r, &l);
		if (k >= 0)
			k = take(r, &l);
	}
	return k;
}

static void give_back(struct net *net, int dir, const char *name)
{
	char was[8];
	struct link_info l;

	/* of another bridge by now: somebody else's affair */
	if (note_get(dir, name, was, sizeof(was)) >= 0 && !strcmp(was, "down") &&
	    link_get(&net->rt, name, &l, NULL) >= 0 && !l.master)
		link_set(&net->rt, l.index, name, &(struct link_change){ .up = OFF }, NULL);
	note_del(dir, name);
}

/* The bridge is gone, so nobody is its port any more. */
void bridge_ports_give_back(struct net *net, const char *name)
{
	_cleanup_close_ int dir = net_dir_of(net, DIR_TAKEN, name, false);
	struct strv names = { 0 };

	if (dir < 0 || dir_names(dir, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		give_back(net, dir, names.v[i]);
	strv_free(&names);
	crash_point("port", "given back");
	dir = (fd_close(dir), -1);
	dir = net_dir(net, DIR_TAKEN, false);
	if (dir >= 0)
		dir_remove_at(dir, name);
}
