/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ipvlan driver sends in each mode, against what iproute2 6.1 was
 * recorded to send (as in net_link.c). No privileges, and no ipvlan: requests end
 * in a tap.
 */
#include "net_golden.h"

#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/store.h"

static struct network network_of(const char *mode)
{
	struct network n = { .n_subnets = 2 };

	snprintf(n.driver, sizeof(n.driver), "ipvlan");
	snprintf(n.mode, sizeof(n.mode), "%s", mode);
	assert_int_equal(parse_prefix("10.88.0.0/16", &n.subnets[0].subnet, NULL), 0);
	assert_int_equal(parse_ip("10.88.0.2", &n.subnets[0].gateway, NULL), 0);
	assert_int_equal(parse_prefix("fd00:1::/64", &n.subnets[1].subnet, NULL), 0);
	assert_int_equal(parse_ip("fd00:1::2", &n.subnets[1].gateway, NULL), 0);
	return n;
}

static void routes(struct nl *nl, const struct network *n, bool default_route)
{
	struct attach_info a = { .n_addrs = 2 };
	struct attach_inside in = {
		.info = &a, .n = n, .metric = 7, .default_route = default_route
	};
	_cleanup_nl_req_ struct nl_req q;

	assert_int_equal(parse_prefix("10.88.0.9/16", &a.addrs[0], NULL), 0);
	assert_int_equal(parse_prefix("fd00:1::9/64", &a.addrs[1], NULL), 0);
	nl_req_init(&q);
	driver_of(n)->put_routes(&q, &in, 3);
	if (q.n)
		nl_run(nl, &q, NULL, NULL, NULL);
}

static void l2(struct nl *nl)
{
	struct network n = network_of("l2");

	routes(nl, &n, true);
}

static void l3(struct nl *nl)
{
	struct network n = network_of("l3");

	routes(nl, &n, true);
}

static void l3s_no_default(struct nl *nl)
{
	struct network n = network_of("l3s");

	routes(nl, &n, false);
}

static void l3s_one_family(struct nl *nl)
{
	struct network n = network_of("l3s");

	n.n_subnets = 1;
	routes(nl, &n, true);
}

static void link_l3s(struct nl *nl)
{
	struct network n = network_of("l3s");
	struct net net = { .rt = *nl };
	struct attach_info a = { .ifname = "eth0" };
	struct link_info on = { .index = 4, .name = "va" };
	struct driver_link l = {
		.net = &net, .n = &n, .on = &on, .mtu = 1400, .info = &a, .netns_fd = 9
	};

	driver_of(&n)->link(&l);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "ip route add default via 10.88.0.2 dev va metric 7 (and via fd00:1::2)", l2, 12, 1,
	  "24 601 02000000fe03000100000000080005000a5800020800060007000000"
	  "0800040003000000\n"
	  "24 605 0a000000fe0300010000000014000500fd000001000000000000000000000002"
	  "08000600070000000800040003000000" },
	/* ip -6 writes out ::/0 as well, which is the same as none */
	{ "ip route add default dev va metric 7 (and ip -6)", l3, 12, 1,
	  "24 601 02000000fe03fd0100000000080006000700000008000400030000"
	  "00\n24 605 0a000000fe030001000000000800060007000000"
	  "0800040003000000" },
	{ "ip route add default dev va metric 7, alone", l3s_one_family, 12, 1,
	  "24 605 02000000fe03fd0100000000080006000700000008000400030000"
	  "00" },
	/* ip sends the flags as well, none of them set */
	{ "ip link add link va name eth0 mtu 1400 netns 9 type ipvlan mode l3s", link_l3s, 16, 1,
	  "16 605 000000000000000000000000000000000800050004000000090003006574683000000000"
	  "080004007805000008001c00090000001c0012000b0001006970766c616e00000c0002000600010002000000"
	},
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

/* Who has another default route gets none here. */
static void test_no_default(void **state)
{
	static struct capture got;
	struct nl nl = NL_INIT;

	nl_set_tap(&nl, capture_tap, &got);
	l3s_no_default(&nl);
	assert_int_equal(got.sends, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),
		cmocka_unit_test(test_no_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
