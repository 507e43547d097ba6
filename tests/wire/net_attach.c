/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attachments against the kernel, and what sweeps up after them. */
#include "tests/wire/net_probe.h"

static void test_attach(void **state)
{
	struct host *h = *state;
	struct attach_info a, b, found;
	struct link_info l;
	char p[IP_PREFIX_STRLEN], *text;
	int na, nb;

	create_named(h, "br0");
	na = attach(h, "br0", "0123456789ab", &a);
	nb = attach(h, "br0", "ba9876543210", &b);
	assert_string_equal(prefix_str(&a.addrs[0], p), "10.88.0.2/24");
	assert_string_equal(a.host_ifname, "ve0123456789ab0");
	OK(link_get(&h->net.rt, a.host_ifname, &l, e));
	assert_string_equal(l.alias, "ctnet:br0:0123456789ab:eth0");
	OK(ping(na, "10.88.0.1", 3));
	OK(ping(na, "10.88.0.3", 3));
	OK(ping(nb, "127.0.0.1", 3));
	text = text_of(h, "hosts/br0");
	assert_non_null(strstr(text, "10.88.0.2\t0123456789ab\n"));
	free(text);
	OK(attach_find(&h->net, "0123456789ab", "eth0", &found));
	assert_string_equal(found.host_ifname, a.host_ifname);
	assert_memory_equal(&found.mac, &a.mac, sizeof(a.mac));
	assert_memory_equal(&found.addrs[0], &a.addrs[0], sizeof(a.addrs[0]));
	assert_sysctl(na, "ipv4/ip_forward", "0");
	assert_sysctl(na, "ipv4/conf/all/rp_filter", "2");
	assert_sysctl(na, "ipv4/conf/eth0/accept_redirects", "0");
	assert_sysctl(na, "ipv6/conf/eth0/disable_ipv6", "1");
	OK(attach_down(&h->net, &a, false, e));
	assert_false(link_there(h, a.host_ifname));
	assert_false(exists(h, "leases/br0/10.88.0.2"));
	assert_false(exists(h, "attach/0123456789ab.eth0"));
	assert_false(exists(h, "links/ve0123456789ab0"));
	text = text_of(h, "hosts/br0");
	assert_null(strstr(text, "10.88.0.2"));
	free(text);
	/* already gone is fine */
	OK(attach_down(&h->net, &a, false, e));
	OK(ping(nb, "10.88.0.1", 3));
	close(na);
	close(nb);
}

static int not_tentative(const struct addr_info *a, void *ctx)
{
	return prefix_has(ctx, &a->addr.addr) && a->flags & IFA_F_TENTATIVE ? -EAGAIN : 0;
}

static int none_tentative(void *subnet)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = nl_open(&nl, NETLINK_ROUTE, NULL);

	return r < 0 ? r : addr_list(&nl, 0, AF_INET6, not_tentative, subnet, NULL);
}

static void test_attach_v6(void **state)
{
	struct host *h = *state;
	struct network n = named("br0");
	struct attach_info a, b;
	char gw[IP_STRLEN], peer[IP_STRLEN];
	int na, nb;

	n.ipv6 = true;
	OK(network_create(&h->net, &n, e));
	assert_int_equal(n.n_subnets, 2);
	assert_sysctl(-1, "ipv6/conf/all/forwarding", "1");
	assert_sysctl(-1, "ipv6/conf/br0/accept_ra", "0");
	na = attach(h, "br0", "a", &a);
	nb = attach(h, "br0", "b", &b);
	assert_int_equal(a.n_addrs, 2);
	assert_sysctl(na, "ipv6/conf/eth0/accept_ra", "0");
	assert_sysctl(na, "ipv6/conf/all/forwarding", "0");
	OK(netns_do(na, none_tentative, &n.subnets[1].subnet));
	OK(ping(na, "10.88.0.1", 1));
	/*
	 * The kernel joins the solicited-node group in a work queue of its own; a
	 * peer that asks earlier asks again after a second.
	 */
	OK(ping(na, ip_str(&n.subnets[1].gateway, gw), 6));
	OK(ping(na, ip_str(&b.addrs[1].addr, peer), 6));
	OK(network_remove(&h->net, "br0", true, e));
	assert_sysctl(-1, "ipv6/conf/all/forwarding", "0");
	close(na);
	close(nb);
}

static void test_two_networks(void **state)
{
	struct host *h = *state;
	struct net_attach second;
	struct attach_info a, b;
	int ns;

	create_named(h, "br0");
	create_named(h, "br1");
	ns = attach(h, "br0", "0123456789ab", &a);
	second = attachment(h, "br1", "0123456789ab");
	second.connect = true;
	FAILS(-EEXIST, "eth0 is attached to network br0 already",
	      attach_up(&h->net, &second, ns, &b, e));
	OK(ping(ns, "10.88.0.1", 1));
	second.ifname = "eth1";
	FAILS(-EEXIST, "attach 0123456789ab to br1: add route default",
	      attach_up(&h->net, &second, ns, &b, e));
	assert_false(exists(h, "attach/0123456789ab.eth1"));
	assert_false(exists(h, "leases/br1/10.88.1.2"));
	assert_false(link_there(h, "ve0123456789ab1"));
	second.default_route = false;
	OK(attach_up(&h->net, &second, ns, &b, e));
	assert_string_equal(b.host_ifname, "ve0123456789ab1");
	OK(ping(ns, "10.88.1.1", 1));
	OK(ping(ns, "10.88.0.1", 1));
	close(ns);
}

static void test_internal(void **state)
{
	struct host *h = *state;
	struct network n = named("inner");
	struct attach_info a;
	int ns;

	n.internal = true;
	create(h, &n);
	assert_sysctl(-1, "ipv4/ip_forward", "0");
	ns = attach(h, "inner", "a", &a);
	OK(ping(ns, "10.88.0.1", 2));
	assert_int_equal(ping(ns, "192.0.2.1", 1), -ENETUNREACH);
	/* a network with a way out beside it turns forwarding on and knows both */
	create_named(h, "outer");
	assert_sysctl(-1, "ipv4/ip_forward", "1");
	OK(network_remove(&h->net, "outer", false, e));
	OK(network_remove(&h->net, "inner", true, e));
	assert_sysctl(-1, "ipv4/ip_forward", "0");
	close(ns);
}

static void test_static(void **state)
{
	struct host *h = *state;
	struct net_attach a;
	struct attach_info info;
	int ns = new_netns(), other = new_netns();

	create_named(h, "br0");
	a = attachment(h, "br0", "one");
	a.ip = ip("10.88.0.77");
	assert_int_equal(parse_mac("02:00:00:00:00:09", &a.mac, NULL), 0);
	OK(attach_up(&h->net, &a, ns, &info, e));
	assert_int_equal(info.addrs[0].addr.b[3], 77);
	assert_int_equal(info.mac.b[5], 9);
	a.owner = "two";
	FAILS(-EADDRINUSE, "10.88.0.77 is held by one.eth0",
	      attach_up(&h->net, &a, other, &info, e));
	a.ip = ip("10.99.0.1");
	FAILS(-EADDRNOTAVAIL, "10.99.0.1 is not in 10.88.0.0/24",
	      attach_up(&h->net, &a, other, &info, e));
	a.ip = (struct ip_addr){ 0 };
	a.ip6 = ip("fd00::1");
	FAILS(-EADDRNOTAVAIL, "network br0 has no IPv6 subnet",
	      attach_up(&h->net, &a, other, &info, e));
	a.ip6 = (struct ip_addr){ 0 };
	a.network = "nonet";
	FAILS(-ENOENT, "no network named nonet", attach_up(&h->net, &a, other, &info, e));
	a.network = "br0";
	a.ifname = "a/b";
	assert_int_equal(attach_up(&h->net, &a, other, &info, NULL), -EINVAL);
	a.ifname = NULL;
	a.name = "two words";
	FAILS(-EINVAL, "\"two words\" is no host name", attach_up(&h->net, &a, other, &info, e));
	assert_false(exists(h, "attach/two.eth0"));
	close(ns);
	close(other);
}

/* A wanted address of a dead holder, and of a link that still dies, is to be had. */
static void test_static_again(void **state)
{
	struct host *h = *state;
	struct net_attach a;
	struct attach_info info;
	struct proc_id id;
	pid_t pid = sleeper(&id);
	int ns[3] = { new_netns(), new_netns(), new_netns() };

	create_named(h, "br0");
	a = attachment(h, "br0", "one");
	a.ip = ip("10.88.0.77");
	a.holder = id;
	OK(attach_up(&h->net, &a, ns[0], &info, e));
	end(pid);
	a.owner = "two";
	a.holder = h->id;
	OK(attach_up(&h->net, &a, ns[1], &info, e));
	assert_false(exists(h, "attach/one.eth0"));
	/* the namespace is said to be dead but its link lives: drained */
	OK(attach_down(&h->net, &info, true, e));
	assert_true(exists(h, "drain/br0/10.88.0.77"));
	assert_true(link_there(h, info.host_ifname));
	a.owner = "three";
	OK(attach_up(&h->net, &a, ns[2], &info, e));
	OK(ping(ns[2], "10.88.0.1", 2));
	assert_false(exists(h, "drain/br0/10.88.0.77"));
	for (int i = 0; i < 3; i++)
		close(ns[i]);
}

static void test_netns_dies(void **state)
{
	struct host *h = *state;
	struct attach_info a;
	int ns, tries = 0;

	create_named(h, "br0");
	ns = attach(h, "br0", "a", &a);
	close(ns);
	OK(attach_down(&h->net, &a, true, e));
	for (; link_there(h, a.host_ifname) && tries < 2000; tries++)
		usleep(1000);
	assert_true(tries < 2000);
	OK(ipam_sweep(&h->net, "br0", 0, NULL));
	assert_false(exists(h, "leases/br0/10.88.0.2"));
	/* the same owner once more, at once after the end of the first */
	ns = attach(h, "br0", "a", &a);
	close(ns);
	OK(attach_down(&h->net, &a, true, e));
	ns = attach(h, "br0", "a", &a);
	OK(ping(ns, "10.88.0.1", 2));
	close(ns);
}

static void test_exhaustion(void **state)
{
	struct host *h = *state;
	struct network n = named("br0");
	struct net_attach a;
	struct attach_info info[3];
	struct proc_id id;
	pid_t pid = sleeper(&id);
	int ns[3];

	n.n_subnets = 1;
	n.subnets[0].subnet = (struct ip_prefix){ ip("10.77.0.0"), 30 };
	n.subnets[0].gateway = ip("10.77.0.2");
	create(h, &n);
	a = attachment(h, "br0", "one");
	a.holder = id;
	for (int i = 0; i < 3; i++)
		ns[i] = new_netns();
	OK(attach_up(&h->net, &a, ns[0], &info[0], e));
	a.owner = "two";
	FAILS(-ENOSPC, "no free address is left in 10.77.0.0/30 of network br0 (1 leased)",
	      attach_up(&h->net, &a, ns[1], &info[1], e));
	/* a dead holder makes room, and so does a dying link */
	end(pid);
	a.holder = h->id;
	OK(attach_up(&h->net, &a, ns[1], &info[1], e));
	OK(attach_down(&h->net, &info[1], true, e));
	a.owner = "three";
	OK(attach_up(&h->net, &a, ns[2], &info[2], e));
	for (int i = 0; i < 3; i++)
		close(ns[i]);
}

static void touch(struct host *h, const char *what, const char *name, const char *to)
{
	_cleanup_close_ int dir = net_dir(&h->net, what, true);

	assert_true(dir >= 0);
	assert_int_equal(symlinkat(to, dir, name), 0);
}

/* Whatever a crash leaves at any step, gc takes away, and only that. */
static void test_gc(void **state)
{
	struct host *h = *state;
	struct attach_info dead, live;
	struct net_attach a;
	struct proc_id id;
	pid_t pid = sleeper(&id);
	int ns = new_netns(), other;

	create_named(h, "br0");
	other = attach(h, "br0", "live", &live);
	a = attachment(h, "br0", "dead");
	a.holder = id;
	OK(attach_up(&h->net, &a, ns, &dead, e));
	OK(attach_gc(&h->net, 0, e));
	assert_true(link_there(h, dead.host_ifname));
	end(pid);
	touch(h, "leases/br0", "10.88.0.50", "ghost.eth0");
	touch(h, "links", "veffffffffffff0", "ghost.eth0");
	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_veth,
					 .name = "stray",
					 .veth.peer = "foreign",
					 .alias = "ctnet:br0:ghost:eth0" },
		    e));
	OK(link_set(&h->net.rt, 0, "foreign", &(struct link_change){ .alias = "not ours" }, e));
	OK(attach_gc(&h->net, 1, e));
	OK(attach_gc(&h->net, 0, e));
	assert_false(link_there(h, dead.host_ifname));
	assert_false(link_there(h, "stray"));
	assert_false(exists(h, "attach/dead.eth0"));
	assert_false(exists(h, "leases/br0/10.88.0.3"));
	assert_false(exists(h, "leases/br0/10.88.0.50"));
	assert_false(exists(h, "links/veffffffffffff0"));
	assert_false(exists(h, "drain/br0/10.88.0.3"));
	assert_true(exists(h, "attach/live.eth0"));
	assert_true(exists(h, "leases/br0/10.88.0.2"));
	OK(ping(other, "10.88.0.1", 2));
	close(ns);
	close(other);
}

static void test_gc_leaves_foreign(void **state)
{
	struct host *h = *state;

	create_named(h, "br0");
	/* a mark of a network that is not realised here: somebody else's */
	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_veth,
					 .name = "va",
					 .veth.peer = "vb",
					 .alias = "ctnet:other:x:eth0" },
		    e));
	OK(link_add(&h->net.rt,
		    &(struct link_spec){
			    .kind = &link_bridge, .name = "b", .alias = "ctnet:br0:x:eth0" },
		    e));
	OK(attach_gc(&h->net, 0, e));
	assert_true(link_there(h, "va"));
	assert_true(link_there(h, "b"));
}

static void one_of_many(struct host *h, int i)
{
	struct net net = NET_INIT;
	struct attach_info info;
	struct net_attach a;
	struct err e = ERR_INIT;
	char owner[16];
	int ns, r;

	snprintf(owner, sizeof(owner), "%012x", 0xabc000 + i);
	r = net_open(&net, h->root, &h->config, &e);
	a = attachment(h, "br0", owner);
	ns = r < 0 ? r : new_netns();
	if (r >= 0)
		r = attach_up(&net, &a, ns, &info, &e);
	if (r >= 0)
		r = ping(ns, "10.88.0.1", 5);
	if (r < 0)
		fprintf(stderr, "%s: %d %s\n", owner, r, e.msg);
	net_close(&net);
	_exit(r < 0);
}

static int count_attached(const struct attach_info *a, void *ctx)
{
	++*(int *)ctx;
	return 0;
}

static void test_fifty_at_once(void **state)
{
	struct host *h = *state;
	struct ipam_pool pool = { .network = "br0", .subnet = { ip("10.88.0.0"), 24 } };
	int failed = 0, n = 0, status;

	create_named(h, "br0");
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			one_of_many(h, i);
	}
	for (int i = 0; i < 50; i++) {
		/* h->holder is a child too, but it does not end */
		assert_true(wait(&status) > 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	assert_int_equal(ipam_count(&h->net, &pool), 50);
	OK(attach_list(&h->net, NULL, "br0", count_attached, &n));
	assert_int_equal(n, 50);
	OK(network_remove(&h->net, "br0", true, e));
}

static void test_lo(void **state)
{
	int ns = new_netns();

	assert_true(ping(ns, "127.0.0.1", 1) < 0);
	OK(attach_lo(ns, e));
	OK(ping(ns, "127.0.0.1", 1));
	assert_sysctl(ns, "ipv4/ip_forward", "0");
	assert_sysctl(ns, "ipv6/conf/default/accept_ra", "0");
	close(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_host(test_attach),
		on_host(test_attach_v6),
		on_host(test_two_networks),
		on_host(test_internal),
		on_host(test_static),
		on_host(test_static_again),
		on_host(test_netns_dies),
		on_host(test_exhaustion),
		on_host(test_gc),
		on_host(test_gc_leaves_foreign),
		on_host(test_fifty_at_once),
		on_host(test_lo),
	};
	int r = sandbox();

	return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
