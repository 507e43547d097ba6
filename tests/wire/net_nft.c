// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of nftables batches, read back with libmnl and libnftnl; no kernel, no privilege. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/nft.h"
#include "net/nft_expr.h"
#include "net/nl.h"

static const struct nft_where where = { .family = NFPROTO_INET, .table = "t" };

/* A batch as it went out. */
struct sent {
	char *buf;
	size_t len;
	unsigned times;
	int result;
};

static int on_send(const void *buf, size_t len, void *ctx)
{
	struct sent *s = ctx;

	free(s->buf);
	s->buf = malloc(len);
	memcpy(s->buf, buf, len);
	s->len = len;
	s->times++;
	return s->result;
}

static int commit(struct nft_batch *b, uint32_t genid, struct sent *s)
{
	struct nl nl = NL_INIT;

	nl.family = NETLINK_NETFILTER;
	nl_set_tap(&nl, on_send, s);
	return nft_commit(&nl, b, genid, NULL);
}

static const struct nlmsghdr *message(const struct sent *s, unsigned i)
{
	int left = (int)s->len;
	const struct nlmsghdr *msg = (const void *)s->buf;

	while (i-- && mnl_nlmsg_ok(msg, left))
		msg = mnl_nlmsg_next(msg, &left);
	return mnl_nlmsg_ok(msg, left) ? msg : NULL;
}

static int type_of(const struct nlmsghdr *msg)
{
	assert_non_null(msg);
	assert_int_equal(msg->nlmsg_type >> 8, NFNL_SUBSYS_NFTABLES);
	return msg->nlmsg_type & 0xff;
}

static int add_text(struct nftnl_expr *x, void *ctx)
{
	char *out = ctx, part[200] = "";

	nftnl_expr_snprintf(part, sizeof(part), x, NFTNL_OUTPUT_DEFAULT, 0);
	snprintf(out + strlen(out), 1000 - strlen(out), "[%s %s]",
		 nftnl_expr_get_str(x, NFTNL_EXPR_NAME), part);
	return 0;
}

/* Builds one rule of the terms, and compares it with what nft --debug=netlink says. */
static void check_rule(const struct nft_term *terms, const char *want)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct nftnl_rule *back = nftnl_rule_alloc();
	struct sent s = { 0 };
	char text[1000] = "";

	nft_rule_add(b, &where, "c", "...", terms);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(type_of(message(&s, 1)), NFT_MSG_NEWRULE);
	assert_int_equal(nftnl_rule_nlmsg_parse(message(&s, 1), back), 0);
	assert_string_equal(nftnl_rule_get_str(back, NFTNL_RULE_TABLE), "t");
	assert_string_equal(nftnl_rule_get_str(back, NFTNL_RULE_CHAIN), "c");
	nftnl_expr_foreach(back, add_text, text);
	assert_string_equal(text, want);
	nftnl_rule_free(back);
	free(s.buf);
}

#define TERM(o, ...)                        \
	{                                   \
		.op = NFTO_##o, __VA_ARGS__ \
	}
#define F(...)	.field = { __VA_ARGS__ }
#define END	TERM(END)
#define IPV4	TERM(EQ, F(NFTF_NFPROTO), .bytes = { NFPROTO_IPV4 })
#define IPV6	TERM(EQ, F(NFTF_NFPROTO), .bytes = { NFPROTO_IPV6 })
#define L4(p)	TERM(EQ, F(NFTF_L4PROTO), .bytes = { IPPROTO_##p })
#define SERVICE NFTF_L4PROTO, NFTF_TH_DPORT

static const struct nft_term iifname[] = { TERM(NEQ, F(NFTF_IIFNAME), .ifname = "lo"), TERM(DROP),
					   END };
static const struct nft_term groups[] = { TERM(NEQ, F(NFTF_IIFGROUP), .number = 4242),
					  TERM(EQ, F(NFTF_OIFGROUP), .number = 4242),
					  TERM(GOTO, .name = "other"), END };
static const struct nft_term daddr[] = { IPV4,
					 TERM(EQ, F(NFTF_IP_DADDR), .len = 1, .bytes = { 127 }),
					 TERM(JUMP, .name = "other"), END };
static const struct nft_term ct[] = {
	TERM(ANY, F(NFTF_CT_STATE),
	     .number = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED)),
	TERM(ANY, F(NFTF_CT_STATUS), .number = IPS_DST_NAT), TERM(ACCEPT), END
};
static const struct nft_term lookups[] = { TERM(IN, F(NFTF_IIFNAME, NFTF_OIFNAME), .name = "pairs"),
					   TERM(NOT_IN, F(NFTF_IIFNAME), .name = "names"),
					   TERM(IN, F(NFTF_OIFNAME), .name = "names"), END };
static const struct nft_term masquerade[] = { IPV4,
					      TERM(IN, F(NFTF_IP_SADDR), .name = "m4"),
					      IPV6,
					      TERM(IN, F(NFTF_IP6_SADDR), .name = "m6"),
					      TERM(MASQUERADE),
					      END };
static const struct nft_term dnat4[] = { IPV4, TERM(MAP, F(NFTF_IP_DADDR, SERVICE), .name = "p"),
					 TERM(DNAT_PORT, .number = NFPROTO_IPV4), END };
static const struct nft_term dnat6[] = { IPV6, TERM(MAP, F(NFTF_IP6_DADDR, SERVICE), .name = "p"),
					 TERM(DNAT_PORT, .number = NFPROTO_IPV6), END };
static const struct nft_term range[] = { TERM(MAP, F(SERVICE), .name = "p"),
					 TERM(DNAT_ADDR, .number = NFPROTO_IPV4), END };
static const struct nft_term local[] = { TERM(EQ, F(NFTF_FIB_DADDR_TYPE), .number = RTN_LOCAL),
					 TERM(ACCEPT), END };
static const struct nft_term service[] = { L4(UDP), TERM(EQ, F(NFTF_TH_SPORT), .bytes = { 0, 67 }),
					   TERM(EQ, F(NFTF_TH_DPORT), .bytes = { 0, 68 }), END };
static const struct nft_term nd[] = { TERM(EQ, F(NFTF_PROTOCOL), .bytes = { 0x86, 0xdd }),
				      L4(ICMPV6), TERM(EQ, F(NFTF_ICMP_TYPE), .bytes = { 136 }),
				      TERM(NOT_IN, F(NFTF_IIFNAME, NFTF_ND_TARGET), .name = "nd"),
				      END };
static const struct nft_term arp[] = { TERM(IN, F(NFTF_IIFNAME, NFTF_ETHER_SADDR), .name = "mac"),
				       TERM(IN, F(NFTF_IIFNAME, NFTF_ARP_SADDR_ETHER),
					    .name = "mac"),
				       TERM(IN, F(NFTF_IIFNAME, NFTF_ARP_SADDR_IP), .name = "ip"),
				       TERM(EQ, F(NFTF_ARP_OPERATION), .bytes = { 0, 1 }), END };

/* The right-hand sides are nft 1.0.6's own, from nft --debug=netlink. */
static void test_words(void **state)
{
	check_rule(iifname, "[meta load iifname => reg 1 ]"
			    "[cmp neq reg 1 0x00006f6c 0x00000000 0x00000000 0x00000000 ]"
			    "[immediate reg 0 drop ]");
	check_rule(groups, "[meta load iifgroup => reg 1 ][cmp neq reg 1 0x00001092 ]"
			   "[meta load oifgroup => reg 1 ][cmp eq reg 1 0x00001092 ]"
			   "[immediate reg 0 goto -> other ]");
	check_rule(daddr,
		   "[meta load nfproto => reg 1 ][cmp eq reg 1 0x00000002 ]"
		   "[payload load 1b @ network header + 16 => reg 1 ][cmp eq reg 1 0x0000007f ]"
		   "[immediate reg 0 jump -> other ]");
	check_rule(ct, "[ct load state => reg 1 ]"
		       "[bitwise reg 1 = ( reg 1 & 0x00000006 ) ^ 0x00000000 ]"
		       "[cmp neq reg 1 0x00000000 ]"
		       "[ct load status => reg 1 ]"
		       "[bitwise reg 1 = ( reg 1 & 0x00000020 ) ^ 0x00000000 ]"
		       "[cmp neq reg 1 0x00000000 ][immediate reg 0 accept ]");
	check_rule(lookups, "[meta load iifname => reg 1 ][meta load oifname => reg 2 ]"
			    "[lookup reg 1 set pairs 0x0 ]"
			    "[meta load iifname => reg 1 ][lookup reg 1 set names 0x1 ]"
			    "[meta load oifname => reg 1 ][lookup reg 1 set names 0x0 ]");
	check_rule(masquerade,
		   "[meta load nfproto => reg 1 ][cmp eq reg 1 0x00000002 ]"
		   "[payload load 4b @ network header + 12 => reg 1 ][lookup reg 1 set m4 0x0 ]"
		   "[meta load nfproto => reg 1 ][cmp eq reg 1 0x0000000a ]"
		   "[payload load 16b @ network header + 8 => reg 1 ][lookup reg 1 set m6 0x0 ]"
		   "[masq ]");
	check_rule(local, "[fib daddr type => reg 1 ][cmp eq reg 1 0x00000002 ]"
			  "[immediate reg 0 accept ]");
	check_rule(service, "[meta load l4proto => reg 1 ][cmp eq reg 1 0x00000011 ]"
			    "[payload load 2b @ transport header + 0 => reg 1 ]"
			    "[cmp eq reg 1 0x00004300 ]"
			    "[payload load 2b @ transport header + 2 => reg 1 ]"
			    "[cmp eq reg 1 0x00004400 ]");
}

/* Fields of a concatenation follow each other by registers of four bytes. */
static void test_concatenations(void **state)
{
	check_rule(dnat4,
		   "[meta load nfproto => reg 1 ][cmp eq reg 1 0x00000002 ]"
		   "[payload load 4b @ network header + 16 => reg 1 ][meta load l4proto => reg 9 ]"
		   "[payload load 2b @ transport header + 2 => reg 10 ]"
		   "[lookup reg 1 set p dreg 1 0x0 ]"
		   "[nat dnat ip addr_min reg 1 addr_max reg 1 proto_min reg 9 proto_max reg 9 "
		   "flags 0x3 ]");
	check_rule(dnat6,
		   "[meta load nfproto => reg 1 ][cmp eq reg 1 0x0000000a ]"
		   "[payload load 16b @ network header + 24 => reg 1 ][meta load l4proto => reg 2 ]"
		   "[payload load 2b @ transport header + 2 => reg 13 ]"
		   "[lookup reg 1 set p dreg 1 0x0 ]"
		   "[nat dnat ip6 addr_min reg 1 addr_max reg 1 proto_min reg 2 proto_max reg 2 "
		   "flags 0x3 ]");
	check_rule(range, "[meta load l4proto => reg 1 ]"
			  "[payload load 2b @ transport header + 2 => reg 9 ]"
			  "[lookup reg 1 set p dreg 1 0x0 ]"
			  "[nat dnat ip addr_min reg 1 addr_max reg 1 flags 0x1 ]");
	check_rule(nd, "[meta load protocol => reg 1 ][cmp eq reg 1 0x0000dd86 ]"
		       "[meta load l4proto => reg 1 ][cmp eq reg 1 0x0000003a ]"
		       "[payload load 1b @ transport header + 0 => reg 1 ]"
		       "[cmp eq reg 1 0x00000088 ][meta load iifname => reg 1 ]"
		       "[payload load 16b @ transport header + 8 => reg 2 ]"
		       "[lookup reg 1 set nd 0x1 ]");
	check_rule(arp,
		   "[meta load iifname => reg 1 ][payload load 6b @ link header + 6 => reg 2 ]"
		   "[lookup reg 1 set mac 0x0 ]"
		   "[meta load iifname => reg 1 ][payload load 6b @ network header + 8 => reg 2 ]"
		   "[lookup reg 1 set mac 0x0 ]"
		   "[meta load iifname => reg 1 ][payload load 4b @ network header + 14 => reg 2 ]"
		   "[lookup reg 1 set ip 0x0 ]"
		   "[payload load 2b @ network header + 6 => reg 1 ][cmp eq reg 1 0x00000100 ]");
}

/* Begin with the generation, messages in order, one ack on the last, end. */
static void test_frame(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_chain_spec chain = { "c", "nat", NF_INET_POST_ROUTING, 100 };
	const struct nlmsghdr *msg, *first;
	struct sent s = { 0 };
	uint32_t gen;
	unsigned i;

	nft_table_add(b, &where);
	nft_chain_add(b, &where, &chain);
	nft_chain_flush(b, &where, "c");
	assert_int_equal(commit(b, 77, &s), 0);

	first = message(&s, 0);
	assert_int_equal(first->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	msg = first;
	gen = mnl_attr_get_u32(mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg)));
	assert_int_equal(ntohl(gen), 77);
	assert_int_equal(type_of(message(&s, 1)), NFT_MSG_NEWTABLE);
	assert_int_equal(type_of(message(&s, 2)), NFT_MSG_NEWCHAIN);
	assert_int_equal(type_of(message(&s, 3)), NFT_MSG_DELRULE);
	assert_int_equal(message(&s, 4)->nlmsg_type, NFNL_MSG_BATCH_END);
	assert_null(message(&s, 5));
	for (i = 0; i < 5; i++) {
		msg = message(&s, i);
		assert_int_equal(msg->nlmsg_seq, first->nlmsg_seq + i);
		assert_int_equal(!!(msg->nlmsg_flags & NLM_F_ACK), i == 3);
		assert_int_equal(!!(msg->nlmsg_flags & NLM_F_EXCL), 0);
	}
	free(s.buf);
}

/* A refused batch goes out again unchanged but for its generation. */
static void test_again(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct sent s = { .result = -ERESTART };
	size_t len;

	nft_table_del(b, &where);
	assert_int_equal(commit(b, 1, &s), -ERESTART);
	len = s.len;
	s.result = 0;
	assert_int_equal(commit(b, 2, &s), 0);
	assert_int_equal(s.len, len);
	assert_int_equal(s.times, 2);
	free(s.buf);
}

static void test_chain(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_chain_spec base = { "c", "filter", NF_INET_PRE_ROUTING, -300 };
	const struct nft_chain_spec plain = { "p", .hook = -1 };
	struct nftnl_chain *c = nftnl_chain_alloc(), *p = nftnl_chain_alloc();
	struct sent s = { 0 };

	nft_chain_add(b, &where, &base);
	nft_chain_add(b, &where, &plain);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(nftnl_chain_nlmsg_parse(message(&s, 1), c), 0);
	assert_string_equal(nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE), "filter");
	assert_int_equal(nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM), NF_INET_PRE_ROUTING);
	assert_int_equal(nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO), -300);
	assert_int_equal(nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY), NF_ACCEPT);
	assert_int_equal(nftnl_chain_nlmsg_parse(message(&s, 2), p), 0);
	assert_false(nftnl_chain_is_set(p, NFTNL_CHAIN_HOOKNUM));
	nftnl_chain_free(c);
	nftnl_chain_free(p);
	free(s.buf);
}

static void test_sets(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_set_spec pairs = { .name = "pairs",
					    .key_type =
						    NFT_CONCAT2(NFT_TYPE_IFNAME, NFT_TYPE_IFNAME),
					    .key_len = 32 };
	const struct nft_set_spec map = { .name = "map",
					  .key_type = NFT_TYPE_IPADDR,
					  .key_len = 4,
					  .data_type = NFT_TYPE_VERDICT,
					  .interval = true };
	struct nftnl_set *set = nftnl_set_alloc(), *vmap = nftnl_set_alloc();
	struct sent s = { 0 };

	nft_set_add(b, &where, &pairs);
	nft_set_add(b, &where, &map);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(nftnl_set_nlmsg_parse(message(&s, 1), set), 0);
	assert_int_equal(nftnl_set_get_u32(set, NFTNL_SET_KEY_TYPE), 41 << 6 | 41);
	assert_int_equal(nftnl_set_get_u32(set, NFTNL_SET_KEY_LEN), 32);
	assert_int_equal(nftnl_set_get_u32(set, NFTNL_SET_FLAGS), 0);
	assert_int_equal(nftnl_set_nlmsg_parse(message(&s, 2), vmap), 0);
	assert_int_equal(nftnl_set_get_u32(vmap, NFTNL_SET_FLAGS), NFT_SET_INTERVAL | NFT_SET_MAP);
	assert_int_equal(nftnl_set_get_u32(vmap, NFTNL_SET_DATA_TYPE), NFT_DATA_VERDICT);
	assert_int_not_equal(nftnl_set_get_u32(set, NFTNL_SET_ID),
			     nftnl_set_get_u32(vmap, NFTNL_SET_ID));
	nftnl_set_free(set);
	nftnl_set_free(vmap);
	free(s.buf);
}

/* The elements of a message, by attribute: count, and attributes of the i-th. */
static unsigned elements(const struct nlmsghdr *msg, unsigned want, const struct nlattr **tb)
{
	const struct nlattr *top[NFTA_SET_ELEM_LIST_MAX + 1] = { 0 }, *el;
	unsigned n = 0;

	nl_parse(msg, sizeof(struct nfgenmsg), top, NFTA_SET_ELEM_LIST_MAX);
	assert_non_null(top[NFTA_SET_ELEM_LIST_ELEMENTS]);
	mnl_attr_for_each_nested(el, top[NFTA_SET_ELEM_LIST_ELEMENTS]) if (n++ == want)
		nl_parse_nested(el, tb, NFTA_SET_ELEM_MAX);
	return n;
}

static uint32_t key_of(const struct nlattr *const *tb)
{
	const struct nlattr *data[NFTA_DATA_MAX + 1] = { 0 };

	assert_non_null(tb[NFTA_SET_ELEM_KEY]);
	nl_parse_nested(tb[NFTA_SET_ELEM_KEY], data, NFTA_DATA_MAX);
	return ntohl(nl_attr_u32(data[NFTA_DATA_VALUE], 0));
}

/* 10.0.0.0/24 is a start with its owner and an exclusive end; 255.255.255.0/24
 * has no end, and says that this is meant. */
static void test_intervals(void **state)
{
	static const uint8_t owner[] = "\x00\x09"
				       "ctnet:x1",
			     open[] = "\x01\x04\x01\x00\x00";
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_set_spec set = {
		.name = "m", .key_type = NFT_TYPE_IPADDR, .key_len = 4, .interval = true
	};
	const struct nft_elem el[] = {
		{ .key = { 10 }, .key_end = { 10, 0, 1 }, .has_end = true, .comment = "ctnet:x1" },
		{ .key = { 255, 255, 255 } },
	};
	const struct nlattr *tb[NFTA_SET_ELEM_MAX + 1] = { 0 };
	struct sent s = { 0 };

	nft_elems_add(b, &where, &set, el, 2);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(type_of(message(&s, 1)), NFT_MSG_NEWSETELEM);
	assert_int_equal(elements(message(&s, 1), 0, tb), 3);
	assert_int_equal(key_of(tb), 0x0a000000);
	assert_int_equal(ntohl(nl_attr_u32(tb[NFTA_SET_ELEM_FLAGS], 0)), 0);
	assert_memory_equal(mnl_attr_get_payload(tb[NFTA_SET_ELEM_USERDATA]), owner, sizeof(owner));
	elements(message(&s, 1), 1, tb);
	assert_int_equal(key_of(tb), 0x0a000100);
	assert_int_equal(ntohl(nl_attr_u32(tb[NFTA_SET_ELEM_FLAGS], 0)), NFT_SET_ELEM_INTERVAL_END);
	elements(message(&s, 1), 2, tb);
	assert_int_equal(key_of(tb), 0xffffff00);
	assert_memory_equal(mnl_attr_get_payload(tb[NFTA_SET_ELEM_USERDATA]), open, sizeof(open));
	free(s.buf);
}

static void test_verdict_element(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_set_spec map = { .name = "m",
					  .key_type = NFT_TYPE_IPADDR,
					  .key_len = 4,
					  .data_type = NFT_TYPE_VERDICT };
	const struct nft_elem el = { .key = { 10 }, .verdict = NFT_JUMP, .chain = "c" };
	struct nftnl_set *set = nftnl_set_alloc();
	struct nftnl_set_elems_iter *it;
	struct nftnl_set_elem *back;
	struct sent s = { 0 };

	nft_elems_del(b, &where, &map, &el, 1);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(type_of(message(&s, 1)), NFT_MSG_DELSETELEM);
	assert_int_equal(nftnl_set_elems_nlmsg_parse(message(&s, 1), set), 0);
	it = nftnl_set_elems_iter_create(set);
	back = nftnl_set_elems_iter_next(it);
	assert_int_equal((int)nftnl_set_elem_get_u32(back, NFTNL_SET_ELEM_VERDICT), NFT_JUMP);
	assert_string_equal(nftnl_set_elem_get_str(back, NFTNL_SET_ELEM_CHAIN), "c");
	nftnl_set_elems_iter_destroy(it);
	nftnl_set_free(set);
	free(s.buf);
}

/* 10,000 elements take several messages, and each element is in exactly one. */
static void test_many(void **state)
{
	enum { N = 10000 };
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	_cleanup_free_ struct nft_elem *el = calloc(N, sizeof(*el));
	_cleanup_free_ bool *seen = calloc(N, sizeof(*seen));
	const struct nft_set_spec set = { .name = "m", .key_type = NFT_TYPE_IPADDR, .key_len = 4 };
	const struct nlattr *tb[NFTA_SET_ELEM_MAX + 1] = { 0 };
	const struct nlmsghdr *msg;
	unsigned i, j, n, total = 0;
	struct sent s = { 0 };

	for (i = 0; i < N; i++) {
		uint32_t key = htonl(i);

		memcpy(el[i].key, &key, sizeof(key));
		snprintf(el[i].comment, sizeof(el[i].comment), "ctnet:net%u", i);
	}
	nft_elems_add(b, &where, &set, el, N);
	assert_int_equal(commit(b, 0, &s), 0);
	for (i = 1; (msg = message(&s, i))->nlmsg_type != NFNL_MSG_BATCH_END; i++) {
		n = elements(msg, 0, tb);
		for (j = 0; j < n; j += 97) {
			elements(msg, j, tb);
			assert_true(key_of(tb) < N);
			assert_false(seen[key_of(tb)]);
			seen[key_of(tb)] = true;
		}
		total += n;
	}
	assert_int_equal(total, N);
	assert_true(i > 2);
	free(s.buf);
}

static void test_nothing(void **state)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_set_spec set = { .name = "m", .key_type = NFT_TYPE_IPADDR, .key_len = 4 };
	struct sent s = { 0 };
	struct err e = ERR_INIT;
	struct nl nl = NL_INIT;

	/* a batch of nothing is not sent */
	nft_elems_add(b, &where, &set, NULL, 0);
	assert_int_equal(commit(b, 0, &s), 0);
	assert_int_equal(s.times, 0);

	/* what could not be allocated is refused at the end, not where it is used */
	nft_table_add(NULL, &where);
	nft_rule_add(NULL, &where, "c", "iifname != \"lo\" drop", iifname);
	assert_int_equal(nft_batch_error(NULL), -ENOMEM);
	assert_int_equal(nft_commit(&nl, NULL, 0, &e), -ENOMEM);
	assert_non_null(strstr(e.msg, "nftables transaction"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_concatenations),
		cmocka_unit_test(test_frame),	  cmocka_unit_test(test_again),
		cmocka_unit_test(test_chain),	  cmocka_unit_test(test_sets),
		cmocka_unit_test(test_intervals), cmocka_unit_test(test_verdict_element),
		cmocka_unit_test(test_many),	  cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
