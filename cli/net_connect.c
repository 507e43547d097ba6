/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet connect and disconnect: what runs joins a network, and leaves it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_json.h"
#include "cli/net_keys.h"
#include "cli/net_target.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "net/network.h"

#define KEY(name, arg, fn, help) OPT_ALL_FN(name, 0, arg, fn, help)

const struct opt net_connect_opts[] = {
	OPT_HEADING("Options"),
	KEY("ip", "ADDR", net_key_ip, "IPv4 address (default: the next free one)"),
	KEY("ip6", "ADDR", net_key_ip6, "IPv6 address (default: the next free one)"),
	KEY("mac", "MAC", net_key_mac, "of the interface"),
	KEY("ifname", "NAME", net_key_ifname, "of the interface (default: the next free ethN)"),
	KEY("alias", "NAME", net_key_alias, "one more name on the network, repeatable"),
	KEY("metric", "N", net_key_metric, "of its routes"),
	KEY("default-route", "[no]", net_key_default_route,
	    "the default route moves to it (default: if there is none)"),
	KEY("rate-in", "RATE", net_key_rate_in, "limit towards the container, as 10mbit"),
	KEY("rate-out", "RATE", net_key_rate_out, "limit from the container"),
	OPT_END,
};

static void report(const struct app *app, const struct attach_info *a)
{
	char buf[IP_PREFIX_STRLEN];

	if (app->json) {
		json_t *all = json_array();

		json_array_append_new(all, net_json_attachment(a));
		out_json(all);
		return;
	}
	if (app->quiet)
		return;
	printf("%s", a->ifname);
	for (size_t i = 0; i < a->n_addrs; i++)
		printf(" %s", prefix_str(&a->addrs[i], buf));
	putchar('\n');
}

/* Its names too, or nothing of it. */
static int put_on(struct app *app, struct net *net, struct net_target *t, const struct run_net *n,
		  struct err *e)
{
	struct attach_info info = { .n_addrs = 0 };
	struct net_attach a = { .name = t->name, .default_route = n->route == ROUTE_YES };
	int r;

	net_keys_fill(n, &a);
	t->to.no_default = n->route == ROUTE_NO;
	r = connect_add(net, &t->to, &a, &info, e);
	if (r < 0)
		return r;
	r = net_target_hosts(net, t, e);
	crash_point("connect", "names");
	if (r < 0) {
		connect_del(net, &t->to, &info, NULL);
		return r;
	}
	report(app, &info);
	return 0;
}

/* The words are in order; nothing was looked at yet. */
static int open_both(struct app *app, const char *network, const char *who, struct net *net,
		     struct net_target *t, struct err *e)
{
	int r = network_check_name(network, e);

	if (r < 0)
		return app_usage(app, r);
	r = app_open_net(app, net, SWEEP_SOME, e);
	return r < 0 ? r : net_target_open(app, who, t, e);
}

int cmd_net_connect(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct net_target t = NET_TARGET_INIT;
	struct run_net n = { .network = NULL };
	int r = app_parse(app, &n, argc, argv, 2, 2, e);

	if (r >= 0) {
		n.network = strdup(argv[0]);
		r = n.network ? open_both(app, argv[0], argv[1], &net, &t, e) : -ENOMEM;
		if (r >= 0)
			r = put_on(app, &net, &t, &n, e);
		/* "attach c to one: ..." names both already */
		if (r < 0 && !str_starts(e->msg, "attach "))
			err_wrap(e, r, "connect %s to %s", argv[1], argv[0]);
	}
	net_target_close(&t);
	run_net_free(&n);
	return r;
}

struct disconnect_args {
	const char *ifname;
	bool force;
};

const struct opt net_disconnect_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct disconnect_args, "ifname", 0, OPT_STR, "NAME", ifname,
		"only this interface (default: all that are on the network)"),
	OPT_ROW(struct disconnect_args, "force", 'f', OPT_FLAG, NULL, force,
		"no error when it is not connected"),
	OPT_END,
};

struct ends {
	struct net *net;
	const struct net_target *t;
	const char *ifname;
	unsigned n;
	struct err *e;
};

static int end_one(const struct attach_info *a, void *ctx)
{
	struct ends *x = ctx;

	if (x->ifname && strcmp(x->ifname, a->ifname) != 0)
		return 0;
	x->n++;
	return connect_del(x->net, &x->t->to, a, x->e);
}

static int take_off(struct net *net, const char *network, const struct net_target *t,
		    const struct disconnect_args *args, struct err *e)
{
	struct ends x = { .net = net, .t = t, .ifname = args->ifname, .e = e };
	int r = attach_list(net, t->owner, network, end_one, &x);

	if (r >= 0 && !x.n && !network_defined(net, network))
		return network_unknown(net, network, e);
	if (r >= 0 && !x.n && !args->force) {
		err_hint(e, "`ctnet inspect %s` lists who is", network);
		return err_set(e, ENOENT, "it is not connected%s%s", args->ifname ? " by " : "",
			       args->ifname ? args->ifname : "");
	}
	return r < 0 || !x.n ? r : net_target_hosts(net, t, e);
}

int cmd_net_disconnect(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct net_target t = NET_TARGET_INIT;
	struct disconnect_args args = { 0 };
	int r = app_parse(app, &args, argc, argv, 2, 2, e);

	if (r < 0)
		return r;
	r = open_both(app, argv[0], argv[1], &net, &t, e);
	if (r >= 0)
		r = take_off(&net, argv[0], &t, &args, e);
	if (r < 0)
		err_wrap(e, r, "disconnect %s from %s", argv[1], argv[0]);
	else if (app->json)
		out_json(json_array());
	net_target_close(&t);
	return r;
}
