/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drivers against the kernel, where a bridge would have its limits. */
#include <sys/resource.h>

#include "tests/wire/net_probe.h"

/* A bridge takes 1023 ports (BR_MAX_PORTS of net/bridge/br_private.h). */
#define MANY 1040

static bool may_open(rlim_t n)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return false;
	l.rlim_cur = l.rlim_max;
	return l.rlim_max >= n && setrlimit(RLIMIT_NOFILE, &l) == 0;
}

static void create_ptp(struct host *h, const char *subnet4, const char *subnet6)
{
	struct network n = named("p");

	snprintf(n.driver, sizeof(n.driver), "ptp");
	n.n_subnets = subnet6 ? 2 : 1;
	assert_int_equal(parse_prefix(subnet4, &n.subnets[0].subnet, NULL), 0);
	if (subnet6)
		assert_int_equal(parse_prefix(subnet6, &n.subnets[1].subnet, NULL), 0);
	create(h, &n);
}

static void test_more_than_a_bridge_takes(void **state)
{
	struct attach_info *all = calloc(MANY, sizeof(*all));
	struct host *h = *state;
	char text[IP_STRLEN];
	static int ns[MANY];

	assert_non_null(all);
	if (!may_open(MANY + 64)) {
		print_message("skipped: may not open %d files\n", MANY + 64);
		free(all);
		skip();
	}
	create_ptp(h, "10.88.0.0/20", NULL);
	for (int i = 0; i < MANY; i++) {
		char owner[16];

		snprintf(owner, sizeof(owner), "%012x", i);
		ns[i] = attach(h, "p", owner, &all[i]);
	}
	OK(ping(ns[0], ip_str(&all[MANY - 1].addrs[0].addr, text), 3));
	OK(ping(ns[MANY - 1], "10.88.0.1", 3));
	for (int i = 0; i < MANY; i++) {
		OK(attach_down(&h->net, &all[i], true, e));
		close(ns[i]);
	}
	OK(network_remove(&h->net, "p", false, e));
	free(all);
}

/* What stands on the host for a container goes with its link. */
static void test_host_end(void **state)
{
	struct host *h = *state;
	struct attach_info a, b;
	struct route_info route;
	struct ip_addr addr;
	char text[IP_STRLEN];
	struct link_info l;
	int na, nb;

	create_ptp(h, "10.88.0.0/24", "fd88::/64");
	na = attach(h, "p", "0123456789ab", &a);
	nb = attach(h, "p", "ba9876543210", &b);
	assert_int_equal(a.addrs[0].len, 32);
	assert_int_equal(a.addrs[1].len, 128);
	OK(link_get(&h->net.rt, a.host_ifname, &l, e));
	assert_int_equal(l.group, LINK_GROUP_CTNET);
	assert_int_equal(l.master, 0);
	assert_string_equal(l.alias, "ctnet:p:0123456789ab:eth0");
	for (int i = 0; i < 2; i++) {
		OK(route_get(&h->net.rt, &a.addrs[i].addr, &route, e));
		assert_int_equal(route.index, l.index);
	}
	OK(ping(na, "10.88.0.1", 3));
	OK(ping(na, "fd88::1", 6));
	OK(ping(na, ip_str(&b.addrs[0].addr, text), 3));
	OK(ping(na, ip_str(&b.addrs[1].addr, text), 6));
	addr = a.addrs[0].addr;
	OK(attach_down(&h->net, &a, false, e));
	assert_false(link_there(h, a.host_ifname));
	if (route_get(&h->net.rt, &addr, &route, NULL) >= 0)
		assert_int_not_equal(route.index, l.index);
	/* the gateway is still there for the other */
	OK(ping(nb, "10.88.0.1", 3));
	OK(ping(nb, "fd88::1", 6));
	close(na);
	close(nb);
}

static pid_t sleeper_in(int ns)
{
	pid_t pid = fork();
	char path[64];
	int fd = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (setns(ns, CLONE_NEWNET) == 0)
			pause();
		_exit(1);
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	for (;;) {
		fd = netns_open_path(path, NULL);
		assert_true(fd >= 0);
		if (netns_inode(fd) == netns_inode(ns))
			break;
		close(fd);
	}
	close(fd);
	return pid;
}

/* An attachment whose link is only in its namespace. */
static void test_macvlan_down(void **state)
{
	struct host *h = *state;
	struct network n = named("mv");
	struct attach_info a;
	struct nl nl = NL_INIT;
	struct link_info l;
	pid_t inside;
	int ns;

	if (link_kind_probe(&h->net.rt, &link_macvlan, NULL) < 0) {
		print_message("skipped: this kernel has no macvlan (CONFIG_MACVLAN)\n");
		skip();
	}
	OK(link_add(&h->net.rt,
		    &(struct link_spec){
			    .kind = &link_veth, .name = "lan", .up = ON, .veth.peer = "lanp" },
		    e));
	OK(link_set(&h->net.rt, 0, "lanp", &(struct link_change){ .up = ON }, e));
	snprintf(n.driver, sizeof(n.driver), "macvlan");
	snprintf(n.parent, sizeof(n.parent), "lan");
	n.n_subnets = 1;
	assert_int_equal(parse_prefix("192.0.2.0/24", &n.subnets[0].subnet, NULL), 0);
	create(h, &n);
	assert_false(link_there(h, "mv"));
	ns = attach(h, "mv", "0123456789ab", &a);
	assert_string_equal(a.host_ifname, "");
	OK(netns_nl_open(ns, &nl, NETLINK_ROUTE, e));
	OK(link_get(&nl, "eth0", &l, e));
	assert_string_equal(l.alias, "ctnet:mv:0123456789ab:eth0");
	assert_memory_equal(&l.mac, &a.mac, sizeof(a.mac));
	/* its holder is not in the namespace, somebody else is */
	inside = sleeper_in(ns);
	OK(attach_down(&h->net, &a, false, e));
	assert_int_equal(link_get(&nl, "eth0", &l, NULL), -ENODEV);
	assert_false(exists(h, "attach/0123456789ab.eth0"));
	assert_false(exists(h, "leases/mv/192.0.2.2"));
	/* already gone is fine */
	OK(attach_down(&h->net, &a, false, e));
	end(inside);
	nl_close(&nl);
	close(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_host(test_more_than_a_bridge_takes),
		on_host(test_host_end),
		on_host(test_macvlan_down),
	};
	int r = sandbox();

	return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
