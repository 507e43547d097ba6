/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making the kernel match a definition. Every step looks first and acts only
 * on what is missing, so the same walk creates a network, checks it before
 * each attachment (four netlink exchanges) and heals it. The order keeps it
 * closed at each moment: the firewall knows a network before its bridge can
 * carry a packet, and forwarding goes on last.
 */
#include "net/network_real.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/ip.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/addr.h"
#include "net/attach.h"
#include "net/dns_server.h"
#include "net/firewall.h"
#include "net/ipam.h"
#include "net/names.h"
#include "net/note.h"
#include "net/route.h"
#include "net/sysctl.h"

#define MTU_DEFAULT 1500

struct realise {
	struct net *net;
	const struct network *n;
	struct forward forward;
	struct link_info bridge;
	bool created; /* now, or left half-made by somebody who died */
	uint32_t mtu; /* to be set; 0: as it is */
	struct err *e;
};

bool network_is_real(struct net *net, const char *name)
{
	_cleanup_close_ int marks = net_dir(net, "realised", false);
	char text[8];

	return marks >= 0 && note_get(marks, name, text, sizeof(text)) >= 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int network_real_names(struct net *net, struct strv *ret, struct err *e)
{
	_cleanup_close_ int marks = net_dir(net, "realised", false);
	struct strv names = { 0 };
	int r;

	if (marks == -ENOENT)
		return 0;
	r = marks < 0 ? marks : dir_names(marks, &names);
	if (r < 0) {
		strv_free(&names);
		return err_sys(e, r, "list the realised networks");
	}
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	*ret = names;
	return 0;
}

/*
 * A definition may have been written by hand, or have met another world since:
 * what is made for the first time must not overlap what stands.
 */
static int check_first(struct realise *r)
{
	_cleanup_(network_used_free) struct network_used used = { 0 };
	int k = network_used_read(r->net, &used, r->e);

	if (k < 0)
		return k;
	network_used_standing(r->net, &used, r->n);
	return network_used_check(&used, r->n, r->e);
}

static int step_look(struct realise *r)
{
	int k = network_is_real(r->net, r->n->name) ? 0 : check_first(r);

	if (k < 0)
		return k;
	r->forward.need4 = !r->n->internal && network_has_family(r->n, AF_INET);
	r->forward.need6 = !r->n->internal && network_has_family(r->n, AF_INET6);
	return forward_probe(r->net, &r->forward, r->e);
}

static int step_firewall(struct realise *r)
{
	return firewall_add_net(r->net, r->n, &r->forward, r->e);
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
static uint32_t default_mtu(struct net *net)
{
	struct best b = { 0 };
	struct link_info link;

	route_list(&net->rt, AF_INET, better_default, &b, NULL);
	if (!b.index)
		route_list(&net->rt, AF_INET6, better_default, &b, NULL);
	if (!b.index || link_get_index(&net->rt, b.index, &link, NULL) < 0 || !link.mtu)
		return MTU_DEFAULT;
	return link.mtu > 65535 ? 65535 : link.mtu;
}

static int alias_of(const struct network *n, char *buf, size_t size)
{
	return str_fmt(buf, size, ALIAS_PREFIX "%s", n->name);
}

/*
 * Before the bridge is up: no router advertisement is believed on it
 * (CVE-2020-13401), and without an IPv6 subnet it has no IPv6 at all.
 */
static int bridge_sysctls(const struct network *n, struct err *e)
{
	bool v6 = network_has_family(n, AF_INET6);
	char ra[64], dad[64], off[64];
	struct sysctl table[] = {
		{ off, v6 ? "0" : "1" },
		{ ra, "0" },
		{ dad, "0" },
	};

	if (str_fmt(off, sizeof(off), "ipv6/conf/%s/disable_ipv6", n->name) < 0 ||
	    str_fmt(ra, sizeof(ra), "ipv6/conf/%s/accept_ra", n->name) < 0 ||
	    str_fmt(dad, sizeof(dad), "ipv6/conf/%s/accept_dad", n->name) < 0)
		return err_set(e, ENAMETOOLONG, "sysctls of %s", n->name);
	return sysctl_apply(-1, table, ARRAY_SIZE(table), e);
}

/*
 * ip link add NAME address MAC group 4242 type bridge stp_state 0 mcast_snooping 0
 *
 * The MAC is given, or it would follow the ports'. The MTU is set later: only
 * one that is changed is kept, one of the creation gives way to 1500 when the
 * last port leaves (br_mtu_auto_adjust). Snooping is off: without a querier it
 * only cuts groups off, and it makes large bridges slow.
 */
static int make_bridge(struct realise *r)
{
	char alias[32];
	struct link_spec spec = {
		.kind = &link_bridge,
		.name = r->n->name,
		.mac = r->n->mac,
		.group = LINK_GROUP_CTNET,
		.alias = alias,
		.bridge = { .stp = r->n->stp ? ON : OFF, .mcast_snooping = OFF },
	};
	int k = alias_of(r->n, alias, sizeof(alias));

	if (k >= 0)
		k = link_add(&r->net->rt, &spec, r->e);
	if (k >= 0)
		k = bridge_sysctls(r->n, r->e);
	if (k >= 0)
		k = link_get(&r->net->rt, r->n->name, &r->bridge, r->e);
	if (k < 0)
		return k;
	r->mtu = r->n->mtu ? r->n->mtu : default_mtu(r->net);
	r->bridge.mtu = r->mtu;
	return 0;
}

static int step_bridge(struct realise *r)
{
	char alias[32];
	int k = link_get(&r->net->rt, r->n->name, &r->bridge, NULL);

	if (k == -ENODEV) {
		r->created = true;
		return make_bridge(r);
	}
	if (k < 0)
		return err_sys(r->e, k, "find link %s", r->n->name);
	k = alias_of(r->n, alias, sizeof(alias));
	if (k < 0 || strcmp(r->bridge.kind, "bridge") != 0 || strcmp(r->bridge.alias, alias) != 0) {
		err_set(r->e, EEXIST, "link %s exists and is not ctnet's", r->n->name);
		err_hint(r->e, "rename or remove that link, or use another network name");
		return -EEXIST;
	}
	/* a bridge that never came up may lack its sysctls too */
	if (r->bridge.flags & IFF_UP)
		return 0;
	r->created = true;
	return bridge_sysctls(r->n, r->e);
}

struct missing {
	const struct network *n;
	bool there[NETWORK_SUBNETS_MAX];
};

static int on_addr(const struct addr_info *a, void *ctx)
{
	struct missing *m = ctx;

	for (size_t i = 0; i < m->n->n_subnets; i++)
		m->there[i] |= a->addr.len == m->n->subnets[i].subnet.len &&
			       ip_eq(&a->addr.addr, &m->n->subnets[i].gateway);
	return 0;
}

/* One batch of what is missing: group, forwarding, addresses, up. */
static int step_addresses(struct realise *r)
{
	static const struct link_devconf forwarding[] = { { IPV4_DEVCONF_FORWARDING, 1 } };
	_cleanup_nl_req_ struct nl_req q;
	struct missing m = { .n = r->n };
	struct link_change change = { .group = LINK_GROUP_CTNET, .mtu = r->mtu };
	uint32_t index = r->bridge.index;
	int k = addr_list(&r->net->rt, index, AF_UNSPEC, on_addr, &m, r->e);

	if (k < 0)
		return k;
	nl_req_init(&q);
	if (!r->n->internal && network_has_family(r->n, AF_INET) && r->created) {
		change.conf4 = forwarding;
		change.n_conf4 = 1;
	}
	if (r->created || r->bridge.group != LINK_GROUP_CTNET)
		link_set_put(&q, index, r->n->name, &change);
	for (size_t i = 0; i < r->n->n_subnets; i++)
		if (!m.there[i])
			addr_add_put(&q,
				     &(struct addr_spec){ .index = index,
							  .addr = { r->n->subnets[i].gateway,
								    r->n->subnets[i].subnet.len },
							  .nodad = true });
	if (r->created)
		link_set_put(&q, index, r->n->name, &(struct link_change){ .up = ON });
	if (q.n == 0)
		return q.error;
	return nl_run(&r->net->rt, &q, NULL, NULL, r->e);
}

/* Whether bridged frames of a family pass the firewall (br_netfilter loaded and on). */
static bool frames_are_filtered(const char *path)
{
	char value[8];

	return sysctl_get(path, value, sizeof(value), NULL) >= 0 && value[0] == '1';
}

/*
 * Without br_netfilter the firewall never sees what members send each other,
 * so the bridge keeps them apart. With it the firewall does, and isolation
 * would also cut the way from a member to another's published port.
 */
bool network_isolates(const struct network *n)
{
	return n->no_icc && !(frames_are_filtered("bridge/bridge-nf-call-iptables") &&
			      frames_are_filtered("bridge/bridge-nf-call-ip6tables"));
}

/*
 * A bridge that was deleted let go of its ports: those of living containers come
 * back, with what keeps them apart.
 */
static int take_port(const struct attach_info *a, void *ctx)
{
	_cleanup_nl_req_ struct nl_req q;
	struct realise *r = ctx;
	struct link_info port;

	nl_req_init(&q);
	if (!attach_alive(a) || link_get(&r->net->rt, a->host_ifname, &port, NULL) < 0 ||
	    !str_starts(port.alias, ALIAS_PREFIX) || port.master)
		return 0;
	log_trace("%s: taking %s back", r->n->name, port.name);
	link_set_put(&q, port.index, port.name,
		     &(struct link_change){ .master = r->bridge.index, .up = ON });
	/* the kernel looks for the bridge port before it makes one: a second message */
	if (network_isolates(r->n))
		link_set_put(&q, port.index, port.name,
			     &(struct link_change){ .brport = { .isolated = ON } });
	return nl_run(&r->net->rt, &q, NULL, NULL, r->e);
}

static int step_ports(struct realise *r)
{
	return r->created ? attach_list(r->net, NULL, r->n->name, take_port, r) : 0;
}

static int step_forwarding(struct realise *r)
{
	return forward_apply(r->net, &r->forward, r->e);
}

static const struct {
	const char *name;
	int (*run)(struct realise *r);
} steps[] = {
	{ "look", step_look },	   { "firewall", step_firewall },
	{ "bridge", step_bridge }, { "addresses", step_addresses },
	{ "ports", step_ports },   { "forwarding", step_forwarding },
};

int network_realise(struct net *net, const struct network *n, struct link_info *ret, struct err *e)
{
	struct realise r = { .net = net, .n = n, .e = e };
	int k = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && k >= 0; i++) {
		log_trace("network %s: %s", n->name, steps[i].name);
		k = steps[i].run(&r);
		crash_point("network", steps[i].name);
	}
	if (k < 0)
		return k;
	if (ret)
		*ret = r.bridge;
	return 0;
}

/* Deletes the bridge if it carries our mark. */
static int drop_bridge(struct net *net, const char *name, struct err *e)
{
	struct link_info l;
	char alias[32];
	int r = link_get(&net->rt, name, &l, NULL);

	if (r == -ENODEV)
		return 0;
	if (r >= 0)
		r = str_fmt(alias, sizeof(alias), ALIAS_PREFIX "%s", name);
	if (r < 0)
		return err_sys(e, r, "find link %s", name);
	if (strcmp(l.kind, "bridge") != 0 || strcmp(l.alias, alias) != 0)
		return 0;
	return link_del(&net->rt, name, e);
}

/*
 * Rules last: while the link is there, they hold it. Goes on after an error,
 * so that as little as possible is left; the first one is returned.
 */
int network_destroy(struct net *net, const char *name, const struct network *n, struct err *e)
{
	int r = drop_bridge(net, name, e);
	int k = firewall_del_net(net, name, n, r < 0 ? NULL : e);

	r = r < 0 ? r : k;
	dns_server_stop(net, name);
	names_drop(net, name);
	k = ipam_drop(net, name);
	if (k < 0 && r >= 0)
		r = err_sys(e, k, "drop the leases of network %s", name);
	return r;
}
