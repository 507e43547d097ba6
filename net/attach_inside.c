/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of a namespace: it is entered once, to write sysctls and to open
 * a socket; the rest is one send through that socket.
 */
#include <errno.h>
#include <linux/ip.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/addr.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/route.h"
#include "net/sysctl.h"

/*
 * What a new namespace is set to. IPv4 copies the first namespace's values, so
 * that behind a router every container would be one. In this order: writing
 * ip_forward resets accept_redirects of all. Each costs some 15 us, so what is
 * set on every interface of ours (if_conf4) is not set as its default too.
 */
static const struct sysctl fresh_table[] = {
	{ "ipv4/ip_forward", "0" },
	{ "ipv4/conf/all/accept_redirects", "0" },
	{ "ipv4/conf/all/send_redirects", "0" },
	/* loose: two networks are two ways back */
	{ "ipv4/conf/all/rp_filter", "2" },
	/* any group may ping without a raw socket */
	{ "ipv4/ping_group_range", "0 2147483647" },
	{ "ipv6/conf/all/forwarding", "0" },
	{ "ipv6/conf/default/accept_ra", "0" },
	{ "ipv6/conf/default/accept_redirects", "0" },
	/* an address is usable at once; ctnet alone gives them out */
	{ "ipv6/conf/default/accept_dad", "0" },
};

#define IF_SYSCTLS 4
#define PATH_LEN   64

/* IPv4's own of the interface travel as IFLA_INET_CONF, for nothing. */
static const struct link_devconf if_conf4[] = {
	{ IPV4_DEVCONF_ACCEPT_REDIRECTS, 0 },
	{ IPV4_DEVCONF_SEND_REDIRECTS, 0 },
	{ IPV4_DEVCONF_RP_FILTER, 2 },
	{ IPV4_DEVCONF_FORWARDING, 0 },
};

struct enter {
	const char *ifname; /* NULL: none */
	bool fresh, v6;
	struct nl *nl;
	struct err *e;
	bool entered;
};

/* The interface existed before "default" was set, so its own are written. */
static int put_if_sysctls(const struct enter *in, struct sysctl *table, char paths[][PATH_LEN],
			  size_t *n)
{
	static const struct {
		const char *name, *v6, *v4only;
	} settings[IF_SYSCTLS] = {
		{ "disable_ipv6", "0", "1" },
		{ "accept_ra", "0", NULL },
		{ "accept_redirects", "0", NULL },
		{ "accept_dad", "0", NULL },
	};

	for (size_t i = 0; i < IF_SYSCTLS; i++) {
		const char *value = in->v6 ? settings[i].v6 : settings[i].v4only;

		if (!value)
			continue;
		if (str_fmt(paths[i], PATH_LEN, "ipv6/conf/%s/%s", in->ifname, settings[i].name) <
		    0)
			return err_set(in->e, ENAMETOOLONG, "sysctls of %s", in->ifname);
		table[(*n)++] = (struct sysctl){ paths[i], value };
	}
	return 0;
}

static int entered(void *ctx)
{
	struct sysctl table[ARRAY_SIZE(fresh_table) + IF_SYSCTLS];
	char paths[IF_SYSCTLS][PATH_LEN];
	struct enter *in = ctx;
	size_t n = 0;
	int r = 0;

	in->entered = true;
	if (in->fresh) {
		memcpy(table, fresh_table, sizeof(fresh_table));
		n = ARRAY_SIZE(fresh_table);
	}
	if (in->ifname)
		r = put_if_sysctls(in, table, paths, &n);
	if (r >= 0)
		r = sysctl_apply(-1, table, n, in->e);
	return r < 0 ? r : nl_open(in->nl, NETLINK_ROUTE, in->e);
}

static int enter(struct enter *in, int netns_fd)
{
	int r = netns_do(netns_fd, entered, in);

	return r < 0 && !in->entered ? err_sys(in->e, r, "enter the network namespace") : r;
}

int attach_lo(int netns_fd, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct enter in = { .fresh = true, .nl = &nl, .e = e };
	int r = enter(&in, netns_fd);

	return r < 0 ? r : link_set(&nl, 0, "lo", &(struct link_change){ .up = ON }, e);
}

bool attach_has_addr(const struct attach_info *a, const struct ip_prefix *subnet)
{
	for (size_t i = 0; i < a->n_addrs; i++)
		if (prefix_has(subnet, &a->addrs[i].addr))
			return true;
	return false;
}

static bool has_family(const struct attach_info *a, uint8_t family)
{
	for (size_t i = 0; i < a->n_addrs; i++)
		if (a->addrs[i].addr.family == family)
			return true;
	return false;
}

/*
 * Default routes by the gateways of the subnets we are in; the network's other
 * subnets are on the same wire. An internal network leads nowhere.
 */
void lan_put_routes(struct nl_req *q, const struct attach_inside *in, uint32_t index)
{
	for (size_t i = 0; i < in->n->n_subnets; i++) {
		const struct network_subnet *s = &in->n->subnets[i];
		struct route_spec route = { .index = index };

		if (!attach_has_addr(in->info, &s->subnet)) {
			if (!has_family(in->info, s->subnet.addr.family))
				continue;
			route.dst = s->subnet;
		} else if (in->default_route && !in->n->internal) {
			route.dst.addr.family = s->subnet.addr.family;
			route.via = s->gateway;
			route.metric = in->metric;
		} else {
			continue;
		}
		route_add_put(q, &route);
	}
}

/* ip link set lo up; ip addr add ...; ip link set eth0 up; ip route add default via ... */
static void put_all(struct nl_req *q, const struct attach_inside *in, uint32_t index,
		    const char *alias)
{
	const struct attach_info *a = in->info;

	if (in->fresh)
		link_set_put(q, 0, "lo", &(struct link_change){ .up = ON });
	for (size_t i = 0; i < a->n_addrs; i++)
		addr_add_put(q, &(struct addr_spec){
					.index = index, .addr = a->addrs[i], .nodad = true });
	link_set_put(q, index, a->ifname,
		     &(struct link_change){ .up = ON,
					    .alias = alias,
					    .conf4 = if_conf4,
					    .n_conf4 = ARRAY_SIZE(if_conf4) });
	driver_of(in->n)->put_routes(q, in, index);
}

int attach_inside(const struct attach_inside *in, int netns_fd, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	_cleanup_nl_req_ struct nl_req q;
	struct enter enter_in = { .ifname = in->info->ifname,
				  .fresh = in->fresh,
				  .v6 = has_family(in->info, AF_INET6),
				  .nl = &nl,
				  .e = e };
	char alias[ATTACH_ALIAS_LEN];
	struct link_info link;
	int r = attach_alias(in->info, alias);

	nl_req_init(&q);
	if (r < 0)
		return err_sys(e, r, "alias of %s", in->info->ifname);
	r = enter(&enter_in, netns_fd);
	if (r >= 0)
		r = link_get(&nl, in->info->ifname, &link, e);
	if (r < 0)
		return r;
	/* a veth has its mark on the host */
	put_all(&q, in, link.index, driver_of(in->n)->host_end ? NULL : alias);
	r = nl_run(&nl, &q, NULL, NULL, e);
	if (r == -EEXIST && in->default_route)
		err_hint(e, "the namespace has a default route; attach without one");
	return r;
}
