/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The links towards a container that publishes ports.
 *
 * route_localnet: a connection from the host to 127.0.0.1 leaves by the link
 * with that source until it is masqueraded, and comes back to that destination.
 * Only links towards containers that publish have it, and only as long; what
 * enters by them for 127.0.0.0/8 is dropped in the raw chain all the same.
 * ports/.via/LINK/CTID says who needs it.
 *
 * hairpin: with br_netfilter NAT turns a packet round inside of the bridge, and
 * a container that asks for its own published port is behind the port it asks
 * from.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ip.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "net/attach.h"
#include "net/bridge_nf.h"
#include "net/driver.h"
#include "net/link.h"
#include "net/network.h"
#include "net/note.h"
#include "net/port_real.h"

#define DIR_VIA PORT_DIR "/.via"

static int refuse(const struct network *n, const char *why, struct err *e)
{
	err_hint(e, "attach the container to a network of the driver bridge, ptp or vxlan");
	return err_set(e, EOPNOTSUPP, "network %s cannot publish ports: %s", n->name, why);
}

int port_target(const struct network *n, const struct attach_info *a, struct port_target *ret,
		struct err *e)
{
	const struct driver *d = driver_of(n);
	struct port_target t = { .family = { network_has_family(n, AF_INET),
					     network_has_family(n, AF_INET6) } };

	if (d->without_firewall)
		return refuse(n, d->without_firewall, e);
	if (n->internal)
		return refuse(n, "it is internal", e);
	if (!t.family[PORT_V4] && !t.family[PORT_V6])
		return refuse(n, "it has no subnet", e);
	for (size_t i = 0; a && i < a->n_addrs; i++) {
		const struct ip_addr *addr = &a->addrs[i].addr;
		struct ip_addr *to = &t.to[addr->family == AF_INET ? PORT_V4 : PORT_V6];

		if (!ip_is_set(to))
			*to = *addr;
	}
	if (a) {
		memcpy(t.dev, d->bridged ? n->name : a->host_ifname, sizeof(t.dev));
		if (d->bridged)
			memcpy(t.bridge_port, a->host_ifname, sizeof(t.bridge_port));
	}
	*ret = t;
	return 0;
}

static int route_localnet(struct net *net, const char *dev, bool on, struct err *e)
{
	const struct link_devconf conf = { .id = IPV4_DEVCONF_ROUTE_LOCALNET, .value = on };

	return link_set(&net->rt, 0, dev, &(struct link_change){ .conf4 = &conf, .n_conf4 = 1 }, e);
}

static int hairpin(struct net *net, const char *port, enum tristate on, struct err *e)
{
	return link_set(&net->rt, 0, port, &(struct link_change){ .brport = { .hairpin = on } }, e);
}

static bool is_loopback_or_any(const struct port_record *rec)
{
	for (size_t i = 0; i < rec->n; i++) {
		const struct ip_addr *a = &rec->specs[i].host_ip;

		if (!ip_is_set(a) || ip_is_loopback(a) || ip_is_any(a))
			return true;
	}
	return false;
}

int port_link_up(struct net *net, const struct port_record *rec, struct err *e)
{
	_cleanup_close_ int via = -1;
	int r = 0;

	if (ip_is_set(&rec->to[PORT_V4]) && is_loopback_or_any(rec)) {
		via = net_dir_of(net, DIR_VIA, rec->dev, true);
		r = via < 0 ? via : note_mark(via, rec->owner);
		if (r < 0)
			return err_sys(e, r, "note the link %s", rec->dev);
		r = route_localnet(net, rec->dev, true, e);
	}
	if (r >= 0 && rec->port[0] && (bridge_nf_ip() || bridge_nf_ip6()))
		r = hairpin(net, rec->port, ON, e);
	return r;
}

int port_link_again(struct net *net, const char *dev, struct err *e)
{
	char path[sizeof(DIR_VIA) + NAME_MAX_IF + 2];

	if (str_fmt(path, sizeof(path), DIR_VIA "/%s", dev) < 0 ||
	    faccessat(net->state_fd, path, F_OK, 0) < 0)
		return 0;
	return route_localnet(net, dev, true, e);
}

static void sweep_link(struct net *net, int all, const char *link)
{
	_cleanup_(strv_free) struct strv owners = { 0 };
	_cleanup_close_ int via =
		openat(all, link, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (via < 0 || dir_names(via, &owners) < 0)
		return;
	for (size_t i = 0; i < owners.n; i++) {
		_cleanup_close_ int ports = net_dir_of(net, PORT_DIR, owners.v[i], false);

		if (ports == -ENOENT)
			note_del(via, owners.v[i]);
	}
	if (unlinkat(all, link, AT_REMOVEDIR) == 0)
		route_localnet(net, link, false, NULL);
}

void port_link_sweep(struct net *net)
{
	_cleanup_close_ int all = net_dir(net, DIR_VIA, false);
	_cleanup_(strv_free) struct strv links = { 0 };

	if (all >= 0 && dir_names(all, &links) >= 0)
		for (size_t i = 0; i < links.n; i++)
			sweep_link(net, all, links.v[i]);
}

/* The last one takes the setting along. What is gone needs none. */
void port_link_down(struct net *net, const struct port_record *rec, bool link_stays)
{
	_cleanup_close_ int all = net_dir(net, DIR_VIA, false), via = -1;

	if (rec->port[0] && link_stays)
		hairpin(net, rec->port, OFF, NULL);
	if (all < 0 || !rec->dev[0])
		return;
	via = openat(all, rec->dev, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (via < 0)
		return;
	note_del(via, rec->owner);
	if (unlinkat(all, rec->dev, AT_REMOVEDIR) == 0)
		route_localnet(net, rec->dev, false, NULL);
}
