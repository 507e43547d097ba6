/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_expr - rules as data: what nft(8) has in one rule is an array of terms,
 * each a match, a lookup or a verdict on named fields of the packet. A set
 * of ours is named by its name, a dependency (`meta nfproto ipv4` before an
 * IPv4 address) is a term of its own; nft prints it only where it is needed.
 */
#ifndef CT_NET_NFT_EXPR_H
#define CT_NET_NFT_EXPR_H

#include <stdint.h>

struct nft_batch;
struct nft_where;

/* What a term looks at: net/nft_expr.c has their places. */
enum nft_field {
	NFTF_NONE,
	NFTF_IIFNAME, /* char[16] */
	NFTF_OIFNAME,
	NFTF_IIFGROUP, /* u32 */
	NFTF_OIFGROUP,
	NFTF_IIFKIND, /* char[16]: "bridge", "veth" ... */
	NFTF_OIFKIND,
	NFTF_NFPROTO, /* u8, NFPROTO_IPV4 ... */
	NFTF_PROTOCOL, /* be16, the Ethernet type, behind a VLAN tag too */
	NFTF_L4PROTO, /* u8 */
	NFTF_CT_STATE, /* u32, NF_CT_STATE_BIT() */
	NFTF_CT_STATUS, /* u32, IPS_DST_NAT ... */
	NFTF_FIB_DADDR_TYPE, /* u32, RTN_LOCAL ... */
	NFTF_FIB_DADDR_IIF_TYPE, /* the same, of the interface it came in by alone */
	NFTF_ETHER_SADDR,
	NFTF_ETHER_TYPE, /* be16, that of the tag where there is one */
	NFTF_FRAG_EXISTS, /* u8: 1 where an IPv6 packet is a fragment */
	NFTF_FRAG_NEXTHDR, /* u8 */
	NFTF_ARP_OPERATION, /* be16 */
	NFTF_ARP_SADDR_ETHER,
	NFTF_ARP_SADDR_IP,
	NFTF_IP_SADDR,
	NFTF_IP_DADDR,
	NFTF_IP6_NEXTHDR, /* u8, of the packet's own header: no extension is passed over */
	NFTF_IP6_SADDR,
	NFTF_IP6_DADDR,
	NFTF_TH_SPORT, /* be16 */
	NFTF_TH_DPORT,
	NFTF_ICMP_TYPE, /* u8, of ICMP and ICMPv6 */
	NFTF_ND_TARGET, /* of a neighbour advertisement */
	NFTF_MAX,
};

enum nft_op {
	NFTO_END, /* of the rule */
	NFTO_EQ, /* field[0] is the value, or its first len bytes are */
	NFTO_NEQ,
	NFTO_ANY, /* field[0], a u32, has any of the bits */
	NFTO_IN, /* field[0] . field[1] . ... @name */
	NFTO_NOT_IN, /* ... != @name */
	NFTO_MAP, /* ... map @name; its data is what DNAT goes to */
	NFTO_DNAT_ADDR, /* dnat to an address of the family in number */
	NFTO_DNAT_PORT, /* to an address and a port */
	NFTO_MASQUERADE, /* as the address of the interface it leaves by */
	NFTO_ACCEPT,
	NFTO_DROP,
	NFTO_JUMP, /* to chain name, and back when no rule there decides */
	NFTO_GOTO, /* and not back: what falls off its end meets the policy */
};

struct nft_term {
	uint8_t op, field[3], len;
	union {
		char name[16]; /* of a set or chain; a table without pointers is not relocated */
		uint32_t number;
		uint8_t bytes[16]; /* in the packet's order; interface names padded */
		char ifname[16];
	};
};

/* nft add rule inet ctnet CHAIN ...; text is the rule as nft has it, for errors. */
void nft_rule_add(struct nft_batch *b, const struct nft_where *w, const char *chain,
		  const char *text, const struct nft_term *terms);

#endif
