/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generators: how many of what, connected, the same again; addresses; sections. */
#include "core/base/err.h"
#include "tests/unit/net_topology_fixture.h"

#define POOLS "[lab]\nname = l\nseed = 7\nipv4-pool = 10.0.0.0/12\nipv6-pool = fd00::/48\n"

static const struct {
	const char *keys;
	size_t nodes, links, nets;
	uint32_t segments;
} gens[] = {
	{ "type = line\nn = 5\n", 5, 4, 0, 4 },
	{ "type = ring\nn = 5\n", 5, 5, 0, 5 },
	{ "type = star\nn = 200\n", 201, 200, 0, 1 },
	{ "type = tree\ndepth = 2\nfanout = 8\n", 73, 72, 0, 1 },
	{ "type = tree\ndepth = 3\nfanout = 2\n", 15, 14, 0, 1 },
	{ "type = grid\nw = 3\nh = 4\n", 12, 17, 0, 17 },
	{ "type = torus\nw = 3\nh = 4\n", 12, 24, 0, 24 },
	{ "type = torus\nw = 3\nh = 3\nhosts-per-switch = 1\n", 18, 27, 0, 1 },
	{ "type = clos\nn = 6\nk = 4\nhosts-per-switch = 2\n", 22, 24, 6, 30 },
	{ "type = fattree\nk = 4\n", 36, 32, 8, 40 },
	{ "type = full\nn = 6\n", 6, 15, 0, 15 },
	{ "type = random\nn = 30\nk = 4\n", 30, 60, 0, 60 },
	{ "type = line\nn = 3\nhosts-per-switch = 2\n", 9, 8, 0, 1 },
	{ "type = ring\nn = 3\nprefix = x\nsubnet = 192.0.2.0/29 fd01::/64\n", 3, 3, 0, 3 },
};

/* From node 0 over links and nets. */
static size_t reached(const struct topology *t)
{
	_cleanup_free_ bool *seen = calloc(t->n_nodes, sizeof(*seen));
	bool more = true;
	size_t n = 1;

	seen[0] = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < t->n_ifaces; i++)
			for (size_t k = 0; k < t->n_ifaces; k++) {
				const struct topo_iface *x = &t->ifaces[i], *y = &t->ifaces[k];

				if (x->on != y->on || x->wire != y->wire || !seen[x->node] ||
				    seen[y->node])
					continue;
				seen[y->node] = true;
				more = true;
				n++;
			}
	}
	return n;
}

static void test_generators(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(gens); i++) {
		_cleanup_topology_ struct topology t = { 0 }, again = { 0 };
		_cleanup_free_ char *text = str_printf("%s[gen.g]\n%s", POOLS, gens[i].keys);
		_cleanup_free_ char *one = NULL, *two = NULL;

		lab(text, &t);
		if (t.n_nodes != gens[i].nodes || t.n_links != gens[i].links ||
		    t.n_nets != gens[i].nets || t.n_segments != gens[i].segments)
			fail_msg("%s: %zu nodes, %zu links, %zu nets, %u segments", gens[i].keys,
				 t.n_nodes, t.n_links, t.n_nets, t.n_segments);
		assert_int_equal(reached(&t), t.n_nodes);
		for (size_t k = 0; k < t.n_ifaces; k++)
			if (t.nodes[t.ifaces[k].node].kind != TOPO_SWITCH)
				assert_int_equal(t.ifaces[k].n_addrs, 2);
		lab(text, &again);
		one = expanded(&t);
		two = expanded(&again);
		assert_string_equal(one, two);
		round_trip(text);
	}
}

static void test_seed(void **state)
{
	_cleanup_topology_ struct topology a = { 0 }, b = { 0 };
	_cleanup_free_ char *one = NULL, *two = NULL;

	lab("[lab]\nname=l\nseed=1\n[gen.g]\ntype=random\nn=20\n", &a);
	lab("[lab]\nname=l\nseed=2\n[gen.g]\ntype=random\nn=20\n", &b);
	one = expanded(&a);
	two = expanded(&b);
	assert_string_not_equal(strstr(one, "[link."), strstr(two, "[link."));
}

/* As the words of `mn --topo tree` number it. */
static void test_tree(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	char buf[IP_PREFIX_STRLEN];

	lab("[gen.g]\ntype = tree\ndepth = 2\nfanout = 2\nsubnet = 10.0.0.0/8 fd00::/64\n"
	    "[node.h3]\nexec.1 = true\n",
	    &t);
	assert_string_equal(addr(&t, "h1", "eth0", 0, buf), "10.0.0.1/8");
	assert_string_equal(addr(&t, "h4", "eth0", 0, buf), "10.0.0.4/8");
	assert_string_equal(addr(&t, "h4", "eth0", 1, buf), "fd00::4/64");
	assert_int_not_equal(topology_link(&t, "h3-s3"), TOPO_NONE);
	assert_int_not_equal(topology_link(&t, "s1-s2"), TOPO_NONE);
	assert_int_not_equal(topology_iface(&t, topology_node(&t, "s2"), "eth3"), TOPO_NONE);
	assert_int_equal(t.nodes[topology_node(&t, "h3")].n_execs, 1);
	assert_int_equal(t.n_nodes, 7);
}

static void test_addresses(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	char buf[IP_PREFIX_STRLEN];

	lab("[lab]\nname = l\nipv4-pool = 10.0.0.0/16\nipv6-pool = fd00::/48\n"
	    "[node.a]\n[node.b]\n[node.c]\n[node.s]\nkind = switch\n"
	    "[net.n]\nsubnet = 10.0.0.0/24 fd00::/64\ngateway = a\n"
	    "members = a:eth0=.1 b:eth0 c:eth0=10.0.0.9,fd00::9/64\n"
	    "[links]\none = a:eth1 b:eth1\ntwo = a:eth2 b:eth2 subnet=192.0.2.0/31,fd09::/127\n"
	    "three = a:eth3 s:x\nfour = b:eth3 s:y\nfive = a:eth4 b:eth4 subnet=none\n",
	    &t);
	assert_string_equal(addr(&t, "a", "eth0", 1, buf), "fd00::1/64");
	assert_string_equal(addr(&t, "b", "eth0", 0, buf), "10.0.0.2/24");
	assert_string_equal(addr(&t, "c", "eth0", 1, buf), "fd00::9/64");
	/* the pools begin with the net's own subnets, which are passed over */
	assert_string_equal(addr(&t, "a", "eth1", 0, buf), "10.0.1.0/31");
	assert_string_equal(addr(&t, "b", "eth1", 1, buf), "fd00:0:0:1::1/127");
	assert_string_equal(addr(&t, "a", "eth2", 0, buf), "192.0.2.0/31");
	assert_string_equal(addr(&t, "b", "eth2", 1, buf), "fd09::1/127");
	assert_string_equal(addr(&t, "b", "eth3", 0, buf), "10.0.2.2/24");
	assert_string_equal(addr(&t, "a", "eth4", 0, buf), "");
	assert_int_equal(t.nodes[topology_node(&t, "b")].n_routes, 2);
	assert_true(t.nodes[topology_node(&t, "b")].routes[0].implied);
	assert_int_equal(t.nodes[topology_node(&t, "a")].n_routes, 0);
}

static void test_macs(void **state)
{
	_cleanup_topology_ struct topology a = { 0 }, b = { 0 };
	const struct topo_iface *x, *y;

	lab("[lab]\nname=l\nseed=3\n[node.a]\n[node.b]\n[links]\nx=a:e b:e\n", &a);
	/* one more node changes nobody's */
	lab("[lab]\nname=l\nseed=3\n[node.z]\n[node.a]\nmac.f=02:00:00:00:00:09\n[node.b]\n"
	    "[links]\n"
	    "y=z:e a:f\nx=a:e b:e\n",
	    &b);
	x = &a.ifaces[topology_iface(&a, topology_node(&a, "a"), "e")];
	y = &b.ifaces[topology_iface(&b, topology_node(&b, "a"), "e")];
	assert_memory_equal(&x->mac, &y->mac, sizeof(x->mac));
	assert_int_equal(x->mac.b[0] & 3, 2);
	y = &b.ifaces[topology_iface(&b, topology_node(&b, "a"), "f")];
	assert_int_equal(y->mac.b[5], 9);
}

static const char everything[] =
	"[lab]\nname = all\nseed = 9\nipv4-pool = 10.64.0.0/16\nmtu = 1400\nwait = 2s\n"
	"hosts-file = no\n"
	"[defaults.node]\nmemory = 64M\nsysctl.1 = net.ipv4.ip_forward=0\nexec.2 = echo default\n"
	"[defaults.link]\ndelay = 1ms\n"
	"[kind.leaf]\nkind = router\nsysctl.1 = net.ipv4.ip_forward=1\nexec.1 = echo kind\n"
	"[impair.wan]\nrate = 10mbit\ndelay = 20ms\njitter = 1ms\nloss.ab = 0.25%\nqueue = 64K\n"
	"[node.r]\nkind = leaf\nlo = 10.255.0.1 fd00:ff::1\nuser = 1000:1000\ncaps = +NET_RAW\n"
	"cpuset = 0-1\npids = 50\ncpu = 1.5\nenv.1 = A=b c\ntmpfs.1 = /scratch:size=1M\n"
	"mount.1 = /usr/share:/data:ro\nroute.1 = 10.9.0.0/16 nexthop via 10.1.0.10 weight 2 "
	"nexthop via 10.1.0.11\nroute.2 = blackhole 10.8.0.0/16\nroute.3 = default via fe80::1 dev "
	"eth0 metric 5\ndaemon.1 = \"sleep 9; true\"\nstop.1 = echo bye\nready = true\n"
	"ready-wait = 3s\nhostname = router\nrootfs = /srv/r\n"
	"[node.h]\nafter = r\nexec.3 = 'say \"#1\"'\n[node.i]\n"
	"[node.gw]\nkind = nat\nuplink = host\nmasquerade = 10.0.0.0/8\n"
	"publish.1 = 127.0.0.1:8080:h:80\npublish.2 = 53:53/udp\nphys.1 = enp1s0:wan0\n"
	"phys.2 = veth1:wan1,move-virtual\n"
	"[node.s]\nkind = switch\nstp = yes\nmtu = 1300\n"
	"[net.n]\nsubnet = 10.1.0.0/24\nmembers = r:eth0=.1 h:eth0=.10\nmembers.1 = i:eth0=.11\n"
	"gateway = r\nmtu = 1350\nloss = 1%\nimpair = wan\nuplink = veth2,move-virtual\n"
	"[link.a]\nends = r:eth1 gw:eth0\nimpair = wan\ndelay.ba = 5ms\nmtu.ab = 1280\n"
	"mac = 02:00:00:00:00:01,\nstate = down\nwire = stitched\n"
	"[links]\nb = r:eth2 s:p1 ip=10.2.0.1/24,\n"
	"[test.a]\ntype = rtt\nfrom = h\nto = r:eth1\nexpect = 40ms +-5ms\nneeds = delay bin:frr\n"
	"[test.b]\ntype = route\nnode = h\nto = default\nexpect = ~via 10.1\nlevel = warn\n"
	"[test.c]\ntype = pingall\nnodes = h* i\nfamily = 4\nwait = 5s\n"
	"[test.d]\ntype = http\nnode = h\nto = http://10.1.0.11/\n"
	"[test.e]\ntype = exec\nnode = h\ncmd = echo 3\nexpect = -1.5..4\n"
	"[scenario.s]\nstep.10 = sleep 1s\nstep.2 = link a up\n"
	"step.3 = impair a loss=0 delay.ab=1ms\n"
	"step.4 = exec h \"ip route\"\nstep.5 = expect fail ping h r wait=3s\n"
	"step.6 = node h stop\nneeds = delay bin:frr\n";

static void test_sections(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	const struct topo_node *r;
	const struct topo_link *a;

	lab(everything, &t);
	round_trip(everything);
	r = &t.nodes[topology_node(&t, "r")];
	assert_int_equal(r->kind, TOPO_ROUTER);
	assert_string_equal(r->kind_name, "leaf");
	assert_int_equal(r->cpus_milli, 1500);
	assert_int_equal(r->memory, 64 << 20);
	assert_int_equal(r->n_sysctls, 1);
	assert_string_equal(r->sysctls[0].right, "1");
	assert_int_equal(r->n_execs, 2);
	assert_string_equal(r->execs[0].text, "echo kind");
	assert_int_equal(r->routes[0].n_hops, 2);
	assert_int_equal(r->routes[0].hops[0].weight, 2);
	assert_true(r->routes[1].blackhole);
	assert_int_equal(r->routes[2].dst.addr.family, AF_INET6);
	a = &t.links[topology_link(&t, "a")];
	assert_int_equal(a->impair[TOPO_AB].v[TOPO_DELAY], 20000000);
	assert_int_equal(a->impair[TOPO_BA].v[TOPO_DELAY], 5000000);
	assert_int_equal(a->impair[TOPO_AB].v[TOPO_LOSS], 2500000);
	assert_int_equal(a->impair[TOPO_BA].v[TOPO_LOSS], 0);
	assert_int_equal(a->impair[TOPO_AB].queue_unit, TOPO_QUEUE_BYTES);
	assert_int_equal(t.ifaces[a->ifaces[0]].mtu, 1280);
	assert_int_equal(t.ifaces[a->ifaces[1]].mtu, 1400);
	assert_true(a->stitched);
	assert_int_equal(t.tests[0].expect.low, 35000000);
	assert_int_equal(t.tests[2].n_nodes, 2);
	assert_int_equal(t.tests[4].expect.high, 4000000);
	assert_int_equal(t.tests[4].expect.low, -1500000);
	assert_int_equal(t.scenarios[0].steps[0].num, 2);
	assert_int_equal(t.scenarios[0].steps[5].what, TOPO_STEP_SLEEP);
	assert_int_equal(t.scenarios[0].n_needs, 2);
	assert_string_equal(t.scenarios[0].needs[1], "bin:frr");
	assert_string_equal(t.nodes[topology_node(&t, "gw")].publish[0].to_name, "h");
	assert_null(t.nodes[topology_node(&t, "gw")].phys[0].opts);
	assert_string_equal(t.nodes[topology_node(&t, "gw")].phys[1].right, "wan1");
	assert_string_equal(t.nodes[topology_node(&t, "gw")].phys[1].opts, "move-virtual");
	assert_string_equal(t.nets[0].uplink, "veth2");
	assert_true(t.nets[0].uplink_virtual);
}

static void test_target(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	char buf[IP_STRLEN];
	struct ip_addr a;

	lab(everything, &t);
	/* rtt from h: no lo, so its first interface; of r:eth1 the pool's */
	assert_true(topology_target_addr(&t, &t.tests[0].from, 0, &a));
	assert_string_equal(ip_str(&a, buf), "10.1.0.10");
	assert_true(topology_target_addr(&t, &t.tests[0].to, AF_INET, &a));
	assert_string_equal(ip_str(&a, buf), "10.64.0.0");
	assert_false(topology_target_addr(&t, &t.tests[0].to, AF_INET6, &a));
}

static void test_mininet(void **state)
{
	static const char *const words[] = { "minimal",	   "single,3", "linear,4",
					     "linear,2,3", "tree,2,8", "torus,3,3" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_free_ char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		assert_int_equal(topology_from_mininet(words[i], NULL, f, NULL), 0);
		fclose(f);
		round_trip(text);
	}
}

/* What no generator makes is not written, even where each number is one. */
static void test_mininet_refused(void **state)
{
	static const struct {
		const char *words, *why;
	} bad[] = { { "torus,2,", "torus,2,: a torus is at least 3 by 3" },
		    { "torus,300,400", "torus,300,400: more than 100000 nodes" },
		    { "tree,9,9", "tree,9,9: more than 100000 nodes" },
		    { "linear,2,0", "hosts-per-switch: 0 is not between 1 and 65535" },
		    { "linear,2,2000", "linear,2,2000: hosts-per-switch: " },
		    { "tree,1,2,3", "tree takes 2 numbers" },
		    { "tre,2", "'tre,2' is no topology" },
		    { ",", "',' is no topology" } };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *text = NULL;
		struct err e = ERR_INIT;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		assert_true(topology_from_mininet(bad[i].words, NULL, f, &e) < 0);
		fclose(f);
		assert_int_equal(len, 0);
		assert_true(str_starts(e.msg, bad[i].why));
	}
}

static const char graphml[] =
	"<graphml><key attr.name=\"Longitude\" for=\"node\" id=\"a\"/>"
	"<key attr.name=\"Latitude\" for=\"node\" id=\"b\"/>"
	"<key attr.name=\"label\" for=\"node\" id=\"c\"/><graph>"
	"<node id=\"0\"><data key=\"a\">0</data><data key=\"b\">0</data>"
	"<data key=\"c\">Null Island</data></node>"
	"<node id=\"1\"><data key=\"a\">90</data><data key=\"b\">0</data></node>"
	"<edge source=\"0\" target=\"1\"/></graph></graphml>";

/* A quarter of the equator: 10007.6 km, 50.072 ms in fibre. */
static void test_graphml(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(
		topology_from_graphml("x.graphml", graphml, sizeof(graphml) - 1, NULL, f, NULL), 0);
	assert_int_equal(topology_from_graphml("x", graphml, sizeof(graphml) - 20, NULL, f, NULL),
			 -EINVAL);
	fclose(f);
	assert_non_null(strstr(text, "null-island:eth0 n1:eth0 delay=50072us"));
}

#define GRAPH(rest) "<graphml>" rest "</graphml>"

static void test_graphml_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>" GRAPH("<graph/>"), "declares an entity" },
		{ GRAPH("<graph><node/></graph>"), "a node without id" },
		{ GRAPH("<graph><node id=\"a\"/><edge source=\"a\"/></graph>"),
		  "an edge without source or target" },
		{ GRAPH("<graph><node id=\"a\"/><edge source=\"a\" target=\"b\"/></graph>"),
		  "an edge leads to node b, which is not there" },
		{ GRAPH("<graph/>"), "there is no node in it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *text = NULL;
		struct err e = ERR_INIT;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		assert_int_equal(topology_from_graphml("x", bad[i].text, strlen(bad[i].text), NULL,
						       f, &e),
				 -EINVAL);
		fclose(f);
		if (!strstr(e.msg, bad[i].why))
			fail_msg("%s: %s", bad[i].why, e.msg);
	}
}

static void test_graphs(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };

	lab(everything, &t);
	for (int i = TOPO_DOT; i <= TOPO_HTML; i++) {
		_cleanup_free_ char *one = NULL, *two = NULL;
		size_t len;
		FILE *f = open_memstream(&one, &len);

		assert_int_equal(topology_graph(&t, (enum topo_format)i, f), 0);
		fclose(f);
		f = open_memstream(&two, &len);
		assert_int_equal(topology_graph(&t, (enum topo_format)i, f), 0);
		fclose(f);
		assert_string_equal(one, two);
		assert_non_null(strstr(one, "10.255.0.1/32"));
		assert_non_null(strstr(one, "delay 20ms"));
		assert_null(strstr(one, "nan"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generators),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_mininet),
		cmocka_unit_test(test_mininet_refused),
		cmocka_unit_test(test_graphml),
		cmocka_unit_test(test_graphml_refused),
		cmocka_unit_test(test_graphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
