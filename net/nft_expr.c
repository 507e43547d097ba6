// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A term becomes the expressions that nft(8) makes of the same text: fields
 * are loaded into registers from the first on, each from the next register of
 * four bytes, then compared or looked up (include/uapi/linux/netfilter/nf_tables.h).
 * Everything the kernel's dump spells out is spelled out here too, defaults
 * included, because rules are compared by their text.
 */
#include "net/nft_expr.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "net/nft.h"
#include "net/nft_batch.h"

#define LINK	  NFT_PAYLOAD_LL_HEADER
#define NETWORK	  NFT_PAYLOAD_NETWORK_HEADER
#define TRANSPORT NFT_PAYLOAD_TRANSPORT_HEADER

static const struct field {
	enum { META, CT, FIB, PAYLOAD, EXTHDR, EXTHDR_EXISTS } from;
	uint8_t key; /* of meta and ct; the header of a payload or in IPv6 */
	uint8_t offset, len; /* bytes */
} fields[NFTF_MAX] = {
	[NFTF_IIFNAME] = { META, NFT_META_IIFNAME, 0, IFNAMSIZ },
	[NFTF_OIFNAME] = { META, NFT_META_OIFNAME, 0, IFNAMSIZ },
	[NFTF_IIFGROUP] = { META, NFT_META_IIFGROUP, 0, 4 },
	[NFTF_OIFGROUP] = { META, NFT_META_OIFGROUP, 0, 4 },
	[NFTF_IIFKIND] = { META, NFT_META_IIFKIND, 0, IFNAMSIZ },
	[NFTF_OIFKIND] = { META, NFT_META_OIFKIND, 0, IFNAMSIZ },
	[NFTF_NFPROTO] = { META, NFT_META_NFPROTO, 0, 1 },
	[NFTF_PROTOCOL] = { META, NFT_META_PROTOCOL, 0, 2 },
	[NFTF_L4PROTO] = { META, NFT_META_L4PROTO, 0, 1 },
	[NFTF_CT_STATE] = { CT, NFT_CT_STATE, 0, 4 },
	[NFTF_CT_STATUS] = { CT, NFT_CT_STATUS, 0, 4 },
	[NFTF_FIB_DADDR_TYPE] = { FIB, NFTA_FIB_F_DADDR, 0, 4 },
	[NFTF_FIB_DADDR_IIF_TYPE] = { FIB, NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF, 0, 4 },
	[NFTF_ETHER_SADDR] = { PAYLOAD, LINK, offsetof(struct ether_header, ether_shost), 6 },
	[NFTF_ETHER_TYPE] = { PAYLOAD, LINK, offsetof(struct ether_header, ether_type), 2 },
	[NFTF_FRAG_EXISTS] = { EXTHDR_EXISTS, IPPROTO_FRAGMENT, 0, 1 },
	[NFTF_FRAG_NEXTHDR] = { EXTHDR, IPPROTO_FRAGMENT, offsetof(struct ip6_frag, ip6f_nxt), 1 },
	[NFTF_ARP_OPERATION] = { PAYLOAD, NETWORK, offsetof(struct ether_arp, arp_op), 2 },
	[NFTF_ARP_SADDR_ETHER] = { PAYLOAD, NETWORK, offsetof(struct ether_arp, arp_sha), 6 },
	[NFTF_ARP_SADDR_IP] = { PAYLOAD, NETWORK, offsetof(struct ether_arp, arp_spa), 4 },
	[NFTF_IP_SADDR] = { PAYLOAD, NETWORK, offsetof(struct iphdr, saddr), 4 },
	[NFTF_IP_DADDR] = { PAYLOAD, NETWORK, offsetof(struct iphdr, daddr), 4 },
	[NFTF_IP6_NEXTHDR] = { PAYLOAD, NETWORK, offsetof(struct ip6_hdr, ip6_nxt), 1 },
	[NFTF_IP6_SADDR] = { PAYLOAD, NETWORK, offsetof(struct ip6_hdr, ip6_src), 16 },
	[NFTF_IP6_DADDR] = { PAYLOAD, NETWORK, offsetof(struct ip6_hdr, ip6_dst), 16 },
	[NFTF_TH_SPORT] = { PAYLOAD, TRANSPORT, 0, 2 },
	[NFTF_TH_DPORT] = { PAYLOAD, TRANSPORT, 2, 2 },
	[NFTF_ICMP_TYPE] = { PAYLOAD, TRANSPORT, 0, 1 },
	[NFTF_ND_TARGET] = { PAYLOAD, TRANSPORT, offsetof(struct nd_neighbor_advert, nd_na_target),
			     16 },
};

struct rule {
	struct nft_batch *b;
	struct nftnl_rule *rule;
};

/* The next expression, owned by the rule; NULL when there is no memory. */
static struct nftnl_expr *expr(struct rule *r, const char *name)
{
	struct nftnl_expr *x = nftnl_expr_alloc(name);

	if (x)
		nftnl_rule_add_expr(r->rule, x);
	else
		nft_batch_fail(r->b, -ENOMEM);
	return x;
}

/* The kernel's name of the i-th register of four bytes: it says how many it means. */
static uint32_t reg(unsigned i)
{
	return i % 4 == 0 ? NFT_REG_1 + i / 4 : NFT_REG32_00 + i;
}

static void load(struct rule *r, const struct field *f, uint32_t dreg)
{
	static const char *const names[] = {
		[META] = "meta",       [CT] = "ct",	    [FIB] = "fib",
		[PAYLOAD] = "payload", [EXTHDR] = "exthdr", [EXTHDR_EXISTS] = "exthdr",
	};
	struct nftnl_expr *x = expr(r, names[f->from]);

	if (!x)
		return;
	switch (f->from) {
	case META:
		nftnl_expr_set_u32(x, NFTNL_EXPR_META_KEY, f->key);
		nftnl_expr_set_u32(x, NFTNL_EXPR_META_DREG, dreg);
		break;
	case CT:
		nftnl_expr_set_u32(x, NFTNL_EXPR_CT_KEY, f->key);
		nftnl_expr_set_u32(x, NFTNL_EXPR_CT_DREG, dreg);
		break;
	case FIB:
		nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
		nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_FLAGS, f->key);
		nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_DREG, dreg);
		break;
	case PAYLOAD:
		nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_BASE, f->key);
		nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_OFFSET, f->offset);
		nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_LEN, f->len);
		nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_DREG, dreg);
		break;
	case EXTHDR:
	case EXTHDR_EXISTS:
		nftnl_expr_set_u8(x, NFTNL_EXPR_EXTHDR_TYPE, f->key);
		nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_OFFSET, f->offset);
		nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_LEN, f->len);
		nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
		nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_FLAGS,
				   f->from == EXTHDR_EXISTS ? NFT_EXTHDR_F_PRESENT : 0);
		nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_DREG, dreg);
		break;
	}
}

static void load_all(struct rule *r, const struct nft_term *t)
{
	unsigned at = 0;

	for (size_t i = 0; i < sizeof(t->field) && t->field[i]; i++) {
		struct field f = fields[t->field[i]];

		/* part of an address is loaded as such, as for 127.0.0.0/8 */
		if (t->len && t->len < f.len)
			f.len = t->len;
		load(r, &f, reg(at));
		at += (f.len + 3u) / 4;
	}
}

static void cmp(struct rule *r, enum nft_cmp_ops op, const void *data, size_t len)
{
	struct nftnl_expr *x = expr(r, "cmp");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(x, NFTNL_EXPR_CMP_DATA, data, (uint32_t)len) < 0)
		nft_batch_fail(r->b, -ENOMEM);
}

static void compare(struct rule *r, const struct nft_term *t, enum nft_cmp_ops op)
{
	load_all(r, t);
	cmp(r, op, t->bytes, t->len ? t->len : fields[t->field[0]].len);
}

/* field & bits != 0 */
static void any_bit(struct rule *r, const struct nft_term *t)
{
	struct nftnl_expr *x;
	uint32_t zero = 0;

	load_all(r, t);
	x = expr(r, "bitwise");
	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_LEN, sizeof(t->number));
	if (nftnl_expr_set(x, NFTNL_EXPR_BITWISE_MASK, &t->number, sizeof(t->number)) < 0 ||
	    nftnl_expr_set(x, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero)) < 0)
		nft_batch_fail(r->b, -ENOMEM);
	cmp(r, NFT_CMP_NEQ, &zero, sizeof(zero));
}

static void lookup(struct rule *r, const struct nft_term *t)
{
	struct nftnl_expr *x;

	load_all(r, t);
	x = expr(r, "lookup");
	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (nftnl_expr_set_str(x, NFTNL_EXPR_LOOKUP_SET, t->name) < 0)
		nft_batch_fail(r->b, -ENOMEM);
	if (t->op == NFTO_MAP)
		nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_FLAGS, t->op == NFTO_NOT_IN ? NFT_LOOKUP_F_INV : 0);
}

/* Address and port lie in the registers as the map's data has them. */
static void dnat(struct rule *r, const struct nft_term *t)
{
	struct nftnl_expr *x = expr(r, "nat");
	uint32_t flags = NF_NAT_RANGE_MAP_IPS;
	uint32_t port = reg(t->number == NFPROTO_IPV4 ? 1 : 4);

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_FAMILY, t->number);
	nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_REG_ADDR_MAX, NFT_REG_1);
	if (t->op == NFTO_DNAT_PORT) {
		flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_REG_PROTO_MIN, port);
		nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_REG_PROTO_MAX, port);
	}
	nftnl_expr_set_u32(x, NFTNL_EXPR_NAT_FLAGS, flags);
}

static void verdict(struct rule *r, int code, const char *chain)
{
	struct nftnl_expr *x = expr(r, "immediate");

	if (!x)
		return;
	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_VERDICT, (uint32_t)code);
	if (chain && nftnl_expr_set_str(x, NFTNL_EXPR_IMM_CHAIN, chain) < 0)
		nft_batch_fail(r->b, -ENOMEM);
}

static void put_term(struct rule *r, const struct nft_term *t)
{
	switch ((enum nft_op)t->op) {
	case NFTO_EQ:
		compare(r, t, NFT_CMP_EQ);
		break;
	case NFTO_NEQ:
		compare(r, t, NFT_CMP_NEQ);
		break;
	case NFTO_ANY:
		any_bit(r, t);
		break;
	case NFTO_IN:
	case NFTO_NOT_IN:
	case NFTO_MAP:
		lookup(r, t);
		break;
	case NFTO_DNAT_ADDR:
	case NFTO_DNAT_PORT:
		dnat(r, t);
		break;
	case NFTO_MASQUERADE:
		expr(r, "masq");
		break;
	case NFTO_ACCEPT:
		verdict(r, NF_ACCEPT, NULL);
		break;
	case NFTO_DROP:
		verdict(r, NF_DROP, NULL);
		break;
	case NFTO_JUMP:
		verdict(r, NFT_JUMP, t->name);
		break;
	case NFTO_GOTO:
		verdict(r, NFT_GOTO, t->name);
		break;
	case NFTO_END:
		break;
	}
}

void nft_rule_add(struct nft_batch *b, const struct nft_where *w, const char *chain,
		  const char *text, const struct nft_term *terms)
{
	struct rule r = { .b = b, .rule = nftnl_rule_alloc() };
	struct nlmsghdr *msg =
		nft_msg_begin(b, NFT_MSG_NEWRULE, w->family, NLM_F_CREATE | NLM_F_APPEND,
			      "add rule %s %s", chain, text);

	if (!r.rule || nftnl_rule_set_str(r.rule, NFTNL_RULE_TABLE, w->table) < 0 ||
	    nftnl_rule_set_str(r.rule, NFTNL_RULE_CHAIN, chain) < 0)
		nft_batch_fail(b, -ENOMEM);
	for (; r.rule && terms->op != NFTO_END; terms++)
		put_term(&r, terms);
	if (r.rule && msg) {
		nftnl_rule_nlmsg_build_payload(msg, r.rule);
		nft_msg_end(b, msg);
	}
	if (r.rule)
		nftnl_rule_free(r.rule);
}
