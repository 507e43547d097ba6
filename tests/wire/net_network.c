/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks against the kernel. */
#include "tests/wire/net_probe.h"

static void test_create(void **state)
{
	struct host *h = *state;
	struct network n = named("br0"), loaded = { 0 };
	struct strv names = { 0 };
	struct link_info l;

	n.mtu = 1400;
	OK(network_create(&h->net, &n, e));
	OK(link_get(&h->net.rt, "br0", &l, e));
	assert_string_equal(l.kind, "bridge");
	assert_string_equal(l.alias, "ctnet:br0");
	assert_int_equal(l.group, LINK_GROUP_CTNET);
	assert_int_equal(l.mtu, 1400);
	assert_true(l.flags & IFF_UP);
	assert_memory_equal(&l.mac, &n.mac, sizeof(l.mac));
	assert_sysctl(-1, "ipv4/ip_forward", "1");
	assert_sysctl(-1, "ipv6/conf/br0/disable_ipv6", "1");
	assert_true(table_there(h));
	OK(network_load(&h->net, "br0", &loaded, e));
	assert_int_equal(loaded.n_subnets, 1);
	assert_true(ip_eq(&loaded.subnets[0].gateway, &n.subnets[0].gateway));
	assert_memory_equal(&loaded.mac, &n.mac, sizeof(n.mac));
	OK(network_names(&h->net, &names, e));
	assert_int_equal(names.n, 1);
	strv_free(&names);
	network_free(&loaded);
	FAILS(-EEXIST, "network br0 exists", network_create(&h->net, &n, e));
	network_free(&n);
}

static void test_create_second(void **state)
{
	struct host *h = *state;
	struct network n = named("br1");
	char p[IP_PREFIX_STRLEN];

	create_named(h, "br0");
	OK(network_create(&h->net, &n, e));
	assert_string_equal(prefix_str(&n.subnets[0].subnet, p), "10.88.1.0/24");
	n = named("br2");
	n.n_subnets = 1;
	assert_int_equal(parse_prefix("10.88.0.0/16", &n.subnets[0].subnet, NULL), 0);
	FAILS(-EADDRINUSE, "subnet 10.88.0.0/16 overlaps 10.88.0.0/24 of network br0",
	      network_create(&h->net, &n, e));
	assert_false(link_there(h, "br2"));
}

/* The host's own addresses and routes are kept away from; a default route is not one. */
static void test_create_beside_host(void **state)
{
	struct host *h = *state;
	struct network n = named("br0");
	struct link_info l;
	char p[IP_PREFIX_STRLEN];

	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_bridge, .name = "lan", .up = ON }, e));
	OK(link_get(&h->net.rt, "lan", &l, e));
	OK(addr_add(&h->net.rt,
		    &(struct addr_spec){ .index = l.index, .addr = { ip("10.88.0.9"), 30 } }, e));
	OK(route_add(&h->net.rt,
		     &(struct route_spec){ .index = l.index, .dst = { ip("10.88.1.0"), 24 } }, e));
	OK(route_add(&h->net.rt,
		     &(struct route_spec){ .index = l.index, .dst = { ip("0.0.0.0"), 1 } }, e));
	OK(link_set(&h->net.rt, l.index, NULL, &(struct link_change){ .mtu = 1300 }, e));
	OK(network_create(&h->net, &n, e));
	assert_string_equal(prefix_str(&n.subnets[0].subnet, p), "10.88.2.0/24");
	n = named("br1");
	n.n_subnets = 1;
	n.subnets[0].subnet = (struct ip_prefix){ ip("10.88.1.128"), 25 };
	FAILS(-EADDRINUSE, "overlaps the route 10.88.1.0/24 of link lan",
	      network_create(&h->net, &n, e));
	n = named("lan");
	FAILS(-EEXIST, "a link named lan exists", network_create(&h->net, &n, e));
	assert_true(link_there(h, "lan"));
	/* nothing is left of the refused ones */
	assert_false(exists(h, "realised/lan"));
	OK(network_remove(&h->net, "br0", false, e));
	assert_true(link_there(h, "lan"));
}

static void test_mtu_follows_default_route(void **state)
{
	struct host *h = *state;
	struct link_info l;

	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_bridge, .name = "lan", .up = ON }, e));
	OK(link_get(&h->net.rt, "lan", &l, e));
	OK(link_set(&h->net.rt, l.index, NULL, &(struct link_change){ .mtu = 1300 }, e));
	OK(route_add(&h->net.rt,
		     &(struct route_spec){ .index = l.index, .dst.addr.family = AF_INET }, e));
	create_named(h, "br0");
	OK(link_get(&h->net.rt, "br0", &l, e));
	assert_int_equal(l.mtu, 1300);
}

static void test_heal(void **state)
{
	struct host *h = *state;
	struct attach_info a, b;
	struct link_info before, after;
	int na, nb;

	create_named(h, "br0");
	na = attach(h, "br0", "a", &a);
	nb = attach(h, "br0", "b", &b);
	OK(link_get(&h->net.rt, "br0", &before, e));
	OK(link_del(&h->net.rt, "br0", e));
	assert_true(ping(na, "10.88.0.1", 1) < 0);
	OK(network_heal(&h->net, e));
	OK(link_get(&h->net.rt, "br0", &after, e));
	assert_memory_equal(&before.mac, &after.mac, sizeof(before.mac));
	OK(ping(na, "10.88.0.1", 3));
	OK(ping(na, "10.88.0.3", 3));
	OK(ruleset_unload(&h->net.nft, e));
	assert_false(table_there(h));
	OK(network_heal(&h->net, e));
	assert_true(table_there(h));
	OK(sysctl_set("ipv4/ip_forward", "0", e));
	OK(link_set(&h->net.rt, 0, "br0", &(struct link_change){ .up = OFF }, e));
	OK(network_heal(&h->net, e));
	assert_sysctl(-1, "ipv4/ip_forward", "1");
	OK(ping(nb, "10.88.0.1", 3));
	close(na);
	close(nb);
}

/* Ports that come back to a new bridge are as far apart as they were. */
static void test_heal_no_icc(void **state)
{
	struct host *h = *state;
	struct network n = named("br0");
	struct attach_info a, b;
	int na, nb;

	sysctl_set("bridge/bridge-nf-call-iptables", "0", NULL);
	sysctl_set("bridge/bridge-nf-call-ip6tables", "0", NULL);
	n.no_icc = true;
	OK(network_create(&h->net, &n, e));
	na = attach(h, "br0", "a", &a);
	nb = attach(h, "br0", "b", &b);
	assert_true(ping(na, "10.88.0.3", 1) < 0);
	OK(link_del(&h->net.rt, "br0", e));
	OK(network_heal(&h->net, e));
	/* the carrier settles, and an ARP request lost till then is sent again after a second */
	OK(ping(na, "10.88.0.1", 8));
	OK(ping(nb, "10.88.0.1", 8));
	assert_true(ping(na, "10.88.0.3", 1) < 0);
	close(na);
	close(nb);
	network_free(&n);
}

/* A link of the name that is not ours is never touched. */
static void test_heal_foreign(void **state)
{
	struct host *h = *state;
	struct link_info l;

	create_named(h, "br0");
	create_named(h, "br1");
	OK(link_del(&h->net.rt, "br0", e));
	OK(link_del(&h->net.rt, "br1", e));
	OK(link_add(&h->net.rt, &(struct link_spec){ .kind = &link_bridge, .name = "br0" }, e));
	FAILS(-EEXIST, "network br0: link br0 exists and is not ctnet's", network_heal(&h->net, e));
	assert_true(link_there(h, "br1"));
	OK(link_get(&h->net.rt, "br0", &l, e));
	assert_string_equal(l.alias, "");
	OK(network_remove(&h->net, "br0", false, e));
	assert_true(link_there(h, "br0"));
}

/* A bridge born in our group whose maker was killed before it got its mark. */
static void add_unmarked(struct host *h, const char *name)
{
	OK(link_add(&h->net.rt,
		    &(struct link_spec){
			    .kind = &link_bridge, .name = name, .group = LINK_GROUP_CTNET },
		    e));
}

static void test_unmarked(void **state)
{
	struct host *h = *state;
	struct link_info l;

	create_named(h, "br0");
	create_named(h, "br1");
	OK(link_del(&h->net.rt, "br0", e));
	add_unmarked(h, "br0");
	OK(network_heal(&h->net, e));
	OK(link_get(&h->net.rt, "br0", &l, e));
	assert_string_equal(l.alias, "ctnet:br0");
	OK(link_del(&h->net.rt, "br1", e));
	add_unmarked(h, "br1");
	OK(network_remove(&h->net, "br1", false, e));
	assert_false(link_there(h, "br1"));
}

static void test_remove(void **state)
{
	struct host *h = *state;
	struct attach_info a;
	struct strv names = { 0 };
	int ns;

	create_named(h, "br0");
	create_named(h, "br1");
	ns = attach(h, "br0", "web", &a);
	FAILS(-EBUSY, "network br0 is in use by web", network_remove(&h->net, "br0", false, e));
	OK(ping(ns, "10.88.0.1", 1));
	OK(network_remove(&h->net, "br0", true, e));
	assert_false(link_there(h, "br0"));
	assert_false(link_there(h, a.host_ifname));
	assert_false(exists(h, "leases/br0"));
	assert_false(exists(h, "hosts/br0"));
	assert_false(exists(h, "realised/br0"));
	assert_true(table_there(h));
	assert_sysctl(-1, "ipv4/ip_forward", "1");
	FAILS(-ENOENT, "no network named br0", network_remove(&h->net, "br0", false, e));
	OK(network_remove(&h->net, "br1", false, e));
	assert_false(table_there(h));
	assert_sysctl(-1, "ipv4/ip_forward", "0");
	OK(network_names(&h->net, &names, e));
	assert_int_equal(names.n, 0);
	close(ns);
}

/* Forwarding that was on before us stays on. */
static void test_forward_kept(void **state)
{
	struct host *h = *state;

	OK(sysctl_set("ipv4/ip_forward", "1", e));
	create_named(h, "br0");
	OK(network_remove(&h->net, "br0", false, e));
	assert_sysctl(-1, "ipv4/ip_forward", "1");
}

/* A default route learnt by router advertisement survives our being a router. */
static void test_advertised_default_kept(void **state)
{
	const char *const add[] = { "ip",      "-6",  "route", "add",	"default", "via",
				    "fe80::1", "dev", "lan",   "proto", "ra",	   NULL };
	struct host *h = *state;
	struct network n = named("br0");
	int status = -1;

	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_bridge, .name = "lan", .up = ON }, e));
	OK(proc_run(add, &status));
	assert_int_equal(status, 0);
	assert_sysctl(-1, "ipv6/conf/lan/accept_ra", "1");
	n.ipv6 = true;
	create(h, &n);
	assert_sysctl(-1, "ipv6/conf/lan/accept_ra", "2");
	assert_sysctl(-1, "ipv6/conf/all/forwarding", "1");
	OK(network_remove(&h->net, "br0", false, e));
	assert_sysctl(-1, "ipv6/conf/lan/accept_ra", "1");
	assert_sysctl(-1, "ipv6/conf/all/forwarding", "0");
}

static void test_hand_edited(void **state)
{
	static const char good[] = "[network]\nsubnet = 10.90.0.0/24\n";
	static const char bad[] = "[network]\nsubnet = 10.90.0.0/24\ngateway = 10.91.0.1\n";
	struct host *h = *state;
	struct attach_info a;
	char p[IP_PREFIX_STRLEN];
	int ns;

	assert_int_equal(file_replace_at(h->net.defs_fd, "br0.conf", good, sizeof(good) - 1, 0644,
					 false),
			 0);
	ns = attach(h, "br0", "a", &a);
	assert_string_equal(prefix_str(&a.addrs[0], p), "10.90.0.2/24");
	OK(ping(ns, "10.90.0.1", 2));
	assert_int_equal(
		file_replace_at(h->net.defs_fd, "br0.conf", bad, sizeof(bad) - 1, 0644, false), 0);
	FAILS(-EINVAL, "br0.conf:1:2: gateway 10.91.0.1", network_heal(&h->net, e));
	/* gone by hand, but somebody is on it: kept until it is empty */
	assert_int_equal(unlinkat(h->net.defs_fd, "br0.conf", 0), 0);
	OK(network_heal(&h->net, e));
	assert_true(link_there(h, "br0"));
	OK(attach_down(&h->net, &a, false, e));
	OK(network_heal(&h->net, e));
	assert_false(link_there(h, "br0"));
	close(ns);
}

/* The command line would have refused it, so its first use does; after a reboot both are new. */
static void test_hand_written_overlap(void **state)
{
	static const char twin[] = "[network]\nsubnet = 10.90.0.0/25\n";
	struct host *h = *state;
	struct network n = named("br0"), t = { 0 };

	n.n_subnets = 1;
	assert_int_equal(parse_prefix("10.90.0.0/24", &n.subnets[0].subnet, NULL), 0);
	create(h, &n);
	assert_int_equal(file_replace_at(h->net.defs_fd, "twin.conf", twin, sizeof(twin) - 1, 0644,
					 false),
			 0);
	OK(network_load(&h->net, "twin", &t, e));
	FAILS(-EADDRINUSE, "overlaps 10.90.0.0/24 of network br0",
	      network_realise(&h->net, &t, NULL, e));
	assert_false(link_there(h, "twin"));
	OK(network_heal(&h->net, e));
	OK(network_remove(&h->net, "br0", false, e));
	/* nobody stands there now, defined or not */
	OK(network_realise(&h->net, &t, NULL, e));
	assert_true(link_there(h, "twin"));
	network_free(&t);
}

/* The walk before each attachment; a generous bound, the number is printed. */
static void test_realise_is_cheap(void **state)
{
	struct host *h = *state;
	struct network n = named("br0");
	double best = 1e9;

	OK(network_create(&h->net, &n, e));
	for (int i = 0; i < 50; i++) {
		struct timespec t0;
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &t0);
		OK(network_realise(&h->net, &n, NULL, e));
		ms = ms_since(&t0);
		best = ms < best ? ms : best;
	}
	print_message("realise: %.0f us\n", best * 1e3);
	assert_true(best < 2);
	network_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_host(test_create),
		on_host(test_create_second),
		on_host(test_create_beside_host),
		on_host(test_mtu_follows_default_route),
		on_host(test_heal),
		on_host(test_heal_no_icc),
		on_host(test_hand_written_overlap),
		on_host(test_heal_foreign),
		on_host(test_unmarked),
		on_host(test_remove),
		on_host(test_forward_kept),
		on_host(test_advertised_default_kept),
		on_host(test_hand_edited),
		on_host(test_realise_is_cheap),
	};
	int r = sandbox();

	return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
