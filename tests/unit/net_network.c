/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/net_tmp.h"

#include <errno.h>

#include "core/base/fd.h"
#include "net/attach_real.h"
#include "net/network.h"

static void put(struct tmp *t, const char *file, const char *text)
{
	assert_int_equal(file_replace_at(t->net.defs_fd, file, text, strlen(text), 0644, false), 0);
}

static void load_fails(struct tmp *t, const char *text, const char *message)
{
	struct network n = { 0 };
	struct err e = ERR_INIT;

	put(t, "net1.conf", text);
	assert_true(network_load(&t->net, "net1", &n, &e) < 0);
	if (!strstr(e.msg, message))
		fail_msg("\"%s\" lacks \"%s\"", e.msg, message);
}

static void test_names(void **state)
{
	static const char *const good[] = { "br0", "a", "my.net-1_x", "0123456789abcde" };
	static const char *const bad[] = { "",		"0123456789abcdef",
					   "a/b",	"..",
					   ".a",	"-a",
					   "a b",	"a..b",
					   "lo",	"all",
					   "host",	"none",
					   "container", "ns",
					   "phys",	"default" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(network_check_name(good[i], &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (network_check_name(bad[i], &e) != -EINVAL)
			fail_msg("\"%s\" passed", bad[i]);
	assert_string_equal(e.msg, "network name \"default\" is reserved");
}

static struct network sample(void)
{
	struct network n = { .name = "net1",
			     .driver = "bridge",
			     .n_subnets = 2,
			     .n_ranges = 2,
			     .n_excludes = 1,
			     .mtu = 1450,
			     .mac = { { 2, 1, 2, 3, 4, 5 } },
			     .no_icc = true,
			     .internal = true };

	n.subnets[0] = (struct network_subnet){ prefix("10.88.0.0/24"), ip("10.88.0.1") };
	n.subnets[1] = (struct network_subnet){ prefix("fd00::/64"), ip("fd00::9") };
	n.ranges[0] = range("10.88.0.10-10.88.0.20");
	n.ranges[1] = range("fd00::100-fd00::1ff");
	n.excludes[0] = range("10.88.0.15-10.88.0.15");
	return n;
}

static void test_round_trip(void **state)
{
	struct tmp *t = *state;
	struct network n = sample(), m = { 0 };

	assert_int_equal(strv_add(&n.labels, "who=a b; c # d"), 0);
	assert_int_equal(strv_add(&n.labels, "empty="), 0);
	assert_int_equal(network_check(&n, NULL), 0);
	assert_int_equal(network_store(&t->net, &n, NULL), 0);
	assert_true(network_defined(&t->net, "net1"));
	assert_int_equal(network_load(&t->net, "net1", &m, NULL), 0);
	assert_string_equal(m.name, "net1");
	assert_string_equal(m.driver, "bridge");
	assert_memory_equal(m.subnets, n.subnets, sizeof(n.subnets));
	assert_memory_equal(m.ranges, n.ranges, sizeof(n.ranges));
	assert_memory_equal(m.excludes, n.excludes, sizeof(n.excludes));
	assert_memory_equal(&m.mac, &n.mac, sizeof(n.mac));
	assert_int_equal(m.mtu, 1450);
	assert_true(m.no_icc && m.internal);
	assert_false(m.open || m.no_masquerade || m.stp);
	assert_int_equal(m.labels.n, 2);
	assert_string_equal(m.labels.v[0], "who=a b; c # d");
	assert_string_equal(m.labels.v[1], "empty=");
	network_free(&n);
	network_free(&m);
}

/* More than a line of iniparser holds: numbered keys. */
static void test_long_lists(void **state)
{
	struct tmp *t = *state;
	struct network n = sample(), m = { 0 };

	n.n_ranges = 0;
	n.n_excludes = NETWORK_RANGES_MAX;
	for (unsigned i = 0; i < NETWORK_RANGES_MAX; i++) {
		char text[128];

		snprintf(text, sizeof(text), "fd00::aaaa:bbbb:cccc:%x0-fd00::aaaa:bbbb:cccc:%xf",
			 0xdd0 + i, 0xdd0 + i);
		n.excludes[i] = range(text);
	}
	assert_int_equal(network_store(&t->net, &n, NULL), 0);
	assert_int_equal(network_load(&t->net, "net1", &m, NULL), 0);
	assert_int_equal(m.n_excludes, NETWORK_RANGES_MAX);
	assert_memory_equal(m.excludes, n.excludes, sizeof(n.excludes));
	network_free(&m);
}

static void test_by_hand(void **state)
{
	struct tmp *t = *state;
	struct network n = { 0 }, again = { 0 };

	put(t, "net1.conf",
	    "# mine\n[Network]\nSubnet = 10.9.0.0/24, fd01::/64\n"
	    "gateway = fd01::5\nicc = off\nmasquerade = no\n");
	assert_int_equal(network_load(&t->net, "net1", &n, NULL), 0);
	assert_int_equal(n.n_subnets, 2);
	assert_ip(n.subnets[0].gateway, "10.9.0.1");
	assert_ip(n.subnets[1].gateway, "fd01::5");
	assert_true(n.no_icc && n.no_masquerade);
	/* a MAC that does not change from one load to the next */
	assert_true(mac_is_unicast(&n.mac));
	assert_int_equal(network_load(&t->net, "net1", &again, NULL), 0);
	assert_memory_equal(&n.mac, &again.mac, sizeof(n.mac));
	network_free(&n);
	network_free(&again);
}

static void test_bad_files(void **state)
{
	struct tmp *t = *state;
	struct network n = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(network_load(&t->net, "absent", &n, &e), -ENOENT);
	assert_string_equal(e.msg, "no network named absent");
	assert_non_null(strstr(e.hint, "ctnet create absent"));
	assert_int_equal(network_load(&t->net, "../x", &n, NULL), -EINVAL);
	load_fails(t, "", "no [network] section");
	load_fails(t, "[network]\n", "the network has no subnet");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\nsubnett = x\n", "net1.conf:3:1: ");
	load_fails(t, "[network]\nsubnet = 10.9.0.1/24\n", "net1.conf:2:1: ");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\nmtu = many\n", "net1.conf:3:1: ");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\nname = net2\n",
		   "the file defines network net2");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\ngateway = 10.9.0.1 10.9.0.2\n",
		   "gateway 10.9.0.2 is the second one of its subnet");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\nip-range = 10.8.0.1-10.8.0.2\n",
		   "range 10.8.0.1-10.8.0.2 lies in no subnet");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\ndriver = bridje\n",
		   "unknown network driver \"bridje\"");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24 10.9.0.0/25\n", "overlap");
	load_fails(t, "[network]\nsubnet = 10.9.0.0/24\nmac = 01:00:00:00:00:01\n",
		   "group address");
	load_fails(t,
		   "[network]\nsubnet = 1.0.0.0/24 2.0.0.0/24 3.0.0.0/24 4.0.0.0/24 5.0.0.0/24 "
		   "6.0.0.0/24 7.0.0.0/24 8.0.0.0/24 9.0.0.0/24\n",
		   "at most 8 subnets");
}

static void check_fails(struct network n, const char *message)
{
	struct err e = ERR_INIT;

	assert_true(network_check(&n, &e) < 0);
	if (!strstr(e.msg, message))
		fail_msg("\"%s\" lacks \"%s\"", e.msg, message);
}

static void test_check(void **state)
{
	struct network n = sample();
	char label[] = "k=\"v\"", *labels[] = { label };

	n.subnets[0].subnet = prefix("10.88.0.5/24");
	check_fails(n, "subnet 10.88.0.5/24 has host bits set");
	n = sample();
	n.subnets[0].subnet = prefix("127.0.0.0/24");
	check_fails(n, "not for hosts");
	n.subnets[0].subnet = prefix("10.0.0.0/32");
	check_fails(n, "no room for a gateway");
	n = sample();
	n.subnets[0].gateway = ip("10.88.0.255");
	check_fails(n, "gateway 10.88.0.255 is no host address of 10.88.0.0/24");
	n.subnets[0].gateway = ip("10.89.0.1");
	check_fails(n, "gateway 10.89.0.1 is not in subnet 10.88.0.0/24");
	n = sample();
	n.mtu = 1279;
	check_fails(n, "MTU 1279 is not in 1280..65535");
	n = sample();
	n.ranges[0] = (struct ip_range){ ip("10.88.0.9"), ip("10.88.0.8") };
	check_fails(n, "ends before it begins");
	n = sample();
	n.n_subnets = 0;
	check_fails(n, "lies in no subnet");
	n = sample();
	n.labels = (struct strv){ labels, 1 };
	check_fails(n, "holds a quote");
	label[0] = '=';
	check_fails(n, "is not KEY=VALUE");
}

static void test_list(void **state)
{
	struct tmp *t = *state;
	struct strv names = { 0 };

	put(t, "b.conf", "");
	put(t, "a.conf", "");
	put(t, "a.conf~", "");
	put(t, ".hidden.conf", "");
	put(t, "this-name-is-too-long.conf", "");
	put(t, "lo.conf", "");
	assert_int_equal(network_names(&t->net, &names, NULL), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a");
	assert_string_equal(names.v[1], "b");
	strv_free(&names);
	assert_int_equal(network_forget(&t->net, "a", NULL), 0);
	assert_int_equal(network_forget(&t->net, "a", NULL), 0);
	assert_false(network_defined(&t->net, "a"));
}

static struct attach_info record(const char *owner, const char *ifname)
{
	struct attach_info a = { .network = "net1", .mac = { { 2, 0, 0, 0, 0, 1 } } };

	snprintf(a.owner, sizeof(a.owner), "%s", owner);
	snprintf(a.ifname, sizeof(a.ifname), "%s", ifname);
	return a;
}

static void test_record(void **state)
{
	struct tmp *t = *state;
	struct attach_info a = record("0123456789ab", "eth0"), b;

	a.addrs[0] = prefix("10.88.0.2/24");
	a.addrs[1] = prefix("fd00::2/64");
	a.n_addrs = 2;
	a.holder = (struct proc_id){ 4000000, 1ULL << 40 };
	assert_int_equal(attach_find(&t->net, a.owner, "eth0", &b), -ENOENT);
	assert_int_equal(attach_record_save(&t->net, &a), 0);
	assert_int_equal(attach_find(&t->net, a.owner, "eth0", &b), 0);
	assert_memory_equal(a.addrs, b.addrs, sizeof(a.addrs));
	assert_memory_equal(&a.mac, &b.mac, sizeof(a.mac));
	assert_string_equal(b.network, "net1");
	assert_int_equal(b.holder.pid, a.holder.pid);
	assert_true(b.holder.start == a.holder.start);
	assert_false(attach_alive(&b));
	b.holder.pid = 0;
	assert_true(attach_alive(&b));
	assert_int_equal(attach_record_drop(&t->net, "0123456789ab.eth0"), 0);
	assert_int_equal(attach_record_drop(&t->net, "0123456789ab.eth0"), 0);
}

static void test_host_names(void **state)
{
	struct tmp *t = *state;
	struct attach_info a = record("0123456789ab", "eth0"), b = record("0123456789ab", "eth1"),
			   c = record("cni-of-some-length", "eth0");

	assert_int_equal(attach_host_name(&t->net, &a), 0);
	assert_string_equal(a.host_ifname, "ve0123456789ab0");
	assert_int_equal(attach_host_name(&t->net, &b), 0);
	assert_string_equal(b.host_ifname, "ve0123456789ab1");
	assert_int_equal(attach_host_name(&t->net, &c), 0);
	assert_int_equal(strlen(c.host_ifname), 15);
	/* only its owner gives it back */
	snprintf(c.host_ifname, sizeof(c.host_ifname), "%s", a.host_ifname);
	assert_int_equal(attach_host_drop(&t->net, &c), 0);
	assert_true(attach_host_taken(&t->net, a.host_ifname));
	assert_int_equal(attach_host_drop(&t->net, &a), 0);
	assert_false(attach_host_taken(&t->net, a.host_ifname));
}

static void test_macs(void **state)
{
	struct attach_info a = record("0123456789ab", "eth0"), b = record("x", "eth0");
	struct mac_addr m;
	char text[MAC_STRLEN];

	a.addrs[0] = prefix("10.88.0.2/24");
	a.n_addrs = 1;
	m = attach_mac(&a);
	assert_string_equal(mac_str(&m, text), "02:c7:0a:58:00:02");
	b.addrs[0] = prefix("fd00::2/64");
	b.n_addrs = 1;
	m = attach_mac(&b);
	assert_true(mac_is_unicast(&m) && m.b[0] == 2 && m.b[1] == 0xc6);
	m = attach_host_mac(&a);
	assert_true(mac_is_unicast(&m) && m.b[0] == 0xfe);
}

static void assert_same_driver(const struct network *m, const struct network *n)
{
	assert_string_equal(m->driver, n->driver);
	assert_string_equal(m->parent, n->parent);
	assert_string_equal(m->mode, n->mode);
	assert_memory_equal(m->ports, n->ports, sizeof(n->ports));
	assert_int_equal(m->vlan, n->vlan);
	assert_int_equal(m->vni, n->vni);
	assert_int_equal(m->n_peers, n->n_peers);
	assert_memory_equal(m->peers, n->peers, sizeof(n->peers));
	assert_memory_equal(&m->group, &n->group, sizeof(n->group));
	assert_int_equal(m->no_host, n->no_host);
	assert_int_equal(m->no_spoof_guard, n->no_spoof_guard);
	assert_int_equal(m->dns_server, n->dns_server);
}

static struct network of_driver(const char *driver)
{
	struct network n = { .name = "net1", .n_subnets = 1 };

	snprintf(n.driver, sizeof(n.driver), "%s", driver);
	n.subnets[0] = (struct network_subnet){ prefix("10.88.0.0/24"), ip("10.88.0.1") };
	return n;
}

static void put_port(struct network *n, size_t i, const char *name)
{
	snprintf(n->ports[i], sizeof(n->ports[i]), "%s", name);
}

static void test_drivers_round_trip(void **state)
{
	struct network all[] = { of_driver("bridge"), of_driver("macvlan"), of_driver("ipvlan"),
				 of_driver("ptp"),    of_driver("vxlan"),   of_driver("vxlan") };
	struct tmp *t = *state;

	all[0].vlan = 4094;
	put_port(&all[0], 0, "eth1");
	put_port(&all[0], 1, "eth2.7");
	all[0].no_host = all[0].no_spoof_guard = all[0].dns_server = true;
	snprintf(all[1].parent, sizeof(all[1].parent), "eth0");
	snprintf(all[1].mode, sizeof(all[1].mode), "passthru");
	snprintf(all[2].parent, sizeof(all[2].parent), "eth0");
	snprintf(all[2].mode, sizeof(all[2].mode), "l3s");
	all[4].vni = 0xffffff;
	all[4].n_peers = NETWORK_PEERS_MAX;
	for (unsigned i = 0; i < NETWORK_PEERS_MAX; i++) {
		all[4].peers[i] = ip("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1");
		all[4].peers[i].b[15] = (uint8_t)i;
	}
	all[5].vni = 1;
	all[5].group = ip("239.1.1.1");
	snprintf(all[5].parent, sizeof(all[5].parent), "eth0");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct network m = { 0 };
		struct err e = ERR_INIT;

		if (network_check(&all[i], &e) < 0)
			fail_msg("%s: %s", all[i].driver, e.msg);
		assert_int_equal(network_store(&t->net, &all[i], NULL), 0);
		if (network_load(&t->net, "net1", &m, &e) < 0)
			fail_msg("%s: %s", all[i].driver, e.msg);
		assert_same_driver(&m, &all[i]);
		network_free(&m);
	}
}

static void set(struct network *n, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	if (network_set(n, key, value, &e) < 0)
		fail_msg("%s = %s: %s", key, value, e.msg);
}

/* Every option is either meant by the driver or refused by name. */
static void test_driver_options(void **state)
{
	static const struct {
		const char *driver, *settings[6], *message;
	} rows[] = {
		{ "bridge", { "parent", "eth0" }, "driver bridge takes no --parent" },
		{ "bridge", { "mode", "private" }, "driver bridge takes no --mode" },
		{ "bridge", { "vni", "7" }, "driver bridge takes no --vni" },
		{ "bridge", { "port", "eth1", "port", "eth1" }, "port eth1 is given twice" },
		{ "macvlan", { NULL }, "driver macvlan needs --parent" },
		{ "ipvlan", { NULL }, "driver ipvlan needs --parent" },
		{ "macvlan",
		  { "parent", "eth0", "mode", "briidge" },
		  "driver macvlan has no mode \"briidge\"" },
		{ "macvlan",
		  { "parent", "eth0", "port", "eth1" },
		  "driver macvlan takes no --port" },
		{ "macvlan",
		  { "parent", "eth0", "internal", "yes" },
		  "--internal means nothing to driver macvlan: its packets do not pass the host" },
		{ "ipvlan", { "parent", "eth0", "icc", "no" }, "--no-icc means nothing" },
		{ "ipvlan", { "parent", "eth0", "mac", "02:00:00:00:00:01" }, "takes no --mac" },
		{ "ptp", { "stp", "yes" }, "driver ptp takes no --stp" },
		{ "ptp", { "port", "eth1" }, "driver ptp takes no --port" },
		{ "vxlan", { NULL }, "driver vxlan needs --vni" },
		{ "vxlan", { "vni", "7", "vlan", "7" }, "driver vxlan takes no --vlan" },
		{ "vxlan",
		  { "vni", "7", "peer", "192.0.2.1", "group", "239.1.1.1" },
		  "peers and a group exclude each other" },
		{ "vxlan", { "vni", "7", "group", "239.1.1.1" }, "a group needs --parent" },
		{ "vxlan",
		  { "vni", "7", "group", "192.0.2.1", "parent", "eth0" },
		  "192.0.2.1 is no multicast group" },
		{ "vxlan", { "vni", "7", "peer", "224.0.0.1" }, "is no address of a host" },
		{ "vxlan",
		  { "vni", "7", "peer", "192.0.2.1", "peer", "2001:db8::1" },
		  "peers are all IPv4 or all IPv6" },
		{ "vxlan",
		  { "vni", "7", "peer", "192.0.2.1", "peer", "192.0.2.1" },
		  "peer 192.0.2.1 is given twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network n = of_driver(rows[i].driver);

		for (size_t k = 0; k < 6 && rows[i].settings[k]; k += 2)
			set(&n, rows[i].settings[k], rows[i].settings[k + 1]);
		check_fails(n, rows[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		test_on_tmp(test_round_trip),
		test_on_tmp(test_long_lists),
		test_on_tmp(test_by_hand),
		test_on_tmp(test_bad_files),
		cmocka_unit_test(test_check),
		test_on_tmp(test_list),
		test_on_tmp(test_record),
		test_on_tmp(test_host_names),
		cmocka_unit_test(test_macs),
		test_on_tmp(test_drivers_round_trip),
		cmocka_unit_test(test_driver_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
