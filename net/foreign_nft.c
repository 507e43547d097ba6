/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables: all chains and rules are read once, and a rule is interpreted for
 * a packet as the kernel would, over registers of which some hold nothing that
 * is known. What an unknown expression leaves behind is unknown, and a rule
 * that comes to compare it is passed over. libnftnl is not needed: a handful
 * of expressions, read from the attributes (linux/netfilter/nf_tables.h).
 */
#include "net/foreign.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/x_tables.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/nl.h"

#define JUMPS_MAX 16
#define STEPS_MAX 100000
#define NAME_LEN  128 /* NFT_NAME_MAXLEN is 256, but nobody reads that */

struct chain {
	uint8_t family;
	char table[NAME_LEN], name[NAME_LEN];
	bool base;
	uint32_t hook, policy;
	size_t first, n; /* its rules */
};

struct foreign_nft {
	struct chain *chains;
	struct nlmsghdr **rules; /* copies, in the kernel's order: chain by chain */
	size_t n_chains, n_rules;
};

void foreign_nft_free(struct foreign_nft *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_rules; i++)
		free(f->rules[i]);
	free(f->rules);
	free(f->chains);
	free(f);
}

/* ---- reading ---------------------------------------------------------- */

static bool is_ours(uint8_t family, const char *table)
{
	return (family == NFPROTO_INET || family == NFPROTO_BRIDGE) && !strcmp(table, "ctnet");
}

static int grow(void **v, size_t n, size_t size)
{
	void *more;

	/* at every power of two */
	if (n & (n - 1))
		return 0;
	more = realloc(*v, (n ? 2 * n : 1) * size);
	if (!more)
		return -ENOMEM;
	*v = more;
	return 0;
}

static int on_chain(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
	const struct nfgenmsg *nfg = nl_msg_extra(msg, sizeof(*nfg));
	struct foreign_nft *f = ctx;
	struct chain c = { 0 };
	int r;

	if (!nfg)
		return 0;
	nl_parse(msg, sizeof(*nfg), tb, NFTA_CHAIN_MAX);
	c.family = nfg->nfgen_family;
	if (str_fmt(c.table, sizeof(c.table), "%s", nl_attr_str(tb[NFTA_CHAIN_TABLE], "")) < 0 ||
	    str_fmt(c.name, sizeof(c.name), "%s", nl_attr_str(tb[NFTA_CHAIN_NAME], "")) < 0 ||
	    is_ours(c.family, c.table))
		return 0;
	c.base = tb[NFTA_CHAIN_HOOK];
	if (c.base) {
		nl_parse_nested(tb[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX);
		c.hook = ntohl(nl_attr_u32(hook[NFTA_HOOK_HOOKNUM], 0));
		c.policy = ntohl(nl_attr_u32(tb[NFTA_CHAIN_POLICY], htonl(NF_ACCEPT)));
	}
	r = grow((void **)&f->chains, f->n_chains, sizeof(c));
	if (r >= 0)
		f->chains[f->n_chains++] = c;
	return r;
}

static struct chain *find_chain(const struct foreign_nft *f, uint8_t family, const char *table,
				const char *name)
{
	for (size_t i = 0; i < f->n_chains; i++)
		if (f->chains[i].family == family && !strcmp(f->chains[i].table, table) &&
		    !strcmp(f->chains[i].name, name))
			return &f->chains[i];
	return NULL;
}

static int on_rule(const struct nlmsghdr *msg, void *ctx)
{
	const struct nfgenmsg *nfg = nl_msg_extra(msg, sizeof(*nfg));
	const struct nlattr *tb[NFTA_RULE_MAX + 1];
	struct foreign_nft *f = ctx;
	struct chain *c;
	int r;

	if (!nfg)
		return 0;
	nl_parse(msg, sizeof(*nfg), tb, NFTA_RULE_MAX);
	c = find_chain(f, nfg->nfgen_family, nl_attr_str(tb[NFTA_RULE_TABLE], ""),
		       nl_attr_str(tb[NFTA_RULE_CHAIN], ""));
	if (!c)
		return 0; /* ours, or made since the chains were read */
	r = grow((void **)&f->rules, f->n_rules, sizeof(*f->rules));
	if (r < 0)
		return r;
	f->rules[f->n_rules] = malloc(msg->nlmsg_len);
	if (!f->rules[f->n_rules])
		return -ENOMEM;
	memcpy(f->rules[f->n_rules], msg, msg->nlmsg_len);
	if (!c->n++)
		c->first = f->n_rules;
	f->n_rules++;
	return 0;
}

/* nft list chains, and the rules of all of them */
static int dump(struct nl *nft, uint16_t type, nl_reply_fn *fn, void *ctx, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct nfgenmsg *nfg;

	nl_req_init(&q);
	nfg = nl_msg(&q, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_DUMP, sizeof(*nfg),
		     "read the nftables ruleset");
	nfg->nfgen_family = NFPROTO_UNSPEC;
	nfg->version = NFNETLINK_V0;
	return nl_dump(nft, &q, fn, ctx, e);
}

int foreign_nft_read(struct nl *nft, struct foreign_nft **ret, struct err *e)
{
	struct foreign_nft *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_sys(e, ENOMEM, "read the nftables ruleset");
	r = dump(nft, NFT_MSG_GETCHAIN, on_chain, f, e);
	if (r >= 0)
		r = dump(nft, NFT_MSG_GETRULE, on_rule, f, e);
	if (r < 0) {
		foreign_nft_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

/* ---- one rule ----------------------------------------------------------- */

#define VERDICT_NONE NFT_CONTINUE

struct machine {
	const struct foreign_packet *p;
	struct reg {
		bool known;
		uint8_t b[16];
	} regs[NFT_REG32_15 + 1];
	enum foreign_match match;
	int verdict; /* NF_*, NFT_* */
	char chain[NAME_LEN]; /* of a jump */
};

/* NFT_REG_VERDICT, which nobody loads or compares, for one that does not exist. */
static struct reg *reg_of(struct machine *m, const struct nlattr *a)
{
	uint32_t n = ntohl(nl_attr_u32(a, 0));

	return &m->regs[n < ARRAY_SIZE(m->regs) ? n : NFT_REG_VERDICT];
}

/* The value of an NFTA_DATA_VALUE; its length, 0 when there is none. */
static size_t data_value(const struct nlattr *data, const void **ret)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1];

	if (!data)
		return 0;
	nl_parse_nested(data, tb, NFTA_DATA_MAX);
	if (!tb[NFTA_DATA_VALUE])
		return 0;
	*ret = mnl_attr_get_payload(tb[NFTA_DATA_VALUE]);
	return mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]);
}

static void load(struct reg *r, const void *value, size_t len)
{
	memset(r->b, 0, sizeof(r->b));
	r->known = value && len <= sizeof(r->b);
	if (r->known)
		memcpy(r->b, value, len);
}

static void load_name(struct reg *r, const char *name)
{
	load(r, name[0] ? name : NULL, strnlen(name, 15));
}

static void do_meta(struct machine *m, const struct nlattr **tb)
{
	struct reg *r = reg_of(m, tb[NFTA_META_DREG]);

	switch (ntohl(nl_attr_u32(tb[NFTA_META_KEY], htonl(UINT32_MAX)))) {
	case NFT_META_IIFNAME:
		load_name(r, m->p->in);
		break;
	case NFT_META_OIFNAME:
		load_name(r, m->p->out);
		break;
	case NFT_META_L4PROTO:
		load(r, m->p->proto ? &m->p->proto : NULL, 1);
		break;
	case NFT_META_NFPROTO:
		load(r, &m->p->family, 1);
		break;
	default:
		load(r, NULL, 0);
	}
}

static void do_payload(struct machine *m, const struct nlattr **tb)
{
	uint32_t base = ntohl(nl_attr_u32(tb[NFTA_PAYLOAD_BASE], 0));
	uint32_t offset = ntohl(nl_attr_u32(tb[NFTA_PAYLOAD_OFFSET], 0));
	uint32_t len = ntohl(nl_attr_u32(tb[NFTA_PAYLOAD_LEN], 0));
	uint32_t proto_at = m->p->family == NFPROTO_IPV4 ? 9 : 6;
	struct reg *r = reg_of(m, tb[NFTA_PAYLOAD_DREG]);
	uint16_t dport = htons(m->p->dport);

	if (base == NFT_PAYLOAD_TRANSPORT_HEADER && offset == 2 && len == 2 && dport)
		load(r, &dport, sizeof(dport));
	else if (base == NFT_PAYLOAD_NETWORK_HEADER && offset == proto_at && len == 1 &&
		 m->p->proto && m->p->family != NFPROTO_BRIDGE)
		load(r, &m->p->proto, 1);
	else
		load(r, NULL, 0);
}

/* The packet is the first of its connection. */
static void do_ct(struct machine *m, const struct nlattr **tb)
{
	uint32_t state = NF_CT_STATE_BIT(IP_CT_NEW);
	bool known = ntohl(nl_attr_u32(tb[NFTA_CT_KEY], htonl(UINT32_MAX))) == NFT_CT_STATE;

	load(reg_of(m, tb[NFTA_CT_DREG]), known ? &state : NULL, sizeof(state));
}

static void do_bitwise(struct machine *m, const struct nlattr **tb)
{
	const struct reg *from = reg_of(m, tb[NFTA_BITWISE_SREG]);
	struct reg *to = reg_of(m, tb[NFTA_BITWISE_DREG]);
	const uint8_t *mask = NULL, *flip = NULL;
	const void *mem = NULL;
	size_t n = data_value(tb[NFTA_BITWISE_MASK], &mem);
	uint8_t out[16];

	mask = n ? mem : NULL;
	if (data_value(tb[NFTA_BITWISE_XOR], &mem) == n && n)
		flip = mem;
	if (!from->known || !mask || !flip || n > sizeof(out)) {
		load(to, NULL, 0);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((from->b[i] & mask[i]) ^ flip[i]);
	load(to, out, n);
}

static void do_cmp(struct machine *m, const struct nlattr **tb)
{
	const struct reg *r = reg_of(m, tb[NFTA_CMP_SREG]);
	uint32_t op = ntohl(nl_attr_u32(tb[NFTA_CMP_OP], htonl(UINT32_MAX)));
	const void *want = NULL;
	size_t n = data_value(tb[NFTA_CMP_DATA], &want);
	bool same;

	if (!r->known || !n || n > sizeof(r->b) || op > NFT_CMP_NEQ) {
		m->match = FOREIGN_UNKNOWN;
		return;
	}
	same = memcmp(r->b, want, n) == 0;
	if (same != (op == NFT_CMP_EQ))
		m->match = FOREIGN_NO;
}

static void do_immediate(struct machine *m, const struct nlattr **tb)
{
	const struct nlattr *data[NFTA_DATA_MAX + 1], *v[NFTA_VERDICT_MAX + 1];
	const void *mem = NULL;
	size_t n = data_value(tb[NFTA_IMMEDIATE_DATA], &mem);

	load(reg_of(m, tb[NFTA_IMMEDIATE_DREG]), n ? mem : NULL, n);
	if (!tb[NFTA_IMMEDIATE_DATA])
		return;
	nl_parse_nested(tb[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX);
	if (!data[NFTA_DATA_VERDICT])
		return;
	nl_parse_nested(data[NFTA_DATA_VERDICT], v, NFTA_VERDICT_MAX);
	m->verdict = (int)ntohl(nl_attr_u32(v[NFTA_VERDICT_CODE], htonl((uint32_t)NF_ACCEPT)));
	if (str_fmt(m->chain, sizeof(m->chain), "%s", nl_attr_str(v[NFTA_VERDICT_CHAIN], "")) < 0)
		m->match = FOREIGN_UNKNOWN;
}

static void do_reject(struct machine *m, const struct nlattr **tb)
{
	(void)tb;
	m->verdict = NF_DROP;
}

/* of xtables, in tables that iptables-nft made */
static void do_match(struct machine *m, const struct nlattr **tb)
{
	const struct nlattr *info = tb[NFTA_MATCH_INFO];
	enum foreign_match one = foreign_xt_match(nl_attr_str(tb[NFTA_MATCH_NAME], ""),
						  info ? mnl_attr_get_payload(info) : NULL,
						  info ? mnl_attr_get_payload_len(info) : 0, m->p);

	if (one != FOREIGN_YES)
		m->match = one;
}

static void do_target(struct machine *m, const struct nlattr **tb)
{
	if (foreign_xt_target(nl_attr_str(tb[NFTA_TARGET_NAME], "")) == NF_DROP)
		m->verdict = NF_DROP;
}

/* no condition, no verdict */
static void do_nothing(struct machine *m, const struct nlattr **tb)
{
	(void)m;
	(void)tb;
}

/* A condition nobody here can judge, or a verdict out of a map. */
static void do_unknown(struct machine *m, const struct nlattr **tb)
{
	(void)tb;
	m->match = FOREIGN_UNKNOWN;
}

#define EXPR_ATTRS 16

static const struct {
	const char *name;
	void (*run)(struct machine *m, const struct nlattr **tb);
} exprs[] = {
	{ "meta", do_meta },	   { "payload", do_payload }, { "ct", do_ct },
	{ "bitwise", do_bitwise }, { "cmp", do_cmp },	      { "immediate", do_immediate },
	{ "reject", do_reject },   { "match", do_match },     { "target", do_target },
	{ "counter", do_nothing }, { "log", do_nothing },     { "notrack", do_nothing },
};

static void run_expr(struct machine *m, const struct nlattr *elem)
{
	const struct nlattr *tb[NFTA_EXPR_MAX + 1], *data[EXPR_ATTRS + 1] = { NULL };
	const char *name;

	nl_parse_nested(elem, tb, NFTA_EXPR_MAX);
	name = nl_attr_str(tb[NFTA_EXPR_NAME], "");
	if (tb[NFTA_EXPR_DATA])
		nl_parse_nested(tb[NFTA_EXPR_DATA], data, EXPR_ATTRS);
	for (size_t i = 0; i < ARRAY_SIZE(exprs); i++)
		if (!strcmp(exprs[i].name, name)) {
			exprs[i].run(m, data);
			return;
		}
	do_unknown(m, data);
}

/* What the rule does with the packet: a verdict, or VERDICT_NONE. */
static int run_rule(struct machine *m, const struct nlmsghdr *msg)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1], *elem;

	memset(m->regs, 0, sizeof(m->regs));
	m->match = FOREIGN_YES;
	m->verdict = VERDICT_NONE;
	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX);
	if (!tb[NFTA_RULE_EXPRESSIONS])
		return VERDICT_NONE;
	mnl_attr_for_each_nested(elem, tb[NFTA_RULE_EXPRESSIONS])
	{
		run_expr(m, elem);
		if (m->match != FOREIGN_YES)
			return VERDICT_NONE;
		if (m->verdict != VERDICT_NONE)
			return m->verdict;
	}
	return VERDICT_NONE;
}

/* ---- chains --------------------------------------------------------------- */

struct walk {
	const struct foreign_nft *f;
	struct machine m;
	unsigned depth, steps;
};

/* NF_ACCEPT, NF_DROP, or VERDICT_NONE at its end. */
// NOLINTNEXTLINE(misc-no-recursion): no deeper than the kernel lets chains jump
static int walk_chain(struct walk *w, const struct chain *c)
{
	if (!c || w->depth > JUMPS_MAX)
		return VERDICT_NONE;
	for (size_t i = c->first; i < c->first + c->n && w->steps < STEPS_MAX; i++, w->steps++) {
		int inner, r = run_rule(&w->m, w->f->rules[i]);

		if (r == NFT_RETURN)
			return VERDICT_NONE;
		if (r == VERDICT_NONE || r == NFT_BREAK)
			continue;
		if (r != NFT_JUMP && r != NFT_GOTO)
			return r == NF_DROP ? NF_DROP : NF_ACCEPT;
		w->depth++;
		inner = walk_chain(w, find_chain(w->f, c->family, c->table, w->m.chain));
		w->depth--;
		if (inner != VERDICT_NONE || r == NFT_GOTO)
			return inner;
	}
	return VERDICT_NONE;
}

/* Tables of a family that see such a packet. */
static bool sees(uint8_t family, uint8_t packet)
{
	return family == packet || (family == NFPROTO_INET && packet != NFPROTO_BRIDGE);
}

/* iptables-nft names its base chains in capitals, as iptables always did. */
static enum foreign_tool tool_of(const struct chain *c)
{
	if (!strcmp(c->table, "firewalld"))
		return FOREIGN_FIREWALLD;
	if ((c->family == NFPROTO_IPV4 || c->family == NFPROTO_IPV6) &&
	    (!strcmp(c->name, "FORWARD") || !strcmp(c->name, "INPUT")))
		return FOREIGN_IPTABLES_NFT;
	return FOREIGN_NFT;
}

int foreign_nft_drops(const struct foreign_nft *f, const struct foreign_packet *p, foreign_fn *fn,
		      void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < f->n_chains && r >= 0; i++) {
		const struct chain *c = &f->chains[i];
		struct walk w = { .f = f, .m = { .p = p } };
		int verdict;

		if (!c->base || c->hook != p->hook || !sees(c->family, p->family))
			continue;
		verdict = walk_chain(&w, c);
		if (verdict == VERDICT_NONE)
			verdict = (int)c->policy;
		if (verdict != NF_DROP)
			continue;
		r = fn(&(struct foreign_chain){ .tool = tool_of(c),
						.family = c->family,
						.table = c->table,
						.chain = c->name,
						.docker_user = find_chain(f, c->family, c->table,
									  "DOCKER-USER") },
		       ctx);
	}
	return r < 0 ? r : 0;
}
