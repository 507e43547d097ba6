/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the keys of a lab file refuse, one by one: the message and its advice. In front
 * of each stand two hosts, a switch and a wire; what is wrong begins in line 7.
 */
#include "tests/unit/net_topology_fixture.h"

#define BASE "[node.a]\n[node.b]\n[node.s]\nkind = switch\n[link.x]\nends = a:eth0 b:eth0\n"
#define PING "[test.t]\ntype = ping\nfrom = a\nto = b\n"

struct refusal {
	const char *text, *msg, *hint;
};

static void check_all(const struct refusal *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = str_printf(BASE "%s\n", all[i].text);
		struct topo_problems p = { 0 };
		struct topology t;
		const char *hint;

		assert_non_null(text);
		if (topology_parse("f", text, strlen(text), &t, &p) >= 0 || p.n != 1 ||
		    strcmp(p.v[0].msg, all[i].msg) != 0)
			fail_msg("%s\n%zu \"%s\"", all[i].text, p.n, p.n ? p.v[0].msg : "");
		hint = p.v[0].hint ? p.v[0].hint : "";
		if (strcmp(hint, all[i].hint ? all[i].hint : "") != 0)
			fail_msg("%s\nhint \"%s\"", all[i].text, hint);
		topo_problems_free(&p);
	}
}

/* clang-format off */
static const struct refusal lab_keys[] = {
	{ "[lab]\nunsupported = ignore",
	  "f:8:1: unsupported: \"ignore\" is neither fail nor warn", NULL },
	{ "[lab]\nname = Lab",
	  "f:8:1: name: lab name \"Lab\" is not lower-case letters, digits, _ and -",
	  "it begins with a letter or a digit" },
	{ "[node.a23456789012345678901234567890123456789012345678901234567890123456789]",
	  "f:7:2: [node.a23456789012345678901234567890123456789012345678901234567890123456789]: "
	  "node name \"a23456789012345678901234567890123456789012345678901234567890123456789\" "
	  "has 69 bytes, at most 63 are allowed", NULL },
	{ "[lab]\nipv4-pool = 10.0.0.0/31\n[node.c]\n[node.d]\n[links]\ny = c:e d:e\nz = a:e c:f",
	  "f:12:1: pool 10.0.0.0/31 has no room left", NULL },
};

static const struct refusal node_keys[] = {
	{ "[node.c]\nexec.1 =", "f:8:1: exec.1: the value is empty", NULL },
	{ "[node.c]\nready =", "f:8:1: ready: the value is empty", NULL },
	{ "[node.c]\nenv.1 = A", "f:8:1: env.1: \"A\" is not NAME=VALUE", NULL },
	{ "[node.c]\nmount.1 = /a", "f:8:1: mount.1: \"/a\" is not SOURCE:TARGET[:OPTIONS]", NULL },
	{ "[node.c]\nmount.1 = /a:b",
	  "f:8:1: mount.1: \"b\" is not an absolute path below /", NULL },
	{ "[node.c]\nmount.1 = /a:/b:noexec", "f:8:1: mount.1: unknown option \"noexec\"",
	  "known are ro, rro, rw, exec" },
	{ "[node.c]\ntmpfs.1 = /b:rro", "f:8:1: tmpfs.1: unknown option \"rro\"",
	  "known are ro, rw, exec, size=, mode=" },
	{ "[node.c]\nsysctl.1 = net.ipv4.ip_forward",
	  "f:8:1: sysctl.1: \"net.ipv4.ip_forward\" is not KEY=VALUE, as in net.ipv4.ip_forward=1",
	  NULL },
	{ "[node.c]\nphys.1 = eth0", "f:8:1: phys.1: \"eth0\" is not HOSTIF:IF", NULL },
	{ "[node.c]\nphys.1 = a/b:eth0",
	  "f:8:1: phys.1: \"a/b:eth0\" names no interface of the host",
	  NULL },
	{ "[node.c]\ncaps = NET_ADMIN,+-NET_RAW",
	  "f:8:1: caps: \"+-NET_RAW\" is not a capability, as in +NET_RAW", NULL },
	{ "[node.c]\nlo =", "f:8:1: lo: the list is empty", NULL },
	{ "[node.c]\nmac.eth0 = 01:00:00:00:00:01",
	  "f:8:1: mac.eth0: 01:00:00:00:00:01 is not the address of one interface", NULL },
	{ "[node.c]\ncpu = 1\ncpus = 1", "f:9:1: cpus: cpu and cpus are the same", NULL },
	{ "[node.c]\nkind = zzzzzz", "f:8:1: kind: there is no kind \"zzzzzz\"",
	  "host, router, switch and nat are built in" },
	{ "[link.y]\nends = a:eth1 b:eth1\nmac = 02:00:00:00:00:02,\n"
	  "[node.c]\nmac.e = 02:00:00:00:00:02\n[link.z]\nends = c:e b:e",
	  "f:13:1: c:e has MAC 02:00:00:00:00:02, which a:eth1 has", NULL },
};

static const struct refusal routes[] = {
	{ "[node.c]\nroute.1 = blackhole", "f:8:1: route.1: the destination is missing", NULL },
	{ "[node.c]\nroute.1 = default via",
	  "f:8:1: route.1: something is missing behind \"via\"", NULL },
	{ "[node.c]\nroute.1 = default nexthop weight 2",
	  "f:8:1: route.1: a next hop needs via or dev", NULL },
	{ "[node.c]\nroute.1 = default proto static",
	  "f:8:1: route.1: \"proto\" is not expected here",
	  "DST via GW [dev IF] [src ADDR] [metric N], DST nexthop via GW ..., blackhole DST" },
	{ "[node.c]\nroute.1 = default dev lo nexthop dev lo",
	  "f:8:1: route.1: either via or nexthop", NULL },
	{ "[node.c]\nroute.1 = 10.0.0.0/8 dev lo src fd00::1",
	  "f:8:1: route.1: src is of another family than the destination", NULL },
	{ "[node.c]\nroute.1 = fd00::/64 via 10.0.0.1",
	  "f:8:1: route.1: an IPv6 route has an IPv4 next hop", NULL },
	{ "[node.c]\nroute.1 = blackhole 10.0.0.0/8 dev lo",
	  "f:8:1: route.1: a blackhole has no next hop", NULL },
	{ "[node.c]\nroute.1 = 10.0.0.0/8",
	  "f:8:1: route.1: a next hop is missing: via or dev", NULL },
	{ "[node.c]\nlo = 10.9.0.1\nroute.1 = default via 10.9.0.1",
	  "f:9:1: route.1: next hop 10.9.0.1 is the node itself", NULL },
	{ "[node.c]\nroute.1 = default dev lo src 10.9.0.1",
	  "f:8:1: route.1: src is no address of c", NULL },
};

static const struct refusal nets[] = {
	{ "[net.n]\nmembers = a:", "f:8:1: members: \"a:\" is not NODE:INTERFACE[=ADDRESS]", NULL },
	{ "[net.n]\nsubnet = none\nmembers = a:eth1=.5",
	  "f:9:1: members: .5: the net has no subnet to count in", NULL },
	{ "[net.n]\nsubnet = 10.0.0.0/24\nmembers = a:eth1=.x",
	  "f:9:1: members: \".x\" is not .NUMBER, as in .10", NULL },
	{ "[net.n]\nsubnet = none\nmembers = a:eth1=10.0.0.1",
	  "f:9:1: members: 10.0.0.1 lacks its prefix length", NULL },
	{ "[net.n]\nsubnet = 10.0.0.0/24\nmembers = s:eth1=.1",
	  "f:9:1: members: s is a switch: its port has no address", NULL },
	{ "[net.n]\nsubnet = 10.0.0.0/24,10.0.0.128/25",
	  "f:8:1: subnet: two of the subnets overlap",
	  NULL },
	{ "[net.n]\nsubnet = 10.0.0.0/30\nmembers = a:e b:e\n[node.c]\n[node.d]\n[net.m]\n"
	  "subnet = 10.1.0.0/31\nmembers = a:f b:f c:f",
	  "f:12:2: net m has more members than its subnet has addresses", NULL },
	{ "[net.n]\nsubnet = 10.0.0.0/24\nmembers = a:e\ngateway = b",
	  "f:7:2: gateway b is not a member of net n", NULL },
	{ "[net.n]\nsubnet = none\nmembers = a:e\ngateway = a",
	  "f:7:2: gateway a has no address on net n", NULL },
	{ "[net.n]\nmembers = a:lo", "f:8:1: members: an interface cannot be called \"lo\"", NULL },
};

static const struct refusal links[] = {
	{ "[link.y]\nmtu = 1400",
	  "f:7:2: [link.y]: ends = NODE:INTERFACE NODE:INTERFACE is missing", NULL },
	{ "[link.y]\nends = a b:e", "f:8:1: ends: \"a\" is not NODE:INTERFACE", NULL },
	{ "[link.y]\nends = c:e d:e", "f:8:1: ends: there is no node \"c\"; there is no node \"d\"",
	  "add a section [node.c]" },
	{ "[link.y]\nends = a:e b:e s:e", "f:8:1: ends: a link has two ends", NULL },
	{ "[links]\nx = a:e b:e", "f:8:1: x: link x is already in line 5", NULL },
	{ "[links]\ny = a:e b:e fast", "f:8:1: y: \"fast\" is not KEY=VALUE", NULL },
	{ "[links]\ny = a:e b:e ends=c:e", "f:8:1: y: a link has no key \"ends\"", NULL },
	{ "[link.y]\nends = a:e b:e\nstate = off", "f:9:1: state: \"off\" is neither up nor down",
	  NULL },
	{ "[link.y]\nends = a:e b:e\nwire = short",
	  "f:9:1: wire: \"short\" is not auto, direct or stitched", NULL },
	{ "[defaults.link]\nip = 10.0.0.1/24,10.0.0.2/24",
	  "f:8:1: ip: this belongs to a single link",
	  NULL },
	{ "[link.y]\nends = a:e s:e\nip = 10.0.0.1/24,10.0.0.2/24",
	  "f:9:1: ip: the port of a switch has no address: leave \"10.0.0.2/24\" out", NULL },
	{ "[link.y]\nends = a:e s:e\nmac = 02:00:00:00:00:01,02:00:00:00:00:02",
	  "f:9:1: mac: the port of a switch has no MAC: leave it out", NULL },
	{ "[link.y]\nends = a:e b:e\nip = 10.0.0.1/24",
	  "f:9:1: ip: \"10.0.0.1/24\" has no comma: one value for each end", NULL },
	{ "[link.y]\nends = a:e b:e\nmac = 01:00:00:00:00:01,02:00:00:00:00:02",
	  "f:9:1: mac: 01:00:00:00:00:01 is not the address of one interface", NULL },
	{ "[node.c]\nmac.e = 02:00:00:00:00:03\n[link.y]\nends = c:e b:e\n"
	  "mac = 02:00:00:00:00:01,02:00:00:00:00:02",
	  "f:8:1: mac.e: the link gives it another MAC", NULL },
	{ "[link.y]\nends = a:e b:e\nrate = 7bit", "f:9:1: rate: a rate is at least 8bit", NULL },
	{ "[link.y]\nends = a:e b:e\ndelay = 2h", "f:9:1: delay: 2h is more than an hour", NULL },
	{ "[link.y]\nends = a:e b:e\nqueue = 5x",
	  "f:9:1: queue: \"5x\" is not a queue: packets (100p), bytes (64K) or a time (50ms)",
	  NULL },
	{ "[link.y]\nends = a:e b:e\ndelay = 1ms\njitter = 2ms",
	  "f:7:2: [link.y]: the jitter is larger than the delay",
	  "packets would have to arrive before they are sent" },
	{ "[link.y]\nends = a:e b:e\nreorder = 5%", "f:7:2: [link.y]: reorder without a delay",
	  "give a delay, which some packets pass over" },
};

static const struct refusal gens[] = {
	{ "[gen.g]\nn = 3", "f:7:2: [gen.g]: type is missing", NULL },
	{ "[gen.g]\ntype = ring\nn = 2", "f:7:2: [gen.g]: a ring has at least 3 nodes", NULL },
	{ "[gen.g]\ntype = ring\nn = 3\ndepth = 2",
	  "f:10:1: depth: a ring has no use for it", NULL },
	{ "[gen.g]\ntype = torus\nw = 2\nh = 3",
	  "f:7:2: [gen.g]: a torus is at least 3 by 3", NULL },
	{ "[gen.g]\ntype = fattree\nk = 3",
	  "f:7:2: [gen.g]: k of a fattree is an even number up to 64", NULL },
	{ "[gen.g]\ntype = ring\nn = 3\nsubnet = 10.0.0.0/24,10.0.1.0/24",
	  "f:10:1: subnet: one subnet of each family", NULL },
	{ "[gen.g]\ntype = ring\nn = 9\nsubnet = 10.0.0.0/30",
	  "f:10:1: subnet: the subnet is too small for all of it", NULL },
	{ "[gen.g]\ntype = ring\nn = 3\n[gen.h]\ntype = ring\nn = 3",
	  "f:10:2: [gen.h]: another generator makes node r1, too", "give one of them a prefix" },
	{ "[net.leaf1]\n[gen.g]\ntype = clos\nn = 2",
	  "f:8:2: [gen.g]: net leaf1 is there already", NULL },
};

static const struct refusal tests[] = {
	{ "[test.t]\ncount = 2", "f:7:2: [test.t]: type is missing", NULL },
	{ "[test.t]\ntype = ping\nfrom = 10.0.0.1\nto = b",
	  "f:9:1: from: \"10.0.0.1\" is neither a node nor node:if", NULL },
	{ "[test.t]\ntype = ping\nfrom = s\nto = b",
	  "f:9:1: from: s is a switch: nothing runs there",
	  NULL },
	{ "[test.t]\ntype = exec\nnode = s\ncmd = true",
	  "f:9:1: node: s is a switch: nothing runs there", NULL },
	{ "[test.t]\ntype = pingall\nnodes = a b c*",
	  "f:9:1: nodes: no node is like \"c*\"", NULL },
	{ PING "count = 2\ncmd = x", "f:12:1: cmd: a test of type ping has no use for it", NULL },
	{ PING "expect = 5", "f:11:1: expect: \"5\" is not what ping can yield", "ok or fail" },
	{ "[test.t]\ntype = route\nnode = a\nto = default\nexpect = via",
	  "f:11:1: expect: \"via\" is not what route can yield", "ok, fail or ~regex" },
	{ PING "family = 5", "f:11:1: family: \"5\" is neither 4 nor 6", NULL },
	{ PING "level = note", "f:11:1: level: \"note\" is neither error nor warn", NULL },
	{ PING "needs = zzzzzz", "f:11:1: needs: \"zzzzzz\" is no feature that can be looked for",
	  "a program is bin:zzzzzz" },
	{ "[test.t]\ntype = ping\nfrom = a\nto = default",
	  "f:10:1: to: \"default\" is not a node, node:if or address", NULL },
	{ "[test.t]\ntype = http\nnode = a\nto = b",
	  "f:10:1: to: \"b\" is not http://HOST[:PORT]/PATH", NULL },
	{ "[test.t]\ntype = neigh\nto = b",
	  "f:7:2: [test.t]: a test of type neigh needs node", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = x",
	  "f:11:1: expect: \"x\" is not a number", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = 1.5x",
	  "f:11:1: expect: \"1.5x\" is not a number", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = 9..5",
	  "f:11:1: expect: the range \"9..5\" runs backwards", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = 9223372036854.9",
	  "f:11:1: expect: 9223372036854.9 is too large", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = -9223372036854 +-9223372036854",
	  "f:11:1: expect: -9223372036854 +-9223372036854 is too large", NULL },
	{ "[test.t]\ntype = ttl\nfrom = a\nto = b\nexpect = 9223372036854 +-9223372036854",
	  "f:11:1: expect: 9223372036854 +-9223372036854 is too large", NULL },
};

#define STEP "[scenario.c]\nstep.1 = "
static const struct refusal steps[] = {
	{ STEP, "f:8:1: step.1: the step is empty", NULL },
	{ STEP "zzzzzz", "f:8:1: step.1: there is no step \"zzzzzz\"",
	  "steps are link, impair, exec, expect, node, sleep" },
	{ STEP "exec a 'true", "f:8:1: step.1: a quote is not closed", NULL },
	{ STEP "link x", "f:8:1: step.1: link NAME up or down is expected", NULL },
	{ STEP "link x off", "f:8:1: step.1: \"off\" is neither up nor down", NULL },
	{ STEP "impair x", "f:8:1: step.1: impair LINK KEY=VALUE ... or none is expected", NULL },
	{ STEP "impair x fast", "f:8:1: step.1: \"fast\" is not KEY=VALUE", NULL },
	{ STEP "impair x speed=1", "f:8:1: step.1: there is no impairment \"speed\"", NULL },
	{ STEP "exec a", "f:8:1: step.1: exec NODE \"COMMAND\" is expected", NULL },
	{ STEP "exec s true", "f:8:1: step.1: s is a switch: nothing runs there", NULL },
	{ STEP "expect ok ping a",
	  "f:8:1: step.1: expect ok or fail ping FROM TO [wait=TIME] is expected", NULL },
	{ STEP "expect yes ping a b", "f:8:1: step.1: \"yes\" is neither ok nor fail", NULL },
	{ STEP "expect ok ping s b", "f:8:1: step.1: nothing can be sent from \"s\"", NULL },
	{ STEP "expect ok ping a default",
	  "f:8:1: step.1: nothing can be sent to \"default\"", NULL },
	{ STEP "expect ok ping a b family=5",
	  "f:8:1: step.1: \"family=5\" is neither wait=TIME nor family=4 or 6", NULL },
	{ STEP "node a", "f:8:1: step.1: node NAME stop or start is expected", NULL },
	{ STEP "node a kill", "f:8:1: step.1: \"kill\" is neither stop nor start", NULL },
	{ STEP "sleep", "f:8:1: step.1: sleep TIME is expected", NULL },
};
/* clang-format on */

#define GROUP(name)                                \
	static void test_##name(void **state)      \
	{                                          \
		check_all(name, ARRAY_SIZE(name)); \
	}
GROUP(lab_keys)
GROUP(node_keys)
GROUP(routes)
GROUP(nets)
GROUP(links)
GROUP(gens)
GROUP(tests)
GROUP(steps)

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_lab_keys), cmocka_unit_test(test_node_keys),
		cmocka_unit_test(test_routes),	 cmocka_unit_test(test_nets),
		cmocka_unit_test(test_links),	 cmocka_unit_test(test_gens),
		cmocka_unit_test(test_tests),	 cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
