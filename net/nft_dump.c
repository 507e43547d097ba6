// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a table back. The kernel filters rules by table and chain and
 * elements by set, but chains and sets only by family, so the table is
 * compared here for all.
 */
#include "net/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/base/err.h"
#include "net/nl.h"

/* One number in every kind of message, so that one filter serves them all. */
_Static_assert(NFTA_RULE_TABLE == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_SET_TABLE == 1 &&
		       NFTA_SET_ELEM_LIST_TABLE == 1,
	       "the table is attribute 1");
_Static_assert(NFTA_RULE_CHAIN == 2 && NFTA_SET_ELEM_LIST_SET == 2, "the object is attribute 2");

struct filter {
	const struct nft_where *w;
	const struct nft_dump *d;
};

static int on_object(const struct nlmsghdr *msg, void *ctx)
{
	const struct filter *f = ctx;
	const struct nlattr *tb[NFTA_RULE_TABLE + 1];

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_RULE_TABLE);
	if (strcmp(nl_attr_str(tb[NFTA_RULE_TABLE], ""), f->w->table) != 0)
		return 0;
	return f->d->fn(msg, f->d->ctx);
}

/*
 * nft list: d->fn gets each object of the table as the kernel's message.
 * -ENOENT when the set of NFT_MSG_GETSETELEM (or its table) is not there; a
 * missing table has no chains, rules and sets, and is no error.
 */
int nft_dump(struct nl *nl, const struct nft_where *w, const struct nft_dump *d, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct filter f = { .w = w, .d = d };
	struct nfgenmsg *nfg;
	int r;

	nl_req_init(&q);
	nfg = nl_msg(&q, NFNL_SUBSYS_NFTABLES << 8 | d->type, NLM_F_DUMP, sizeof(*nfg),
		     "read nftables table %s", w->table);
	nfg->nfgen_family = w->family;
	nfg->version = NFNETLINK_V0;
	nl_put_str(&q, NFTA_RULE_TABLE, w->table);
	if (d->object)
		nl_put_str(&q, NFTA_RULE_CHAIN, d->object);
	r = nl_dump(nl, &q, on_object, &f, e);
	/* what d->fn refuses it cannot explain */
	return r < 0 && e && !e->num ? err_sys(e, r, "read nftables table %s", w->table) : r;
}

struct table_info {
	uint32_t use, flags;
};

static int on_table(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_TABLE_MAX + 1];
	struct table_info *t = ctx;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_TABLE_MAX);
	t->use = ntohl(nl_attr_u32(tb[NFTA_TABLE_USE], 0));
	t->flags = ntohl(nl_attr_u32(tb[NFTA_TABLE_FLAGS], 0));
	return 0;
}

/* nft list table, its first line: how many chains, sets, maps and objects it holds. */
int nft_table_get(struct nl *nl, const struct nft_where *w, uint32_t *ret_use, uint32_t *ret_flags,
		  struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct table_info t = { 0 };
	struct nfgenmsg *nfg;
	int r;

	nl_req_init(&q);
	nfg = nl_msg(&q, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, sizeof(*nfg),
		     "read nftables table %s", w->table);
	nfg->nfgen_family = w->family;
	nfg->version = NFNETLINK_V0;
	nl_put_str(&q, NFTA_TABLE_NAME, w->table);
	r = nl_run(nl, &q, on_table, &t, e);
	if (r < 0)
		return r;
	if (ret_use)
		*ret_use = t.use;
	if (ret_flags)
		*ret_flags = t.flags;
	return 0;
}
