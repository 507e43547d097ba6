/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lan - hosts on a bridge, each a network namespace: host k has 10.1.0.k/24 and
 * fd01::k/64 on eth0. The bridge is in the caller's namespace.
 */
#ifndef CT_TESTS_NET_LAN_H
#define CT_TESTS_NET_LAN_H

#include "net_sandbox.h"

#include <linux/if.h>
#include <poll.h>
#include <string.h>

#include "core/base/parse.h"
#include "net/addr.h"
#include "net/link.h"
#include "net/route.h"
#include "net/sysctl.h"

#define LAN_MAX 300

struct lan {
	struct nl nl;
	int ns[LAN_MAX];
	size_t n;
};

static inline struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	assert_int_equal(parse_ip(s, &a, NULL), 0);
	return a;
}

static inline struct ip_addr lan_ip(uint8_t family, size_t k)
{
	char buf[64];

	snprintf(buf, sizeof(buf), family == AF_INET ? "10.1.0.%zu" : "fd01::%zx", k);
	return ip(buf);
}

/* A host's namespace; its addresses, link-local ones too, will be usable at once. */
static inline int lan_host(void)
{
	struct sysctl quiet[] = { { "ipv6/conf/default/accept_dad", "0" },
				  { "ipv6/conf/all/accept_dad", "0" },
				  { "ipv4/conf/all/rp_filter", "0" } };
	int ns = make_netns_fd();
	struct err e = ERR_INIT;

	ok(sysctl_apply(ns, quiet, ARRAY_SIZE(quiet), &e), &e);
	return ns;
}

static inline void lan_up(int ns, const char *link, const char *const *addrs, size_t n)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info info;
	struct err e = ERR_INIT;

	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	ok(link_set(&nl, 0, "lo", &(struct link_change){ .up = ON }, &e), &e);
	ok(link_set(&nl, 0, link, &(struct link_change){ .up = ON }, &e), &e);
	ok(link_get(&nl, link, &info, &e), &e);
	for (size_t i = 0; i < n; i++) {
		struct addr_spec a = { .index = info.index, .nodad = true };

		ok(parse_prefix(addrs[i], &a.addr, &e), &e);
		ok(addr_add(&nl, &a, &e), &e);
	}
}

/* Until the kernel has seen the carrier: before that, what is sent is lost. */
static inline void lan_running(struct nl *nl, const char *link)
{
	struct link_info info = { 0 };
	struct err e = ERR_INIT;

	for (int i = 0; i < 5000; i++) {
		ok(link_get(nl, link, &info, &e), &e);
		if (info.flags & IFF_RUNNING)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("%s has no carrier", link);
}

static inline void lan_wait(int ns, const char *link)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	lan_running(&nl, link);
}

static inline void lan_route(int ns, const char *dst, const char *via)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct route_spec s = { .via = ip(via) };
	struct err e = ERR_INIT;

	ok(parse_prefix(dst, &s.dst, &e), &e);
	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	ok(route_add(&nl, &s, &e), &e);
}

static inline void lan_make(struct lan *l, size_t n)
{
	struct err e = ERR_INIT;
	struct link_info br;

	*l = (struct lan){ .nl = NL_INIT, .n = n };
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ok(nl_open(&l->nl, NETLINK_ROUTE, &e), &e);
	ok(link_add(&l->nl,
		    &(struct link_spec){ .kind = &link_bridge,
					 .name = "br",
					 .up = ON,
					 .no_linklocal = true,
					 .bridge = { .stp = OFF, .mcast_snooping = OFF } },
		    &e),
	   &e);
	ok(link_get(&l->nl, "br", &br, &e), &e);
	for (size_t k = 1; k <= n; k++) {
		char port[16], v4[32], v6[32];
		const char *addrs[] = { v4, v6 };

		l->ns[k - 1] = lan_host();
		snprintf(port, sizeof(port), "p%zu", k);
		snprintf(v4, sizeof(v4), "10.1.0.%zu/24", k);
		snprintf(v6, sizeof(v6), "fd01::%zx/64", k);
		ok(link_add(&l->nl,
			    &(struct link_spec){
				    .kind = &link_veth,
				    .name = port,
				    .master = br.index,
				    .up = ON,
				    .no_linklocal = true,
				    .veth = { .peer = "eth0", .peer_netns = l->ns[k - 1] } },
			    &e),
		   &e);
		lan_up(l->ns[k - 1], "eth0", addrs, 2);
	}
	for (size_t k = 1; k <= n; k++) {
		char port[16];

		snprintf(port, sizeof(port), "p%zu", k);
		lan_running(&l->nl, port);
		lan_wait(l->ns[k - 1], "eth0");
	}
}

static inline void lan_end(struct lan *l)
{
	nl_close(&l->nl);
	for (size_t i = 0; i < l->n; i++)
		close(l->ns[i]);
}

#endif
