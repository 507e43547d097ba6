/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/network.h"

static const struct driver *const drivers[] = {
	&driver_bridge, &driver_macvlan, &driver_ipvlan, &driver_ptp, &driver_vxlan,
};

const struct driver *driver_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(drivers[i]->name, name))
			return drivers[i];
	return NULL;
}

const struct driver *driver_of(const struct network *n)
{
	const struct driver *d = driver_find(n->driver);

	return d ? d : &driver_bridge;
}

static unsigned options_of(const struct network *n)
{
	const struct {
		unsigned option;
		bool set;
	} all[] = {
		{ DRIVER_PARENT, n->parent[0] },
		{ DRIVER_MODE, n->mode[0] },
		{ DRIVER_PORT, n->ports[0][0] },
		{ DRIVER_STP, n->stp },
		{ DRIVER_VLAN, n->vlan },
		{ DRIVER_VNI, n->vni },
		{ DRIVER_PEER, n->n_peers },
		{ DRIVER_GROUP, ip_is_set(&n->group) },
		{ DRIVER_INTERNAL, n->internal },
		{ DRIVER_OPEN, n->open },
		{ DRIVER_ICC, n->no_icc },
		{ DRIVER_HOST, n->no_host },
		{ DRIVER_MASQUERADE, n->no_masquerade },
		{ DRIVER_GUARD, n->no_spoof_guard },
		{ DRIVER_DNS, n->dns_server },
		{ DRIVER_MAC, mac_is_set(&n->mac) },
		{ DRIVER_SUBNET, n->n_subnets },
		{ DRIVER_IPV6, n->ipv6 && !network_has_family(n, AF_INET6) },
	};
	unsigned set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		set |= all[i].set ? all[i].option : 0;
	return set;
}

/* How an option is written, and what to do where it is missing or means nothing. */
static const struct words {
	unsigned option;
	const char *name, *cure;
} words[] = {
	{ DRIVER_PARENT, "--parent", "the interface of the host that it goes out by" },
	{ DRIVER_MODE, "--mode", NULL },
	{ DRIVER_PORT, "--port", NULL },
	{ DRIVER_STP, "--stp", NULL },
	{ DRIVER_VLAN, "--vlan", "on a VLAN interface of the host: --parent eth0.ID" },
	{ DRIVER_VNI, "--vni", "the number of the VXLAN, 1 to 16777215" },
	{ DRIVER_PEER, "--peer", NULL },
	{ DRIVER_GROUP, "--group", NULL },
	{ DRIVER_MAC, "--mac", NULL },
	{ DRIVER_INTERNAL, "--internal", NULL },
	{ DRIVER_OPEN, "--open", NULL },
	{ DRIVER_ICC, "--no-icc",
	  "--mode private keeps the containers of a macvlan network apart" },
	{ DRIVER_HOST, "--no-host", NULL },
	{ DRIVER_MASQUERADE, "--no-masquerade", "leave it out: nothing is masqueraded" },
	{ DRIVER_GUARD, "--no-spoof-guard", "leave it out: there is no guard" },
	{ DRIVER_DNS, "--dns-server", NULL },
	{ DRIVER_SUBNET, "--subnet", "that of the link behind the parent" },
	{ DRIVER_IPV6, "--ipv6", "give the IPv6 subnet of the parent's link with --subnet" },
};

static const struct words *words_of(unsigned option)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].option & option)
			return &words[i];
	return NULL;
}

/* "--port is for the drivers bridge, vxlan" */
static void hint_drivers(unsigned option, struct err *e)
{
	char list[96] = "";
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (drivers[i]->takes & option && len < sizeof(list) - 16)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
						len ? ", " : "", drivers[i]->name);
	err_hint(e, "%s is for: %s", words_of(option)->name, list);
}

static int refuse(const struct driver *d, unsigned option, struct err *e)
{
	const struct words *w = words_of(option);

	if (d->without_firewall && option & DRIVER_FIREWALL) {
		if (w->cure)
			err_hint(e, "%s", w->cure);
		else
			hint_drivers(option, e);
		return err_set(e, EINVAL, "%s means nothing to driver %s: %s", w->name, d->name,
			       d->without_firewall);
	}
	hint_drivers(option, e);
	return err_set(e, EINVAL, "driver %s takes no %s", d->name, w->name);
}

static const char *mode_at(const void *ctx, size_t i)
{
	const struct driver *d = ctx;

	return d->modes[i];
}

static int check_mode(const struct driver *d, const char *mode, struct err *e)
{
	const char *near;
	char list[64] = "";
	size_t len = 0;

	for (size_t i = 0; d->modes[i]; i++) {
		if (!strcmp(d->modes[i], mode))
			return 0;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
					d->modes[i]);
	}
	near = str_nearest(mode, mode_at, d);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	return err_set(e, EINVAL, "driver %s has no mode \"%s\", but %s", d->name, mode, list);
}

static const char *driver_at(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(drivers) ? drivers[i]->name : NULL;
}

static int unknown(const char *name, struct err *e)
{
	const char *near = str_nearest(name, driver_at, NULL);

	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	else
		err_hint(e, "the drivers are bridge, macvlan, ipvlan, ptp and vxlan");
	return err_set(e, EINVAL, "unknown network driver \"%s\"", name);
}

int driver_check(const struct network *n, struct err *e)
{
	const struct driver *d = n->driver[0] ? driver_find(n->driver) : &driver_bridge;
	unsigned set = options_of(n), bad;

	if (!d)
		return unknown(n->driver, e);
	bad = set & ~d->takes;
	if (bad)
		return refuse(d, bad & -bad, e);
	bad = d->needs & ~set;
	if (bad) {
		const struct words *w = words_of(bad);

		err_hint(e, "%s: %s", w->name, w->cure);
		return err_set(e, EINVAL, "driver %s needs %s", d->name, w->name);
	}
	return n->mode[0] ? check_mode(d, n->mode, e) : 0;
}

void driver_fill(struct network *n)
{
	const struct driver *d = driver_of(n);

	if (!n->mode[0] && d->modes[0])
		str_fmt(n->mode, sizeof(n->mode), "%s", d->modes[0]);
}

int driver_destroy(struct net *net, const char *name, const struct network *n, struct err *e)
{
	int r = 0;

	if (n)
		return driver_of(n)->destroy ? driver_of(n)->destroy(net, name, e) : 0;
	for (size_t i = 0; i < ARRAY_SIZE(drivers) && r >= 0; i++)
		if (drivers[i]->destroy)
			r = drivers[i]->destroy(net, name, e);
	return r;
}
