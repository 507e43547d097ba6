/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet create: a network from options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_json.h"
#include "cli/out.h"
#include "cli/values.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/driver.h"
#include "net/network.h"

/* The options that a definition file has as keys of the same name. */
#define KEY(name, key)                                                      \
	static int set_##name(void *args, const char *value, struct err *e) \
	{                                                                   \
		return network_set(args, key, value, e) < 0 ? -EINVAL : 0;  \
	}
KEY(driver, "driver")
KEY(mode, "mode")
KEY(parent, "parent")
KEY(port, "port")
KEY(vlan, "vlan")
KEY(vni, "vni")
KEY(peer, "peer")
KEY(group, "group")
KEY(range, "ip-range")
KEY(exclude, "exclude")
KEY(mac, "mac")
#undef KEY

static int set_subnet(void *args, const char *value, struct err *e)
{
	struct network *n = args;

	if (n->n_subnets == NETWORK_SUBNETS_MAX)
		return err_set(e, E2BIG, "at most %d subnets", NETWORK_SUBNETS_MAX);
	return parse_subnet(value, &n->subnets[n->n_subnets].subnet, e) < 0 ? -EINVAL
									    : (int)n->n_subnets++;
}

/*
 * A gateway belongs to the subnet that holds it, and options come in any
 * order: remembered here in the order given, sorted out when all are known.
 */
struct create_args {
	struct network net;
	struct ip_addr gateways[NETWORK_SUBNETS_MAX];
	size_t n_gateways;
};

static int set_gateway(void *args, const char *value, struct err *e)
{
	struct create_args *a = args;

	if (a->n_gateways == NETWORK_SUBNETS_MAX)
		return err_set(e, E2BIG, "at most %d gateways", NETWORK_SUBNETS_MAX);
	return parse_ip(value, &a->gateways[a->n_gateways], e) < 0 ? -EINVAL : (int)a->n_gateways++;
}

static int set_mtu(void *args, const char *value, struct err *e)
{
	struct network *n = args;

	/* 68: RFC 791; IPv6 asks for 1280, which network_create checks */
	return parse_u32(value, 68, 65535, &n->mtu, e);
}

#define FN(name, arg, fn, help) OPT_ALL_FN(name, 0, arg, fn, help)
#define FLAG(name, member, help) \
	OPT_ROW(struct create_args, name, 0, OPT_FLAG, NULL, net.member, help)

const struct opt net_create_opts[] = {
	OPT_HEADING("Options"),
	FN("driver", "NAME", set_driver, "bridge (default), macvlan, ipvlan, ptp or vxlan"),
	FN("subnet", "CIDR", set_subnet, "IPv4 or IPv6 subnet, repeatable (default: a free /24)"),
	FLAG("ipv6", ipv6, "add an IPv6 subnet, a free ULA /64"),
	FN("gateway", "ADDR", set_gateway,
	   "the bridge's address in its subnet (default: the first)"),
	FN("ip-range", "RANGE", set_range, "lease only from FIRST-LAST or CIDR, repeatable"),
	FN("exclude", "RANGE", set_exclude, "never lease this address or range, repeatable"),
	FN("mtu", "BYTES", set_mtu, "default: that of the default route's device"),
	FN("mac", "MAC", set_mac, "of the bridge"),
	FN("parent", "IF", set_parent,
	   "the host's interface it goes out by (macvlan, ipvlan, vxlan)"),
	FN("mode", "MODE", set_mode,
	   "bridge, private, vepa, passthru (macvlan); l2, l3, l3s (ipvlan)"),
	FN("port", "IF", set_port, "make the host's interface a port of the bridge, repeatable"),
	FN("vlan", "ID", set_vlan, "containers are members of that VLAN of the bridge"),
	FN("vni", "NUMBER", set_vni, "of the VXLAN"),
	FN("peer", "ADDR", set_peer, "another host of the VXLAN, repeatable"),
	FN("group", "ADDR", set_group,
	   "multicast group in which the VXLAN's hosts find each other"),
	FLAG("stp", stp, "run the spanning tree protocol on the bridge"),
	FLAG("internal", internal, "no way out and none in"),
	FLAG("open", open, "other ctnet networks may reach it"),
	FLAG("no-icc", no_icc, "its containers do not reach each other"),
	FLAG("no-host", no_host, "they reach nothing on the host but DNS, DHCP and ICMP"),
	FLAG("no-spoof-guard", no_spoof_guard, "containers may send from addresses not theirs"),
	FLAG("dns-server", dns_server, "serve names on the gateway's address"),
	FLAG("no-masquerade", no_masquerade, "keep the containers' addresses on the way out"),
	OPT_ROW_FN(struct create_args, "label", 0, "K=V", net.labels, value_label, "repeatable"),
	OPT_END,
};

static int place_gateways(struct create_args *a, struct err *e)
{
	char ip[IP_STRLEN];

	for (size_t g = 0; g < a->n_gateways; g++) {
		size_t s = 0;

		while (s < a->net.n_subnets &&
		       !prefix_has(&a->net.subnets[s].subnet, &a->gateways[g]))
			s++;
		if (s == a->net.n_subnets) {
			err_hint(e, "give the subnet that holds it with --subnet");
			return err_set(e, EINVAL, "--gateway %s: in none of the subnets",
				       ip_str(&a->gateways[g], ip));
		}
		if (ip_is_set(&a->net.subnets[s].gateway))
			return err_set(e, EINVAL, "--gateway %s: the second one of its subnet",
				       ip_str(&a->gateways[g], ip));
		a->net.subnets[s].gateway = a->gateways[g];
	}
	return 0;
}

static void report(const struct app *app, struct net *net, const struct network *n)
{
	char subnet[IP_PREFIX_STRLEN], gateway[IP_STRLEN];

	if (app->json) {
		json_t *all = json_array();

		json_array_append_new(all, net_json(net, n));
		out_json(all);
		return;
	}
	if (app->quiet)
		return;
	printf("%s", n->name);
	for (size_t i = 0; i < n->n_subnets; i++)
		printf("%s %s gateway %s", i ? "," : "", prefix_str(&n->subnets[i].subnet, subnet),
		       ip_str(&n->subnets[i].gateway, gateway));
	putchar('\n');
}

static int create(struct app *app, struct create_args *a, const char *name, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	int r = network_check_name(name, e);

	if (r >= 0)
		r = place_gateways(a, e);
	if (r >= 0)
		r = driver_check(&a->net, e);
	if (r < 0)
		return app_usage(app, r);
	str_fmt(a->net.name, sizeof(a->net.name), "%s", name);
	r = app_open_net(app, &net, SWEEP_ALL, e);
	if (r >= 0)
		r = network_create(&net, &a->net, e);
	if (r >= 0)
		report(app, &net, &a->net);
	return r < 0 ? err_wrap(e, r, "create %s", name) : 0;
}

int cmd_net_create(struct app *app, int argc, char **argv, struct err *e)
{
	struct create_args args = { .net = { .driver = "bridge" } };
	int r = app_parse(app, &args, argc, argv, 1, 1, e);

	if (r >= 0)
		r = create(app, &args, argv[0], e);
	network_free(&args.net);
	return r;
}
