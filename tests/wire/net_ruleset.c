// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables inet ctnet and bridge ctnet in a network namespace of its own, read back with nft(8).
 * Needs root, nf_tables and nft; skipped (77) where one is missing.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/nft.h"
#include "net/nft_expr.h"
#include "net/nl.h"
#include "net/ruleset.h"
#include "net_ruleset_golden.h"

extern char **environ;

#define V4(a, b, c, len)                         \
	{                                        \
		{ AF_INET, { a, b, c, 0 } }, len \
	}
#define ULA(n)                                                  \
	{                                                       \
		{ AF_INET6, { 0xfd, 0, 0, 0, 0, 0, 0, n } }, 64 \
	}

#define REFUSE (RULESET_REFUSE4 | RULESET_REFUSE6)

static const struct ip_prefix subnets[][2] = {
	{ V4(10, 88, 1, 24), ULA(1) },
	{ V4(10, 88, 0, 24), ULA(0) },
	{ V4(10, 88, 2, 24), ULA(2) },
};
static const struct ruleset_net br0 = {
	.ifname = "br0", .subnets = subnets[0], .n_subnets = 2, .masquerade = true, .icc = true
};
static const struct ruleset_net br1 = {
	.ifname = "br1", .subnets = subnets[1], .n_subnets = 2, .masquerade = true, .internal = true
};
static const struct ruleset_net br2 = {
	.ifname = "br2", .subnets = subnets[2], .n_subnets = 2, .masquerade = true, .open = true
};

/* A routed network, what a guarded port of br0 has, and a link of the routed one. */
static const struct ip_prefix routed_subnets[] = { V4(10, 90, 0, 16), ULA(9) };
static const struct ip_prefix port_addrs[] = {
	{ { AF_INET, { 10, 88, 1, 2 } }, 24 },
	{ { AF_INET6, { 0xfd, [7] = 1, [15] = 2 } }, 64 },
};
static const struct ip_prefix link_addrs[] = {
	{ { AF_INET, { 10, 90, 0, 2 } }, 32 },
	{ { AF_INET6, { 0xfd, [7] = 9, [15] = 2 } }, 128 },
};
#define TO4 .family = AF_INET, .to = { AF_INET, { 10, 88, 1, 2 } }
#define TO6 .family = AF_INET6, .to = { AF_INET6, { 0xfd, [7] = 1, [15] = 2 } }
static const struct port_map ports[] = {
	{ "c1", IPPROTO_TCP, .first = 8080, .last = 8080, .to_port = 80, TO4 },
	{ "c1", IPPROTO_TCP, .first = 8080, .last = 8080, .to_port = 80, TO6 },
	/* the same port for both protocols, as DNS wants it */
	{ "c1", IPPROTO_UDP, .first = 53, .last = 53, .to_port = 53, TO4 },
	{ "c1", IPPROTO_TCP, .first = 53, .last = 53, .to_port = 53, TO4 },
	/* on one address */
	{ "c1", IPPROTO_TCP, .host_ip = { AF_INET, { 127, 0, 0, 1 } }, .first = 8081, .last = 8081,
	  .to_port = 81, TO4 },
	{ "c1", IPPROTO_UDP, .host_ip = { AF_INET6, { 0x20, 1, 0x0d, 0xb8, [15] = 1 } },
	  .first = 8081, .last = 8081, .to_port = 81, TO6 },
	/* ranges: to the same ports, to others, and on one address */
	{ "c1", IPPROTO_TCP, .first = 9000, .last = 9999, .to_port = 9000, TO4 },
	{ "c1", IPPROTO_TCP, .first = 9000, .last = 9999, .to_port = 9000, TO6 },
	{ "c1", IPPROTO_TCP, .first = 7000, .last = 7002, .to_port = 70, TO4 },
	{ "c1", IPPROTO_TCP, .host_ip = { AF_INET, { 192, 0, 2, 1 } }, .first = 65534,
	  .last = 65535, .to_port = 65534, TO4 },
};

static struct nl *nft_nl(void **state)
{
	return *state;
}

/* nft [-c] -f - with this input; returns its exit status, output in ret (freed by the caller). */
static int nft(const char *flag, const char *input, char **ret)
{
	const char *argv[] = { "nft", flag, "-f", "-", NULL };
	const char *plain[] = { "nft", "-f", "-", NULL };
	_cleanup_close_ int in = memfd_create("in", MFD_CLOEXEC);
	_cleanup_close_ int out = memfd_create("out", MFD_CLOEXEC);
	posix_spawn_file_actions_t fa;
	int status = -1;
	pid_t pid;

	assert_int_equal(fd_write_all(in, input, strlen(input)), 0);
	lseek(in, 0, SEEK_SET);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_adddup2(&fa, out, 2);
	if (posix_spawnp(&pid, "nft", &fa, NULL, (char **)(flag ? argv : plain), environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&fa);
	if (ret) {
		*ret = calloc(1, 1 << 20);
		assert_true(pread(out, *ret, (1 << 20) - 1, 0) >= 0);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static char *listing(void)
{
	char *text;

	assert_int_equal(nft(NULL, "list ruleset\n", &text), 0);
	return text;
}

static bool listed(const char *what)
{
	_cleanup_free_ char *text = listing();

	return strstr(text, what) != NULL;
}

/* The same within one set. */
static bool set_has(const char *set, const char *what)
{
	_cleanup_free_ char *text = NULL;
	char script[64];

	snprintf(script, sizeof(script), "list set inet ctnet %s\n", set);
	assert_int_equal(nft(NULL, script, &text), 0);
	return strstr(text, what) != NULL;
}

static int intact(void **state, const struct ruleset_net *nets, size_t n, unsigned refuse)
{
	struct ruleset_spec s = { .nets = nets, .n_nets = n, .refuse = refuse };

	return ruleset_intact(nft_nl(state), &s, NULL);
}

static void load_all(void **state, const struct ruleset_spec *s)
{
	struct err e = ERR_INIT;

	if (ruleset_load(nft_nl(state), s, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(ruleset_intact(nft_nl(state), s, NULL), 1);
}

static void load(void **state, const struct ruleset_net *nets, size_t n)
{
	load_all(state, &(struct ruleset_spec){ .nets = nets, .n_nets = n });
}

static int add_net(void **state, const struct ruleset_net *net, struct err *e)
{
	return ruleset_add(nft_nl(state), &(struct ruleset_spec){ .nets = net, .n_nets = 1 }, e);
}

static int del_net(void **state, const struct ruleset_net *net, struct err *e)
{
	return ruleset_del(nft_nl(state), &(struct ruleset_spec){ .nets = net, .n_nets = 1 }, e);
}

static int fresh(void **state)
{
	return nft(NULL, "flush ruleset\n", NULL);
}

static const struct ruleset_net whole_nets[] = {
	{ .ifname = "br0",
	  .subnets = subnets[0],
	  .n_subnets = 2,
	  .masquerade = true,
	  .icc = true,
	  .guard = true },
	{ .ifname = "ptp0",
	  .subnets = routed_subnets,
	  .n_subnets = 2,
	  .masquerade = true,
	  .icc = true,
	  .guard = true,
	  .ptp = true },
};
static const struct ruleset_link links[] = {
	{ &whole_nets[0], "veport", "c1", { { 2, 0xc7, 10, 88, 1, 2 } }, port_addrs, 2 },
	{ &whole_nets[1], "velink", "c2", { { 2, 0xc7, 10, 90, 0, 2 } }, link_addrs, 2 },
};
static const struct ruleset_spec whole = { .nets = whole_nets,
					   .links = links,
					   .ports = ports,
					   .n_nets = ARRAY_SIZE(whole_nets),
					   .n_links = ARRAY_SIZE(links),
					   .n_ports = ARRAY_SIZE(ports),
					   .refuse = REFUSE };

/* What is listed is what one would have typed, and it can be typed. */
static void test_listing(void **state)
{
	_cleanup_free_ char *text = NULL, *said = NULL;
	struct ruleset_spec other = whole;

	load_all(state, &whole);
	text = listing();
	assert_string_equal(text, golden);
	assert_int_equal(nft("-c", text, &said), 0);
	/* typed in by hand it works as well, and is made ours without a gap */
	assert_int_equal(nft(NULL, "flush ruleset\n", NULL), 0);
	assert_int_equal(nft(NULL, golden, NULL), 0);
	load_all(state, &whole);
	other.refuse = 0;
	assert_int_equal(ruleset_intact(nft_nl(state), &other, NULL), 0);
}

static void test_options(void **state)
{
	const struct ruleset_net nets[] = { br0, br1, br2 };

	load(state, nets, 3);
	assert_true(set_has("icc", "elements = { \"br0\" . \"br0\" comment \"ctnet:br0\" }"));
	assert_true(set_has("no_icc", "\"br1\" . \"br1\" comment \"ctnet:br1\""));
	assert_true(set_has("no_icc", "\"br2\" . \"br2\" comment \"ctnet:br2\""));
	assert_true(set_has("routed", "\"br0\""));
	assert_false(set_has("routed", "\"br1\"")); /* internal */
	assert_true(set_has("routed", "\"br2\""));
	assert_true(set_has("open", "elements = { \"br2\" comment \"ctnet:br2\" }"));
	assert_true(set_has("masq4", "10.88.2.0/24 comment \"ctnet:br2\""));
	assert_false(set_has("masq4", "10.88.0.0/24"));
	assert_false(set_has("masq6", "fd00::/64"));
	load(state, nets, 1);
	assert_false(listed("br2"));
	load(state, NULL, 0);
	assert_false(listed("br0"));
}

/* Any way to take something away, add something or change something. */
static void test_damage(void **state)
{
	static const char *const harm[] = {
		"flush ruleset",
		"delete table inet ctnet",
		"flush table inet ctnet",
		"flush chain inet ctnet nat_post",
		"insert rule inet ctnet filter_fwd accept",
		"add rule inet ctnet transit drop",
		"flush set inet ctnet masq4",
		"flush set inet ctnet masq6",
		"delete element inet ctnet icc { \"br0\" . \"br0\" }",
		"delete element inet ctnet routed { \"br2\" }",
		"add element inet ctnet open { \"br1\" }",
		"add element inet ctnet masq4 { 172.16.0.0/12 }",
		/* as many as before, but not the same */
		("flush set inet ctnet masq4; "
		 "add element inet ctnet masq4 { 10.1.0.0/24, 10.3.0.0/24 }"),
		"add table inet ctnet { flags dormant; }",
		"flush chain inet ctnet raw_pre; add rule inet ctnet raw_pre iifname lo drop",
		"flush chain inet ctnet filter_fwd; delete chain inet ctnet transit",
		"flush map inet ctnet p4any",
		"delete element inet ctnet p4rng { tcp . 9000-9999 }",
		/* the same key with other data, the same range but for its end */
		("delete element inet ctnet p4any { tcp . 8080 }; "
		 "add element inet ctnet p4any { tcp . 8080 : 10.88.1.9 . 80 }"),
		("delete element inet ctnet p6any { tcp . 8080 }; "
		 "add element inet ctnet p6any { tcp . 8080 : fd00:0:0:1::2 . 81 }"),
		("delete element inet ctnet p4rng { tcp . 9000-9999 }; "
		 "add element inet ctnet p4rng { tcp . 9000-9998 : 10.88.1.2 }"),
		"add element inet ctnet own4 { \"br0\" . 10.1.0.0/16 }",
		"add element inet ctnet link6 { \"velink\" . 2001:db8::1 }",
		"add element inet ctnet unguarded { \"velink\" }",
		"delete table bridge ctnet",
		"flush chain bridge ctnet guard",
		"insert rule bridge ctnet guard_ip6 accept",
		"flush set bridge ctnet port_ip6",
		"delete element bridge ctnet port_mac { \"veport\" . 02:c7:0a:58:01:02 }",
		"add element bridge ctnet port_ip4 { \"veport\" . 02:c7:0a:58:01:02 . 10.88.1.1 }",
		"add table bridge ctnet { flags dormant; }",
	};
	const struct ruleset_net nets[] = { whole_nets[0], br1, br2, whole_nets[1] };
	struct ruleset_spec all = whole;
	char script[256];
	size_t i;

	all.nets = nets;
	all.n_nets = ARRAY_SIZE(nets);
	all.refuse = 0;
	load_all(state, &all);
	for (i = 0; i < ARRAY_SIZE(harm); i++) {
		snprintf(script, sizeof(script), "%s\n", harm[i]);
		if (nft(NULL, script, NULL) != 0)
			fail_msg("nft refuses: %s", harm[i]);
		if (ruleset_intact(nft_nl(state), &all, NULL) != 0)
			fail_msg("not noticed: %s", harm[i]);
		load_all(state, &all);
	}
}

/* One by one, on top of what is there; a second time is no change, a wrong one is refused. */
static void test_links_and_ports(void **state)
{
	struct ruleset_spec s = { .nets = whole_nets, .n_nets = 2, .refuse = REFUSE };
	struct port_map taken = ports[0];
	struct ruleset_spec one;
	size_t i;

	load_all(state, &s);
	for (i = 0; i < ARRAY_SIZE(links); i++) {
		one = (struct ruleset_spec){ .links = &links[i], .n_links = 1 };
		assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
		assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
	}
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		one = (struct ruleset_spec){ .ports = &ports[i], .n_ports = 1 };
		assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
		assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
	}
	assert_int_equal(ruleset_intact(nft_nl(state), &whole, NULL), 1);

	taken.to.b[3]++;
	one = (struct ruleset_spec){ .ports = &taken, .n_ports = 1 };
	assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), -EEXIST);
	assert_int_equal(ruleset_intact(nft_nl(state), &whole, NULL), 1);

	one = (struct ruleset_spec){ .ports = ports, .n_ports = ARRAY_SIZE(ports) };
	assert_int_equal(ruleset_del(nft_nl(state), &one, NULL), 0);
	assert_int_equal(ruleset_del(nft_nl(state), &one, NULL), -ENOENT);
	one = (struct ruleset_spec){ .links = links, .n_links = ARRAY_SIZE(links) };
	assert_int_equal(ruleset_del(nft_nl(state), &one, NULL), 0);
	assert_int_equal(ruleset_intact(nft_nl(state), &s, NULL), 1);
}

/* Where nobody wants a guard there is no table for it; who is the first to want it says so. */
static void test_guard_comes_and_goes(void **state)
{
	const struct ruleset_spec one = { .nets = whole_nets, .n_nets = 1 };

	load(state, &br0, 1);
	assert_false(listed("table bridge"));
	assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), -ENOENT);
	load_all(state, &whole);
	assert_true(listed("table bridge"));
	assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
	/* guarded ports of a network that no longer wants it are in the way, its rules are not */
	assert_int_equal(intact(state, &br0, 1, REFUSE), 0);
	load_all(state, &one);
	assert_int_equal(intact(state, &br0, 1, 0), 1);
	load(state, &br0, 1);
	assert_false(listed("table bridge"));
	load_all(state, &whole);
	assert_int_equal(nft(NULL, "add chain bridge ctnet his\n", NULL), 0);
	load(state, &br0, 1);
	assert_true(listed("chain his"));
	assert_false(listed("chain guard"));
	assert_int_equal(ruleset_unload(nft_nl(state), NULL), 0);
	assert_true(listed("chain his"));
	assert_false(listed("table inet"));
}

/* Ten thousand in one go, and one more. */
static void test_many_ports(void **state)
{
	enum { N = 10000 };
	static struct port_map many[N];
	struct ruleset_spec s = { .nets = whole_nets, .n_nets = 2, .ports = many, .n_ports = N };
	struct ruleset_spec one = { .ports = ports, .n_ports = 1 };

	for (unsigned i = 0; i < N; i++)
		many[i] = (struct port_map){ "c9",
					     IPPROTO_TCP,
					     .first = (uint16_t)(20000 + i),
					     .last = (uint16_t)(20000 + i),
					     .to_port = (uint16_t)(i + 1),
					     TO4 };
	load_all(state, &s);
	assert_int_equal(ruleset_add(nft_nl(state), &one, NULL), 0);
	assert_true(listed("tcp . 29999 comment \"ctnet:c9\" : 10.88.1.2 . 10000"));
	assert_int_equal(ruleset_intact(nft_nl(state), &s, NULL), 0);
	assert_int_equal(ruleset_del(nft_nl(state), &one, NULL), 0);
	assert_int_equal(ruleset_intact(nft_nl(state), &s, NULL), 1);
	s.n_nets = 0;
	assert_int_equal(ruleset_del(nft_nl(state), &s, NULL), 0);
	load(state, whole_nets, 2);
}

/* Each twice; neighbours that touch, in any order; others stay. */
static void test_add_del(void **state)
{
	const struct ruleset_net all[] = { br0, br1, br2 }, two[] = { br0, br2 };
	size_t i;

	load(state, NULL, 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(add_net(state, &all[i % 3], NULL), 0);
	assert_int_equal(intact(state, all, 3, 0), 1);
	assert_int_equal(del_net(state, &br1, NULL), 0);
	assert_int_equal(del_net(state, &br1, NULL), 0);
	assert_int_equal(intact(state, two, 2, 0), 1);
	assert_int_equal(del_net(state, &br0, NULL), 0);
	assert_int_equal(del_net(state, &br2, NULL), 0);
	assert_int_equal(intact(state, NULL, 0, 0), 1);
}

/* Without a table nothing can be added, and everything is deleted already. */
static void test_no_table(void **state)
{
	struct err e = ERR_INIT;

	assert_int_equal(add_net(state, &br0, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "add to the firewall: add element icc: "));
	assert_int_equal(del_net(state, &br0, &e), 0);
	assert_int_equal(ruleset_unload(nft_nl(state), &e), 0);
	assert_int_equal(intact(state, NULL, 0, 0), 0);
}

/* The option that changed: a network's last definition counts. */
static void test_del_other_options(void **state)
{
	struct ruleset_net was = br0;

	was.icc = false;
	was.open = true;
	load(state, &was, 1);
	assert_int_equal(del_net(state, &br0, NULL), 0);
	assert_int_equal(intact(state, NULL, 0, 0), 1);
}

static void test_user_stays(void **state)
{
	load(state, &br0, 1);
	assert_int_equal(nft(NULL,
			     "add rule inet ctnet user ip saddr { 192.0.2.1, 192.0.2.7 } accept\n",
			     NULL),
			 0);
	load(state, &br2, 1);
	assert_true(listed("192.0.2.7"));
	assert_int_equal(ruleset_unload(nft_nl(state), NULL), 0);
	assert_true(listed("192.0.2.7"));
	assert_false(listed("filter_fwd"));
	assert_false(listed("masq4"));
	assert_int_equal(ruleset_unload(nft_nl(state), NULL), 0);
	load(state, &br0, 1);
	assert_true(listed("192.0.2.7"));

	/* with the rule gone the table goes too; with a chain of his own it does not */
	assert_int_equal(nft(NULL, "flush chain inet ctnet user\nadd chain inet ctnet his\n", NULL),
			 0);
	assert_int_equal(ruleset_unload(nft_nl(state), NULL), 0);
	assert_true(listed("chain his"));
	assert_int_equal(nft(NULL, "delete chain inet ctnet his\n", NULL), 0);
	assert_int_equal(ruleset_unload(nft_nl(state), NULL), 0);
	assert_int_not_equal(nft(NULL, "list table inet ctnet\n", NULL), 0);
}

/* Our names with other hooks and types are replaced, unless rules of others hold them. */
static void test_other_shape(void **state)
{
	struct err e = ERR_INIT;

	assert_int_equal(nft(NULL,
			     "table inet ctnet {\n"
			     "set icc { type ipv4_addr; }\n"
			     "chain user { ip daddr 192.0.2.9 accept; }\n"
			     "chain his { ip saddr @icc drop; }\n"
			     "chain filter_fwd { type filter hook input priority 5; }\n"
			     "}\n",
			     NULL),
			 0);
	assert_int_equal(ruleset_load(nft_nl(state),
				      &(struct ruleset_spec){ .nets = &br0, .n_nets = 1 }, &e),
			 -EBUSY);
	assert_true(e.hint[0]);
	assert_true(listed("type ipv4_addr")); /* nothing changed */
	assert_int_equal(nft(NULL, "flush chain inet ctnet his\n", NULL), 0);
	load(state, &br0, 1);
	assert_true(listed("192.0.2.9"));
}

static void test_generation(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_where w = { NFPROTO_INET, "stale" };
	uint32_t before, after;

	assert_int_equal(nft_generation(nft_nl(state), &before, NULL), 0);
	assert_int_equal(nft_generation(nft_nl(state), &after, NULL), 0);
	assert_int_equal(before, after);
	assert_int_equal(nft(NULL, "add table inet x\n", NULL), 0);
	assert_int_equal(nft_generation(nft_nl(state), &after, NULL), 0);
	assert_int_not_equal(before, after);

	nft_table_add(b, &w);
	assert_int_equal(nft_commit(nft_nl(state), b, before, NULL), -ERESTART);
	assert_int_not_equal(nft(NULL, "list table inet stale\n", NULL), 0);
	assert_int_equal(nft_commit(nft_nl(state), b, after, NULL), 0);
	assert_int_equal(nft(NULL, "list table inet stale\n", NULL), 0);
}

/* The refused statement is named, and the whole transaction has not happened. */
static void test_refused(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_where w = { NFPROTO_INET, "refused" };
	struct err e = ERR_INIT;
	const struct nft_term rule[] = {
		{ .op = NFTO_IN, .field = { NFTF_IIFNAME }, .name = "nowhere" },
		{ .op = NFTO_END },
	};

	nft_table_add(b, &w);
	nft_chain_add(b, &w, &(struct nft_chain_spec){ .name = "c", .hook = -1 });
	nft_rule_add(b, &w, "c", "iifname @nowhere", rule);
	assert_int_equal(nft_commit(nft_nl(state), b, 0, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "add rule c iifname @nowhere: No such file"));
	assert_int_not_equal(nft(NULL, "list table inet refused\n", NULL), 0);
}

static atomic_bool churning;

/* Somebody else's transactions, as fast as they go. */
static void *churn(void *arg)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	const struct nft_where w = { NFPROTO_INET, "churn" };

	if (nl_open(&nl, NETLINK_NETFILTER, NULL) < 0)
		return NULL;
	while (atomic_load(&churning)) {
		_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();

		nft_table_add(b, &w);
		nft_commit(&nl, b, 0, NULL);
		sched_yield();
	}
	return arg;
}

static void test_churn(void **state)
{
	const struct ruleset_net nets[] = { br0, br1, br2 };
	pthread_t thread;
	int i;

	atomic_store(&churning, true);
	assert_int_equal(pthread_create(&thread, NULL, churn, NULL), 0);
	for (i = 0; i < 20; i++)
		load(state, nets, i % 3 + 1);
	atomic_store(&churning, false);
	pthread_join(thread, NULL);
}

static void test_many(void **state)
{
	enum { N = 500 };
	static struct ruleset_net nets[N];
	static struct ip_prefix px[N][2];
	static char names[N][16];
	unsigned i, at;

	for (i = 0; i < N; i++) {
		at = i * 211 % N; /* no order in which they would be easy */
		snprintf(names[i], sizeof(names[i]), "net%u", i);
		px[i][0] = (struct ip_prefix)V4(10, (uint8_t)(100 + at / 256), (uint8_t)at, 24);
		px[i][1] = (struct ip_prefix)ULA((uint8_t)at);
		px[i][1].addr.b[6] = (uint8_t)(at / 256);
		nets[i] = (struct ruleset_net){ .ifname = names[i],
						.subnets = px[i],
						.n_subnets = 2,
						.masquerade = true,
						.icc = true };
	}
	load(state, nets, N);
	for (i = 0; i < N; i += 50)
		assert_int_equal(del_net(state, &nets[i], NULL), 0);
	assert_int_equal(intact(state, nets, N, 0), 0);
	for (i = 0; i < N; i += 50)
		assert_int_equal(add_net(state, &nets[i], NULL), 0);
	assert_int_equal(intact(state, nets, N, 0), 1);
}

static int group_setup(void **state)
{
	static struct nl nl = NL_INIT;

	*state = &nl;
	return nl_open(&nl, NETLINK_NETFILTER, NULL);
}

static int group_teardown(void **state)
{
	nl_close(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_listing, fresh),
		cmocka_unit_test_setup(test_options, fresh),
		cmocka_unit_test_setup(test_damage, fresh),
		cmocka_unit_test_setup(test_add_del, fresh),
		cmocka_unit_test_setup(test_links_and_ports, fresh),
		cmocka_unit_test_setup(test_guard_comes_and_goes, fresh),
		cmocka_unit_test_setup(test_many_ports, fresh),
		cmocka_unit_test_setup(test_no_table, fresh),
		cmocka_unit_test_setup(test_del_other_options, fresh),
		cmocka_unit_test_setup(test_user_stays, fresh),
		cmocka_unit_test_setup(test_other_shape, fresh),
		cmocka_unit_test_setup(test_generation, fresh),
		cmocka_unit_test_setup(test_refused, fresh),
		cmocka_unit_test_setup(test_churn, fresh),
		cmocka_unit_test_setup(test_many, fresh),
	};

	if (unshare(CLONE_NEWNET) < 0 || nft(NULL, "list ruleset\n", NULL) != 0) {
		fprintf(stderr, "skipped: needs root, nf_tables and nft(8)\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
