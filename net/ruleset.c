// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bringing tables inet ctnet and bridge ctnet into the kernel and out of it.
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

/* Which objects of ours are in the tables. */
struct present {
	bool chain[RULESET_CHAINS], set[RULESET_SETS], user;
	struct {
		uint32_t n, use;
		bool there;
	} table[RULESET_TABLES];
	uint32_t user_rules;
};

/* A dump of one table's objects. */
struct find {
	struct present *p;
	enum ruleset_table table;
};

static bool wants_guard(const struct ruleset_spec *s)
{
	bool guard = false;

	for (size_t i = 0; i < s->n_nets && !guard; i++)
		guard = s->nets[i].guard && !s->nets[i].ptp;
	for (size_t i = 0; i < s->n_links && !guard; i++)
		guard = !s->links[i].net->ptp;
	return guard;
}

/* Everything, in a batch that is never sent but compared with. */
static int wanted(const struct ruleset_spec *s, struct ruleset_digest *ret, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	unsigned i;
	int r;

	ruleset_put_rules(b, wants_guard(s), s->refuse);
	for (i = 0; i < RULESET_SETS; i++)
		ruleset_put_elems(b, i, s);
	r = nft_batch_error(b);
	if (r == 0)
		r = ruleset_digest_batch(b, ret);
	if (r == 0)
		ret->guard = wants_guard(s);
	return r < 0 ? err_sys(e, r, "build the firewall rules") : 0;
}

static int on_chain(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_CHAIN_NAME + 1];
	struct find *f = ctx;
	const char *name;
	bool user;
	int i;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_NAME);
	name = nl_attr_str(tb[NFTA_CHAIN_NAME], "");
	i = ruleset_find_chain(f->table, name);
	user = f->table == RULESET_INET && !strcmp(name, ruleset_user.name);
	if (i >= 0)
		f->p->chain[i] = true;
	f->p->user |= user;
	f->p->table[f->table].n += i >= 0 || user;
	return 0;
}

static int on_set(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_SET_NAME + 1];
	struct find *f = ctx;
	int i;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_SET_NAME);
	i = ruleset_find_set(f->table, nl_attr_str(tb[NFTA_SET_NAME], ""));
	if (i >= 0)
		f->p->set[i] = true;
	f->p->table[f->table].n += i >= 0;
	return 0;
}

static int on_user_rule(const struct nlmsghdr *msg, void *ctx)
{
	((struct present *)ctx)->user_rules++;
	return 0;
}

static int find_in(struct nl *nft, enum ruleset_table t, struct present *ret, struct err *e)
{
	struct find f = { ret, t };
	struct nft_dump chains = { .type = NFT_MSG_GETCHAIN, .fn = on_chain, .ctx = &f };
	struct nft_dump sets = { .type = NFT_MSG_GETSET, .fn = on_set, .ctx = &f };
	int r = nft_table_get(nft, &ruleset_where[t], &ret->table[t].use, NULL, e);

	if (r == -ENOENT) {
		err_clear(e);
		return 0;
	}
	if (r == 0)
		r = nft_dump(nft, &ruleset_where[t], &chains, e);
	if (r == 0)
		r = nft_dump(nft, &ruleset_where[t], &sets, e);
	ret->table[t].there = r == 0;
	return r;
}

static int find_present(struct nl *nft, struct present *ret, struct err *e)
{
	struct nft_dump rules = {
		.type = NFT_MSG_GETRULE, .object = ruleset_user.name, .fn = on_user_rule, .ctx = ret
	};
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	for (int t = 0; t < RULESET_TABLES && r == 0; t++)
		r = find_in(nft, t, ret, e);
	if (r == 0 && ret->user)
		r = nft_dump(nft, &ruleset_where[RULESET_INET], &rules, e);
	return r;
}

/* Our own objects of a table; flushed first, since rules hold on to chains and sets. */
static void put_removal(struct nft_batch *b, const struct present *p, enum ruleset_table t)
{
	const struct nft_where *w = &ruleset_where[t];
	size_t i;

	for (i = 0; i < RULESET_CHAINS; i++)
		if (p->chain[i] && ruleset_chains[i].table == t)
			nft_chain_flush(b, w, ruleset_chains[i].spec.name);
	for (i = 0; i < RULESET_CHAINS; i++)
		if (p->chain[i] && ruleset_chains[i].table == t)
			nft_chain_del(b, w, ruleset_chains[i].spec.name);
	for (i = 0; i < RULESET_SETS; i++)
		if (p->set[i] && ruleset_sets[i].table == t)
			nft_set_del(b, w, ruleset_sets[i].spec.name);
}

/* The table, when there is nothing in it but what we made; else only that. */
static void put_unload(struct nft_batch *b, const struct present *p, enum ruleset_table t)
{
	if (p->table[t].there && p->table[t].use == p->table[t].n &&
	    (t != RULESET_INET || !p->user_rules))
		nft_table_del(b, &ruleset_where[t]);
	else
		put_removal(b, p, t);
}

struct load {
	const struct ruleset_spec *spec;
	struct ruleset_digest wanted;
};

/* have: the sets whose digest is the wanted one stay as they are; NULL: none does. */
static void put_everything(struct nft_batch *b, const struct load *l,
			   const struct ruleset_digest *have)
{
	bool guard = l->wanted.guard;
	unsigned i;

	ruleset_put_frame(b, guard);
	for (i = 0; i < RULESET_CHAINS; i++)
		if (ruleset_chains[i].table != RULESET_BRIDGE || guard)
			nft_chain_flush(b, &ruleset_where[ruleset_chains[i].table],
					ruleset_chains[i].spec.name);
	ruleset_put_rules(b, guard, l->spec->refuse);
	for (i = 0; i < RULESET_SETS; i++) {
		const struct ruleset_set *set = &ruleset_sets[i];

		if ((have && have->set[i] == l->wanted.set[i]) ||
		    (set->table == RULESET_BRIDGE && !guard))
			continue;
		nft_set_flush(b, &ruleset_where[set->table], set->spec.name);
		ruleset_put_elems(b, i, l->spec);
	}
}

static int load_once(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct ruleset_digest have;
	struct present p = { 0 };
	uint32_t genid;
	int r;

	r = nft_generation(nft, &genid, e);
	if (r == 0)
		r = ruleset_digest_kernel(nft, &have, e);
	/* a guard that nobody wants any more costs every bridged frame something */
	if (r == 0 && !l->wanted.guard && !have.asleep[RULESET_BRIDGE])
		r = find_in(nft, RULESET_BRIDGE, &p, e);
	if (r < 0)
		return r;
	put_unload(b, &p, RULESET_BRIDGE);
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
	for (int t = 0; t < RULESET_TABLES; t++)
		put_removal(b, &present, t);
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
 * nft -f: everything may be empty. What has one of our names but another shape,
 * as an older version may have left it, is replaced. Nothing is changed by a
 * failure.
 */
int ruleset_load(struct nl *nft, const struct ruleset_spec *s, struct err *e)
{
	struct load l = { .spec = s };
	int r = wanted(s, &l.wanted, e);

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
	if (is_other_shape(r) && l.wanted.guard)
		err_hint(e, "without nf_tables for bridges, create networks with --no-spoof-guard");
	return r < 0 ? err_wrap(e, r, "load the firewall rules") : 0;
}

/*
 * The ports of a guarded network have their elements one by one, and it has
 * none; but the table is needed from now on. A chain that is there can be
 * added again, unless there is no table for it.
 */
static void need_guard(struct nft_batch *b)
{
	int i = ruleset_find_chain(RULESET_BRIDGE, "guard_arp");

	nft_chain_add(b, &ruleset_where[RULESET_BRIDGE], &ruleset_chains[i].spec);
}

/*
 * nft add element inet ctnet ...; -ENOENT: the tables are not (wholly) there. A
 * network whose options changed keeps elements it no longer has: ruleset_load.
 */
int ruleset_add(struct nl *nft, const struct ruleset_spec *s, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	unsigned i;
	int r;

	if (s->n_nets && wants_guard(s))
		need_guard(b);
	for (i = 0; i < RULESET_SETS; i++)
		ruleset_put_elems(b, i, s);
	r = nft_commit(nft, b, 0, e);
	return r < 0 ? err_wrap(e, r, "add to the firewall") : 0;
}

/* nft delete element inet ctnet ...; for networks, success when no table is there. */
int ruleset_del(struct nl *nft, const struct ruleset_spec *s, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct ruleset_spec others = *s;
	unsigned i;
	int r;

	others.n_nets = 0;
	ruleset_drop_net_elems(b, s);
	for (i = 0; i < RULESET_SETS; i++)
		ruleset_del_elems(b, i, &others);
	r = nft_commit(nft, b, 0, e);
	if (r == -ENOENT && !s->n_links && !s->n_ports) {
		err_clear(e);
		return 0;
	}
	return r < 0 ? err_wrap(e, r, "remove from the firewall") : 0;
}

int ruleset_intact(struct nl *nft, const struct ruleset_spec *s, struct err *e)
{
	struct ruleset_digest want, have;
	int r = wanted(s, &want, e);

	if (r == 0)
		r = ruleset_digest_kernel(nft, &have, e);
	if (r < 0)
		return err_wrap(e, r, "check the firewall rules");
	return ruleset_digest_match(&want, &have);
}

static int unload_once(struct nl *nft, const struct load *l, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct present p = { 0 };
	uint32_t genid;
	int r;

	r = nft_generation(nft, &genid, e);
	if (r == 0)
		r = find_present(nft, &p, e);
	if (r < 0)
		return r;
	for (int t = 0; t < RULESET_TABLES; t++)
		put_unload(b, &p, t);
	return nft_commit(nft, b, genid, e);
}

/*
 * nft delete table inet ctnet, and bridge ctnet, when there is nothing in them
 * but what we made; else only that, and the administrator's chains, sets and
 * rules remain. Absent tables are success; -EBUSY when rules of his look into
 * our sets.
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
