/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes of a lab set up and changed in namespaces of the test's own, compared with
 * what the kernel then tells.
 */
#include "net_sandbox.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/str.h"
#include "net/addr.h"
#include "net/inside.h"
#include "net/link.h"
#include "net/nft.h"
#include "net/route.h"
#include "net/sysctl.h"
#include "net/topology.h"

static void lab(const char *text, struct topology *t)
{
	struct topo_problems p = { 0 };

	if (topology_parse("f", text, strlen(text), t, &p) < 0)
		fail_msg("%s", p.n ? p.v[0].msg : "?");
	topo_problems_free(&p);
}

/* Each test is in a namespace as a node's is at its birth. */
static int setup(void **state)
{
	return unshare(CLONE_NEWNET);
}

/* What the fabric does: a veth for every interface, the other end up, or none at all. */
static void wire_one(struct nl *nl, const struct topo_iface *x)
{
	struct err e = ERR_INIT;
	char peer[40];

	snprintf(peer, sizeof(peer), "p-%s", x->name);
	ok(link_add(nl,
		    &(struct link_spec){ .kind = &link_veth,
					 .name = x->name,
					 .mac = x->mac,
					 .mtu = x->mtu,
					 .veth = { .peer = peer } },
		    &e),
	   &e);
	ok(link_set(nl, 0, peer, &(struct link_change){ .up = ON, .no_linklocal = true }, &e), &e);
}

static void wire(struct nl *nl, const struct topology *t, const char *node, const char *without)
{
	const struct topo_node *n = &t->nodes[topology_node(t, node)];

	for (size_t i = 0; i < n->n_ifaces; i++)
		if (!without || strcmp(t->ifaces[n->ifaces[i]].name, without) != 0)
			wire_one(nl, &t->ifaces[n->ifaces[i]]);
}

/* ---- what the kernel has, as lines ---- */

struct text {
	struct strv lines;
	char *all;
};

static int add_addr(const struct addr_info *a, void *ctx)
{
	char name[IF_NAMESIZE] = "?", buf[IP_PREFIX_STRLEN], line[120];
	struct text *x = ctx;

	if_indextoname(a->index, name);
	/* link-local ones come by themselves, a moment later */
	if (ip_is_loopback(&a->addr.addr) || ip_is_linklocal(&a->addr.addr) ||
	    str_starts(name, "p-"))
		return 0;
	snprintf(line, sizeof(line), "%s %s%s", name, prefix_str(&a->addr, buf),
		 a->flags & IFA_F_TENTATIVE ? " tentative" : "");
	return strv_add(&x->lines, line);
}

static int add_route(const struct route_info *r, void *ctx)
{
	char name[IF_NAMESIZE] = "", dst[IP_PREFIX_STRLEN], via[IP_STRLEN] = "",
	     src[IP_STRLEN] = "";
	struct text *x = ctx;
	char line[256];

	if (r->protocol == RTPROT_KERNEL)
		return 0;
	if_indextoname(r->index, name);
	snprintf(line, sizeof(line), "%s%s%s%s %s %u %s",
		 r->type == RTN_BLACKHOLE ? "blackhole " : "", prefix_str(&r->dst, dst),
		 r->via.family ? " via " : "", r->via.family ? ip_str(&r->via, via) : "", name,
		 r->metric, r->src.family ? ip_str(&r->src, src) : "-");
	return strv_add(&x->lines, line);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted; a line each, and a newline behind each. */
static void expect(struct strv *lines, const char *want)
{
	char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);

	assert_non_null(f);
	if (lines->n)
		qsort(lines->v, lines->n, sizeof(*lines->v), compare);
	for (size_t i = 0; i < lines->n; i++)
		fprintf(f, "%s\n", lines->v[i]);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(all, want);
	free(all);
	strv_free(lines);
}

static void expect_addrs(struct nl *nl, const char *want)
{
	struct text x = { 0 };
	struct err e = ERR_INIT;

	ok(addr_list(nl, 0, 0, add_addr, &x, &e), &e);
	expect(&x.lines, want);
}

static void expect_routes(struct nl *nl, const char *want)
{
	struct text x = { 0 };
	struct err e = ERR_INIT;

	ok(route_list(nl, 0, add_route, &x, &e), &e);
	expect(&x.lines, want);
}

static void expect_sysctl(const char *path, const char *want)
{
	struct err e = ERR_INIT;
	char now[80];

	ok(sysctl_get(path, now, sizeof(now), &e), &e);
	if (strcmp(now, want))
		fail_msg("%s is %s, not %s", path, now, want);
}

static void born(const struct topology *t, const char *node, bool look)
{
	struct inside_fresh fresh;
	struct err e = ERR_INIT;

	if (look)
		ok(inside_look(&fresh, &e), &e);
	ok(inside_born(t, topology_node(t, node), look ? &fresh : NULL, &e), &e);
}

static void up(const struct topology *t, const char *node)
{
	struct err e = ERR_INIT;

	ok(inside_up(t, topology_node(t, node), &e), &e);
}

/* ---- birth ---- */

#define TRIANGLE                                                                       \
	"[lab]\nname = t\n"                                                            \
	"[node.r1]\nkind = router\nlo = 10.255.0.1/32 fd99:ff::1/128\n"                \
	"route.1 = 10.2.0.0/24 nexthop via 10.0.12.2 nexthop via 10.0.13.1 weight 2\n" \
	"route.2 = blackhole 10.66.0.0/16\n"                                           \
	"route.3 = default via 10.0.12.2 src 10.255.0.1 metric 50\n"                   \
	"route.4 = fd99:2::/64 via fe80::2 dev eth1\n"                                 \
	"route.5 = blackhole fd99:66::/48\n"                                           \
	"route.6 = 10.3.0.0/24 via fe80::2 dev eth2\n"                                 \
	"route.7 = 10.4.0.0/24 dev eth1\n"                                             \
	"[node.r2]\nkind = router\n[node.r3]\nkind = router\n[node.h]\n"               \
	"[net.lan]\nsubnet = 10.1.0.0/24 fd99:1::/64\ngateway = r1\n"                  \
	"members = r1:eth0=.1 h:eth0=.10\n"                                            \
	"[links]\nl2 = r1:eth1 r2:eth1 subnet=10.0.12.0/30,fd99:12::/127\n"            \
	"l3 = r1:eth2 r3:eth1 subnet=10.0.13.0/31 mtu=1400\n"

static void test_router(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	struct link_info l;

	lab(TRIANGLE, &t);
	born(&t, "r1", true);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "r1", NULL);
	up(&t, "r1");
	ok(link_get(&nl, "eth2", &l, &e), &e);
	assert_true(l.flags & IFF_UP);
	assert_int_equal(l.mtu, 1400);
	expect_addrs(&nl, "eth0 10.1.0.1/24\neth0 fd99:1::1/64\neth1 10.0.12.1/30\n"
			  "eth1 fd99:12::/127\neth2 10.0.13.0/31\nlo 10.255.0.1/32\n"
			  "lo fd99:ff::1/128\n");
	expect_routes(&nl, "0.0.0.0/0 via 10.0.12.2 eth1 50 10.255.0.1\n"
			   "10.2.0.0/24 via 10.0.12.2 eth1 0 -\n"
			   "10.3.0.0/24 via fe80::2 eth2 0 -\n"
			   "10.4.0.0/24 eth1 0 -\n"
			   "blackhole 10.66.0.0/16  0 -\n"
			   "blackhole fd99:66::/48 lo 1024 -\n"
			   "fd99:2::/64 via fe80::2 eth1 1024 -\n");
	expect_sysctl("ipv4/ip_forward", "1");
	expect_sysctl("ipv4/conf/eth1/forwarding", "1");
	expect_sysctl("ipv6/conf/eth1/forwarding", "1");
	expect_sysctl("ipv4/conf/all/send_redirects", "0");
	expect_sysctl("ipv4/conf/eth1/send_redirects", "0");
}

/* Whatever the first namespace has (docker turns ip_forward on), and looked at or not. */
static void check_host(bool look)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	lab(TRIANGLE, &t);
	ok(sysctl_set("ipv4/ip_forward", "1", &e), &e);
	ok(sysctl_set("ipv4/conf/all/rp_filter", "2", &e), &e);
	ok(sysctl_set("ipv4/conf/default/rp_filter", "2", &e), &e);
	born(&t, "h", look);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "h", NULL);
	up(&t, "h");
	expect_addrs(&nl, "eth0 10.1.0.10/24\neth0 fd99:1::a/64\n");
	expect_routes(&nl, "0.0.0.0/0 via 10.1.0.1 eth0 0 -\n::/0 via fd99:1::1 eth0 1024 -\n");
	expect_sysctl("ipv4/ip_forward", "0");
	expect_sysctl("ipv4/conf/eth0/forwarding", "0");
	expect_sysctl("ipv4/conf/eth0/rp_filter", "0");
	expect_sysctl("ipv4/conf/all/rp_filter", "0");
	expect_sysctl("ipv4/conf/eth0/accept_redirects", "0");
	expect_sysctl("ipv6/conf/eth0/accept_redirects", "0");
	expect_sysctl("ipv4/ping_group_range", "0\t2147483647");
	expect_sysctl("ipv6/conf/eth0/accept_dad", "0");
	expect_sysctl("ipv6/conf/eth0/accept_ra", "0");
	expect_sysctl("ipv6/conf/eth0/forwarding", "0");
}

static void test_host(void **state)
{
	check_host(false);
}

static void test_host_looked(void **state)
{
	check_host(true);
}

struct local {
	struct ip_addr want;
	int found; /* 1: tentative, 2: usable */
};

static int find_local(const struct addr_info *a, void *ctx)
{
	struct local *l = ctx;

	if (ip_eq(&a->addr.addr, &l->want))
		l->found = a->flags & IFA_F_TENTATIVE ? 1 : 2;
	return 0;
}

/* EUI-64 of the MAC of the file, there and not tentative even without a carrier. */
static void test_linklocal(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct local l = { .found = 0 };
	struct err e = ERR_INIT;

	lab(TRIANGLE, &t);
	born(&t, "h", true);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "h", NULL);
	ok(link_set(&nl, 0, "p-eth0", &(struct link_change){ .up = OFF }, &e), &e);
	up(&t, "h");
	l.want = ip_eui64(&t.ifaces[topology_iface(&t, topology_node(&t, "h"), "eth0")].mac);
	ok(addr_list(&nl, 0, AF_INET6, find_local, &l, &e), &e);
	assert_int_equal(l.found, 2);
}

static void test_without_ipv6(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	lab("[node.h]\nsysctl.1 = net.ipv6.conf.all.disable_ipv6=1\n[node.o]\n"
	    "[links]\nl = h:eth0 o:eth0 subnet=10.0.0.0/30\n",
	    &t);
	born(&t, "h", true);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "h", NULL);
	up(&t, "h");
	expect_addrs(&nl, "eth0 10.0.0.1/30\n");
}

/* A lab built in part: what it has works, and no more is asked for. */
static void test_part(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	lab(TRIANGLE, &t);
	born(&t, "r1", true);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "r1", "eth1");
	up(&t, "r1");
	expect_addrs(&nl, "eth0 10.1.0.1/24\neth0 fd99:1::1/64\neth2 10.0.13.0/31\n"
			  "lo 10.255.0.1/32\nlo fd99:ff::1/128\n");
	expect_routes(&nl, "10.3.0.0/24 via fe80::2 eth2 0 -\nblackhole 10.66.0.0/16  0 -\n"
			   "blackhole fd99:66::/48 lo 1024 -\n");
}

static void test_refused(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct err e = ERR_INIT;

	lab("[node.h]\nlo = 10.0.0.1/32\nroute.1 = 10.2.0.0/24 dev lo src 10.9.9.9\n"
	    "exec.1 = true\n",
	    &t);
	assert_int_equal(inside_up(&t, 0, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "add route 10.2.0.0/24"));
}

/* ---- settings of the file ---- */

static void test_sysctls(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	lab("[node.h]\nsysctl.1 = net.ipv4.ip_forward=1\n"
	    "sysctl.2 = net.ipv4.conf.default.rp_filter=1\n"
	    "sysctl.3 = net.ipv6.conf.eth0.hop_limit=33\n"
	    "sysctl.4 = net.ipv4.tcp_rmem=4096 8192 16384\n"
	    "sysctl.5 = net.ipv6.conf.default.accept_dad=1\n"
	    "sysctl.6 = net/ipv4/conf/eth0/rp_filter=2\n"
	    "[node.o]\n[links]\nl = h:eth0 o:eth0 subnet=10.0.0.0/30\n",
	    &t);
	born(&t, "h", true);
	expect_sysctl("ipv4/ip_forward", "0");
	expect_sysctl("ipv4/conf/default/rp_filter", "1");
	/* it will forward by the file's word */
	expect_sysctl("ipv4/conf/all/send_redirects", "0");
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	wire(&nl, &t, "h", NULL);
	expect_sysctl("ipv4/conf/eth0/rp_filter", "1");
	expect_sysctl("ipv6/conf/eth0/accept_dad", "1");
	up(&t, "h");
	expect_sysctl("ipv4/ip_forward", "1");
	expect_sysctl("ipv6/conf/eth0/hop_limit", "33");
	expect_sysctl("ipv4/tcp_rmem", "4096\t8192\t16384");
	expect_sysctl("ipv4/conf/eth0/rp_filter", "2");
}

static void refuse_sysctl(const char *setting, int want, const char *msg)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct err e = ERR_INIT;
	char text[200];

	snprintf(text, sizeof(text), "[node.h]\nsysctl.3 = %s\n", setting);
	lab(text, &t);
	assert_int_equal(inside_up(&t, 0, &e), want);
	assert_string_equal(e.msg, msg);
	assert_true(e.hint[0]);
}

static void test_sysctls_refused(void **state)
{
	refuse_sysctl("net.ipv4.none=1", -ENOENT,
		      "sysctl.3: sysctl net/ipv4/none: No such file or directory");
}

/* ---- names ---- */

static void test_hosts(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f;

	lab(TRIANGLE "[node.x]\nhostname = other\nlo = 10.255.0.9/32\n", &t);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	assert_int_equal(inside_hosts(&t, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, "127.0.0.1\tlocalhost\n"
				  "::1\tlocalhost ip6-localhost ip6-loopback\n"
				  "10.255.0.1\tr1\nfd99:ff::1\tr1\n"
				  "10.0.12.2\tr2\nfd99:12::1\tr2\n"
				  "10.0.13.1\tr3\n"
				  "10.1.0.10\th\nfd99:1::a\th\n"
				  "10.255.0.9\tx other\n");
}

/* ---- translation ---- */

static int count_rules(const struct nlmsghdr *msg, void *ctx)
{
	++*(unsigned *)ctx;
	return 0;
}

static unsigned rules(void)
{
	const struct nft_where w = { NFPROTO_INET, "lab" };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	unsigned n = 0;
	const struct nft_dump d = { NFT_MSG_GETRULE, NULL, count_rules, &n };

	ok(nl_open(&nl, NETLINK_NETFILTER, &e), &e);
	ok(nft_dump(&nl, &w, &d, &e), &e);
	return n;
}

#define NAT(keys)                                                                  \
	"[node.x]\nkind = nat\n" keys "[node.h]\nlo = 10.2.0.10/32 fd99::10/128\n" \
	"[links]\nl = x:eth0 h:eth0 subnet=10.0.0.0/30\n"

static void check_nat(const char *text, unsigned want)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct err e = ERR_INIT;

	lab(text, &t);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ok(inside_nat(&t, 0, &e), &e);
	assert_int_equal(rules(), want);
	/* again in its place */
	ok(inside_nat_again(&t, 0, &e), &e);
	assert_int_equal(rules(), want);
}

static void test_nat(void **state)
{
	check_nat(NAT(""), 0);
	check_nat(NAT("uplink = host\n"), 1);
	check_nat(NAT("masquerade = 10.0.0.0/8 10.1.0.0/16 10.0.0.0/8\n"), 1);
	check_nat(NAT("masquerade = 0.0.0.0/0 fd99::/48\n"), 2);
	check_nat(NAT("uplink = host\nmasquerade = 10.0.0.0/8 ::/0\n"), 4);
	check_nat(NAT("uplink = host\npublish.1 = 8080:h:80\npublish.2 = 53:h:53/udp\n"
		      "publish.3 = 9000-9010:h:9000\n"),
		  3);
	check_nat(NAT("uplink = host\npublish.1 = 8080:80\n"), 1);
}

/* ---- change ---- */

struct running {
	struct topology was, is;
	struct nl nl;
	int netns;
};

static void run(struct running *x, const char *text)
{
	struct err e = ERR_INIT;

	*x = (struct running){ .nl = NL_INIT, .netns = netns_open_self() };
	lab(text, &x->is);
	born(&x->is, "n", true);
	ok(nl_open(&x->nl, NETLINK_ROUTE, &e), &e);
	wire(&x->nl, &x->is, "n", NULL);
	up(&x->is, "n");
}

/* fresh: name of an interface that is put in by this change, or NULL. */
static void change(struct running *x, const char *text, const char *fresh)
{
	struct err e = ERR_INIT;
	uint32_t k = TOPO_NONE;

	topology_free(&x->was);
	x->was = x->is;
	x->is = (struct topology){ 0 };
	lab(text, &x->is);
	if (fresh)
		k = topology_iface(&x->is, topology_node(&x->is, "n"), fresh);
	if (fresh)
		wire_one(&x->nl, &x->is.ifaces[k]);
	ok(inside_change(x->netns, &x->was, topology_node(&x->was, "n"), &x->is,
			 topology_node(&x->is, "n"), &k, fresh != NULL, &e),
	   &e);
}

static void end(struct running *x)
{
	topology_free(&x->was);
	topology_free(&x->is);
	nl_close(&x->nl);
	close(x->netns);
}

#define NODE(keys, links) "[node.n]\n" keys "[node.o]\n[node.p]\n[links]\n" links
#define L1(ip)		  "l1 = n:eth0 o:eth0 " ip "\n"
#define L2(ip)		  "l2 = n:eth1 p:eth0 " ip "\n"

static void test_change_addrs(void **state)
{
	struct running x;

	run(&x,
	    NODE("lo = 10.9.0.1/32\n", L1("ip=10.0.0.1/24,10.0.0.9/24,10.0.0.2/24,10.0.0.8/24")));
	expect_addrs(&x.nl, "eth0 10.0.0.1/24\neth0 10.0.0.2/24\nlo 10.9.0.1/32\n");
	/* the first of a subnet goes, the second stays */
	change(&x,
	       NODE("lo = 10.9.0.2/32 fd99::1/128\n", L1("ip=10.0.0.2/24,10.0.0.8/24 mtu=1300")),
	       NULL);
	expect_addrs(&x.nl, "eth0 10.0.0.2/24\nlo 10.9.0.2/32\nlo fd99::1/128\n");
	change(&x, NODE("", L1("ip=10.7.0.2/24,10.7.0.8/24")), NULL);
	expect_addrs(&x.nl, "eth0 10.7.0.2/24\n");
	end(&x);
}

static void test_change_mtu(void **state)
{
	struct err e = ERR_INIT;
	struct link_info l;
	struct running x;

	run(&x, NODE("", L1("subnet=10.0.0.0/30")));
	change(&x, NODE("", L1("subnet=10.0.0.0/30 mtu=1300")), NULL);
	ok(link_get(&x.nl, "eth0", &l, &e), &e);
	assert_int_equal(l.mtu, 1300);
	change(&x, NODE("", L1("subnet=10.0.0.0/30")), NULL);
	ok(link_get(&x.nl, "eth0", &l, &e), &e);
	assert_int_equal(l.mtu, 1500);
	end(&x);
}

static void test_change_routes(void **state)
{
	struct running x;

	run(&x, NODE("route.1 = default via 10.0.0.2\nroute.2 = 10.5.0.0/24 via 10.0.0.2\n"
		     "route.3 = fd99::/64 via fe80::1 dev eth0\n"
		     "route.4 = fd99::/64 via fe80::3 dev eth0 metric 50\n"
		     "route.5 = blackhole 10.66.0.0/16\n",
		     L1("subnet=10.0.0.0/30")));
	/* one in place, one gone, one other, two that stay */
	change(&x,
	       NODE("route.1 = default via 10.0.0.2 metric 7\nroute.2 = blackhole 10.5.0.0/24\n"
		    "route.4 = fd99::/64 via fe80::3 dev eth0 metric 50\n"
		    "route.5 = blackhole 10.66.0.0/16\n",
		    L1("subnet=10.0.0.0/30")),
	       NULL);
	expect_routes(&x.nl, "0.0.0.0/0 via 10.0.0.2 eth0 7 -\nblackhole 10.5.0.0/24  0 -\n"
			     "blackhole 10.66.0.0/16  0 -\nfd99::/64 via fe80::3 eth0 50 -\n");
	/* the address it stands on changes, the route stays */
	change(&x,
	       NODE("route.1 = default via 10.0.0.2 metric 7\nroute.5 = blackhole 10.66.0.0/16\n",
		    L1("ip=10.0.0.3/29,10.0.0.2/29")),
	       NULL);
	expect_addrs(&x.nl, "eth0 10.0.0.3/29\n");
	expect_routes(&x.nl, "0.0.0.0/0 via 10.0.0.2 eth0 7 -\nblackhole 10.66.0.0/16  0 -\n");
	end(&x);
}

static void test_change_link(void **state)
{
	static const char both[] =
		NODE("route.1 = 10.5.0.0/24 nexthop via 10.0.0.2 nexthop via 10.0.1.2\n"
		     "route.2 = default via 10.0.1.2\n",
		     L1("subnet=10.0.0.0/30") L2("subnet=10.0.1.0/30"));
	struct err e = ERR_INIT;
	struct running x;

	run(&x, NODE("", L1("subnet=10.0.0.0/30")));
	change(&x, both, "eth1");
	expect_addrs(&x.nl, "eth0 10.0.0.1/30\neth1 10.0.1.1/30\n");
	expect_routes(&x.nl,
		      "0.0.0.0/0 via 10.0.1.2 eth1 0 -\n10.5.0.0/24 via 10.0.0.2 eth0 0 -\n");
	/* put in once more: what stood on it comes again */
	ok(link_del(&x.nl, "eth1", &e), &e);
	change(&x, both, "eth1");
	expect_addrs(&x.nl, "eth0 10.0.0.1/30\neth1 10.0.1.1/30\n");
	expect_routes(&x.nl,
		      "0.0.0.0/0 via 10.0.1.2 eth1 0 -\n10.5.0.0/24 via 10.0.0.2 eth0 0 -\n");
	ok(link_del(&x.nl, "eth1", &e), &e);
	change(&x, NODE("", L1("subnet=10.0.0.0/30")), NULL);
	expect_routes(&x.nl, "");
	end(&x);
}

static void test_change_sysctls(void **state)
{
	struct running x;

	run(&x, NODE("sysctl.1 = net.ipv4.ip_forward=1\nsysctl.2 = net.ipv4.tcp_ecn=1\n", ""));
	change(&x, NODE("sysctl.2 = net.ipv4.tcp_ecn=0\n", ""), NULL);
	expect_sysctl("ipv4/ip_forward", "0");
	expect_sysctl("ipv4/tcp_ecn", "0");
	end(&x);
}

/* What somebody has done by hand is not in the way. */
static void test_change_by_hand(void **state)
{
	struct err e = ERR_INIT;
	struct ip_prefix a = { ip_from_v4(0x0a000101), 24 };
	struct link_info l;
	struct running x;

	run(&x, NODE("route.1 = 10.5.0.0/24 via 10.0.0.2\n", L1("subnet=10.0.0.0/30")));
	ok(link_get(&x.nl, "eth0", &l, &e), &e);
	ok(addr_add(&x.nl, &(struct addr_spec){ .index = l.index, .addr = a }, &e), &e);
	ok(route_del(&x.nl, &(struct route_spec){ .dst = { ip_from_v4(0x0a050000), 24 } }, &e), &e);
	change(&x, NODE("", L1("ip=10.0.0.1/30,10.0.0.2/30,10.0.1.1/24,10.0.1.2/24")), NULL);
	expect_addrs(&x.nl, "eth0 10.0.0.1/30\neth0 10.0.1.1/24\n");
	expect_routes(&x.nl, "");
	end(&x);
}

static void test_change_nat(void **state)
{
	struct running x;
	const struct nft_where w = { NFPROTO_INET, "lab" };
	_cleanup_nl_ struct nl nft = NL_INIT;
	struct err e = ERR_INIT;

#define NATS(keys) "[node.n]\nkind = nat\n" keys "[node.o]\n[links]\n" L1("subnet=10.0.0.0/30")
	run(&x, NATS("masquerade = 10.0.0.0/8\n"));
	assert_int_equal(rules(), 1);
	change(&x, NATS("masquerade = 10.0.0.0/8\npublish.1 = 80:o:80\n"), NULL);
	assert_int_equal(rules(), 2);
	change(&x, NATS(""), NULL);
	ok(nl_open(&nft, NETLINK_NETFILTER, &e), &e);
	assert_int_equal(nft_table_get(&nft, &w, NULL, NULL, NULL), -ENOENT);
	end(&x);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_router),
		TEST(test_host),
		TEST(test_host_looked),
		TEST(test_linklocal),
		TEST(test_without_ipv6),
		TEST(test_part),
		TEST(test_refused),
		TEST(test_sysctls),
		TEST(test_sysctls_refused),
		TEST(test_hosts),
		TEST(test_nat),
		TEST(test_change_addrs),
		TEST(test_change_mtu),
		TEST(test_change_routes),
		TEST(test_change_link),
		TEST(test_change_sysctls),
		TEST(test_change_by_hand),
		TEST(test_change_nat),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
