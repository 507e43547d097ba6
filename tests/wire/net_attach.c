/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks and attachments against the kernel, each test in a network
 * namespace of its own that plays the host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/addr.h"
#include "net/attach.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/network.h"
#include "net/route.h"
#include "net/ruleset.h"
#include "net/sysctl.h"

#define OK(expr)                                                              \
	do {                                                                  \
		struct err ok_ = ERR_INIT, *e __attribute__((unused)) = &ok_; \
		int ok_r_ = (expr);                                           \
		if (ok_r_ < 0)                                                \
			fail_msg("%s: %d: %s", #expr, ok_r_, ok_.msg);        \
	} while (0)

#define FAILS(want, text, expr)                                                       \
	do {                                                                          \
		struct err fails_ = ERR_INIT, *e = &fails_;                           \
		assert_int_equal((expr), (want));                                     \
		if (!strstr(fails_.msg, (text)))                                      \
			fail_msg("%s: \"%s\" lacks \"%s\"", #expr, fails_.msg, text); \
	} while (0)

struct host {
	char path[32], defs[64];
	int root;
	struct net_config config;
	struct net net;
	pid_t holder;
	struct proc_id id;
};

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	assert_int_equal(parse_ip(s, &a, NULL), 0);
	return a;
}

static pid_t sleeper(struct proc_id *id)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(proc_identify(pid, id), 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int setup(void **state)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	snprintf(h->path, sizeof(h->path), "/tmp/ctnet-test.XXXXXX");
	assert_non_null(mkdtemp(h->path));
	snprintf(h->defs, sizeof(h->defs), "%s/networks", h->path);
	h->root = open(h->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	h->config.defs_dir = h->defs;
	assert_int_equal(parse_prefix("10.88.0.0/13", &h->config.pools[0], NULL), 0);
	h->config.n_pools = 1;
	h->net = (struct net)NET_INIT;
	OK(net_open(&h->net, h->root, &h->config, e));
	OK(sysctl_set("ipv4/ip_forward", "0", e));
	OK(link_set(&h->net.rt, 0, "lo", &(struct link_change){ .up = ON }, e));
	h->holder = sleeper(&h->id);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct host *h = *state;

	end(h->holder);
	net_close(&h->net);
	dir_remove_at(AT_FDCWD, h->path);
	close(h->root);
	free(h);
	return 0;
}

static int new_netns(void)
{
	int self = netns_open_self(), fd;

	assert_true(self >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = netns_open_self();
	assert_int_equal(setns(self, CLONE_NEWNET), 0);
	close(self);
	assert_true(fd >= 0);
	return fd;
}

static struct network named(const char *name)
{
	struct network n = { 0 };

	snprintf(n.name, sizeof(n.name), "%s", name);
	return n;
}

static void create(struct host *h, struct network *n)
{
	OK(network_create(&h->net, n, e));
	network_free(n);
}

static void create_named(struct host *h, const char *name)
{
	struct network n = named(name);

	create(h, &n);
}

static struct net_attach attachment(struct host *h, const char *network, const char *owner)
{
	return (struct net_attach){ .network = network,
				    .owner = owner,
				    .name = owner,
				    .default_route = true,
				    .fresh = true,
				    .holder = h->id };
}

static int attach(struct host *h, const char *network, const char *owner, struct attach_info *info)
{
	struct net_attach a = attachment(h, network, owner);
	int ns = new_netns();

	OK(attach_up(&h->net, &a, ns, info, e));
	return ns;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *p++;
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

struct ping {
	struct ip_addr to;
	int tries;
};

/* One echo through a datagram socket, as ping(8) without privileges does it. */
static int ping_inside(void *ctx)
{
	struct ping *p = ctx;
	bool v4 = p->to.family == AF_INET;
	struct icmphdr echo = { .type = v4 ? ICMP_ECHO : 128, .un.echo.sequence = 1 };
	struct timeval timeout = { .tv_usec = 300000 };
	struct sockaddr_in s4 = { .sin_family = AF_INET };
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6 };
	struct sockaddr *to = v4 ? (struct sockaddr *)&s4 : (struct sockaddr *)&s6;
	socklen_t len = v4 ? sizeof(s4) : sizeof(s6);
	int fd =
		socket(p->to.family, SOCK_DGRAM | SOCK_CLOEXEC, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	char buf[64];
	int r = -ETIMEDOUT;

	if (fd < 0)
		return -errno;
	memcpy(&s4.sin_addr, p->to.b, 4);
	memcpy(&s6.sin6_addr, p->to.b, 16);
	echo.checksum = v4 ? checksum(&echo, sizeof(echo)) : 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	for (int i = 0; i < p->tries && r < 0; i++) {
		if (sendto(fd, &echo, sizeof(echo), 0, to, len) < 0)
			r = -errno;
		else if (recv(fd, buf, sizeof(buf), 0) > 0)
			r = 0;
	}
	close(fd);
	return r;
}

static int ping(int ns, const char *to, int tries)
{
	struct ping p = { ip(to), tries };

	return netns_do(ns, ping_inside, &p);
}

static bool exists(struct host *h, const char *path)
{
	return faccessat(h->net.state_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool link_there(struct host *h, const char *name)
{
	struct link_info l;

	return link_get(&h->net.rt, name, &l, NULL) == 0;
}

static char *text_of(struct host *h, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read_at(h->net.state_fd, path, 1 << 20, &text, NULL), 0);
	return text;
}

static void assert_sysctl(int ns, const char *path, const char *want)
{
	int self = netns_open_self();
	char got[32] = "";

	if (ns >= 0)
		assert_int_equal(setns(ns, CLONE_NEWNET), 0);
	sysctl_get(path, got, sizeof(got), NULL);
	assert_int_equal(setns(self, CLONE_NEWNET), 0);
	close(self);
	if (strcmp(got, want) != 0)
		fail_msg("%s is %s, not %s", path, got, want);
}

static bool table_there(struct host *h)
{
	const char *const argv[] = { "nft", "list", "table", "inet", "ctnet", NULL };
	int status = -1;

	OK(proc_run(argv, &status));
	return status == 0;
}

static double ms_since(const struct timespec *t0)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - t0->tv_sec) * 1e3 + (double)(t.tv_nsec - t0->tv_nsec) / 1e6;
}

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
	second.fresh = false;
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

#define on_host(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_host(test_create),
		on_host(test_create_second),
		on_host(test_create_beside_host),
		on_host(test_mtu_follows_default_route),
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
		on_host(test_heal),
		on_host(test_heal_foreign),
		on_host(test_remove),
		on_host(test_forward_kept),
		on_host(test_hand_edited),
		on_host(test_fifty_at_once),
		on_host(test_lo),
		on_host(test_realise_is_cheap),
	};

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
		perror("needs CAP_SYS_ADMIN: unshare");
		return 77;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
