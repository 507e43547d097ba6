/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each verb of net/addr.h, route.h and neigh.h sends, against what iproute2
 * 6.1 was recorded to send for the command above the verb. No privileges:
 * requests end in a tap.
 */
#include "net_golden.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "core/base/err.h"
#include "net/addr.h"
#include "net/neigh.h"
#include "net/route.h"

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

static void addr4(struct nl *nl)
{
	addr_add(nl, &(struct addr_spec){ .index = 2, .addr = net("10.88.0.1", 16) }, NULL);
}

static void addr4_p2p(struct nl *nl)
{
	addr_add(nl, &(struct addr_spec){ .index = 2, .addr = net("10.9.0.0", 31) }, NULL);
}

static void addr4_noprefixroute(struct nl *nl)
{
	addr_add(nl,
		 &(struct addr_spec){ .index = 2,
				      .addr = net("10.7.0.1", 24),
				      .nodad = true,
				      .noprefixroute = true },
		 NULL);
}

static void addr4_loopback(struct nl *nl)
{
	addr_add(nl, &(struct addr_spec){ .index = 1, .addr = net("127.5.0.1", 8) }, NULL);
}

static void addr6_nodad(struct nl *nl)
{
	addr_add(nl, &(struct addr_spec){ .index = 2, .addr = net("fd00:1::1", 64), .nodad = true },
		 NULL);
}

static void addr_delete(struct nl *nl)
{
	struct ip_prefix a = net("10.9.0.0", 31);

	addr_del(nl, 2, &a, NULL);
}

static int no_addr(const struct addr_info *a, void *ctx)
{
	return 0;
}

static void addr_show(struct nl *nl)
{
	addr_list(nl, 2, AF_INET6, no_addr, NULL, NULL);
}

static void route(struct nl *nl, struct route_spec s)
{
	route_add(nl, &s, NULL);
}

static void route_default(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst.addr.family = AF_INET, .via = ip("10.88.0.2") });
}

static void route_dev(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst = net("10.50.0.0", 16), .index = 2 });
}

static void route_full(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst = net("10.51.0.0", 16),
				       .via = ip("10.88.0.3"),
				       .src = ip("10.88.0.1"),
				       .metric = 5,
				       .index = 2 });
}

static void route_onlink(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst = net("10.52.0.0", 16),
				       .via = ip("192.0.2.1"),
				       .index = 2,
				       .onlink = true });
}

static void route_replace(struct nl *nl)
{
	route(nl, (struct route_spec){
			  .dst = net("10.50.0.0", 16), .via = ip("10.88.0.9"), .replace = true });
}

static void route_multipath(struct nl *nl)
{
	struct route_hop hops[] = { { .via = ip("10.88.0.3"), .weight = 3 },
				    { .via = ip("10.88.0.4"), .index = 2 } };

	route(nl, (struct route_spec){ .dst = net("10.53.0.0", 16), .hops = hops, .n_hops = 2 });
}

static void route_via6(struct nl *nl)
{
	route(nl, (struct route_spec){
			  .dst = net("10.54.0.0", 16), .via = ip("fd00:1::7"), .index = 2 });
}

static void route_blackhole(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst = net("10.55.0.0", 16), .type = RTN_BLACKHOLE });
}

static void route6_default(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst.addr.family = AF_INET6, .via = ip("fd00:1::2") });
}

static void route6_dev(struct nl *nl)
{
	route(nl, (struct route_spec){ .dst = net("fd00:9::", 64), .index = 2 });
}

static void route_delete(struct nl *nl)
{
	struct route_spec s = { .dst = net("10.51.0.0", 16), .via = ip("10.88.0.3"), .metric = 5 };

	route_del(nl, &s, NULL);
}

static int no_route(const struct route_info *r, void *ctx)
{
	return 0;
}

static void route_show(struct nl *nl)
{
	route_list(nl, AF_UNSPEC, no_route, NULL, NULL);
}

static void route_find(struct nl *nl)
{
	struct ip_addr a = ip("10.88.0.7"), b = ip("fd00:1::7");
	struct route_info info;

	assert_int_equal(route_get(nl, &a, &info, NULL), -ENETUNREACH);
	assert_int_equal(route_get(nl, &b, &info, NULL), -ENETUNREACH);
}

static void neigh4(struct nl *nl)
{
	neigh_add(nl,
		  &(struct neigh_info){ .index = 2,
					.addr = ip("10.88.0.4"),
					.mac = MAC(0x44),
					.state = NUD_PERMANENT },
		  NULL);
}

static void neigh6(struct nl *nl)
{
	neigh_add(nl,
		  &(struct neigh_info){ .index = 2,
					.addr = ip("fd00:1::44"),
					.mac = MAC(0x44),
					.state = NUD_REACHABLE },
		  NULL);
}

static void neigh_delete(struct nl *nl)
{
	struct ip_addr a = ip("10.88.0.4");

	neigh_del(nl, 2, &a, NULL);
}

static int no_neigh(const struct neigh_info *n, void *ctx)
{
	return 0;
}

static void neigh_show(struct nl *nl)
{
	neigh_list(nl, 2, AF_UNSPEC, no_neigh, NULL, NULL);
}

static void fdb_static(struct nl *nl)
{
	fdb_add(nl, &(struct fdb_spec){ .index = 3, .mac = MAC(0x55), .master = true }, NULL);
}

static void fdb_peer(struct nl *nl)
{
	fdb_add(nl, &(struct fdb_spec){ .index = 4, .dst = ip("10.88.0.77"), .append = true },
		NULL);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "ip address add 10.88.0.1/16 brd + dev br0", addr4, 8, 1,
	  "20 605 0210000002000000080002000a580001080001000a580001080004000a58ffff" },
	{ "ip address add 10.9.0.0/31 dev br0", addr4_p2p, 8, 1,
	  "20 605 021f000002000000080002000a090000080001000a090000" },
	{ "ip address add 10.7.0.1/24 brd + dev br0 noprefixroute", addr4_noprefixroute, 8, 1,
	  "20 605 0218000002000000080002000a0700010800080000020000080001000a070001080004000a0700ff"
	},
	{ "ip address add 127.5.0.1/8 brd + dev lo", addr4_loopback, 8, 1,
	  "20 605 020800fe01000000080002007f050001080001007f050001080004007fffffff" },
	/* ip puts the flag into ifa_flags while it fits there; IFA_FLAGS holds it always */
	{ "ip address add fd00:1::1/64 dev br0 nodad", addr6_nodad, 8, 1,
	  "20 605 0a4000000200000014000200fd00000100000000000000000000000114000100fd00000100000000"
	  "00000000000000010800080002000000" },
	{ "ip address del 10.9.0.0/31 dev br0", addr_delete, 8, 1,
	  "21 5 021f000002000000080002000a090000080001000a090000" },
	{ "ip -6 address show dev br0", addr_show, 8, 1, "22 301 0a00000002000000" },
	{ "ip route add default via 10.88.0.2", route_default, 12, 1,
	  "24 605 02000000fe03000100000000080005000a580002" },
	{ "ip route add 10.50.0.0/16 dev br0", route_dev, 12, 1,
	  "24 605 02100000fe03fd0100000000080001000a3200000800040002000000" },
	{ "ip route add 10.51.0.0/16 via 10.88.0.3 metric 5 src 10.88.0.1 dev br0", route_full, 12,
	  1, "24 605 02100000fe03000100000000080001000a330000080005000a58000308000600050000000800"
	  "07000a5800010800040002000000" },
	{ "ip route add 10.52.0.0/16 via 192.0.2.1 dev br0 onlink", route_onlink, 12, 1,
	  "24 605 02100000fe03000104000000080001000a34000008000500c00002010800040002000000" },
	{ "ip route replace 10.50.0.0/16 via 10.88.0.9", route_replace, 12, 1,
	  "24 505 02100000fe03000100000000080001000a320000080005000a580009" },
	{ "ip route add 10.53.0.0/16 nexthop via 10.88.0.3 weight 3 nexthop via 10.88.0.4 dev br0",
	  route_multipath, 12, 1,
	  "24 605 02100000fe03000100000000080001000a3500002400090010000002000000000800"
	  "05000a5800031000000002000000080005000a580004" },
	{ "ip route add 10.54.0.0/16 via inet6 fd00:1::7 dev br0", route_via6, 12, 1,
	  "24 605 02100000fe03000100000000080001000a360000160012000a00fd000001000000000000000000"
	  "00000700000800040002000000" },
	{ "ip route add blackhole 10.55.0.0/16", route_blackhole, 12, 1,
	  "24 605 02100000fe03000600000000080001000a370000" },
	{ "ip route add default via fd00:1::2", route6_default, 12, 1,
	  "24 605 0a000000fe0300010000000014000500fd000001000000000000000000000002" },
	{ "ip route add fd00:9::/64 dev br0", route6_dev, 12, 1,
	  "24 605 0a400000fe0300010000000014000100fd0000090000000000000000000000000800040002000000"
	},
	{ "ip route del 10.51.0.0/16 via 10.88.0.3 metric 5", route_delete, 12, 1,
	  "25 5 02100000fe00ff0000000000080001000a330000080005000a5800030800060005000000" },
	/* ip names the table in RTA_TABLE; the header has room for main */
	{ "ip route show table main", route_show, 12, 2,
	  "26 301 02000000fe00000000000000\n26 301 0a000000fe00000000000000" },
	{ "ip route get 10.88.0.7", route_find, 12, 2,
	  "26 5 022000000000000000100000080001000a580007\n"
	  "26 5 0a800000000000000000000014000100fd000001000000000000000000000007" },
	{ "ip neigh add 10.88.0.4 lladdr 02:00:00:00:00:44 nud permanent dev br0", neigh4, 12, 1,
	  "28 605 020000000200000080000000080001000a5800040a0002000200000000440000" },
	{ "ip neigh add fd00:1::44 lladdr 02:00:00:00:00:44 nud reachable dev br0", neigh6, 12, 1,
	  "28 605 0a000000020000000200000014000100fd0000010000000000000000000000440a00020002000000"
	  "00440000" },
	/* ip sends a state, which a deletion ignores */
	{ "ip neigh del 10.88.0.4 dev br0", neigh_delete, 12, 1,
	  "29 5 020000000200000000000000080001000a580004" },
	{ "ip neigh show dev br0", neigh_show, 12, 1,
	  "30 301 0000000000000000000000000800080002000000" },
	{ "bridge fdb add 02:00:00:00:00:55 dev ve1 master static", fdb_static, 12, 1,
	  "28 605 0700000003000000420004000a0002000200000000550000" },
	{ "bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.88.0.77", fdb_peer, 12, 1,
	  "28 c05 0700000004000000c00002000a0002000000000000000000080001000a58004d" },
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

/* An address that is none never leaves. */
static void test_refused(void **state)
{
	static struct capture got;
	struct err e = ERR_INIT;
	struct nl nl = NL_INIT;

	nl_set_tap(&nl, capture_tap, &got);
	assert_int_equal(addr_add(&nl, &(struct addr_spec){ .index = 1 }, &e), -EINVAL);
	assert_int_equal(got.sends, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
