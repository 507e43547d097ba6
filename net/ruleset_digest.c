// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules are compared by what libnftnl prints for their expressions, which
 * leaves out handles, the order of attributes and defaults; elements by keys,
 * data and flags. FNV-1a is enough: nobody forges a ruleset against us who could
 * not load one anyway.
 */
#include "net/ruleset_digest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "core/base/err.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return h;
}

static int add_expr(struct nftnl_expr *x, void *ctx)
{
	uint64_t *h = ctx;
	char text[256] = "";
	const char *name = nftnl_expr_get_str(x, NFTNL_EXPR_NAME);

	nftnl_expr_snprintf(text, sizeof(text), x, NFTNL_OUTPUT_DEFAULT, 0);
	*h = hash(*h, name, strlen(name));
	*h = hash(*h, text, strlen(text));
	return 0;
}

/* -1: a family that is none of ours. */
static int table_of(const struct nlmsghdr *msg)
{
	const struct nfgenmsg *nfg = nl_msg_extra(msg, sizeof(*nfg));

	for (int t = 0; nfg && t < RULESET_TABLES; t++)
		if (ruleset_where[t].family == nfg->nfgen_family)
			return t;
	return -1;
}

/* A jump says where to. */
static bool has_target(const struct nlattr *expr_data)
{
	const struct nlattr *tb[NFTA_IMMEDIATE_MAX + 1], *data[NFTA_DATA_MAX + 1];
	const struct nlattr *v[NFTA_VERDICT_MAX + 1];
	int code;

	nl_parse_nested(expr_data, tb, NFTA_IMMEDIATE_MAX);
	nl_parse_nested(tb[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX);
	nl_parse_nested(data[NFTA_DATA_VERDICT], v, NFTA_VERDICT_MAX);
	code = (int)ntohl(nl_attr_u32(v[NFTA_VERDICT_CODE], 0));
	return (code != NFT_JUMP && code != NFT_GOTO) || nl_attr_str(v[NFTA_VERDICT_CHAIN], NULL);
}

/*
 * What libnftnl (1.2.4) takes for granted: each expression has a name, and each jump a
 * target.
 */
static bool is_readable(const struct nlmsghdr *msg)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1], *expr[NFTA_EXPR_MAX + 1], *elem;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX);
	if (!tb[NFTA_RULE_EXPRESSIONS])
		return true;
	mnl_attr_for_each_nested(elem, tb[NFTA_RULE_EXPRESSIONS])
	{
		const char *name;

		nl_parse_nested(elem, expr, NFTA_EXPR_MAX);
		name = nl_attr_str(expr[NFTA_EXPR_NAME], "");
		if (!*name || (!strcmp(name, "immediate") && !has_target(expr[NFTA_EXPR_DATA])))
			return false;
	}
	return true;
}

static int add_rule(const struct nlmsghdr *msg, int table, struct ruleset_digest *d)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	int i = -1, r = 0;

	if (!rule || !is_readable(msg) || nftnl_rule_nlmsg_parse(msg, rule) < 0)
		r = rule ? -EBADMSG : -ENOMEM;
	if (r == 0 && nftnl_rule_is_set(rule, NFTNL_RULE_CHAIN))
		i = ruleset_find_chain(table, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
	if (i >= 0) {
		/* so that a rule without expressions counts too */
		d->chain[i] = hash(d->chain[i], "rule", 4);
		nftnl_expr_foreach(rule, add_expr, &d->chain[i]);
	}
	if (rule)
		nftnl_rule_free(rule);
	return r;
}

/* nft(8) opens the space below the first interval with an end at zero; we do not. */
static bool is_leading_end(const struct nlattr *key, uint32_t flags)
{
	static const uint8_t zero[16];
	size_t len = mnl_attr_get_payload_len(key);

	return flags & NFT_SET_ELEM_INTERVAL_END && len <= sizeof(zero) &&
	       memcmp(mnl_attr_get_payload(key), zero, len) == 0;
}

/* The value of nested data, under a number of its own so that none passes for another. */
static uint64_t add_data(uint64_t h, uint8_t number, const struct nlattr *data)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1] = { 0 };

	if (data)
		nl_parse_nested(data, tb, NFTA_DATA_MAX);
	if (!tb[NFTA_DATA_VALUE])
		return h;
	h = hash(h, &number, sizeof(number));
	return hash(h, mnl_attr_get_payload(tb[NFTA_DATA_VALUE]),
		    mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]));
}

static void add_elem(const struct nlattr *el, uint64_t *sum)
{
	const struct nlattr *tb[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1] = { 0 };
	uint32_t flags;
	uint64_t h;

	nl_parse_nested(el, tb, NFTA_SET_ELEM_MAX);
	if (tb[NFTA_SET_ELEM_KEY])
		nl_parse_nested(tb[NFTA_SET_ELEM_KEY], key, NFTA_DATA_MAX);
	flags = ntohl(nl_attr_u32(tb[NFTA_SET_ELEM_FLAGS], 0));
	if (!key[NFTA_DATA_VALUE] || is_leading_end(key[NFTA_DATA_VALUE], flags))
		return;
	h = add_data(FNV_BASIS, 0, tb[NFTA_SET_ELEM_KEY]);
	h = add_data(h, 1, tb[NFTA_SET_ELEM_KEY_END]);
	h = add_data(h, 2, tb[NFTA_SET_ELEM_DATA]);
	/* the kernel answers in an order of its own: a sum does not mind */
	*sum += hash(h, &flags, sizeof(flags));
}

/* Not by libnftnl, whose parser refuses the numbering of its own builder. */
static void add_elems(const struct nlmsghdr *msg, int table, struct ruleset_digest *d)
{
	const struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1], *el;
	int i;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_SET_ELEM_LIST_MAX);
	i = ruleset_find_set(table, nl_attr_str(tb[NFTA_SET_ELEM_LIST_SET], ""));
	if (i < 0 || !tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		return;
	mnl_attr_for_each_nested(el, tb[NFTA_SET_ELEM_LIST_ELEMENTS])
	{
		add_elem(el, &d->set[i]);
	}
}

static int add_msg(const struct nlmsghdr *msg, void *ctx)
{
	switch (msg->nlmsg_type) {
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE:
		return add_rule(msg, table_of(msg), ctx);
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM:
		add_elems(msg, table_of(msg), ctx);
		break;
	}
	return 0;
}

int ruleset_digest_batch(const struct nft_batch *b, struct ruleset_digest *ret)
{
	memset(ret, 0, sizeof(*ret));
	return nft_batch_walk(b, add_msg, ret);
}

static int digest_rules(struct nl *nft, int table, struct ruleset_digest *d, struct err *e)
{
	struct nft_dump dump = { .type = NFT_MSG_GETRULE, .fn = add_msg, .ctx = d };

	return nft_dump(nft, &ruleset_where[table], &dump, e);
}

/* One set at a time, because the kernel has no dump of all elements of a table. */
static int digest_set(struct nl *nft, unsigned i, struct ruleset_digest *d, struct err *e)
{
	const struct ruleset_set *set = &ruleset_sets[i];
	struct nft_dump dump = {
		.type = NFT_MSG_GETSETELEM,
		.object = set->spec.name,
		.fn = add_msg,
		.ctx = d,
	};

	return nft_dump(nft, &ruleset_where[set->table], &dump, e);
}

static int digest_table(struct nl *nft, int table, struct ruleset_digest *ret, struct err *e)
{
	uint32_t flags = 0;
	int r = nft_table_get(nft, &ruleset_where[table], NULL, &flags, e);

	ret->asleep[table] = r < 0 || flags & NFT_TABLE_F_DORMANT;
	if (r == 0)
		r = digest_rules(nft, table, ret, e);
	for (unsigned i = 0; r == 0 && i < RULESET_SETS; i++) {
		if ((int)ruleset_sets[i].table != table)
			continue;
		r = digest_set(nft, i, ret, e);
		if (r == -ENOENT) {
			err_clear(e);
			r = 0;
		}
	}
	return r;
}

/*
 * Objects that are not there have the digest 0, as empty ones have: a set can
 * only be missing when the rules that look into it are, and these are in
 * theirs.
 */
int ruleset_digest_kernel(struct nl *nft, struct ruleset_digest *ret, struct err *e)
{
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	for (int t = 0; r == 0 && t < RULESET_TABLES; t++) {
		r = digest_table(nft, t, ret, e);
		if (r == -ENOENT) {
			err_clear(e);
			r = 0;
		}
	}
	return r;
}

bool ruleset_digest_match(const struct ruleset_digest *want, const struct ruleset_digest *have)
{
	for (size_t i = 0; i < RULESET_CHAINS; i++)
		if ((want->guard || ruleset_chains[i].table != RULESET_BRIDGE) &&
		    want->chain[i] != have->chain[i])
			return false;
	return !memcmp(want->set, have->set, sizeof(want->set)) && !have->asleep[RULESET_INET] &&
	       (!want->guard || !have->asleep[RULESET_BRIDGE]);
}
