/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each verb of net/link.h sends, against what iproute2 6.1 was recorded to
 * send for the command above the verb (but for the NUL behind the names of
 * kinds). No privileges: requests end in a tap.
 */
#include "net_golden.h"

#include <errno.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include "core/base/err.h"
#include "net/link.h"

#define MAC(n)                           \
	{                                \
		{                        \
			2, 0, 0, 0, 0, n \
		}                        \
	}

static void bridge_add(struct nl *nl)
{
	link_add(nl,
		 &(struct link_spec){ .kind = &link_bridge,
				      .name = "br0",
				      .mac = MAC(1),
				      .mtu = 1450,
				      .group = 4242,
				      .up = ON,
				      .bridge = { .stp = OFF, .mcast_snooping = OFF } },
		 NULL);
}

static void bridge_add_deaf(struct nl *nl)
{
	link_add(nl,
		 &(struct link_spec){ .kind = &link_bridge,
				      .name = "br0",
				      .bridge = { .linklocal_learn = OFF } },
		 NULL);
}

static void veth_add(struct nl *nl)
{
	link_add(nl,
		 &(struct link_spec){ .kind = &link_veth,
				      .name = "ve1",
				      .mac = MAC(2),
				      .mtu = 1450,
				      .group = 7,
				      .master = 2,
				      .up = ON,
				      .veth = { .peer = "eth0",
						.peer_mac = MAC(3),
						.peer_mtu = 1450,
						.peer_netns = 4 } },
		 NULL);
}

/* Alias, port flags and address mode in a second send, up in its last message. */
static void veth_add_marked(struct nl *nl)
{
	link_add(nl,
		 &(struct link_spec){ .kind = &link_veth,
				      .name = "ve1",
				      .up = ON,
				      .alias = "ctnet:br0",
				      .no_linklocal = true,
				      .brport = { .isolated = ON },
				      .veth = { .peer = "eth0" } },
		 NULL);
}

static void link_alias(struct nl *nl)
{
	link_set(nl, 2, NULL, &(struct link_change){ .alias = "ctnet:br0" }, NULL);
}

static void link_up(struct nl *nl)
{
	link_set(nl, 2, NULL, &(struct link_change){ .up = ON }, NULL);
}

static void link_down(struct nl *nl)
{
	link_set(nl, 2, NULL, &(struct link_change){ .up = OFF }, NULL);
}

static void link_up_name(struct nl *nl)
{
	link_set(nl, 0, "lo", &(struct link_change){ .up = ON }, NULL);
}

static void link_mtu(struct nl *nl)
{
	link_set(nl, 2, NULL, &(struct link_change){ .mtu = 1400, .group = 9 }, NULL);
}

static void link_nomaster(struct nl *nl)
{
	link_set(nl, 3, NULL, &(struct link_change){ .no_master = true }, NULL);
}

static void link_master(struct nl *nl)
{
	link_set(nl, 3, NULL, &(struct link_change){ .master = 2 }, NULL);
}

static void link_nogroup(struct nl *nl)
{
	struct link_change change = { .no_group = true };

	assert_int_equal(link_set(nl, 0, "ve1", &change, NULL), -EINVAL);
	link_set(nl, 3, "ve1", &change, NULL);
}

static void link_mac(struct nl *nl)
{
	link_set(nl, 3, NULL, &(struct link_change){ .mac = MAC(9) }, NULL);
}

static void link_genmode(struct nl *nl)
{
	link_set(nl, 3, NULL, &(struct link_change){ .no_linklocal = true }, NULL);
}

static void link_slave(struct nl *nl)
{
	struct brport_flags f = { .isolated = ON, .hairpin = ON, .learning = OFF };

	link_set(nl, 3, NULL, &(struct link_change){ .brport = f }, NULL);
}

static void link_slave_guarded(struct nl *nl)
{
	link_set(nl, 3, NULL, &(struct link_change){ .brport = { .bpdu_guard = ON } }, NULL);
}

static void link_brport(struct nl *nl)
{
	struct brport_flags f = { .isolated = ON, .hairpin = ON, .learning = OFF };

	link_set_brport(nl, 3, &f, NULL);
}

static void link_conf_up(struct nl *nl)
{
	struct link_devconf conf[] = { { IPV4_DEVCONF_RP_FILTER, 2 },
				       { IPV4_DEVCONF_FORWARDING, 0 } };

	link_set(nl, 2, "eth0", &(struct link_change){ .up = ON, .conf4 = conf, .n_conf4 = 2 },
		 NULL);
}

static void link_delete(struct nl *nl)
{
	link_del(nl, "ve1", NULL);
}

static void link_find(struct nl *nl)
{
	struct link_info info;

	assert_int_equal(link_get(nl, "ve1", &info, NULL), -ENODEV);
	assert_int_equal(link_get_index(nl, 3, &info, NULL), -ENODEV);
}

static int no_link(const struct link_info *l, void *ctx)
{
	return 0;
}

static void link_show_master(struct nl *nl)
{
	link_list(nl, 2, no_link, NULL, NULL);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "ip link add br0 address 02:00:00:00:00:01 mtu 1450 group 4242 up type bridge "
	  "stp_state 0 mcast_snooping 0", bridge_add, 16, 1,
	  "16 605 000000000000000001000000010000000a000100020000000001000008000400aa05000008001b00"
	  "921000000800030062723000240012000b0001006272696467650000140002000800050000000000050017"
	  "0000000000" },
	{ "ip link add br0 type bridge no_linklocal_learn 1", bridge_add_deaf, 16, 1,
	  "16 605 000000000000000000000000000000000800030062723000200012000b000100"
	  "627269646765000010000200"
	  "0c002e000100000001000000" },
	{ "ip link add ve1 address .. mtu 1450 group 7 master br0 up type veth peer name eth0 "
	  "address .. mtu 1450 netns ..", veth_add, 16, 1,
	  "16 605 000000000000000001000000010000000a000100020000000002000008000400aa05000008001b00"
	  "0700000008000a0002000000080003007665310050001200090001007665746800000000400002003c000100"
	  "000000000000000000000000000000000a000100020000000003000008000400aa05000008001c00040000"
	  "00090003006574683000000000" },
	{ "a link with its mark", veth_add_marked, 16, 2,
	  "16 605 000000000000000000000000000000000800030076653100340012000900010076657468000000"
	  "00240002002000010000000000000000000000000000000000090003006574683000000000\n"
	  "16 1 000000000000000000000000000000000800030076653100"
	  "0e00140063746e65743a6272300000001c0012000b0004006272696467650000"
	  "0c0005000500210001000000"
	  "10001a000c000a000500080001000000\n"
	  "16 5 000000000000000001000000010000000800030076653100" },
	{ "ip link set br0 alias ctnet:br0", link_alias, 16, 1,
	  "16 5 000000000200000000000000000000000e00140063746e65743a627230000000" },
	{ "ip link set br0 up", link_up, 16, 1, "16 5 00000000020000000100000001000000" },
	{ "ip link set br0 down", link_down, 16, 1, "16 5 00000000020000000000000001000000" },
	{ "ip link set lo up, by name", link_up_name, 16, 1,
	  "16 5 00000000000000000100000001000000070003006c6f0000" },
	{ "ip link set br0 mtu 1400 group 9", link_mtu, 16, 1,
	  "16 5 00000000020000000000000000000000080004007805000008001b0009000000" },
	{ "ip link set ve1 nomaster", link_nomaster, 16, 1,
	  "16 5 0000000003000000000000000000000008000a0000000000" },
	{ "ip link set ve1 master br0", link_master, 16, 1,
	  "16 5 0000000003000000000000000000000008000a0002000000" },
	{ "ip link set ve1 group default, but not by name", link_nogroup, 16, 1,
	  "16 5 0000000003000000000000000000000008001b0000000000" },
	{ "ip link set ve1 address 02:00:00:00:00:09", link_mac, 16, 1,
	  "16 5 000000000300000000000000000000000a0001000200000000090000" },
	{ "ip link set ve1 addrgenmode none", link_genmode, 16, 1,
	  "16 5 0000000003000000000000000000000010001a000c000a000500080001000000" },
	{ "ip link set ve1 type bridge_slave isolated on hairpin on learning off", link_slave, 16,
	  1, "16 5 000000000300000000000000000000002c0012000b0004006272696467650000"
	  "1c000500050021000100000005000400010000000500080000000000" },
	{ "ip link set ve1 type bridge_slave guard on", link_slave_guarded, 16, 1,
	  "16 5 000000000300000000000000000000001c0012000b0004006272696467650000"
	  "0c0005000500050001000000" },
	{ "bridge link set dev ve1 isolated on hairpin on learning off", link_brport, 16, 1,
	  "19 5 070000000300000000000000000000001c000c80050004000100000005000800000000000500210001"
	  "000000" },
	/* no ip(8) command: IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF { 8: 2, 1: 0 } } }, then up */
	{ "devconf and up", link_conf_up, 16, 1,
	  "16 1 000000000200000000000000000000001c001a00180002001400010008000800020000000800010000"
	  "000000\n"
	  "16 5 00000000020000000100000001000000" },
	{ "ip link del ve1", link_delete, 16, 1,
	  "17 5 000000000000000000000000000000000800030076653100" },
	/* ip asks for the virtual functions (ext_mask 1), we to leave counters out (8) */
	{ "ip link show dev ve1", link_find, 16, 2,
	  "18 5 00000000000000000000000000000000080003007665310008001d0008000000\n"
	  "18 5 0000000003000000000000000000000008001d0008000000" },
	{ "ip link show master br0", link_show_master, 16, 1,
	  "18 301 0000000000000000000000000000000008001d000800000008000a0002000000" },
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

/* What would be cut or misread by the kernel never leaves. */
static void test_refused(void **state)
{
	static struct capture got;
	struct err e = ERR_INIT;
	struct nl nl = NL_INIT;

	nl_set_tap(&nl, capture_tap, &got);
	assert_int_equal(link_del(&nl, "sixteen-letters-", &e), -ENAMETOOLONG);
	assert_non_null(strstr(e.msg, "delete link sixteen-letters-"));
	assert_int_equal(link_add(&nl,
				  &(struct link_spec){ .kind = &link_veth,
						       .name = "ve1",
						       .veth.peer = "sixteen-letters-" },
				  &e),
			 -ENAMETOOLONG);
	/* an alias would be set in our namespace, not in the link's */
	assert_int_equal(
		link_add(&nl,
			 &(struct link_spec){
				 .kind = &link_bridge, .name = "br0", .netns_fd = 5, .alias = "x" },
			 &e),
		-EINVAL);
	assert_int_equal(got.sends, 0);
}

static void test_kinds(void **state)
{
	assert_ptr_equal(link_kind_find("bridge"), &link_bridge);
	assert_ptr_equal(link_kind_find("veth"), &link_veth);
	assert_null(link_kind_find("brid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
