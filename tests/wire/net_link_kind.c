/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of link puts into its creation, and the VLANs of bridge ports
 * and forwarding entries, against what iproute2 6.1 was recorded to send (as in
 * net_link.c); then whether the kernel takes it, where it has the kind.
 */
#include "net_golden.h"
#include "net_sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <string.h>

#include "net/link_kind.h"
#include "net/neigh.h"

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { .family = strchr(s, ':') ? AF_INET6 : AF_INET };

	assert_int_equal(inet_pton(a.family, s, a.b), 1);
	return a;
}

static void add(struct nl *nl, struct link_spec s)
{
	link_add(nl, &s, NULL);
}

static void macvlan_bridge(struct nl *nl)
{
	add(nl,
	    (struct link_spec){
		    .kind = &link_macvlan, .name = "mv0", .parent = 4, .macvlan.mode = "bridge" });
}

static void macvlan_passthru(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_macvlan,
				    .name = "mv1",
				    .parent = 3,
				    .macvlan = { .mode = "passthru", .nopromisc = true } });
}

static void ipvlan(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_ipvlan,
				    .name = "ip0",
				    .parent = 4,
				    .ipvlan = { .mode = "l3s", .private = true } });
}

static void vlan(struct nl *nl)
{
	add(nl,
	    (struct link_spec){ .kind = &link_vlan, .name = "vl0", .parent = 4, .vlan_id = 42 });
}

static void ifb(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_ifb, .name = "if0" });
}

static void dummy(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_dummy, .name = "du0" });
}

static void vxlan_peers(struct nl *nl)
{
	add(nl,
	    (struct link_spec){
		    .kind = &link_vxlan,
		    .name = "vx0",
		    .parent = 4,
		    .vxlan = { .vni = 100, .local = ip("192.0.2.1"), .learning = OFF, .ttl = 5 } });
}

static void vxlan_group(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_vxlan,
				    .name = "vx1",
				    .parent = 3,
				    .vxlan = { .vni = 101, .remote = ip("239.1.1.1") } });
}

static void vxlan_group6(struct nl *nl)
{
	add(nl,
	    (struct link_spec){ .kind = &link_vxlan,
				.name = "vx2",
				.parent = 3,
				.vxlan = { .vni = 102, .remote = ip("ff05::1"), .port = 4790 } });
}

static void bridge_vlan(struct nl *nl)
{
	add(nl, (struct link_spec){ .kind = &link_bridge,
				    .name = "br1",
				    .bridge = { .vlan_filtering = ON, .default_pvid = 42 } });
}

static void vlan_pvid(struct nl *nl)
{
	brvlan_add(nl,
		   &(struct brvlan_spec){ .index = 4, .vid = 42, .pvid = true, .untagged = true },
		   NULL);
}

static void vlan_tagged(struct nl *nl)
{
	brvlan_add(nl, &(struct brvlan_spec){ .index = 4, .vid = 43 }, NULL);
}

static void vlan_self(struct nl *nl)
{
	brvlan_add(nl,
		   &(struct brvlan_spec){
			   .index = 2, .vid = 42, .pvid = true, .untagged = true, .self = true },
		   NULL);
}

static void vlan_delete(struct nl *nl)
{
	brvlan_del(nl, &(struct brvlan_spec){ .index = 4, .vid = 43 }, NULL);
}

static void fdb_append(struct nl *nl)
{
	fdb_add(nl, &(struct fdb_spec){ .index = 7, .dst = ip("192.0.2.9"), .append = true }, NULL);
}

static void fdb_one(struct nl *nl)
{
	fdb_add(nl,
		&(struct fdb_spec){
			.index = 7, .dst = ip("192.0.2.10"), .mac = { { 2, 0, 0, 0, 0, 5 } } },
		NULL);
}

static void renamed(struct nl *nl)
{
	link_rename(nl, 3, "eth7", NULL);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "ip link add link va name mv0 type macvlan mode bridge", macvlan_bridge, 16, 1,
	  "16 605 000000000000000000000000000000000800050004000000080003006d7630001c0012000c000100"
	  "6d6163766c616e000c0002000800010004000000" },
	{ "ip link add link vb name mv1 type macvlan mode passthru nopromisc", macvlan_passthru,
	  16, 1,
	  "16 605 000000000000000000000000000000000800050003000000080003006d763100240012000c000100"
	  "6d6163766c616e001400020008000100080000000600020001000000" },
	{ "ip link add link va name ip0 type ipvlan mode l3s private", ipvlan, 16, 1,
	  "16 605 0000000000000000000000000000000008000500040000000800030069703000240012000b000100"
	  "6970766c616e00001400020006000100020000000600020001000000" },
	{ "ip link add link va name vl0 type vlan id 42", vlan, 16, 1,
	  "16 605 00000000000000000000000000000000080005000400000008000300766c30001c00120009000100"
	  "766c616e000000000c000200060001002a000000" },
	{ "ip link add name if0 type ifb", ifb, 16, 1,
	  "16 605 000000000000000000000000000000000800030069663000"
	  "0c0012000800010069666200" },
	{ "ip link add name du0 type dummy", dummy, 16, 1,
	  "16 605 000000000000000000000000000000000800030064753000"
	  "100012000a00010064756d6d79000000" },
	{ "ip link add name vx0 type vxlan id 100 local 192.0.2.1 dev va dstport 4789 nolearning "
	  "ttl 5", vxlan_peers, 16, 1,
	  "16 605 000000000000000000000000000000000800030076783000440012000a00010076786c616e000000"
	  "3400020008000300040000000500050005000000080001006400000008000400c00002010500070000000000"
	  "06000f0012b50000" },
	/* learning, which ip(8) asks for, is the kernel's own choice: left out */
	{ "ip link add name vx1 type vxlan id 101 group 239.1.1.1 dev vb dstport 4789",
	  vxlan_group, 16, 1,
	  "16 605 000000000000000000000000000000000800030076783100"
	  "3c0012000a00010076786c616e0000002c000200"
	  "080003000300000008000100650000000800" "0200ef010101" "0500050000000000"
	  "06000f0012b50000" },
	{ "ip link add name vx2 type vxlan id 102 group ff05::1 dev vb dstport 4790",
	  vxlan_group6, 16, 1,
	  "16 605 000000000000000000000000000000000800030076783200"
	  "480012000a00010076786c616e00000038000200"
	  "0800030003000000080001006600000014001000ff050000000000000000000000000001"
	  "050005000000000006000f0012b60000" },
	{ "ip link add name br1 type bridge vlan_filtering 1 vlan_default_pvid 42", bridge_vlan,
	  16, 1,
	  "16 605 000000000000000000000000000000000800030062723100240012000b0001006272696467650000"
	  "140002000500070001000000060027002a000000" },
	{ "bridge vlan add dev va vid 42 pvid untagged", vlan_pvid, 16, 1,
	  "19 5 070000000400000000000000000000000c001a000800020006002a00" },
	{ "bridge vlan add dev va vid 43", vlan_tagged, 16, 1,
	  "19 5 070000000400000000000000000000000c001a000800020000002b00" },
	{ "bridge vlan add dev br0 vid 42 pvid untagged self", vlan_self, 16, 1,
	  "19 5 0700000002000000000000000000000014001a0006000000020000000800020006002a00" },
	{ "bridge vlan del dev va vid 43", vlan_delete, 16, 1,
	  "17 5 070000000400000000000000000000000c001a000800020000002b00" },
	{ "bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.9", fdb_append, 12, 1,
	  "28 c05 0700000007000000c00002000a000200000000000000000008000100c0000209" },
	{ "bridge fdb add 02:00:00:00:00:05 dev vx0 dst 192.0.2.10", fdb_one, 12, 1,
	  "28 605 0700000007000000c00002000a000200020000000005000008000100c000020a" },
	{ "ip link set dev vb name eth7", renamed, 16, 1,
	  "16 5 00000000030000000000000000000000090003006574683700000000" },
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

/* What a kind cannot mean never leaves. */
static void test_refused(void **state)
{
	static const struct link_spec specs[] = {
		{ .kind = &link_macvlan, .name = "x", .macvlan.mode = "bridges" },
		{ .kind = &link_ipvlan, .name = "x", .ipvlan.mode = "" },
		{ .kind = &link_vlan, .name = "x" },
		{ .kind = &link_vlan, .name = "x", .vlan_id = 4095 },
		{ .kind = &link_vxlan, .name = "x", .vxlan.vni = 1 << 24 },
	};
	static struct capture got;
	struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	nl_set_tap(&nl, capture_tap, &got);
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		assert_int_equal(link_add(&nl, &specs[i], &e), -EINVAL);
	assert_int_equal(got.sends, 0);
}

/* A namespace of its own and a socket in it, with a veth pair "va", "vb". */
static uint32_t world(struct nl *nl)
{
	struct link_info l;
	struct err e = ERR_INIT;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ok(nl_open(nl, NETLINK_ROUTE, &e), &e);
	ok(link_add(nl, &(struct link_spec){ .kind = &link_veth, .name = "va", .veth.peer = "vb" },
		    &e),
	   &e);
	ok(link_get(nl, "va", &l, &e), &e);
	return l.index;
}

static int one_more(const struct link_info *l, void *ctx)
{
	(*(unsigned *)ctx)++;
	return 0;
}

static void count(const char *what, unsigned *n, struct nl *nl)
{
	struct err e = ERR_INIT;

	ok(link_list(nl, 0, one_more, n, &e), &e);
	if (!*n)
		fail_msg("%s: no links", what);
}

/* The probe says what a creation then shows, and leaves nothing. */
static void test_probe(void **state)
{
	static const struct link_kind *const kinds[] = { &link_bridge, &link_veth,  &link_macvlan,
							 &link_ipvlan, &link_vxlan, &link_ifb,
							 &link_vlan,   &link_dummy };
	_cleanup_nl_ struct nl nl = NL_INIT;
	uint32_t va = world(&nl);
	struct link_info l;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct link_kind *k = kinds[i];
		struct err e = ERR_INIT, made = ERR_INIT;
		unsigned before = 0, after = 0;
		struct link_spec s = {
			.kind = k,
			.name = "x0",
			.parent = va,
			.vlan_id = 5,
			.veth.peer = "x1",
		};
		int r;

		count("before", &before, &nl);
		r = link_kind_probe(&nl, k, &e);
		count("after", &after, &nl);
		assert_int_equal(before, after);
		assert_int_equal(link_add(&nl, &s, &made), r);
		if (r >= 0) {
			ok(link_get(&nl, "x0", &l, &made), &made);
			ok(link_del(&nl, "x0", &made), &made);
			continue;
		}
		assert_int_equal(r, -EOPNOTSUPP);
		assert_non_null(strstr(e.msg, "this kernel has no "));
		assert_non_null(strstr(e.msg, "(CONFIG_"));
		assert_non_null(strstr(e.hint, "modprobe "));
		assert_string_equal(made.msg, e.msg);
	}
}

/* A kind that no kernel has. */
static void test_probe_absent(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	const struct link_kind absent = { .name = "nosuchkind",
					  .module = "nosuch",
					  .config = "CONFIG_NOSUCH" };

	world(&nl);
	assert_int_equal(link_kind_probe(&nl, &absent, &e), -EOPNOTSUPP);
	assert_string_equal(e.msg, "this kernel has no nosuchkind (CONFIG_NOSUCH)");
	assert_string_equal(e.hint, "try: modprobe nosuch");
}

/* Filtering works, or the creation says in the same words as the probe that it does not. */
static void test_vlan_filtering(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT, made = ERR_INIT;
	struct link_info va;
	int r;

	world(&nl);
	r = link_vlan_filtering_probe(&nl, &e);
	assert_int_equal(link_add(&nl,
				  &(struct link_spec){
					  .kind = &link_bridge,
					  .name = "br0",
					  .bridge = { .vlan_filtering = ON, .default_pvid = 42 } },
				  &made),
			 r);
	if (r < 0) {
		assert_string_equal(made.msg, e.msg);
		assert_non_null(strstr(e.msg, "CONFIG_BRIDGE_VLAN_FILTERING"));
		assert_int_equal(link_get(&nl, "br0", &va, NULL), -ENODEV);
		return;
	}
	ok(link_get(&nl, "br0", &va, &e), &e);
	ok(link_set(&nl, 0, "va", &(struct link_change){ .master = va.index }, &e), &e);
	ok(link_get(&nl, "va", &va, &e), &e);
	ok(brvlan_add(&nl, &(struct brvlan_spec){ .index = va.index, .vid = 7 }, &e), &e);
	ok(brvlan_del(&nl, &(struct brvlan_spec){ .index = va.index, .vid = 7 }, &e), &e);
	ok(brvlan_del(&nl, &(struct brvlan_spec){ .index = va.index, .vid = 7 }, &e), &e);
}

/* Born in another namespace over a parent in ours, with a name that ours has too. */
static void test_born_elsewhere(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT, in = NL_INIT;
	uint32_t va = world(&nl);
	_cleanup_close_ int ns = make_netns_fd();
	struct link_spec s = { .kind = &link_macvlan,
			       .name = "vb",
			       .parent = va,
			       .netns_fd = ns,
			       .mtu = 1400,
			       .mac = { { 2, 0, 0, 0, 0, 7 } },
			       .macvlan.mode = "bridge" };
	struct link_info l;
	struct err e = ERR_INIT;

	if (link_kind_probe(&nl, &link_macvlan, NULL) < 0)
		skip();
	ok(link_add(&nl, &s, &e), &e);
	ok(netns_nl_open(ns, &in, NETLINK_ROUTE, &e), &e);
	ok(link_get(&in, "vb", &l, &e), &e);
	assert_string_equal(l.kind, "macvlan");
	assert_int_equal(l.peer_index, va);
	assert_true(l.peer_elsewhere);
	assert_int_equal(l.mtu, 1400);
	assert_int_equal(l.mac.b[5], 7);
	assert_int_equal(link_add(&nl, &s, &e), -EEXIST);
}

/* As link_add asks for it where the kernel compares the name with ours (before 6.13). */
static void test_born_renamed(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT, in = NL_INIT;
	_cleanup_close_ int ns = -1;
	struct link_spec s = { .kind = &link_ifb, .name = "vb", .up = ON };
	struct link_info l;
	struct err e = ERR_INIT;
	unsigned n = 0;

	world(&nl);
	ns = make_netns_fd();
	s.netns_fd = ns;
	if (link_kind_probe(&nl, &link_ifb, NULL) < 0)
		skip();
	ok(link_create_there(&nl, &s, &e), &e);
	ok(netns_nl_open(ns, &in, NETLINK_ROUTE, &e), &e);
	ok(link_get(&in, "vb", &l, &e), &e);
	assert_true(l.flags & IFF_UP);
	ok(link_list(&in, 0, one_more, &n, &e), &e);
	assert_int_equal(n, 2);
	assert_int_equal(link_create_there(&nl, &s, &e), -EEXIST);
}

static void test_move(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT, in = NL_INIT;
	uint32_t va = world(&nl);
	_cleanup_close_ int ns = make_netns_fd(), self = netns_open_self();
	struct link_info l, back;
	struct err e = ERR_INIT;

	ok(link_set(&nl, va, NULL, &(struct link_change){ .up = ON }, &e), &e);
	ok(link_move(&nl, va, ns, "eth0", &l, &e), &e);
	assert_string_equal(l.name, "eth0");
	assert_false(l.flags & IFF_UP);
	assert_false(link_is_physical(&l));
	assert_int_equal(link_get(&nl, "va", &back, NULL), -ENODEV);
	/* a name that is taken stops it before it goes */
	ok(netns_nl_open(ns, &in, NETLINK_ROUTE, &e), &e);
	assert_int_equal(link_move(&in, l.index, self, "vb", NULL, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "vb"));
	ok(link_get(&in, "eth0", &l, &e), &e);
	ok(link_move(&in, l.index, self, "va", &back, &e), &e);
	assert_string_equal(back.name, "va");
	ok(link_rename(&nl, back.index, "vc", &e), &e);
	/* lo neither moves nor counts as a card */
	ok(link_get(&nl, "lo", &l, &e), &e);
	assert_false(link_is_physical(&l));
	assert_true(link_move(&nl, l.index, ns, "lo2", NULL, &e) < 0);
}

/* Every peer of the list gets what goes to all: two entries of one MAC; twice the same is one. */
static void test_vxlan_peers(void **state)
{
	static const char *const locals[] = { "192.0.2.1", "2001:db8::1" };
	static const char *const peers[][2] = { { "192.0.2.2", "192.0.2.3" },
						{ "2001:db8::2", "2001:db8::3" } };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info l;
	struct err e = ERR_INIT;

	world(&nl);
	if (link_kind_probe(&nl, &link_vxlan, NULL) < 0)
		skip();
	for (size_t f = 0; f < 2; f++) {
		struct link_spec s = {
			.kind = &link_vxlan,
			.name = f ? "vx6" : "vx4",
			.vxlan = { .vni = 100, .learning = OFF, .local = ip(locals[f]) }
		};
		struct fdb_spec p = { .append = true };

		ok(link_add(&nl, &s, &e), &e);
		ok(link_get(&nl, s.name, &l, &e), &e);
		p.index = l.index;
		for (size_t i = 0; i < 2; i++) {
			p.dst = ip(peers[f][i]);
			ok(fdb_add(&nl, &p, &e), &e);
			ok(fdb_add(&nl, &p, &e), &e);
		}
		/* one by one, and only its own */
		ok(fdb_del(&nl, &p, &e), &e);
		ok(fdb_del(&nl, &p, &e), &e);
		p.dst = ip(peers[f][0]);
		p.append = false;
		assert_int_equal(fdb_add(&nl, &p, &e), -EEXIST);
	}
}

/* Without local address and group the family is told. */
static void test_vxlan_family(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info l;
	struct err e = ERR_INIT;
	struct fdb_spec p = { .append = true, .dst = ip("2001:db8::2") };

	world(&nl);
	if (link_kind_probe(&nl, &link_vxlan, NULL) < 0)
		skip();
	ok(link_add(&nl,
		    &(struct link_spec){ .kind = &link_vxlan,
					 .name = "vx6",
					 .vxlan = { .vni = 1, .family = AF_INET6 } },
		    &e),
	   &e);
	ok(link_get(&nl, "vx6", &l, &e), &e);
	p.index = l.index;
	ok(fdb_add(&nl, &p, &e), &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),	       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_probe),	       cmocka_unit_test(test_probe_absent),
		cmocka_unit_test(test_vlan_filtering), cmocka_unit_test(test_born_elsewhere),
		cmocka_unit_test(test_born_renamed),   cmocka_unit_test(test_move),
		cmocka_unit_test(test_vxlan_peers),    cmocka_unit_test(test_vxlan_family),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
