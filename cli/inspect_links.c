/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ends of a container's links, each as the kernel has it. */
#include <fcntl.h>
#include <linux/if.h>
#include <string.h>

#include "cli/ct_json.h"
#include "cli/inspect.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/procfs.h"
#include "core/state.h"
#include "net/addr.h"
#include "net/attach.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/store.h"

struct looking {
	struct net *net;
	const struct ct_info *ct;
	struct nl inside;
	json_t *all;
	json_t *addresses; /* of the link that is being looked at */
};

/* How a link may have no name outside: the other end is in a third namespace, or there is none. */
static bool host_end(struct looking *l, const struct link_info *in, const struct attach_info *a,
		     struct link_info *ret)
{
	if (a && a->host_ifname[0])
		return link_get(&l->net->rt, a->host_ifname, ret, NULL) >= 0;
	return in->peer_elsewhere && !strcmp(in->kind, "veth") &&
	       link_get_index(&l->net->rt, in->peer_index, ret, NULL) >= 0 && ret->peer_elsewhere &&
	       ret->peer_index == in->index && !strcmp(ret->kind, "veth");
}

static json_t *mac_json(const struct link_info *link)
{
	char buf[MAC_STRLEN];

	return mac_is_set(&link->mac) ? json_string(mac_str(&link->mac, buf)) : json_null();
}

static void put_host_end(struct looking *l, json_t *o, const struct link_info *in,
			 const struct attach_info *a)
{
	struct link_info out, master;
	bool there = host_end(l, in, a, &out);
	bool mastered =
		there && out.master && link_get_index(&l->net->rt, out.master, &master, NULL) >= 0;

	json_object_set_new(o, "network", a ? json_string(a->network) : json_null());
	json_object_set_new(o, "host_ifname", there ? json_string(out.name) : json_null());
	json_object_set_new(o, "host_ifindex", there ? json_integer(out.index) : json_null());
	json_object_set_new(o, "host_mac", there ? mac_json(&out) : json_null());
	json_object_set_new(o, "host_mtu", there ? json_integer(out.mtu) : json_null());
	json_object_set_new(o, "host_carrier",
			    there ? json_boolean(out.flags & IFF_LOWER_UP) : json_null());
	json_object_set_new(o, "master", mastered ? json_string(master.name) : json_null());
}

static int add_address(const struct addr_info *a, void *ctx)
{
	const struct looking *l = ctx;
	char buf[IP_PREFIX_STRLEN];

	json_array_append_new(l->addresses, json_string(prefix_str(&a->addr, buf)));
	return 0;
}

/* A link that was made by hand in there has no record. */
static int add_link(const struct link_info *in, void *ctx)
{
	struct looking *l = ctx;
	struct attach_info a;
	bool known = attach_find(l->net, l->ct->id, in->name, &a) >= 0;
	json_t *o =
		json_pack("{s:s, s:I, s:o, s:o, s:I, s:b, s:b}", "ifname", in->name, "ifindex",
			  (json_int_t)in->index, "kind", ct_json_word(in->kind), "mac",
			  mac_json(in), "mtu", (json_int_t)in->mtu, "up", (in->flags & IFF_UP) != 0,
			  "carrier", (in->flags & IFF_LOWER_UP) != 0);

	l->addresses = json_array();
	addr_list(&l->inside, in->index, AF_UNSPEC, add_address, l, NULL);
	json_object_set_new(o, "addresses", l->addresses);
	put_host_end(l, o, in, known ? &a : NULL);
	json_array_append_new(l->all, o);
	return 0;
}

/* In the host's namespace no link is the container's. */
json_t *inspect_links(struct net *net, const struct ct_info *i)
{
	_cleanup_close_ int proc = procfs_open(&i->init), ns = -1, own = netns_open_self();
	struct looking l = { .net = net, .ct = i, .inside = NL_INIT, .all = json_array() };

	ns = proc < 0 ? -1 : openat(proc, "ns/net", O_RDONLY | O_CLOEXEC);
	if (ns < 0 || netns_inode(ns) == netns_inode(own) ||
	    netns_nl_open(ns, &l.inside, NETLINK_ROUTE, NULL) < 0)
		return l.all;
	link_list(&l.inside, 0, add_link, &l, NULL);
	nl_close(&l.inside);
	return l.all;
}
