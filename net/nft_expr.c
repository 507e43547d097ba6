// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of nft(8) as the kernel's expressions. A match loads a value into
 * register 1 and compares it there; a concatenation loads its fields into
 * consecutive registers and looks them up together.
 */
#include "net/nft_expr.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "net/nft.h"
#include "net/nft_batch.h"

struct nft_rule {
	struct nft_batch *b;
	struct nftnl_rule *rule;
	struct nlmsghdr *msg;
};

/* NULL with the batch broken; only one rule of a batch is open at a time. */
struct nft_rule *nft_rule_begin(struct nft_batch *b, const struct nft_where *w, const char *chain,
				const char *label)
{
	struct nft_rule *r = calloc(1, sizeof(*r));

	if (!r) {
		nft_batch_fail(b, -ENOMEM);
		return NULL;
	}
	r->b = b;
	r->msg = nft_msg_begin(b, NFT_MSG_NEWRULE, w->family, NLM_F_CREATE | NLM_F_APPEND,
			       "add rule %s %s", chain, label);
	r->rule = nftnl_rule_alloc();
	if (!r->rule || nftnl_rule_set_str(r->rule, NFTNL_RULE_TABLE, w->table) < 0 ||
	    nftnl_rule_set_str(r->rule, NFTNL_RULE_CHAIN, chain) < 0)
		nft_batch_fail(b, -ENOMEM);
	return r;
}

void nft_rule_end(struct nft_rule *r)
{
	if (!r)
		return;
	if (r->rule && r->msg) {
		nftnl_rule_nlmsg_build_payload(r->msg, r->rule);
		nft_msg_end(r->b, r->msg);
	}
	if (r->rule)
		nftnl_rule_free(r->rule);
	free(r);
}

/* The next expression of the rule, owned by it; NULL when there is no memory. */
static struct nftnl_expr *expr(struct nft_rule *r, const char *name)
{
	struct nftnl_expr *x;

	if (!r || !r->rule)
		return NULL;
	x = nftnl_expr_alloc(name);
	if (x)
		nftnl_rule_add_expr(r->rule, x);
	else
		nft_batch_fail(r->b, -ENOMEM);
	return x;
}

static void load_meta(struct nft_rule *r, enum nft_meta_keys key, enum nft_registers reg)
{
	struct nftnl_expr *x = expr(r, "meta");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_META_DREG, reg);
}

static void load_ct(struct nft_rule *r, enum nft_ct_keys key)
{
	struct nftnl_expr *x = expr(r, "ct");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

static void load_network(struct nft_rule *r, size_t offset, size_t len)
{
	struct nftnl_expr *x = expr(r, "payload");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_OFFSET, (uint32_t)offset);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_LEN, (uint32_t)len);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

static void cmp(struct nft_rule *r, enum nft_cmp_ops op, const void *data, size_t len)
{
	struct nftnl_expr *x = expr(r, "cmp");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(x, NFTNL_EXPR_CMP_DATA, data, (uint32_t)len) < 0)
		nft_batch_fail(r->b, -ENOMEM);
}

/* reg & bits != 0 */
static void any_bit(struct nft_rule *r, uint32_t bits)
{
	struct nftnl_expr *x = expr(r, "bitwise");
	uint32_t zero = 0;

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_LEN, sizeof(bits));
	if (nftnl_expr_set(x, NFTNL_EXPR_BITWISE_MASK, &bits, sizeof(bits)) < 0 ||
	    nftnl_expr_set(x, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero)) < 0)
		nft_batch_fail(r->b, -ENOMEM);
	cmp(r, NFT_CMP_NEQ, &zero, sizeof(zero));
}

static void lookup(struct nft_rule *r, const char *set, bool invert)
{
	struct nftnl_expr *x = expr(r, "lookup");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (nftnl_expr_set_str(x, NFTNL_EXPR_LOOKUP_SET, set) < 0)
		nft_batch_fail(r->b, -ENOMEM);
	/* spelled out even when 0, as the kernel's dump has it: rules are compared */
	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_FLAGS, invert ? NFT_LOOKUP_F_INV : 0);
}

/* In an inet table an address of one family is only there behind this. */
static void nfproto(struct nft_rule *r, uint8_t family)
{
	load_meta(r, NFT_META_NFPROTO, NFT_REG_1);
	cmp(r, NFT_CMP_EQ, &family, sizeof(family));
}

/* iifname "lo" */
void nft_iifname(struct nft_rule *r, enum nft_cmp_ops op, const char *name)
{
	char padded[IFNAMSIZ] = { 0 };

	memcpy(padded, name, strnlen(name, sizeof(padded) - 1));
	load_meta(r, NFT_META_IIFNAME, NFT_REG_1);
	cmp(r, op, padded, sizeof(padded));
}

/* meta nfproto ipv4 */
void nft_nfproto(struct nft_rule *r, uint8_t nfproto)
{
	load_meta(r, NFT_META_NFPROTO, NFT_REG_1);
	cmp(r, NFT_CMP_EQ, &nfproto, sizeof(nfproto));
}

/* iifgroup 4242 */
void nft_iifgroup(struct nft_rule *r, enum nft_cmp_ops op, uint32_t group)
{
	load_meta(r, NFT_META_IIFGROUP, NFT_REG_1);
	cmp(r, op, &group, sizeof(group));
}

/* oifgroup 4242 */
void nft_oifgroup(struct nft_rule *r, enum nft_cmp_ops op, uint32_t group)
{
	load_meta(r, NFT_META_OIFGROUP, NFT_REG_1);
	cmp(r, op, &group, sizeof(group));
}

/* ip daddr 127.0.0.0/8: the first bytes of an IPv4 address, in network order */
void nft_ip_daddr(struct nft_rule *r, enum nft_cmp_ops op, const void *addr, size_t bytes)
{
	nfproto(r, NFPROTO_IPV4);
	load_network(r, offsetof(struct iphdr, daddr), bytes);
	cmp(r, op, addr, bytes);
}

/* ct state established,related */
void nft_ct_state(struct nft_rule *r, uint32_t bits)
{
	load_ct(r, NFT_CT_STATE);
	any_bit(r, bits);
}

/* ct status dnat */
void nft_ct_status(struct nft_rule *r, uint32_t bits)
{
	load_ct(r, NFT_CT_STATUS);
	any_bit(r, bits);
}

/* iifname @routed */
void nft_iifname_in(struct nft_rule *r, const char *set, bool invert)
{
	load_meta(r, NFT_META_IIFNAME, NFT_REG_1);
	lookup(r, set, invert);
}

/* oifname @open */
void nft_oifname_in(struct nft_rule *r, const char *set, bool invert)
{
	load_meta(r, NFT_META_OIFNAME, NFT_REG_1);
	lookup(r, set, invert);
}

/* iifname . oifname @icc: a name fills a whole register */
void nft_iifname_oifname_in(struct nft_rule *r, const char *set)
{
	load_meta(r, NFT_META_IIFNAME, NFT_REG_1);
	load_meta(r, NFT_META_OIFNAME, NFT_REG_2);
	lookup(r, set, false);
}

/* ip saddr @masq4 */
void nft_ip_saddr_in(struct nft_rule *r, const char *set)
{
	nfproto(r, NFPROTO_IPV4);
	load_network(r, offsetof(struct iphdr, saddr), sizeof(struct in_addr));
	lookup(r, set, false);
}

/* ip6 saddr @masq6 */
void nft_ip6_saddr_in(struct nft_rule *r, const char *set)
{
	nfproto(r, NFPROTO_IPV6);
	load_network(r, offsetof(struct ip6_hdr, ip6_src), sizeof(struct in6_addr));
	lookup(r, set, false);
}

static void verdict(struct nft_rule *r, int code, const char *chain)
{
	struct nftnl_expr *x = expr(r, "immediate");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_VERDICT, (uint32_t)code);
	if (chain && nftnl_expr_set_str(x, NFTNL_EXPR_IMM_CHAIN, chain) < 0)
		nft_batch_fail(r->b, -ENOMEM);
}

void nft_accept(struct nft_rule *r)
{
	verdict(r, NF_ACCEPT, NULL);
}

void nft_drop(struct nft_rule *r)
{
	verdict(r, NF_DROP, NULL);
}

/* Returns here when no rule of the chain decides. */
void nft_jump(struct nft_rule *r, const char *chain)
{
	verdict(r, NFT_JUMP, chain);
}

/* Does not return here: what falls off the chain's end meets the policy. */
void nft_goto(struct nft_rule *r, const char *chain)
{
	verdict(r, NFT_GOTO, chain);
}

/* masquerade: the address of the interface it leaves by */
void nft_masquerade(struct nft_rule *r)
{
	expr(r, "masq");
}
