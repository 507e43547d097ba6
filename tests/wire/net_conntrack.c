/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What net/conntrack.h asks, against the layout of linux/netfilter/nfnetlink_conntrack.h
 * written out by hand; then which entries the kernel has left, over entries that
 * are made as `conntrack -I` makes them.
 */
#include "net_golden.h"
#include "net_sandbox.h"

#include <arpa/inet.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "core/base/parse.h"
#include "net/conntrack.h"
#include "net/port.h"

static int nothing(const struct conntrack_entry *c, void *ctx)
{
	return 0;
}

static void list_all(struct nl *nl)
{
	conntrack_list(nl, &(struct conntrack_match){ .family = AF_UNSPEC }, nothing, NULL, NULL);
}

static void list_port(struct nl *nl)
{
	conntrack_list(
		nl,
		&(struct conntrack_match){ .family = AF_INET, .proto = IPPROTO_UDP, .dport = 53 },
		nothing, NULL, NULL);
}

static void delete_one(struct nl *nl)
{
	/* a CTA_TUPLE_ORIG, of which the payload goes out as it came */
	static const _Alignas(4) uint8_t orig[] = { 12, 0, 1, 0x80, 8, 0, 2, 0, 1, 2, 3, 4 };
	const struct conntrack_entry c = { .src = { .family = AF_INET6 },
					   .id = 0x01020304,
					   .zone = 7,
					   .orig = (const struct nlattr *)orig };
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	conntrack_del_put(&q, &c);
	nl_run(nl, &q, NULL, NULL, NULL);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "conntrack -L", list_all, 4, 1,
	  "257 301 00000000" },
	{ "conntrack -L -f ipv4 -p udp --orig-port-dst 53", list_port, 4, 1,
	  "257 301 02000000"
	  "18000180" "14000280" "0500010011000000" "0600030000350000"
	  "14001980" "0800010028000000" "0800020000000000" },
	{ "conntrack -D -f ipv6 -w 7, one by its id", delete_one, 4, 1,
	  "258 5 0a000000"
	  "0c000180" "0800020001020304"
	  "08000c0004030201"
	  "0600120000070000" },
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	assert_int_equal(parse_ip(s, &a, NULL), 0);
	return a;
}

struct flow {
	const char *src, *dst, *reply_src;
	uint16_t dport, reply_sport;
	uint8_t proto;
};

static void put_tuple(struct nl_req *q, uint16_t type, uint8_t proto, const struct ip_addr *src,
		      const struct ip_addr *dst, const uint16_t ports[2])
{
	bool v4 = src->family == AF_INET;

	nl_nest(q, type);
	nl_nest(q, CTA_TUPLE_IP);
	nl_put_ip(q, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, src);
	nl_put_ip(q, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, dst);
	nl_nest_end(q);
	nl_nest(q, CTA_TUPLE_PROTO);
	nl_put_u8(q, CTA_PROTO_NUM, proto);
	nl_put_be16(q, CTA_PROTO_SRC_PORT, ports[0]);
	nl_put_be16(q, CTA_PROTO_DST_PORT, ports[1]);
	nl_nest_end(q);
	nl_nest_end(q);
}

/* conntrack -I */
static int insert(struct nl *nl, const struct flow *f, struct err *e)
{
	const struct ip_addr src = ip(f->src), dst = ip(f->dst), reply = ip(f->reply_src);
	_cleanup_nl_req_ struct nl_req q;
	struct nfgenmsg *g;

	nl_req_init(&q);
	g = nl_msg(&q, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL,
		   sizeof(*g), "insert");
	g->nfgen_family = src.family;
	put_tuple(&q, CTA_TUPLE_ORIG, f->proto, &src, &dst, (uint16_t[]){ 1000, f->dport });
	put_tuple(&q, CTA_TUPLE_REPLY, f->proto, &reply, &src,
		  (uint16_t[]){ f->reply_sport, 1000 });
	nl_put_u32(&q, CTA_TIMEOUT, htonl(600));
	if (f->proto == IPPROTO_TCP) {
		nl_nest(&q, CTA_PROTOINFO);
		nl_nest(&q, CTA_PROTOINFO_TCP);
		nl_put_u8(&q, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
		nl_nest_end(&q);
		nl_nest_end(&q);
	}
	return nl_run(nl, &q, NULL, NULL, e);
}

enum { OLD, NEW, OTHER_PORT, TCP, OLD6, PASSING, RANGE, FLOWS };
static const struct flow flows[] = {
	[OLD] = { "192.0.2.1", "127.0.0.1", "10.88.0.2", 53, 5300, IPPROTO_UDP },
	[NEW] = { "192.0.2.2", "127.0.0.1", "10.88.0.3", 53, 5300, IPPROTO_UDP },
	[OTHER_PORT] = { "192.0.2.3", "127.0.0.1", "10.88.0.2", 52, 5300, IPPROTO_UDP },
	[TCP] = { "192.0.2.4", "127.0.0.1", "10.88.0.2", 53, 5300, IPPROTO_TCP },
	[OLD6] = { "2001:db8::1", "::1", "::1", 53, 53, IPPROTO_UDP },
	[PASSING] = { "192.0.2.5", "198.51.100.1", "198.51.100.1", 53, 53, IPPROTO_UDP },
	[RANGE] = { "192.0.2.6", "127.0.0.1", "10.88.0.2", 65, 5312, IPPROTO_UDP },
};

static int see(const struct conntrack_entry *c, void *ctx)
{
	unsigned *seen = ctx;

	for (unsigned i = 0; i < FLOWS; i++) {
		const struct ip_addr src = ip(flows[i].src);

		if (ip_eq(&src, &c->src)) {
			assert_int_equal(c->dport, flows[i].dport);
			assert_int_equal(c->reply_sport, flows[i].reply_sport);
			assert_int_equal(c->proto, flows[i].proto);
			*seen |= 1u << i;
		}
	}
	return 0;
}

static unsigned left(struct nl *nl, const struct conntrack_match *m)
{
	struct err e = ERR_INIT;
	unsigned seen = 0;

	ok(conntrack_list(nl, m, see, &seen, &e), &e);
	return seen;
}

static struct port_map map(uint8_t proto, const char *to, uint16_t first, uint16_t last)
{
	struct ip_addr a = ip(to);

	return (struct port_map){ .proto = proto,
				  .family = a.family,
				  .first = first,
				  .last = last,
				  .to = a,
				  .to_port = 5300 };
}

static void test_forget(void **state)
{
	const struct port_map one[] = { map(IPPROTO_UDP, "10.88.0.3", 53, 53),
					map(IPPROTO_UDP, "fd88::3", 53, 53) };
	const struct port_map range = map(IPPROTO_UDP, "10.88.0.3", 53, 70);
	const struct port_map tcp = map(IPPROTO_TCP, "10.88.0.2", 53, 53);
	const struct port_map tcp_to_new = map(IPPROTO_TCP, "10.88.0.3", 53, 53);
	const struct conntrack_match all = { .family = AF_UNSPEC };
	const struct conntrack_match udp53 = { .family = AF_INET,
					       .proto = IPPROTO_UDP,
					       .dport = 53 };
	_cleanup_nl_ struct nl nft = NL_INIT, rt = NL_INIT;
	struct err e = ERR_INIT;

	ok(nl_open(&nft, NETLINK_NETFILTER, &e), &e);
	ok(nl_open(&rt, NETLINK_ROUTE, &e), &e);
	assert_false(conntrack_any());
	for (unsigned i = 0; i < FLOWS; i++)
		if (insert(&nft, &flows[i], &e) < 0) {
			print_message("skipped: no entry can be made: %s\n", e.msg);
			skip();
		}
	assert_true(conntrack_any());
	assert_int_equal(left(&nft, &all), (1u << FLOWS) - 1);
	assert_int_equal(left(&nft, &udp53), 1u << OLD | 1u << NEW | 1u << PASSING);

	/* what leads elsewhere goes, but for what only passes and for other ports */
	ok(conntrack_forget_published(&nft, &rt, one, 2, &e), &e);
	assert_int_equal(left(&nft, &all),
			 1u << NEW | 1u << OTHER_PORT | 1u << TCP | 1u << PASSING | 1u << RANGE);
	ok(conntrack_forget_published(&nft, &rt, &range, 1, &e), &e);
	assert_int_equal(left(&nft, &all),
			 1u << NEW | 1u << OTHER_PORT | 1u << TCP | 1u << PASSING);
	/* a connection goes on when a port is published, and ends when it is taken back */
	ok(conntrack_forget_published(&nft, &rt, &tcp_to_new, 1, &e), &e);
	assert_true(left(&nft, &all) & 1u << TCP);
	ok(conntrack_forget_unpublished(&nft, &tcp, 1, &e), &e);
	assert_int_equal(left(&nft, &all), 1u << NEW | 1u << OTHER_PORT | 1u << PASSING);
	ok(conntrack_forget_unpublished(&nft, one, 2, &e), &e);
	assert_int_equal(left(&nft, &all), 1u << OTHER_PORT | 1u << PASSING);
}

int main(void)
{
	const struct CMUnitTest goldens[] = { cmocka_unit_test(test_goldens) };
	const struct CMUnitTest kernel[] = { cmocka_unit_test(test_forget) };
	int failed = cmocka_run_group_tests_name("goldens", goldens, NULL, NULL);

	if (!netns_sandbox())
		return failed ? failed : 77;
	return failed + cmocka_run_group_tests_name("kernel", kernel, NULL, NULL);
}
