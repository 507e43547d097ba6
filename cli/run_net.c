/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/app.h"
#include "cli/run_ports.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/state.h"
#include "net/connect.h"
#include "net/default_route.h"
#include "net/netns.h"
#include "net/network.h"

/* Words that stand for no network of ours; the rest is a network's name. */
static int set_join(struct run_nets *nets, const char *value, struct err *e)
{
	if (nets->join || nets->none || nets->n || nets->phys.n)
		return err_set(e, EINVAL, "'%s' cannot be combined with another network", value);
	if (!strcmp(value, "none"))
		nets->none = true;
	else
		nets->join = value;
	return 0;
}

static bool is_join(const char *value)
{
	return !strcmp(value, "none") || !strcmp(value, "host") ||
	       str_starts(value, "container:") || str_starts(value, "ns:");
}

int run_nets_add(struct run_nets *nets, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	const char *colon = strchr(value, ':');
	struct run_net *n = &nets->v[nets->n];
	int r;

	if (is_join(value))
		return set_join(nets, value, e);
	if (nets->join || nets->none)
		return err_set(e, EINVAL, "'%s' cannot be combined with another network",
			       nets->none ? "none" : nets->join);
	if (str_starts(value, "phys:"))
		return run_phys_add(&nets->phys, value + strlen("phys:"), e);
	if (nets->n == RUN_NETS_MAX)
		return err_set(e, E2BIG, "at most %d networks", RUN_NETS_MAX);
	*n = (struct run_net){ .network = strndup(value, colon ? (size_t)(colon - value)
							       : strlen(value)) };
	if (!n->network)
		return -ENOMEM;
	nets->n++;
	r = network_check_name(n->network, e);
	if (r >= 0 && colon)
		r = strv_split(&words, colon + 1, ",");
	return r < 0 ? r : net_keys_apply(n, &words, e);
}

void run_nets_free(struct run_nets *nets)
{
	for (size_t i = 0; i < nets->n; i++)
		run_net_free(&nets->v[i]);
	run_nets_forget(nets);
	nets->n = 0;
}

void run_nets_forget(struct run_nets *nets)
{
	resolv_nets_free(&nets->resolv);
	nets->resolv = (struct resolv_nets){ 0 };
	for (size_t i = 0; nets->definitions && i < nets->n; i++)
		network_free(&nets->definitions[i]);
	free(nets->definitions);
	nets->definitions = NULL;
}

static int open_container_netns(struct app *app, const char *word, struct err *e)
{
	struct ct_info ct = { 0 };
	char path[64];
	int r = state_find(app->root_fd, word, &ct, e);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", ct.init.pid);
	/* opened first: were the pid another's by then, the start time would tell */
	r = netns_open_path(path, NULL);
	if (!proc_alive(&ct.init)) {
		fd_close(r);
		r = err_set(e, ESRCH, "container %s does not run", word);
	} else if (r < 0) {
		err_sys(e, r, "open %s", path);
	}
	ct_info_free(&ct);
	return r;
}

static int open_join(struct app *app, const char *join, struct ct_spec *spec, struct err *e)
{
	int fd;

	if (!strcmp(join, "host")) {
		spec->netns = NETNS_HOST;
		return 0;
	}
	if (str_starts(join, "container:"))
		fd = open_container_netns(app, join + strlen("container:"), e);
	else if (strchr(join, '/'))
		fd = netns_open_path(join + strlen("ns:"), e);
	else
		fd = netns_open_name(join + strlen("ns:"), e);
	if (fd < 0)
		return fd;
	spec->netns = NETNS_FD;
	spec->netns_fd = fd;
	return 0;
}

static bool is_named(const struct run_nets *nets, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(nets->names[i], name))
			return true;
	return false;
}

/* Those that were given; the others are the first of eth0, eth1, ... that is left. */
static int choose_names(struct run_nets *nets, struct err *e)
{
	size_t next = 0;

	for (size_t i = 0; i < nets->n; i++) {
		const char *given = nets->v[i].ifname;

		if (given && is_named(nets, i, given)) {
			err_hint(e, "give each network a name of its own with ifname=");
			return err_set(e, EINVAL, "--net %s: interface %s is another network's",
				       nets->v[i].network, given);
		}
		str_fmt(nets->names[i], sizeof(nets->names[i]), "%s", given ? given : "");
	}
	for (size_t i = 0; i < nets->n; i++) {
		char name[NAME_MAX_IF + 1];

		if (nets->names[i][0])
			continue;
		do
			snprintf(name, sizeof(name), "eth%zu", next++);
		while (is_named(nets, nets->n, name));
		memcpy(nets->names[i], name, sizeof(name));
	}
	return 0;
}

/* Said for several: they must differ in what the kernel tells them apart by. */
static int check_rivals(const struct run_nets *nets, size_t i, struct err *e)
{
	const struct run_net *n = &nets->v[i];

	if (!nets->can[i]) {
		err_hint(e, "say default-route of another network, or of none");
		return err_set(e, EINVAL, "--net %s: it leads nowhere, so it has no default route",
			       n->network);
	}
	for (size_t k = 0; k < i; k++)
		if (nets->v[k].route == ROUTE_YES && nets->can[k] & nets->can[i] &&
		    nets->v[k].metric == n->metric) {
			err_hint(e, "give each a metric=, the lowest of which is used");
			return err_set(e, EINVAL, "--net %s and --net %s: both have default-route",
				       nets->v[k].network, n->network);
		}
	return 0;
}

/*
 * Where it was said, there. Of what is left, each family goes to the first
 * network that leads out in it.
 */
static int choose_routes(struct run_nets *nets, struct err *e)
{
	unsigned taken = 0;
	int r = 0;

	for (size_t i = 0; i < nets->n && r >= 0; i++) {
		nets->route[i] = 0;
		if (nets->v[i].route != ROUTE_YES)
			continue;
		r = check_rivals(nets, i, e);
		nets->route[i] = nets->can[i];
		taken |= nets->can[i];
	}
	for (size_t i = 0; i < nets->n; i++) {
		if (nets->v[i].route != ROUTE_AUTO)
			continue;
		nets->route[i] = nets->can[i] & ~taken;
		taken |= nets->route[i];
	}
	return r;
}

/* Once for all that is made of them. */
static int read_definitions(struct net *net, struct run_nets *nets, struct err *e)
{
	int r = 0;

	nets->definitions = calloc(nets->n + 1, sizeof(*nets->definitions));
	if (!nets->definitions)
		return err_sys(e, ENOMEM, "read the networks");
	for (size_t i = 0; r >= 0 && i < nets->n; i++) {
		struct network *n = &nets->definitions[i];

		r = network_load(net, nets->v[i].network, n, e);
		if (r >= 0)
			nets->can[i] = default_route_can(n);
		if (r >= 0)
			r = resolv_add_network(&nets->resolv, n);
	}
	return r;
}

int run_nets_prepare(struct app *app, struct net *net, struct run_nets *nets, struct ct_spec *spec,
		     struct err *e)
{
	int r = 0;

	if (nets->join) {
		r = open_join(app, nets->join, spec, e);
		return r < 0 ? err_wrap(e, r, "--net %s", nets->join) : 0;
	}
	if (!nets->n && !nets->phys.n)
		return 0;
	r = choose_names(nets, e);
	if (r >= 0)
		r = net_open(net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		attach_gc(net, SWEEP_SOME, NULL);
	if (r >= 0)
		r = read_definitions(net, nets, e);
	return r < 0 ? r : choose_routes(nets, e);
}

static struct net_attach wanted(const struct run_net_ctx *c, size_t i, const struct proc_id *init)
{
	struct net_attach a = {
		.owner = c->spec->id,
		.name = c->spec->name,
		.hostname = c->spec->hostname,
		/* of some of its families only: given when all interfaces are there */
		.default_route = c->nets->route[i] && c->nets->route[i] == c->nets->can[i],
		.connect = i > 0,
		.holder = *init,
	};

	net_keys_fill(&c->nets->v[i], &a);
	a.definition = &c->nets->definitions[i];
	a.ifname = c->nets->names[i];
	return a;
}

/* With the addresses it had before, where it has none of its own. */
static struct net_attach wanted_again(const struct run_net_ctx *c, size_t i,
				      const struct proc_id *init)
{
	static const struct mac_addr none;
	struct net_attach a = wanted(c, i, init);

	if (!a.ip.family)
		a.ip = c->had[i].ip;
	if (!a.ip6.family)
		a.ip6 = c->had[i].ip6;
	if (!memcmp(&a.mac, &none, sizeof(none)))
		a.mac = c->had[i].mac;
	return a;
}

static int reserve(struct run_net_ctx *c, size_t i, const struct proc_id *init, struct err *e)
{
	int r = -EEXIST;

	if (c->had[i].ip.family || c->had[i].ip6.family) {
		c->wanted[i] = wanted_again(c, i, init);
		r = attach_reserve(c->net, &c->wanted[i], &c->up[i], NULL);
	}
	/* somebody else's by now, or of a network that is another */
	if (r < 0) {
		c->wanted[i] = wanted(c, i, init);
		r = attach_reserve(c->net, &c->wanted[i], &c->up[i], e);
	}
	return r;
}

static int hook_prepare(void *ctx, const struct proc_id *init, struct err *e)
{
	struct run_net_ctx *c = ctx;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->nets->n; i++)
		r = reserve(c, i, init, e);
	return r;
}

static void remember(struct run_net_ctx *c, size_t i)
{
	const struct attach_info *a = attach_reserved(c->up[i]);

	c->had[i].mac = a->mac;
	for (size_t k = a->n_addrs; k-- > 0;)
		*(a->addrs[k].addr.family == AF_INET ? &c->had[i].ip : &c->had[i].ip6) =
			a->addrs[k].addr;
}

/* The default route of one family where the network has another for the other. */
static int give_route(struct run_net_ctx *c, size_t i, int netns_fd, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	const struct default_route d = { .n = &n,
					 .a = attach_reserved(c->up[i]),
					 .families = c->nets->route[i],
					 .metric = c->nets->v[i].metric };
	int r;

	if (!c->nets->route[i] || c->wanted[i].default_route)
		return 0;
	r = network_load(c->net, c->nets->v[i].network, &n, e);
	return r < 0 ? r : default_route_give(netns_fd, &d, e);
}

static int hook_attach(void *ctx, int netns_fd, const struct proc_id *init, struct err *e)
{
	struct run_net_ctx *c = ctx;
	int r = 0;

	if (c->nets->join)
		return 0;
	if (!c->nets->n)
		r = attach_lo(netns_fd, e);
	for (size_t i = 0; r >= 0 && i < c->nets->n; i++)
		r = attach_build(c->up[i], netns_fd, e);
	for (size_t i = 0; r >= 0 && i < c->nets->n; i++)
		r = give_route(c, i, netns_fd, e);
	if (r >= 0)
		r = run_phys_take(c->net, &c->nets->phys, c->spec->id, init, netns_fd, &c->phys, e);
	if (r >= 0 && c->claim)
		r = run_ports_publish(c->net, c->claim, attach_reserved(c->up[c->claim_net]), init,
				      e);
	return r;
}

/*
 * The namespace dies with its last process, and the links with it. What was
 * connected and disconnected meanwhile is told by the records, no more by what
 * was built at the start.
 */
static void hook_detach(void *ctx)
{
	struct run_net_ctx *c = ctx;
	bool changed = connect_used(c->app->root_fd, c->spec->id);

	run_phys_return(c->net, &c->phys);
	for (size_t i = c->nets->n; i-- > 0;) {
		if (!c->up[i])
			continue;
		remember(c, i);
		if (!changed)
			attach_down(c->net, attach_reserved(c->up[i]), true, NULL);
		attach_free(take_ptr(c->up[i]));
	}
	if (changed && (c->net->state_fd >= 0 ||
			net_open(c->net, c->app->root_fd, &c->app->net_config, NULL) >= 0))
		connect_end(c->net, c->spec->id);
}

struct ct_hooks run_nets_hooks(struct run_net_ctx *ctx)
{
	bool any = ctx->nets->n || ctx->nets->phys.n;

	return (struct ct_hooks){ .prepare = any ? hook_prepare : NULL,
				  .attach = hook_attach,
				  .detach = hook_detach,
				  .ctx = ctx };
}
