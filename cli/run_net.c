/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/state.h"
#include "net/netns.h"
#include "net/network.h"

static int set_ip(struct run_net *n, const char *value, struct err *e)
{
	int r = parse_ip(value, &n->ip, e);

	return r >= 0 && n->ip.family != AF_INET
		       ? err_set(e, EINVAL, "'%s' is not IPv4: use ip6=", value)
		       : r;
}

static int set_ip6(struct run_net *n, const char *value, struct err *e)
{
	int r = parse_ip(value, &n->ip6, e);

	return r >= 0 && n->ip6.family != AF_INET6
		       ? err_set(e, EINVAL, "'%s' is not IPv6: use ip=", value)
		       : r;
}

static int set_mac(struct run_net *n, const char *value, struct err *e)
{
	int r = parse_mac(value, &n->mac, e);

	return r >= 0 && !mac_is_unicast(&n->mac)
		       ? err_set(e, EINVAL, "'%s' is a multicast address", value)
		       : r;
}

static int set_ifname(struct run_net *n, const char *value, struct err *e)
{
	int r = name_check("interface", value, NAME_MAX_IF, e);

	if (r < 0)
		return r;
	free(n->ifname);
	n->ifname = strdup(value);
	return n->ifname ? 0 : -ENOMEM;
}

static int set_alias(struct run_net *n, const char *value, struct err *e)
{
	int r = name_check("alias", value, NAME_MAX_CT, e);

	return r < 0 ? r : strv_add(&n->aliases, value);
}

static const struct {
	const char *key;
	int (*set)(struct run_net *n, const char *value, struct err *e);
} keys[] = {
	{ "ip", set_ip },	  { "ip6", set_ip6 },	  { "mac", set_mac },
	{ "ifname", set_ifname }, { "alias", set_alias },
};

static const char *key_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(keys) ? keys[i].key : NULL;
}

static int set_key(struct run_net *n, const char *word, struct err *e)
{
	const char *eq = strchr(word, '='), *near;
	_cleanup_free_ char *key = strndup(word, eq ? (size_t)(eq - word) : strlen(word));

	if (!key)
		return -ENOMEM;
	if (!eq || !eq[1])
		return err_set(e, EINVAL, "'%s' is not KEY=VALUE", word);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int r;

		if (strcmp(keys[i].key, key))
			continue;
		r = keys[i].set(n, eq + 1, e);
		return r < 0 ? err_wrap(e, r, "%s", key) : 0;
	}
	near = str_nearest(key, key_name, NULL);
	if (near)
		err_hint(e, "did you mean %s=?", near);
	return err_set(e, EINVAL, "unknown key '%s'", key);
}

/* Words that stand for no network of ours; the rest is a network's name. */
static int set_join(struct run_nets *nets, const char *value, struct err *e)
{
	if (nets->join || nets->none || nets->n)
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
	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = set_key(n, words.v[i], e);
	return r;
}

void run_nets_free(struct run_nets *nets)
{
	for (size_t i = 0; i < nets->n; i++) {
		free(nets->v[i].network);
		free(nets->v[i].ifname);
		strv_free(&nets->v[i].aliases);
	}
	nets->n = 0;
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

int run_nets_prepare(struct app *app, struct net *net, const struct run_nets *nets,
		     struct ct_spec *spec, struct err *e)
{
	int r = 0;

	if (nets->join) {
		r = open_join(app, nets->join, spec, e);
		return r < 0 ? err_wrap(e, r, "--net %s", nets->join) : 0;
	}
	if (!nets->n)
		return 0;
	r = net_open(net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		attach_gc(net, SWEEP_SOME, NULL);
	for (size_t i = 0; r >= 0 && i < nets->n; i++) {
		_cleanup_network_ struct network n = { 0 };

		r = network_load(net, nets->v[i].network, &n, e);
	}
	return r;
}

static struct net_attach wanted(const struct run_net_ctx *c, size_t i, const struct proc_id *init)
{
	const struct run_net *n = &c->nets->v[i];

	return (struct net_attach){
		.network = n->network,
		.owner = c->spec->id,
		.name = c->spec->name,
		.hostname = c->spec->hostname,
		.aliases = &n->aliases,
		.ifname = n->ifname ? n->ifname : c->names[i],
		.ip = n->ip,
		.ip6 = n->ip6,
		.mac = n->mac,
		.default_route = i == 0,
		.connect = i > 0,
		.holder = *init,
	};
}

static int hook_prepare(void *ctx, const struct proc_id *init, struct err *e)
{
	struct run_net_ctx *c = ctx;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->nets->n; i++) {
		str_fmt(c->names[i], sizeof(c->names[i]), "eth%zu", i);
		c->wanted[i] = wanted(c, i, init);
		r = attach_reserve(c->net, &c->wanted[i], &c->up[i], e);
	}
	return r;
}

static int hook_attach(void *ctx, int netns_fd, const struct proc_id *init, struct err *e)
{
	struct run_net_ctx *c = ctx;
	int r = 0;

	if (c->nets->join)
		return 0;
	if (!c->nets->n)
		return attach_lo(netns_fd, e);
	for (size_t i = 0; r >= 0 && i < c->nets->n; i++)
		r = attach_build(c->up[i], netns_fd, e);
	return r;
}

/* The namespace dies with its last process, and the links with it. */
static void hook_detach(void *ctx)
{
	struct run_net_ctx *c = ctx;

	for (size_t i = c->nets->n; i-- > 0;) {
		if (!c->up[i])
			continue;
		attach_down(c->net, attach_reserved(c->up[i]), true, NULL);
		attach_free(take_ptr(c->up[i]));
	}
}

struct ct_hooks run_nets_hooks(struct run_net_ctx *ctx)
{
	return (struct ct_hooks){
		.prepare = hook_prepare, .attach = hook_attach, .detach = hook_detach, .ctx = ctx
	};
}
