/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_expr - rules, written with the words of nft(8). Between nft_rule_begin
 * and nft_rule_end each call appends what that word compiles to, as
 * `nft --debug=netlink` prints it, so that the kernel's listing reads as the
 * rule was meant. Failures are kept in the batch; a NULL rule is accepted.
 */
#ifndef CT_NET_NFT_EXPR_H
#define CT_NET_NFT_EXPR_H

#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nft_batch;
struct nft_rule;
struct nft_where;

/* nft add rule inet ctnet CHAIN ...; label is the text of the rule, for errors. */
struct nft_rule *nft_rule_begin(struct nft_batch *b, const struct nft_where *w, const char *chain,
				const char *label);
void nft_rule_end(struct nft_rule *r);

/* Matches: op is NFT_CMP_EQ or NFT_CMP_NEQ. */
void nft_iifname(struct nft_rule *r, enum nft_cmp_ops op, const char *name);
void nft_nfproto(struct nft_rule *r, uint8_t nfproto); /* NFPROTO_IPV4, NFPROTO_IPV6 */
void nft_iifgroup(struct nft_rule *r, enum nft_cmp_ops op, uint32_t group);
void nft_oifgroup(struct nft_rule *r, enum nft_cmp_ops op, uint32_t group);
void nft_ip_daddr(struct nft_rule *r, enum nft_cmp_ops op, const void *addr, size_t bytes);
void nft_ct_state(struct nft_rule *r, uint32_t bits); /* any of NF_CT_STATE_BIT() */
void nft_ct_status(struct nft_rule *r, uint32_t bits); /* any of IPS_DST_NAT ... */

/* Lookups: invert is `!= @set`. */
void nft_iifname_in(struct nft_rule *r, const char *set, bool invert);
void nft_oifname_in(struct nft_rule *r, const char *set, bool invert);
void nft_iifname_oifname_in(struct nft_rule *r, const char *set);
void nft_ip_saddr_in(struct nft_rule *r, const char *set);
void nft_ip6_saddr_in(struct nft_rule *r, const char *set);

/* Verdicts and statements. */
void nft_accept(struct nft_rule *r);
void nft_drop(struct nft_rule *r);
void nft_jump(struct nft_rule *r, const char *chain);
void nft_goto(struct nft_rule *r, const char *chain);
void nft_masquerade(struct nft_rule *r);

#endif
