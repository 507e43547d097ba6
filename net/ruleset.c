// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bringing table inet ctnet into the kernel and out of it.
 *
 * A load reads what is there, then sends one transaction that holds only for
 * the generation read: whoever else changes rules meanwhile makes it start
 * over instead of being overwritten unseen. Chains are always rewritten, which
 * the kernel does in one step. Sets are refilled only where they differ,
 * because kernels before 6.17 can miss an element in the middle of a commit
 * that removes and adds it.
 */
#include "net/ruleset.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/base/err.h"
#include "net/nft.h"
#include "net/ruleset_def.h"
#include "net/ruleset_digest.h"

/* Another program that reloads its own rules takes a few generations, not many. */
#define TRIES 16

/* Which objects of ours are in the table. */
struct present {
	bool chain[RULESET_CHAINS], set[RULESET_SETS], user;
	uint32_t n, user_rules;
};

/* Everything, in a batch that is never sent but compared with. */
static int wanted(const struct ruleset_net *nets, size_t n, unsigned refuse,
		  struct ruleset_digest *ret, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	unsigned i;
	int r;

	ruleset_put_rules(b, refuse);
	for (i = 0; i < RULESET_SETS; i++)
		ruleset_put_elems(b, i, nets, n);
	r = nft_batch_error(b);
	if (r == 0)
		r = ruleset_digest_batch(b, ret);
	return r < 0 ? err_sys(e, r, "build the firewall rules") : 0;
}

static int on_chain(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_CHAIN_NAME + 1];
	struct present *p = ctx;
	const char *name;
	int i;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_NAME);
	name = nl_attr_str(tb[NFTA_CHAIN_NAME], "");
	i = ruleset_find_chain(name);
	if (i >= 0)
		p->chain[i] = true;
	if (strcmp(name, ruleset_user.name) == 0)
		p->user = true;
	p->n += i >= 0 || strcmp(name, ruleset_user.name) == 0;
	return 0;
}

static int on_set(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_SET_NAME + 1];
	struct present *p = ctx;
	int i;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_SET_NAME);
	i = ruleset_find_set(nl_attr_str(tb[NFTA_SET_NAME], ""));
	if (i >= 0)
		p->set[i] = true;
	p->n += i >= 0;
	return 0;
}

static int on_user_rule(const struct nlmsghdr *msg, void *ctx)
{
	((struct present *)ctx)->user_rules++;
	return 0;
}

static int find_present(struct nl *nft, struct present *ret, struct err *e)
{
	struct nft_dump chains = { .type = NFT_MSG_GETCHAIN, .fn = on_chain, .ctx = ret };
	struct nft_dump sets = { .type = NFT_MSG_GETSET, .fn = on_set, .ctx = ret };
	struct nft_dump rules = {
		.type = NFT_MSG_GETRULE, .object = ruleset_user.name, .fn = on_user_rule, .ctx = ret
	};
	int r;

	memset(ret, 0, sizeof(*ret));
	r = nft_dump(nft, &ruleset_where, &chains, e);
	if (r == 0)
		r = nft_dump(nft, &ruleset_where, &sets, e);
	if (r == 0 && ret->user)
		r = nft_dump(nft, &ruleset_where, &rules, e);
	return r;
}

/* Our own objects; flushed first, since rules hold on to chains and sets. */
static void put_removal(struct nft_batch *b, const struct present *p)
{
	size_t i;

	for (i = 0; i < RULESET_CHAINS; i++)
		if (p->chain[i])
			nft_chain_flush(b, &ruleset_where, ruleset_chains[i].name);
	for (i = 0; i < RULESET_CHAINS; i++)
		if (p->chain[i])
			nft_chain_del(b, &ruleset_where, ruleset_chains[i].name);
	for (i = 0; i < RULESET_SETS; i++)
		if (p->set[i])
			nft_set_del(b, &ruleset_where, ruleset_sets[i].name);
}

struct load {
	const struct ruleset_net *nets;
	size_t n;
	unsigned refuse;
	struct ruleset_digest wanted;
};

/* have: the sets whose digest is the wanted one stay as they are; NULL: none does. */
static void put_everything(struct nft_batch *b, const struct load *l,
			   const struct ruleset_digest *have)
{
	unsigned i;

	ruleset_put_frame(b);
	for (i = 0; i < RULESET_CHAINS; i++)
		nft_chain_flush(b, &ruleset_where, ruleset_chains[i].name);
	ruleset_put_rules(b, l->refuse);
	for (i = 0; i < RULESET_SETS; i++) {
		if (have && have->set[i] == l->wanted.set[i])
			continue;
		nft_set_flush(b, &ruleset_where, ruleset_sets[i].name);
		ruleset_put_elems(b, i, l->nets, l->n);
	}
}

static int load_once(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct ruleset_digest have;
	uint32_t genid;
	int r;

	r = nft_generation(nft, &genid, e);
	if (r == 0)
		r = ruleset_digest_kernel(nft, &have, e);
	if (r < 0)
		return r;
	put_everything(b, l, &have);
	return nft_commit(nft, b, genid, e);
}

/* The same whatever is there: right for any generation, only not so gentle. */
static int load_blind(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();

	put_everything(b, l, NULL);
	return nft_commit(nft, b, 0, e);
}

static int rebuild_once(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct present present;
	uint32_t genid;
	int r;

	r = nft_generation(nft, &genid, e);
	if (r == 0)
		r = find_present(nft, &present, e);
	if (r < 0)
		return r;
	put_removal(b, &present);
	put_everything(b, l, NULL);
	return nft_commit(nft, b, genid, e);
}

/* Reads and writes again while the generation does not hold. */
static int retry(struct nl *nft, int (*once)(struct nl *, const struct load *, struct err *),
		 const struct load *l, struct err *e)
{
	unsigned i;
	int r = -ERESTART;

	for (i = 0; i < TRIES && r == -ERESTART; i++) {
		err_clear(e);
		r = once(nft, l, e);
	}
	if (r == -ERESTART)
		err_hint(e, "another program changes nftables rules all the time");
	if (r == -EBUSY)
		err_hint(e, "rules of your own look into ctnet's sets: nft list table inet ctnet");
	return r;
}

/* The kernel says so when a chain or set of that name is of another shape. */
static bool is_other_shape(int r)
{
	return r == -EEXIST || r == -EINVAL || r == -EOPNOTSUPP;
}

/*
 * nft -f: nets may be empty. What has one of our names but another shape, as an
 * older version may have left it, is replaced. Nothing is changed by a failure.
 */
int ruleset_load(struct nl *nft, const struct ruleset_net *nets, size_t n, unsigned refuse,
		 struct err *e)
{
	struct load l = { .nets = nets, .n = n, .refuse = refuse };
	int r = wanted(nets, n, refuse, &l.wanted, e);

	if (r == 0)
		r = retry(nft, load_once, &l, e);
	if (r == -ERESTART) {
		err_clear(e);
		r = load_blind(nft, &l, e);
	}
	if (is_other_shape(r)) {
		err_clear(e);
		r = retry(nft, rebuild_once, &l, e);
	}
	return r < 0 ? err_wrap(e, r, "load the firewall rules") : 0;
}

/*
 * nft add element inet ctnet ...; -ENOENT: the table is not (wholly) there. A
 * network whose options changed keeps elements it no longer has: ruleset_load.
 */
int ruleset_add_net(struct nl *nft, const struct ruleset_net *net, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	unsigned i;
	int r;

	for (i = 0; i < RULESET_SETS; i++)
		ruleset_put_elems(b, i, net, 1);
	r = nft_commit(nft, b, 0, e);
	return r < 0 ? err_wrap(e, r, "add %s to the firewall", net->ifname) : 0;
}

/* nft delete element inet ctnet ...; success when none of it, or no table, is there. */
int ruleset_del_net(struct nl *nft, const struct ruleset_net *net, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	int r;

	ruleset_drop_elems(b, net);
	r = nft_commit(nft, b, 0, e);
	if (r == -ENOENT) {
		err_clear(e);
		return 0;
	}
	return r < 0 ? err_wrap(e, r, "remove %s from the firewall", net->ifname) : 0;
}

int ruleset_intact(struct nl *nft, const struct ruleset_net *nets, size_t n, unsigned refuse,
		   struct err *e)
{
	struct ruleset_digest want, have;
	int r = wanted(nets, n, refuse, &want, e);

	if (r == 0)
		r = ruleset_digest_kernel(nft, &have, e);
	if (r < 0)
		return err_wrap(e, r, "check the firewall rules");
	return ruleset_digest_equal(&want, &have);
}

static int unload_once(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	uint32_t genid, use = 0;
	struct present p = { 0 };
	int r;

	r = nft_generation(nft, &genid, e);
	if (r == 0)
		r = nft_table_get(nft, &ruleset_where, &use, NULL, e);
	if (r == 0)
		r = find_present(nft, &p, e);
	if (r < 0)
		return r;
	if (use == p.n && !p.user_rules)
		nft_table_del(b, &ruleset_where);
	else
		put_removal(b, &p);
	return nft_commit(nft, b, genid, e);
}

/*
 * nft delete table inet ctnet, when there is nothing in it but what we made;
 * else only that, and the administrator's chains, sets and rules remain. The
 * absent table is success; -EBUSY when rules of his look into our sets.
 */
int ruleset_unload(struct nl *nft, struct err *e)
{
	int r = retry(nft, unload_once, NULL, e);

	if (r == -ENOENT) {
		err_clear(e);
		return 0;
	}
	return r < 0 ? err_wrap(e, r, "remove the firewall rules") : 0;
}
