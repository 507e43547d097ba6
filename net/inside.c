/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The birth of a node's network. A lab of a thousand nodes does all of this a
 * thousand times, so it is counted in system calls: a setting costs some 8 us, most
 * of it the opening of its file, all else is one send.
 */
#include "net/inside.h"

#include <errno.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/addr.h"
#include "net/inside_real.h"
#include "net/link.h"
#include "net/route.h"
#include "net/sysctl.h"

/*
 * What a new namespace is set to. IPv4 copies the first namespace's values, so that
 * behind a router every node would be one. Interfaces come later and copy `default`. In this
 * order: writing ip_forward resets accept_redirects of all.
 *
 * idle: whoever forwards is not moved by redirects and advertisements, whoever does not
 * sends none. They are set where the file has settings of its own, and may change that.
 */
static const struct {
	const char *path, *host, *router;
	enum { USED, IDLE_HOST, IDLE_ROUTER } idle;
} settings[] = {
	{ "ipv4/ip_forward", "0", "1", USED },
	{ "ipv4/conf/all/accept_redirects", "0", "0", IDLE_ROUTER },
	{ "ipv4/conf/default/accept_redirects", "0", "0", IDLE_ROUTER },
	{ "ipv4/conf/all/send_redirects", "0", "0", IDLE_HOST },
	{ "ipv4/conf/default/send_redirects", "0", "0", IDLE_HOST },
	/* ways there and back differ in many a lab */
	{ "ipv4/conf/all/rp_filter", "0", "0", USED },
	{ "ipv4/conf/default/rp_filter", "0", "0", USED },
	/* any group may ping without a raw socket */
	{ "ipv4/ping_group_range", "0 2147483647", "0 2147483647", USED },
	{ "ipv6/conf/all/forwarding", "0", "1", USED },
	{ "ipv6/conf/default/accept_ra", "0", "0", IDLE_ROUTER },
	{ "ipv6/conf/default/accept_redirects", "0", "0", IDLE_ROUTER },
	/* a link-local address is usable at once; nobody else chooses MACs here */
	{ "ipv6/conf/default/accept_dad", "0", "0", USED },
};

#define VALUE_LEN 64

bool inside_forwards(const struct topo_node *n)
{
	return n->kind == TOPO_ROUTER || n->kind == TOPO_NAT;
}

const char *inside_setting(const struct topo_node *n, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (!strcmp(settings[i].path, path))
			return inside_forwards(n) ? settings[i].router : settings[i].host;
	return NULL;
}

/* As "0\t0" is read for "0 0". */
static bool same_words(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr(" \t", *a) && strchr(" \t", *b)))
			return false;
	return *a == *b;
}

int inside_look(struct inside_fresh *ret, struct err *e)
{
	struct inside_fresh f = { 0 };

	for (uint32_t i = 0; i < ARRAY_SIZE(settings); i++) {
		struct err own = ERR_INIT;
		char now[VALUE_LEN];
		int r = sysctl_get(settings[i].path, now, sizeof(now), &own);

		if (r == -ENOENT)
			continue; /* without IPv6 */
		if (r < 0 && e)
			*e = own;
		if (r < 0)
			return r;
		f.host |= (uint32_t)!same_words(now, settings[i].host) << i;
		f.router |= (uint32_t)!same_words(now, settings[i].router) << i;
	}
	*ret = f;
	return 0;
}

static int set_ours(const struct topo_node *n, const struct inside_fresh *fresh, struct err *e)
{
	bool router = inside_forwards(n);
	unsigned idle = router ? IDLE_ROUTER : IDLE_HOST;
	struct sysctl table[ARRAY_SIZE(settings)];
	uint32_t which = !fresh ? UINT32_MAX : router ? fresh->router : fresh->host;
	size_t k = 0;

	for (uint32_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (which & UINT32_C(1) << i && (settings[i].idle != idle || n->n_sysctls))
			table[k++] = (struct sysctl){ settings[i].path, router ? settings[i].router
									       : settings[i].host };
	return k ? sysctl_apply(-1, table, k, e) : 0;
}

int inside_born(const struct topology *t, uint32_t node, const struct inside_fresh *fresh,
		struct err *e)
{
	const struct topo_node *n = &t->nodes[node];
	int r = set_ours(n, fresh, e);

	return r < 0 ? r : inside_sysctls(n->sysctls, n->n_sysctls, true, e);
}

/* A netlink socket is asked as any other; a dump of all links would cost more. */
uint32_t inside_index(const struct nl *nl, const char *ifname)
{
	struct ifreq ifr = { 0 };

	if (str_fmt(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname) < 0 ||
	    ioctl(nl->fd, SIOCGIFINDEX, &ifr) < 0)
		return 0;
	return (uint32_t)ifr.ifr_ifindex;
}

void inside_addrs_put(struct nl_req *q, uint32_t index, const struct ip_prefix *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		addr_add_put(q, &(struct addr_spec){ .index = index, .addr = v[i], .nodad = true });
}

int inside_route_put(struct nl_req *q, const struct nl *nl, const struct topo_route *x,
		     bool replace)
{
	_cleanup_free_ struct route_hop *hops = calloc(x->n_hops + 1, sizeof(*hops));
	struct route_spec s = { .dst = x->dst,
				.src = x->src,
				.metric = x->metric,
				.type = x->n_hops ? RTN_UNICAST : RTN_BLACKHOLE,
				.replace = replace };
	int r = hops ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < x->n_hops; i++) {
		hops[i].via = x->hops[i].via;
		hops[i].weight = (uint8_t)x->hops[i].weight;
		if (!x->hops[i].dev)
			continue;
		hops[i].index = inside_index(nl, x->hops[i].dev);
		r = hops[i].index ? 0 : -ENODEV;
	}
	if (r < 0)
		return r;
	if (x->n_hops == 1) {
		s.via = hops->via;
		s.index = hops->index;
	} else {
		s.hops = hops;
		s.n_hops = x->n_hops;
	}
	route_add_put(q, &s);
	return 0;
}

int inside_route_add(struct nl *nl, const struct topo_route *x, bool replace, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	r = inside_route_put(&q, nl, x, replace);
	return r < 0 ? r : nl_run(nl, &q, NULL, NULL, e);
}

bool inside_route_lost(int r)
{
	return r == -ENODEV || r == -ENETUNREACH || r == -EHOSTUNREACH;
}

/*
 * The address that the kernel would make itself, a moment after the carrier is there: too late
 * for what binds to it when the node starts. It makes it again when the link was down.
 */
bool inside_linklocal(const struct topo_node *n, const struct topo_iface *x, struct ip_prefix *ret)
{
	for (size_t i = 0; i < n->n_sysctls; i++)
		if (strstr(n->sysctls[i].left, "disable_ipv6") ||
		    strstr(n->sysctls[i].left, "addr_gen_mode"))
			return false;
	if (x->mtu && x->mtu < IPV6_MIN_MTU)
		return false;
	*ret = (struct ip_prefix){ ip_eui64(&x->mac), 64 };
	return mac_is_set(&x->mac) && !inside_has_addr(x->addrs, x->n_addrs, ret);
}

/* The node's own links: switches have none, lent ones and the uplink are up already. */
static void put_ifaces(struct nl_req *q, const struct nl *nl, const struct topology *t,
		       const struct topo_node *n, bool *ret_missing)
{
	bool v6 = sysctl_has_ipv6();

	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];
		struct ip_prefix local;
		uint32_t index;

		if (x->on == TOPO_ON_PHYS)
			continue;
		index = inside_index(nl, x->name);
		if (!index) {
			*ret_missing = true;
			continue;
		}
		inside_addrs_put(q, index, x->addrs, x->n_addrs);
		if (v6 && inside_linklocal(n, x, &local))
			inside_addrs_put(q, index, &local, 1);
		link_set_put(q, index, x->name, &(struct link_change){ .up = ON });
	}
}

/* Where interfaces are missing each route is tried by itself. */
static int add_routes(struct nl *nl, const struct topo_node *n, struct err *e)
{
	for (size_t i = 0; i < n->n_routes; i++) {
		struct err own = ERR_INIT;
		int r = inside_route_add(nl, &n->routes[i], false, &own);

		if (r >= 0 || inside_route_lost(r))
			continue;
		if (e)
			*e = own;
		return r;
	}
	return 0;
}

static int put_routes(struct nl_req *q, const struct nl *nl, const struct topo_node *n,
		      struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n->n_routes; i++) {
		r = inside_route_put(q, nl, &n->routes[i], false);
		if (r < 0)
			err_sys(e, r, "route.%u: its interface", n->routes[i].num);
	}
	return r;
}

/* ip link set lo up; ip addr add ... dev eth0 nodad; ip link set eth0 up; ip route add ... */
static int up_links(struct nl *nl, const struct topology *t, const struct topo_node *n,
		    struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	bool missing = false;
	int r = 0;

	nl_req_init(&q);
	link_set_put(&q, INSIDE_LO, "lo", &(struct link_change){ .up = ON });
	inside_addrs_put(&q, INSIDE_LO, n->lo, n->n_lo);
	put_ifaces(&q, nl, t, n, &missing);
	if (!missing)
		r = put_routes(&q, nl, n, e);
	if (r >= 0)
		r = nl_run(nl, &q, NULL, NULL, e);
	return r < 0 || !missing ? r : add_routes(nl, n, e);
}

int inside_uplink(struct nl *nl, struct err *e)
{
	static const struct link_devconf conf4[] = { { IPV4_DEVCONF_FORWARDING, 1 },
						     { IPV4_DEVCONF_RP_FILTER, 0 } };
	uint32_t index = inside_index(nl, INSIDE_UPLINK);

	if (!index)
		return 0;
	return link_set(nl, index, INSIDE_UPLINK,
			&(struct link_change){ .conf4 = conf4, .n_conf4 = ARRAY_SIZE(conf4) }, e);
}

int inside_up(const struct topology *t, uint32_t node, struct err *e)
{
	const struct topo_node *n = &t->nodes[node];
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = nl_open(&nl, NETLINK_ROUTE, e);

	if (r >= 0 && n->uplink)
		r = inside_uplink(&nl, e);
	if (r >= 0)
		r = inside_sysctls(n->sysctls, n->n_sysctls, false, e);
	if (r >= 0)
		r = up_links(&nl, t, n, e);
	return r < 0 ? r : inside_nat(t, node, e);
}
