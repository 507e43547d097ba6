/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs against the real kernel, in a network and a mount namespace of the
 * test's own; skipped where those cannot be made.
 */
#include "net_sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/addr.h"
#include "net/link.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/sysctl.h"

#define MAC(n)                           \
	{                                \
		{                        \
			2, 0, 0, 0, 0, n \
		}                        \
	}

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { .family = strchr(s, ':') ? AF_INET6 : AF_INET };

	assert_int_equal(inet_pton(a.family, s, a.b), 1);
	return a;
}

static struct ip_prefix net(const char *s, uint8_t len)
{
	return (struct ip_prefix){ .addr = ip(s), .len = len };
}

/* Each test has a new network namespace and a socket in it. */
static int setup(void **state)
{
	static struct nl nl;

	nl = (struct nl)NL_INIT;
	*state = &nl;
	return unshare(CLONE_NEWNET) < 0 ? -1 : nl_open(&nl, NETLINK_ROUTE, NULL);
}

static int teardown(void **state)
{
	nl_close(*state);
	return 0;
}

static uint32_t add_bridge(struct nl *nl, const char *name)
{
	struct link_spec s = { .kind = &link_bridge,
			       .name = name,
			       .mac = MAC(1),
			       .mtu = 1450,
			       .group = LINK_GROUP_CTNET,
			       .up = ON,
			       .alias = "ctnet:test",
			       .no_linklocal = true,
			       .bridge = { .stp = OFF, .mcast_snooping = OFF } };
	struct link_info info;
	struct err e = ERR_INIT;

	ok(link_add(nl, &s, &e), &e);
	ok(link_get(nl, name, &info, &e), &e);
	return info.index;
}

static void test_bridge(void **state)
{
	struct nl *nl = *state;
	struct link_info info, again;
	struct err e = ERR_INIT;

	add_bridge(nl, "br0");
	ok(link_get(nl, "br0", &info, &e), &e);
	assert_string_equal(info.kind, "bridge");
	assert_string_equal(info.alias, "ctnet:test");
	assert_int_equal(info.mtu, 1450);
	assert_int_equal(info.group, LINK_GROUP_CTNET);
	assert_true(info.flags & IFF_UP);
	assert_memory_equal(info.mac.b, ((struct mac_addr)MAC(1)).b, 6);
	ok(link_get_index(nl, info.index, &again, &e), &e);
	assert_memory_equal(&info, &again, sizeof(info));
	ok(link_del(nl, "br0", &e), &e);
	assert_int_equal(link_get(nl, "br0", &info, &e), -ENODEV);
	assert_string_equal(e.msg, "find link br0: No such device");
	ok(link_del(nl, "br0", &e), &e);
}

/* Somebody else's link of the same name keeps its alias. */
static void test_exist_untouched(void **state)
{
	struct nl *nl = *state;
	struct link_info info;
	struct err e = ERR_INIT;

	ok(link_add(nl, &(struct link_spec){ .kind = &link_bridge, .name = "br0" }, &e), &e);
	assert_int_equal(link_add(nl,
				  &(struct link_spec){ .kind = &link_bridge,
						       .name = "br0",
						       .alias = "ctnet:mine" },
				  &e),
			 -EEXIST);
	assert_string_equal(e.msg, "add link br0 type bridge: File exists");
	ok(link_get(nl, "br0", &info, &e), &e);
	assert_string_equal(info.alias, "");
}

/* What comes behind the creation fails: no half-made link stays. */
static void test_add_undone(void **state)
{
	static char alias[300];
	struct nl *nl = *state;
	struct link_info info;
	struct err e = ERR_INIT;

	memset(alias, 'x', sizeof(alias) - 1);
	assert_true(
		link_add(nl,
			 &(struct link_spec){ .kind = &link_bridge, .name = "br0", .alias = alias },
			 &e) < 0);
	assert_int_equal(link_get(nl, "br0", &info, NULL), -ENODEV);
}

static void add_veth(struct nl *nl, uint32_t br, int netns)
{
	struct link_spec s = { .kind = &link_veth,
			       .name = "ve1",
			       .mac = MAC(2),
			       .mtu = 1450,
			       .master = br,
			       .up = ON,
			       .alias = "ctnet:test",
			       .brport = { .isolated = ON },
			       .no_linklocal = true,
			       .veth = { .peer = "eth0",
					 .peer_mac = MAC(3),
					 .peer_mtu = 1450,
					 .peer_netns = netns } };
	struct err e = ERR_INIT;

	ok(link_add(nl, &s, &e), &e);
}

static int count_addr(const struct addr_info *a, void *ctx)
{
	(*(unsigned *)ctx)++;
	return 0;
}

static int count_link(const struct link_info *l, void *ctx)
{
	(*(unsigned *)ctx)++;
	return 0;
}

/* What an attachment does: everything inside in one send, with an ack on the last. */
static void configure(struct nl *in, uint32_t eth0, struct err *e)
{
	struct link_devconf conf[] = { { IPV4_DEVCONF_RP_FILTER, 2 } };
	struct link_change up = { .up = ON, .conf4 = conf, .n_conf4 = 1, .no_linklocal = true };
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	link_set_put(&q, 0, "lo", &(struct link_change){ .up = ON });
	addr_add_put(&q, &(struct addr_spec){ .index = eth0, .addr = net("10.88.0.2", 16) });
	addr_add_put(&q, &(struct addr_spec){
				 .index = eth0, .addr = net("fd00:1::2", 64), .nodad = true });
	link_set_put(&q, eth0, NULL, &up);
	route_add_put(&q,
		      &(struct route_spec){ .dst.addr.family = AF_INET, .via = ip("10.88.0.1") });
	route_add_put(&q,
		      &(struct route_spec){ .dst.addr.family = AF_INET6, .via = ip("fd00:1::1") });
	ok(nl_run(in, &q, NULL, NULL, e), e);
}

struct seen {
	uint32_t flags4, flags6;
	unsigned n;
};

static int see_addr(const struct addr_info *a, void *ctx)
{
	struct seen *s = ctx;

	s->n++;
	if (a->addr.addr.family == AF_INET)
		s->flags4 = a->flags;
	else
		s->flags6 = a->flags;
	return 0;
}

static int read_rp_filter(void *ctx)
{
	return sysctl_get("ipv4/conf/eth0/rp_filter", ctx, 8, NULL);
}

static void test_veth(void **state)
{
	struct nl *nl = *state;
	_cleanup_nl_ struct nl in = NL_INIT;
	_cleanup_close_ int ns = make_netns_fd();
	struct ip_addr far = ip("192.0.2.1"), far6 = ip("2001:db8::1");
	struct link_info host, eth0;
	struct route_info route;
	struct seen seen = { 0 };
	struct err e = ERR_INIT;
	uint32_t br = add_bridge(nl, "br0");
	unsigned n = 0;
	char value[8];

	add_veth(nl, br, ns);
	ok(link_get(nl, "ve1", &host, &e), &e);
	assert_string_equal(host.alias, "ctnet:test");
	assert_int_equal(host.master, br);
	assert_true(host.flags & IFF_UP);
	ok(netns_nl_open(ns, &in, NETLINK_ROUTE, &e), &e);
	ok(link_get(&in, "eth0", &eth0, &e), &e);
	assert_int_equal(host.peer_index, eth0.index);
	assert_memory_equal(eth0.mac.b, ((struct mac_addr)MAC(3)).b, 6);
	configure(&in, eth0.index, &e);
	/* no link-local address on either end: the two that were given, and no more */
	ok(addr_list(&in, eth0.index, AF_UNSPEC, see_addr, &seen, &e), &e);
	assert_int_equal(seen.n, 2);
	assert_false(seen.flags6 & IFA_F_TENTATIVE);
	assert_true(seen.flags6 & IFA_F_NODAD);
	ok(addr_list(nl, 0, AF_UNSPEC, count_addr, &n, &e), &e);
	assert_int_equal(n, 0);
	ok(route_get(&in, &far, &route, &e), &e);
	assert_int_equal(route.index, eth0.index);
	ok(route_get(&in, &far6, &route, &e), &e);
	assert_int_equal(route.index, eth0.index);
	ok(netns_do(ns, read_rp_filter, value), &e);
	assert_string_equal(value, "2");
	n = 0;
	ok(link_list(nl, br, count_link, &n, &e), &e);
	assert_int_equal(n, 1);
	ok(link_set_brport(nl, host.index, &(struct brport_flags){ .learning = OFF }, &e), &e);
	ok(link_set(nl, 0, "ve1", &(struct link_change){ .no_master = true, .up = OFF }, &e), &e);
	ok(link_get(nl, "ve1", &host, &e), &e);
	assert_int_equal(host.master, 0);
	assert_false(host.flags & IFF_UP);
}

static void test_addr(void **state)
{
	struct nl *nl = *state;
	struct addr_spec s = { .index = add_bridge(nl, "br0"), .addr = net("10.88.0.1", 16) };
	struct err e = ERR_INIT;

	ok(addr_add(nl, &s, &e), &e);
	assert_int_equal(addr_add(nl, &s, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "add address 10.88.0.1/16: File exists"));
	ok(addr_del(nl, s.index, &s.addr, &e), &e);
	ok(addr_del(nl, s.index, &s.addr, &e), &e);
	ok(addr_del(nl, 9999, &s.addr, &e), &e);
	assert_int_equal(addr_list(nl, 9999, AF_UNSPEC, count_addr, NULL, &e), -ENODEV);
}

struct find {
	struct route_spec want;
	unsigned found, all;
};

static int find_route(const struct route_info *r, void *ctx)
{
	struct find *f = ctx;

	f->all++;
	f->found += r->dst.len == f->want.dst.len && ip_eq(&r->dst.addr, &f->want.dst.addr);
	return 0;
}

static unsigned has_route(struct nl *nl, const struct route_spec *s)
{
	struct find f = { .want = *s };
	struct err e = ERR_INIT;

	ok(route_list(nl, s->dst.addr.family, find_route, &f, &e), &e);
	return f.found;
}

static void test_route(void **state)
{
	struct nl *nl = *state;
	struct find none = { .all = 0 };
	struct addr_spec a = { .index = 0, .addr = net("10.88.0.1", 16) };
	struct route_hop hops[] = { { .via = ip("10.88.0.3"), .weight = 3 },
				    { .via = ip("10.88.0.4") } };
	struct route_spec s = { .dst = net("10.50.0.0", 16), .via = ip("10.88.0.2") };
	struct route_spec mp = { .dst = net("10.51.0.0", 16), .hops = hops, .n_hops = 2 };
	struct route_spec black = { .dst = net("10.52.0.0", 16), .type = RTN_BLACKHOLE };
	struct route_spec wild = { .dst = net("10.53.0.0", 16), .via = ip("192.0.2.1") };
	struct ip_addr far = ip("198.51.100.1");
	struct route_info info;
	struct err e = ERR_INIT;

	/* a namespace without the main table */
	ok(route_list(nl, AF_UNSPEC, find_route, &none, &e), &e);
	a.index = add_bridge(nl, "br0");
	ok(addr_add(nl, &a, &e), &e);
	ok(route_add(nl, &s, &e), &e);
	assert_int_equal(route_add(nl, &s, &e), -EEXIST);
	assert_string_equal(e.msg, "add route 10.50.0.0/16 via 10.88.0.2: File exists");
	s.replace = true;
	ok(route_add(nl, &s, &e), &e);
	ok(route_add(nl, &mp, &e), &e);
	ok(route_add(nl, &black, &e), &e);
	assert_int_equal(has_route(nl, &s), 1);
	assert_int_equal(has_route(nl, &mp), 1);
	assert_int_equal(has_route(nl, &black), 1);
	assert_int_equal(route_add(nl, &wild, &e), -ENETUNREACH);
	assert_non_null(strstr(e.msg, "(kernel: \"Nexthop has invalid gateway\")"));
	assert_int_equal(route_get(nl, &far, &info, &e), -ENETUNREACH);
	ok(route_del(nl, &s, &e), &e);
	ok(route_del(nl, &s, &e), &e);
	assert_int_equal(has_route(nl, &s), 0);
}

struct neigh_want {
	struct ip_addr addr;
	unsigned found;
};

static int find_neigh(const struct neigh_info *n, void *ctx)
{
	struct neigh_want *w = ctx;

	w->found += ip_eq(&n->addr, &w->addr) && n->state == NUD_PERMANENT && n->mac.b[5] == 9;
	return 0;
}

static void test_neigh(void **state)
{
	struct nl *nl = *state;
	struct neigh_info s = { .index = add_bridge(nl, "br0"),
				.addr = ip("10.88.0.9"),
				.mac = MAC(9),
				.state = NUD_PERMANENT };
	struct neigh_want w = { .addr = s.addr };
	struct fdb_spec fdb = { .mac = MAC(8), .master = true };
	struct link_info port;
	struct err e = ERR_INIT;

	ok(neigh_add(nl, &s, &e), &e);
	assert_int_equal(neigh_add(nl, &s, &e), -EEXIST);
	ok(neigh_list(nl, s.index, AF_UNSPEC, find_neigh, &w, &e), &e);
	assert_int_equal(w.found, 1);
	ok(neigh_del(nl, s.index, &s.addr, &e), &e);
	ok(neigh_del(nl, s.index, &s.addr, &e), &e);
	add_veth(nl, s.index, 0);
	ok(link_get(nl, "ve1", &port, &e), &e);
	fdb.index = port.index;
	ok(fdb_add(nl, &fdb, &e), &e);
	assert_int_equal(fdb_add(nl, &fdb, &e), -EEXIST);
	ok(fdb_del(nl, &fdb, &e), &e);
	ok(fdb_del(nl, &fdb, &e), &e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bridge),     TEST(test_exist_untouched),
		TEST(test_add_undone), TEST(test_veth),
		TEST(test_addr),       TEST(test_route),
		TEST(test_neigh),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
