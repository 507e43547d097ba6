// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading everything that the ruleset follows from. */
#include "net/firewall_want.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/network_real.h"

bool firewall_net(const struct network *n, struct ruleset_net *ret,
		  struct ip_prefix subnets[NETWORK_SUBNETS_MAX])
{
	const struct driver *d = driver_of(n);

	for (size_t i = 0; i < n->n_subnets; i++)
		subnets[i] = n->subnets[i].subnet;
	*ret = (struct ruleset_net){ .ifname = n->name,
				     .subnets = subnets,
				     .n_subnets = n->n_subnets,
				     .masquerade = !n->no_masquerade && !n->internal,
				     .internal = n->internal,
				     .open = n->open,
				     .icc = !n->no_icc,
				     .no_host = n->no_host,
				     .guard = !n->no_spoof_guard,
				     .ptp = d == &driver_ptp };
	return !d->without_firewall;
}

struct ruleset_link firewall_link(const struct ruleset_net *net, const struct attach_info *a)
{
	return (struct ruleset_link){ .net = net,
				      .ifname = a->host_ifname,
				      .owner = a->owner,
				      .mac = a->mac,
				      .addrs = a->addrs,
				      .n_addrs = a->n_addrs };
}

void firewall_want_free(struct firewall_want *w)
{
	for (size_t i = 0; i < w->spec.n_nets; i++)
		network_free(&w->one[i].n);
	free(w->one);
	free(w->nets);
	free(w->infos);
	free(w->links);
	free(w->ports);
}

/*
 * A network whose definition is gone or broken is left out: its link is still
 * in our group, and what the ruleset does not know there it drops.
 */
static int read_nets(struct net *net, struct firewall_want *w, struct err *e)
{
	struct strv names = { 0 };
	int r = network_real_names(net, &names, e);

	w->nothing = true;
	if (r >= 0 && names.n) {
		w->one = calloc(names.n, sizeof(*w->one));
		w->nets = calloc(names.n, sizeof(*w->nets));
		if (!w->one || !w->nets)
			r = err_sys(e, ENOMEM, "collect the networks");
	}
	for (size_t i = 0; i < names.n && r >= 0; i++) {
		size_t n = w->spec.n_nets;

		r = network_load_any(net, names.v[i], &w->one[n].n, e);
		if (r > 0 && !firewall_net(&w->one[n].n, &w->nets[n], w->one[n].subnets)) {
			network_free(&w->one[n].n);
			continue;
		}
		w->nothing = false;
		w->spec.n_nets += r > 0;
	}
	w->spec.nets = w->nets;
	strv_free(&names);
	return r < 0 ? r : 0;
}

struct reading {
	struct firewall_want *w;
	const struct attach_info *gone;
	size_t room;
};

static const struct ruleset_net *find_net(const struct firewall_want *w, const char *name)
{
	/* sorted, as the names were */
	size_t lo = 0, hi = w->spec.n_nets;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, w->nets[mid].ifname);

		if (c == 0)
			return &w->nets[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static int on_attach(const struct attach_info *a, void *ctx)
{
	struct reading *r = ctx;
	struct firewall_want *w = r->w;
	struct attach_info *infos;

	if (!a->filtered || !find_net(w, a->network) ||
	    (r->gone && !strcmp(a->owner, r->gone->owner) && !strcmp(a->ifname, r->gone->ifname)))
		return 0;
	if (w->spec.n_links == r->room) {
		r->room = r->room ? 2 * r->room : 16;
		infos = realloc(w->infos, r->room * sizeof(*infos));
		if (!infos)
			return -ENOMEM;
		w->infos = infos;
	}
	w->infos[w->spec.n_links++] = *a;
	return 0;
}

static int read_links(struct net *net, const struct attach_info *gone, struct firewall_want *w)
{
	struct reading reading = { w, gone, 0 };
	int r = attach_list(net, NULL, NULL, on_attach, &reading);

	if (r < 0 || !w->spec.n_links)
		return r;
	w->links = calloc(w->spec.n_links, sizeof(*w->links));
	if (!w->links)
		return -ENOMEM;
	for (size_t i = 0; i < w->spec.n_links; i++)
		w->links[i] = firewall_link(find_net(w, w->infos[i].network), &w->infos[i]);
	w->spec.links = w->links;
	return 0;
}

int firewall_want_read(struct net *net, const struct attach_info *gone, struct firewall_want *ret,
		       struct err *e)
{
	int r = read_nets(net, ret, e);

	if (r < 0 || ret->nothing)
		return r;
	r = read_links(net, gone, ret);
	if (r < 0)
		return err_sys(e, r, "collect the attachments");
	r = port_maps(net, &ret->ports, &ret->spec.n_ports, e);
	ret->spec.ports = ret->ports;
	return r < 0 ? r : 0;
}
