/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/bridge_nf.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/link.h"
#include "net/network.h"
#include "net/network_real.h"
#include "net/port_record.h"
#include "net/sysctl.h"

static bool is_on(const char *path)
{
	char value[8];

	return sysctl_get(path, value, sizeof(value), NULL) >= 0 && value[0] == '1';
}

bool bridge_nf_ip(void)
{
	return is_on("bridge/bridge-nf-call-iptables");
}

bool bridge_nf_ip6(void)
{
	return is_on("bridge/bridge-nf-call-ip6tables");
}

struct follow {
	struct net *net;
	struct link_change change;
	bool guard; /* the network has its ports guarded */
	struct err *e;
	int r;
};

/* What went meanwhile needs no settings. */
static void set_port(struct follow *f, uint32_t index, const char *port)
{
	struct err own = ERR_INIT;
	int r = link_set(&f->net->rt, index, port, &f->change, &own);

	if (r >= 0 || r == -ENODEV || f->r < 0)
		return;
	f->r = r;
	if (f->e)
		*f->e = own;
}

/*
 * A NIC of the host's on the bridge (--port) is nobody's container, and
 * unmarked. A container's port is guarded by its group, whether or not a record
 * is left of it: the elements of those that have one are there already.
 */
static int follow_port(const struct link_info *port, void *ctx)
{
	struct follow *f = ctx;
	bool guard = f->guard && !strcmp(port->kind, "veth");

	if (!str_starts(port->alias, ALIAS_PREFIX))
		return 0;
	f->change.group = guard && port->group != LINK_GROUP_GUARDED ? LINK_GROUP_GUARDED : 0;
	f->change.no_group = !guard && port->group == LINK_GROUP_GUARDED;
	set_port(f, port->index, port->name);
	return 0;
}

/* A driver without a bridge has no link of that name, or one without ports. */
static int follow_network(struct follow *f, const char *name)
{
	_cleanup_network_ struct network n = { 0 };
	uint32_t bridge = net_link_index(f->net, name);
	int r = bridge ? network_load_any(f->net, name, &n, f->e) : 0;

	if (r <= 0)
		return r;
	f->change = (struct link_change){ .brport.isolated = network_isolates(&n) ? ON : OFF };
	f->guard = !n.no_spoof_guard;
	return link_list(&f->net->rt, bridge, follow_port, f, f->e);
}

static int follow_published(const struct port_record *rec, void *ctx)
{
	if (rec->port[0] && !port_record_leaving(rec))
		set_port(ctx, 0, rec->port);
	return 0;
}

int bridge_nf_follow(struct net *net, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	struct follow f = { .net = net, .e = e };
	struct strv names = { 0 };
	int k, r = lock < 0 ? lock : network_real_names(net, &names, e);

	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = follow_network(&f, names.v[i]);
	strv_free(&names);
	if (r < 0)
		return r;
	f.change = (struct link_change){ .brport.hairpin =
						 bridge_nf_ip() || bridge_nf_ip6() ? ON : OFF };
	k = port_record_list(net, NULL, follow_published, &f);
	return f.r < 0 ? f.r : k;
}
