/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An attachment is reserved under the lock (addresses, names, the record) and
 * built without it, so that many containers start side by side. The record
 * stands before the first link and goes after the last lease: whoever finds
 * one whose holder is dead can undo all of it.
 */
#include "net/attach.h"

#include <errno.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/attach_rate.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/dns_server.h"
#include "net/firewall.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/names.h"
#include "net/network.h"
#include "net/network_real.h"

/* names[] of a hosts line: the container's, its hostname, its aliases */
#define NAMES_MAX 32

struct attach {
	struct net *net;
	const struct net_attach *a;
	int netns_fd;
	struct network n;
	const struct driver *driver;
	struct link_info on; /* the bridge, or the parent */
	uint32_t mtu;
	bool borrowed; /* n is the caller's */
	bool taken; /* something may be there that is to be undone */
	struct attach_info info;
	char key[ATTACH_KEY_LEN];
	struct err *e;
};

void attach_free(struct attach *u)
{
	if (u && !u->borrowed)
		network_free(&u->n);
	free(u);
}

static void cleanup_attach(struct attach **u)
{
	attach_free(*u);
}

/* The addresses in turn of a network's hosts line; the first name is the canonical one. */
static size_t names_of(const struct net_attach *a, const char *names[NAMES_MAX])
{
	size_t n = 0;

	if (a->name)
		names[n++] = a->name;
	if (a->hostname && (!a->name || strcmp(a->name, a->hostname) != 0))
		names[n++] = a->hostname;
	for (size_t i = 0; a->aliases && i < a->aliases->n && n < NAMES_MAX; i++)
		names[n++] = a->aliases->v[i];
	return n;
}

static int check_ifname(const char *ifname, struct err *e)
{
	static const char *const reserved[] = { "lo", "all", "default" };
	int r = name_check("interface", ifname, NAME_MAX_IF, e);

	for (size_t i = 0; i < ARRAY_SIZE(reserved) && r >= 0; i++)
		if (!strcmp(ifname, reserved[i]))
			r = err_set(e, EINVAL, "interface name \"%s\" is reserved", ifname);
	return r;
}

/* ipvlan and passthru have the parent's. */
static bool own_mac(const struct attach *u)
{
	return u->driver->own_mac && strcmp(u->n.mode, "passthru") != 0;
}

static int check_wanted(const struct attach *u)
{
	if (mac_is_set(&u->a->mac) && !own_mac(u)) {
		err_hint(u->e, "leave it out");
		return err_set(u->e, EINVAL, "on network %s the MAC address is the parent's",
			       u->n.name);
	}
	if (ip_is_set(&u->a->ip) && !network_has_family(&u->n, AF_INET))
		return err_set(u->e, EADDRNOTAVAIL, "network %s has no IPv4 subnet", u->n.name);
	if (ip_is_set(&u->a->ip6) && !network_has_family(&u->n, AF_INET6)) {
		err_hint(u->e, "create it with --ipv6");
		return err_set(u->e, EADDRNOTAVAIL, "network %s has no IPv6 subnet", u->n.name);
	}
	if ((u->a->rate_in || u->a->rate_out) && !driver_of(&u->n)->host_end) {
		err_hint(u->e, "limit what leaves inside: tc qdisc add dev IF root tbf ...");
		return err_set(u->e, EOPNOTSUPP, "links of driver %s have no end on the host %s",
			       driver_of(&u->n)->name, "whose rate could be limited");
	}
	if (mac_is_set(&u->a->mac) && !mac_is_unicast(&u->a->mac))
		return err_set(u->e, EINVAL, "the MAC address of an interface cannot be a group's");
	return 0;
}

/* Everything that can be refused without a look at the state. */
static int step_check(struct attach *u)
{
	const struct net_attach *a = u->a;
	const char *names[NAMES_MAX], *ifname = a->ifname ? a->ifname : "eth0";
	size_t n_names = names_of(a, names);
	int r = check_ifname(ifname, u->e);

	if (r >= 0)
		r = name_check("owner", a->owner, NAME_MAX_CT, u->e);
	for (size_t i = 0; i < n_names && r >= 0; i++)
		r = names_check("host name", names[i], u->e);
	u->borrowed = a->definition;
	if (u->borrowed)
		u->n = *a->definition;
	else if (r >= 0)
		r = network_load(u->net, a->network, &u->n, u->e);
	u->driver = driver_of(&u->n);
	if (r >= 0)
		r = check_wanted(u);
	if (r < 0)
		return r;
	u->info.holder = a->holder;
	u->info.mac = a->mac;
	u->info.rate_in = a->rate_in;
	u->info.rate_out = a->rate_out;
	if (str_fmt(u->info.owner, sizeof(u->info.owner), "%s", a->owner) < 0 ||
	    str_fmt(u->info.network, sizeof(u->info.network), "%s", u->n.name) < 0 ||
	    str_fmt(u->info.ifname, sizeof(u->info.ifname), "%s", ifname) < 0 ||
	    str_fmt(u->info.name, sizeof(u->info.name), "%s", a->name ? a->name : "") < 0 ||
	    attach_key(&u->info, u->key) < 0)
		return err_set(u->e, ENAMETOOLONG, "names of %s are too long", a->owner);
	return 0;
}

/* One that was removed since its definition was read does not come back. */
static int step_realise(struct attach *u)
{
	int r = network_defined(u->net, u->n.name) ? network_realise(u->net, &u->n, &u->on, u->e)
						   : network_unknown(u->net, u->n.name, u->e);

	u->mtu = u->on.mtu;
	return r;
}

/* One interface of one owner is attached once; what a dead one left makes room. */
static int step_replace(struct attach *u)
{
	struct attach_info old;
	int r = attach_record_load(u->net, u->key, &old);

	if (r == -ENOENT)
		return 0;
	if (r < 0) /* unreadable: nobody can use it */
		return attach_record_drop(u->net, u->key);
	if (attach_alive(&old)) {
		err_set(u->e, EEXIST, "%s is attached to network %s already", old.ifname,
			old.network);
		err_hint(u->e, "give the new interface another name with ifname=");
		return -EEXIST;
	}
	return attach_down_locked(u->net, &old, false, u->e);
}

static int other_user(const struct attach_info *a, void *ctx)
{
	struct attach *u = ctx;

	if (!attach_alive(a))
		return 0;
	err_hint(u->e, "--mode bridge has room for many");
	return err_set(u->e, EBUSY, "network %s is in mode passthru and belongs to %s", u->n.name,
		       a->name[0] ? a->name : a->owner);
}

/* One that is dead makes room for another. */
static int step_alone(struct attach *u)
{
	if (strcmp(u->n.mode, "passthru") != 0)
		return 0;
	return attach_list(u->net, NULL, u->n.name, other_user, u);
}

static int step_host_name(struct attach *u)
{
	int r = u->driver->host_end ? attach_host_name(u->net, &u->info) : 0;

	u->taken = r >= 0;
	return r < 0 ? err_sys(u->e, r, "name the host's end of %s", u->key) : 0;
}

static int step_lease(struct attach *u)
{
	struct attach_lease l = { u->net, &u->n, u->key, &u->info, u->e };
	int r;

	ipam_sweep(u->net, u->n.name, 4, NULL);
	r = attach_lease(&l, AF_INET, &u->a->ip);
	if (r >= 0)
		r = attach_lease(&l, AF_INET6, &u->a->ip6);
	if (r >= 0 && !own_mac(u))
		u->info.mac = u->on.mac;
	else if (r >= 0 && !mac_is_set(&u->info.mac))
		u->info.mac = attach_mac(&u->info);
	return r;
}

static int step_record(struct attach *u)
{
	int r;

	firewall_mark_attach(&u->n, &u->info);
	r = attach_record_save(u->net, &u->info);
	return r < 0 ? err_sys(u->e, r, "write the record of %s", u->key) : 0;
}

/* Before the link is there: no frame of it goes unjudged. */
static int step_firewall(struct attach *u)
{
	return firewall_add_attach(u->net, &u->n, &u->info, u->e);
}

static int step_names(struct attach *u)
{
	const char *names[NAMES_MAX];
	size_t n = names_of(u->a, names);
	int r = 0;

	for (size_t i = 0; i < u->info.n_addrs && n && r >= 0; i++)
		r = names_join(u->net, u->n.name, &u->info.addrs[i].addr, names, n);
	return r < 0 ? err_sys(u->e, r, "add %s to the hosts file", names[0]) : 0;
}

static int step_link(struct attach *u)
{
	return u->driver->link(&(struct driver_link){ .net = u->net,
						      .n = &u->n,
						      .on = &u->on,
						      .mtu = u->mtu,
						      .info = &u->info,
						      .netns_fd = u->netns_fd,
						      .e = u->e });
}

static int step_inside(struct attach *u)
{
	struct attach_inside in = { .info = &u->info,
				    .n = &u->n,
				    .default_route = u->a->default_route,
				    .metric = u->a->metric,
				    .fresh = !u->a->connect };

	return attach_inside(&in, u->netns_fd, u->e);
}

/* Late is no failure: some driver or bridge option may hold a carrier back. */
static int await_running(struct nl *nl, const char *name, struct err *e)
{
	struct link_info l;
	int r = 0;

	for (int us = 50; us < 50000; us *= 2) {
		r = link_get(nl, name, &l, e);
		if (r < 0 || l.flags & IFF_RUNNING)
			break;
		usleep((useconds_t)us);
	}
	return r;
}

/*
 * The host's end was up first and got its carrier when the other one came up,
 * the bridge got one from its first port. Until the kernel's link watch has
 * run, they drop what they should send or receive, and a lost ARP request
 * costs a second. Asking for a link makes the kernel settle it (rtnl_getlink,
 * since 6.8); before, a work queue does within some hundred microseconds.
 */
static int step_carrier(struct attach *u)
{
	int r = 0;

	if (u->driver->host_end)
		r = await_running(&u->net->rt, u->info.host_ifname, u->e);
	if (r >= 0 && u->driver->bridged && !(u->on.flags & IFF_RUNNING))
		r = await_running(&u->net->rt, u->n.name, u->e);
	return r;
}

/* Late: a routed port has the gateway's address on its own link. */
static int step_dns(struct attach *u)
{
	_cleanup_close_ int lock = u->n.dns_server ? net_lock(u->net, u->e) : -1;

	return u->n.dns_server && lock < 0 ? lock : dns_server_joined(u->net, &u->n, u->e);
}

static int step_rate(struct attach *u)
{
	return attach_rate_apply(u->net, &u->info, u->e);
}

struct step {
	const char *name;
	int (*run)(struct attach *u);
};

/* Under the lock; undone by attach_down_locked. */
static const struct step reserve_steps[] = {
	{ "realise", step_realise },	 { "replace", step_replace }, { "alone", step_alone },
	{ "host name", step_host_name }, { "lease", step_lease },     { "record", step_record },
	{ "firewall", step_firewall },	 { "names", step_names },
};

static const struct step build_steps[] = {
	{ "link", step_link },	     { "rate", step_rate }, { "inside", step_inside },
	{ "carrier", step_carrier }, { "dns", step_dns },
};

static int run_steps(struct attach *u, const struct step *steps, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		log_trace("attach %s: %s", u->key, steps[i].name);
		r = steps[i].run(u);
		crash_point("attach", steps[i].name);
	}
	return r;
}

static int reserve(struct attach *u)
{
	_cleanup_close_ int lock = net_lock(u->net, u->e);
	int r = lock < 0 ? lock : run_steps(u, reserve_steps, ARRAY_SIZE(reserve_steps));

	/* until then nothing was taken, and the record may be a living one's */
	if (r < 0 && u->taken)
		attach_down_locked(u->net, &u->info, true, NULL);
	return r;
}

static int failed(const struct net_attach *a, int r, struct err *e)
{
	return err_wrap(e, r, "attach %s to %s", a->name ? a->name : a->owner, a->network);
}

int attach_reserve(struct net *net, const struct net_attach *a, struct attach **ret, struct err *e)
{
	_cleanup_(cleanup_attach) struct attach *u = calloc(1, sizeof(*u));
	int r;

	if (!u)
		return err_sys(e, ENOMEM, "attach");
	u->net = net;
	u->a = a;
	u->e = e;
	r = step_check(u);
	if (r >= 0)
		r = reserve(u);
	if (r < 0)
		return failed(a, r, e);
	*ret = take_ptr(u);
	return 0;
}

const struct attach_info *attach_reserved(const struct attach *u)
{
	return &u->info;
}

int attach_build(struct attach *u, int netns_fd, struct err *e)
{
	int r;

	u->netns_fd = netns_fd;
	u->e = e;
	r = run_steps(u, build_steps, ARRAY_SIZE(build_steps));
	return r < 0 ? failed(u->a, r, e) : 0;
}

int attach_up(struct net *net, const struct net_attach *a, int netns_fd, struct attach_info *ret,
	      struct err *e)
{
	_cleanup_(cleanup_attach) struct attach *u = NULL;
	int r = attach_reserve(net, a, &u, e);

	if (r < 0)
		return r;
	r = attach_build(u, netns_fd, e);
	if (r < 0 && !u->driver->host_end)
		attach_drop_in(netns_fd, &u->info, NULL);
	if (r < 0)
		attach_down(net, &u->info, !u->driver->host_end, NULL);
	else if (ret)
		*ret = u->info;
	return r;
}
