/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a file that is wrong: the message, its place, the suggestion. */
#include "tests/unit/net_topology_fixture.h"

static const struct {
	const char *text, *msg, *hint;
} errors[] = {
	{ "[lab]\nnamee = x\n", "f:2:1: unknown key \"namee\" in [lab]", "did you mean \"name\"?" },
	{ "[nod.a]\n", "f:1:2: unknown section [nod.a]", "did you mean \"node.a\"?" },
	{ "[lab]\nname = a\nname = b\n", "f:3:1: \"name\" is already set in line 2", NULL },
	{ "[lab]\nversion = 2\n", "f:2:1: version: \"2\" is not 1, the only version there is",
	  NULL },
	{ "[lab]\nipv4-pool = fd00::/64\n", "f:2:1: ipv4-pool: fd00::/64 is of the other family",
	  NULL },
	{ "[node.r]\nkind = ruter\n", "f:2:1: kind: there is no kind \"ruter\"",
	  "did you mean \"router\"?" },
	{ "[kind.a]\nkind = a\n[node.x]\n", "f:2:1: kind: kind \"a\" behaves as itself", NULL },
	{ "[node.h]\nmemory = 64\n", "f:2:1: memory: \"64\" lacks its unit", "B, K, M or G: 64M" },
	{ "[node.h]\nroute.1 = default via 10.0.0.1\n",
	  "f:2:1: route.1: next hop 10.0.0.1 is on no network of h",
	  "its interfaces need an address in the same subnet" },
	{ "[node.h]\nroute.1 = default via fe80::1\n",
	  "f:2:1: route.1: a link-local next hop needs dev", NULL },
	{ "[node.h]\nuplink = host\n", "f:2:1: uplink: only a node of kind nat has this",
	  "kind = nat" },
	{ "[node.h]\nphys.1 = eth0:a,fast\n", "f:2:1: phys.1: \"fast\" is not move-virtual",
	  "a virtual interface, which ends with the lab: IF,move-virtual" },
	{ "[node.h]\nsysctl.1 = kernel.shmmax=1\n",
	  "f:2:1: sysctl.1: \"kernel.shmmax=1\" is no setting of the network",
	  "a node's settings are those of its network: net.*" },
	{ "[node.h]\n[net.n]\nmembers = h:eth0\nuplink = a,b\n",
	  "f:4:1: uplink: \"b\" is not move-virtual",
	  "a virtual interface, which ends with the lab: IF,move-virtual" },
	{ "[node.s]\nkind = switch\nexec.1 = true\n", "f:3:1: exec.1: a switch has no exec.1",
	  "it takes stp and mtu" },
	{ "[node.a]\nafter = b\n[node.b]\nafter = a\n",
	  "f:2:1: after goes in a circle: a after b after a", NULL },
	{ "[node.a]\n[node.b]\n[links]\nm = a:e b:e mtu.ba=1200 subnet=fd00::/64\n",
	  "f:4:1: b:e has mtu 1200, too little for its address fd00::2", "IPv6 needs 1280" },
	{ "[node.a]\nkind = host\nafter = b\n", "f:3:1: after: there is no node \"b\"",
	  "add a section [node.b]" },
	{ "[node.a]\n[node.b]\nlo = 10.0.0.1/32\n[link.m]\nends = a:e b:e\n"
	  "ip = 10.0.0.1/24,10.0.0.2/24\n",
	  "f:6:1: a:e has address 10.0.0.1, which b:lo has in line 3", NULL },
	{ "[node.a]\n[node.b]\n[link.m]\nends = a:e b:e\n[link.n]\nmtu = 1400\nends = a:e b:f\n",
	  "f:7:1: ends: a:e is already used in line 4", NULL },
	{ "[node.a]\n[node.b]\n[link.m]\nends = a:e b:e\nip = 10.0.0.1,10.0.0.2/24\n",
	  "f:5:1: ip: 10.0.0.1 lacks its prefix length", NULL },
	{ "[node.a]\n[node.b]\n[links]\nm = a:e b:e ip=10.0.0.1,10.0.0.2/24\n",
	  "f:4:1: m: ip: 10.0.0.1 lacks its prefix length", NULL },
	{ "[node.a]\n[node.b]\n[link.m]\nends = a:e b:e\nsubnet = 10.0.0.0/32\n",
	  "f:5:1: subnet: the subnet is too small for two ends", NULL },
	{ "[node.a]\n[net.n]\nsubnet = 10.0.0.0/24\nmembers = b:eth0\n",
	  "f:4:1: members: there is no node \"b\"", "add a section [node.b]" },
	{ "[node.a]\n[net.n]\nsubnet = 10.0.0.0/24\nmembers = a:eth0=10.0.1.1\n",
	  "f:4:1: members: 10.0.1.1 is outside the subnet", "the net has 10.0.0.0/24" },
	{ "[node.a]\n[net.n]\nsubnet = 10.0.0.0/24\nmembers = a:eth0=.255\n",
	  "f:4:1: members: 10.0.0.0/24 has no address .255 for a host", NULL },
	{ "[node.a]\n[node.b]\n[net.n]\nsubnet = 10.0.0.0/24\nmembers = a:eth0=.1 b:eth0=.1\n",
	  "f:5:1: b:eth0 has address 10.0.0.1, which a:eth0 has in line 5", NULL },
	{ "[node.a]\n[node.b]\n[links]\nx = a:eth0 b:eth0\ny = a:eth0 b:eth1\n",
	  "f:5:1: y: a:eth0 is already used in line 4", NULL },
	{ "[node.a]\n[node.b]\n[links]\nx = a:eth0 b:eth0 delay=10\n",
	  "f:4:1: x: delay: \"10\" is not a duration: a number with ns, us, ms, s, m or h, as in "
	  "1.5ms",
	  NULL },
	{ "[node.a]\n[node.b]\n[links]\nx = a:eth0 b:eth0 loss=101%\n",
	  "f:4:1: x: loss: \"101%\" is not a share from 0% to 100%, as in 0.5%", NULL },
	{ "[node.a]\n[node.b]\n[links]\nx = a:eth0 b:eth0 jitter=1ms\n",
	  "f:4:1: x: jitter without a delay", "give a delay, which varies by the jitter" },
	{ "[node.a]\n[node.b]\n[link.x]\nends = a:eth0 b:eth0\nwire = direct\ndelay = 1ms\n",
	  "f:3:2: link x is direct, but has an impairment", "wire = stitched" },
	{ "[node.a]\n[node.b]\n[node.c]\n[links]\nx = a:eth0 b:eth0 ip=10.0.0.1/24,10.0.0.2/24\n"
	  "y = a:eth1 c:eth1 ip=10.0.0.129/24,10.0.0.130/24\n",
	  "f:6:1: a:eth1 is in 10.0.0.0/24, and so is a:eth0", NULL },
	{ "[node.a]\n[link.x]\nends = a:eth0\n",
	  "f:3:1: ends: two ends are needed: NODE:INTERFACE NODE:INTERFACE", NULL },
	{ "[node.a]\n[node.b]\n[link.x]\nends = a:eth0 b:eth0\nimpair = wan\n",
	  "f:5:1: impair: there is no profile \"wan\"", "add a section [impair.wan]" },
	{ "[test.t]\ntype = png\n", "f:2:1: type: there is no test \"png\"",
	  "did you mean \"ping\"?" },
	{ "[node.a]\n[test.t]\ntype = exec\nnode = a\n", "f:2:2: a test of type exec needs cmd",
	  NULL },
	{ "[node.a]\n[test.t]\ntype = exec\nnode = a\ncmd = x\nexpect = ~(\n",
	  "f:6:1: expect: \"(\" is not an expression: Unmatched ( or \\(", NULL },
	{ "[scenario.s]\nstep.1 = lnik a up\n", "f:2:1: step.1: there is no step \"lnik\"",
	  "did you mean \"link\"?" },
	{ "[scenario.s]\nneeds = dealy\n",
	  "f:2:1: needs: \"dealy\" is no feature that can be looked for",
	  "did you mean \"delay\"?" },
	{ "[gen.g]\ntype = rnig\n", "f:2:1: type: there is no generator \"rnig\"",
	  "did you mean \"ring\"?" },
	{ "[gen.g]\ntype = ring\n", "f:1:2: a ring needs n", NULL },
	{ "[gen.g]\ntype = tree\ndepth = 9\nfanout = 99\n",
	  "f:1:2: [gen.g]: more than 100000 nodes", NULL },
	{ "[node.a]\nmac.eth0 = 02:00:00:00:00:01\n",
	  "f:2:1: mac.eth0: a has no interface \"eth0\"", NULL },
};

static void test_errors(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const char *text = errors[i].text;
		struct topology t = { .n_nodes = 7 };
		struct topo_problems p = { 0 };
		int r = topology_parse("f", text, strlen(text), &t, &p);

		if (r >= 0 || p.n != 1 || strcmp(p.v[0].msg, errors[i].msg) != 0)
			fail_msg("%s\n%d %zu \"%s\"", text, r, p.n, p.n ? p.v[0].msg : "");
		if (!p.v[0].hint != !errors[i].hint ||
		    (p.v[0].hint && strcmp(p.v[0].hint, errors[i].hint) != 0))
			fail_msg("%s\nhint \"%s\"", text, p.v[0].hint ? p.v[0].hint : "");
		assert_int_equal(t.n_nodes, 7);
		topo_problems_free(&p);
	}
}

/* Syntax, duplicates, unknown words and meaning, in one go and in file order. */
static void test_all_at_once(void **state)
{
	static const char text[] =
		"[lab]\nnamee = x\nname = y\nname = z\njunk\n[node.a]\nmemory = 5\n"
		"[node.a]\npids = x\n[net.n]\nmembers = a:eth0 b:eth0 c:eth0\n";
	static const char *const want[] = { "f:2:1: ", "f:4:1: ",  "f:5:1: ", "f:7:1: ",
					    "f:8:2: ", "f:11:1: ", "f:11:1: " };
	struct topo_problems p = { 0 };
	struct topology t;

	assert_true(topology_parse("f", text, sizeof(text) - 1, &t, &p) < 0);
	assert_int_equal(p.n, ARRAY_SIZE(want));
	assert_int_equal(p.errors, ARRAY_SIZE(want));
	for (size_t i = 0; i < p.n; i++)
		if (!str_starts(p.v[i].msg, want[i]))
			fail_msg("%zu: %s", i, p.v[i].msg);
	topo_problems_free(&p);
}

static void test_ports(void **state)
{
	static const char text[] = "[gen.g]\ntype = star\nn = 1024\n";
	struct topo_problems p = { 0 };
	struct topology t;

	assert_true(topology_parse("f", text, sizeof(text) - 1, &t, &p) < 0);
	assert_string_equal(p.v[0].msg,
			    "f:1:2: switch s1 has 1024 ports, a bridge has at most 1023");
	topo_problems_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
