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
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/bridge_nf.h"
#include "net/dns_server.h"
#include "net/driver.h"
#include "net/firewall.h"
#include "net/ipam.h"
#include "net/names.h"
#include "net/note.h"
#include "net/port_real.h"

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

struct realise {
	struct driver_net host;
	struct forward forward;
	bool first; /* it does not stand here yet */
};

/*
 * A definition may have been written by hand, or have met another world since:
 * what is made for the first time must not overlap what stands.
 */
static int check_first(struct realise *r)
{
	_cleanup_(network_used_free) struct network_used used = { 0 };
	int k = network_used_read(r->host.net, &used, r->host.e);

	if (k < 0)
		return k;
	network_used_standing(r->host.net, &used, r->host.n);
	return network_used_check(&used, r->host.n, r->host.e);
}

static bool filtered(const struct network *n)
{
	return !driver_of(n)->without_firewall;
}

static int step_look(struct realise *r)
{
	const struct network *n = r->host.n;
	bool routes;
	int k;

	r->first = !network_is_real(r->host.net, n->name);
	k = r->first ? check_first(r) : 0;
	if (k < 0 || !filtered(n))
		return k;
	/* without a bridge the host routes among the members, too */
	routes = !n->internal || driver_of(n)->host_routes;
	r->forward.need4 = routes && network_has_family(n, AF_INET);
	r->forward.need6 = routes && network_has_family(n, AF_INET6);
	return forward_probe(r->host.net, &r->forward, r->host.e);
}

static int step_firewall(struct realise *r)
{
	_cleanup_close_ int marks = -1;
	int k;

	if (filtered(r->host.n))
		return firewall_add_net(r->host.net, r->host.n, &r->forward, r->host.e);
	if (!r->first)
		return 0;
	marks = net_dir(r->host.net, "realised", true);
	k = marks < 0 ? marks : note_mark(marks, r->host.n->name);
	return k < 0 ? err_sys(r->host.e, k, "note network %s", r->host.n->name) : 0;
}

static int step_driver(struct realise *r)
{
	int k;

	r->host.first = r->first;
	k = driver_of(r->host.n)->realise(&r->host);
	if (k >= 0 && r->host.created && !r->first)
		k = port_link_again(r->host.net, r->host.n->name, r->host.e);
	return k;
}

/*
 * Without br_netfilter the firewall never sees what members send each other,
 * so the bridge keeps them apart. With it the firewall does, and isolation
 * would also cut the way from a member to another's published port.
 */
bool network_isolates(const struct network *n)
{
	return n->no_icc && !(bridge_nf_ip() && bridge_nf_ip6());
}

static int step_forwarding(struct realise *r)
{
	return filtered(r->host.n) ? forward_apply(r->host.net, &r->forward, r->host.e) : 0;
}

static const struct {
	const char *name;
	int (*run)(struct realise *r);
} steps[] = {
	{ "look", step_look },
	{ "firewall", step_firewall },
	{ "driver", step_driver },
	{ "forwarding", step_forwarding },
};

int network_realise(struct net *net, const struct network *n, struct link_info *ret, struct err *e)
{
	struct realise r = { .host = { .net = net, .n = n, .e = e } };
	int k = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && k >= 0; i++) {
		log_trace("network %s: %s", n->name, steps[i].name);
		k = steps[i].run(&r);
		crash_point("network", steps[i].name);
	}
	if (k < 0)
		return k;
	if (ret) {
		*ret = r.host.link;
		ret->mtu = r.host.mtu;
	}
	return 0;
}

/*
 * Rules last: while the link is there, they hold it. What is on disk goes in
 * any case, so that as little as possible is left; the first error is returned.
 */
int network_destroy(struct net *net, const char *name, const struct network *n, struct err *e)
{
	int r = driver_destroy(net, name, n, e), k;

	if (r >= 0)
		r = firewall_del_net(net, name, n, e);
	crash_point("destroy", "firewall");
	dns_server_stop(net, name);
	names_drop(net, name);
	k = ipam_drop(net, name);
	if (k < 0 && r >= 0)
		r = err_sys(e, k, "drop the leases of network %s", name);
	return r;
}
