// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation.
 *
 * Every interface that stands for a network is in one link group, so a packet
 * that concerns no network is known without a lookup and leaves after one
 * comparison. What a network may do is said by its elements in sets of
 * interface names, and a set can only allow: where a lookup finds nothing,
 * because the set was flushed by somebody or is being refilled by a commit at
 * this moment, the packet is dropped. (The one exception is no_icc, which is
 * needed only where a network is both open and without icc.)
 *
 * A forwarded packet meets, in this order: the administrator's chain; what
 * belongs to a connection; members of one network among each other (bridged
 * frames come here too where br_netfilter is on, with the bridge as both
 * interfaces, and must not be judged by connection tracking, which may have
 * seen one direction only); what connection tracking cannot place and NAT
 * therefore would let out with an inside address; networks with no way out;
 * published ports; networks open to others; and everything that would enter a
 * network all the same, such as the packets of a neighbour who routes to it.
 * What is left comes from a network and goes out.
 *
 * An accept here is final for this table only; other tables still decide.
 */
#include "net/ruleset_def.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include "core/base/cleanup.h"
#include "core/base/inet.h"
#include "net/link.h"
#include "net/nft_batch.h"
#include "net/nft_expr.h"
#include "net/ruleset.h"

const struct nft_where ruleset_where = { .family = NFPROTO_INET, .table = "ctnet" };

const struct nft_chain_spec ruleset_user = { .name = "user", .hook = -1 };

const struct nft_chain_spec ruleset_chains[RULESET_CHAINS] = {
	{ .name = "transit", .hook = -1 },
	{ .name = "raw_pre", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW },
	{ .name = "filter_fwd", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER },
	{ .name = "nat_post", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
};

enum set { ICC, NO_ICC, ROUTED, OPEN, MASQ4, MASQ6 };

#define IFNAME2 NFT_CONCAT2(NFT_TYPE_IFNAME, NFT_TYPE_IFNAME)

const struct nft_set_spec ruleset_sets[RULESET_SETS] = {
	[ICC] = { .name = "icc", .key_type = IFNAME2, .key_len = 2 * IFNAMSIZ },
	[NO_ICC] = { .name = "no_icc", .key_type = IFNAME2, .key_len = 2 * IFNAMSIZ },
	[ROUTED] = { .name = "routed", .key_type = NFT_TYPE_IFNAME, .key_len = IFNAMSIZ },
	[OPEN] = { .name = "open", .key_type = NFT_TYPE_IFNAME, .key_len = IFNAMSIZ },
	[MASQ4] = { .name = "masq4", .key_type = NFT_TYPE_IPADDR, .key_len = 4, .interval = true },
	[MASQ6] = { .name = "masq6",
		    .key_type = NFT_TYPE_IP6ADDR,
		    .key_len = 16,
		    .interval = true },
};

/* The rules. Each stands in the table below with its text, which is what `nft
 * list` prints for it and what a refusal is reported with. */
enum { OURS = LINK_GROUP_CTNET };
_Static_assert(LINK_GROUP_CTNET == 4242, "the texts of the rules name the group");

static void transit_refused4(struct nft_rule *r)
{
	nft_nfproto(r, NFPROTO_IPV4);
	nft_drop(r);
}

static void transit_refused6(struct nft_rule *r)
{
	nft_nfproto(r, NFPROTO_IPV6);
	nft_drop(r);
}

/* A port published on 127.0.0.1 stays there, even with route_localnet on. */
static void loopback_from_elsewhere(struct nft_rule *r)
{
	static const uint8_t net[] = { 127 };

	nft_iifname(r, NFT_CMP_NEQ, "lo");
	nft_ip_daddr(r, NFT_CMP_EQ, net, sizeof(net));
	nft_drop(r);
}

static void administrator(struct nft_rule *r)
{
	nft_jump(r, ruleset_user.name);
}

static void between_others(struct nft_rule *r)
{
	nft_iifgroup(r, NFT_CMP_NEQ, OURS);
	nft_oifgroup(r, NFT_CMP_NEQ, OURS);
	nft_goto(r, "transit");
}

static void connected(struct nft_rule *r)
{
	nft_ct_state(r, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
	nft_accept(r);
}

static void among_members(struct nft_rule *r)
{
	nft_iifname_oifname_in(r, ruleset_sets[ICC].name);
	nft_accept(r);
}

static void members_apart(struct nft_rule *r)
{
	nft_iifname_oifname_in(r, ruleset_sets[NO_ICC].name);
	nft_drop(r);
}

static void unplaceable(struct nft_rule *r)
{
	nft_ct_state(r, NF_CT_STATE_INVALID_BIT);
	nft_drop(r);
}

static void no_way_out(struct nft_rule *r)
{
	nft_iifgroup(r, NFT_CMP_EQ, OURS);
	nft_iifname_in(r, ruleset_sets[ROUTED].name, true);
	nft_drop(r);
}

static void no_way_in(struct nft_rule *r)
{
	nft_oifgroup(r, NFT_CMP_EQ, OURS);
	nft_oifname_in(r, ruleset_sets[ROUTED].name, true);
	nft_drop(r);
}

static void published(struct nft_rule *r)
{
	nft_ct_status(r, IPS_DST_NAT);
	nft_accept(r);
}

static void open_to_others(struct nft_rule *r)
{
	nft_iifgroup(r, NFT_CMP_EQ, OURS);
	nft_oifname_in(r, ruleset_sets[OPEN].name, false);
	nft_accept(r);
}

static void routed_in(struct nft_rule *r)
{
	nft_oifgroup(r, NFT_CMP_EQ, OURS);
	nft_drop(r);
}

static void leaving4(struct nft_rule *r)
{
	nft_oifgroup(r, NFT_CMP_NEQ, OURS);
	nft_ip_saddr_in(r, ruleset_sets[MASQ4].name);
	nft_masquerade(r);
}

static void leaving6(struct nft_rule *r)
{
	nft_oifgroup(r, NFT_CMP_NEQ, OURS);
	nft_ip6_saddr_in(r, ruleset_sets[MASQ6].name);
	nft_masquerade(r);
}

static const struct rule {
	const char *chain, *text;
	void (*put)(struct nft_rule *r);
	enum { ALWAYS, REFUSE4 = RULESET_REFUSE4, REFUSE6 = RULESET_REFUSE6 } when;
} rules[] = {
	{ "transit", "meta nfproto ipv4 drop", transit_refused4, REFUSE4 },
	{ "transit", "meta nfproto ipv6 drop", transit_refused6, REFUSE6 },

	{ "raw_pre", "iifname != \"lo\" ip daddr 127.0.0.0/8 drop", loopback_from_elsewhere,
	  ALWAYS },

	{ "filter_fwd", "jump user", administrator, ALWAYS },
	{ "filter_fwd", "iifgroup != 4242 oifgroup != 4242 goto transit", between_others, ALWAYS },
	{ "filter_fwd", "ct state established,related accept", connected, ALWAYS },
	{ "filter_fwd", "iifname . oifname @icc accept", among_members, ALWAYS },
	{ "filter_fwd", "iifname . oifname @no_icc drop", members_apart, ALWAYS },
	{ "filter_fwd", "ct state invalid drop", unplaceable, ALWAYS },
	{ "filter_fwd", "iifgroup 4242 iifname != @routed drop", no_way_out, ALWAYS },
	{ "filter_fwd", "oifgroup 4242 oifname != @routed drop", no_way_in, ALWAYS },
	{ "filter_fwd", "ct status dnat accept", published, ALWAYS },
	{ "filter_fwd", "iifgroup 4242 oifname @open accept", open_to_others, ALWAYS },
	/* last and without a lookup */
	{ "filter_fwd", "oifgroup 4242 drop", routed_in, ALWAYS },

	{ "nat_post", "oifgroup != 4242 ip saddr @masq4 masquerade", leaving4, ALWAYS },
	{ "nat_post", "oifgroup != 4242 ip6 saddr @masq6 masquerade", leaving6, ALWAYS },
};

int ruleset_find_chain(const char *name)
{
	int i;

	for (i = 0; i < RULESET_CHAINS; i++)
		if (strcmp(ruleset_chains[i].name, name) == 0)
			return i;
	return -1;
}

int ruleset_find_set(const char *name)
{
	int i;

	for (i = 0; i < RULESET_SETS; i++)
		if (strcmp(ruleset_sets[i].name, name) == 0)
			return i;
	return -1;
}

void ruleset_put_frame(struct nft_batch *b)
{
	size_t i;

	nft_table_add(b, &ruleset_where);
	nft_chain_add(b, &ruleset_where, &ruleset_user);
	for (i = 0; i < RULESET_CHAINS; i++)
		nft_chain_add(b, &ruleset_where, &ruleset_chains[i]);
	for (i = 0; i < RULESET_SETS; i++)
		nft_set_add(b, &ruleset_where, &ruleset_sets[i]);
}

void ruleset_put_rules(struct nft_batch *b, unsigned refuse)
{
	struct nft_rule *r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i].when != ALWAYS && !(refuse & rules[i].when))
			continue;
		r = nft_rule_begin(b, &ruleset_where, rules[i].chain, rules[i].text);
		rules[i].put(r);
		nft_rule_end(r);
	}
}

/* Which of the sets a network's interface name is in. */
static bool net_in(const struct ruleset_net *net, enum set set)
{
	switch (set) {
	case ICC:
		return net->icc;
	case NO_ICC:
		return !net->icc;
	case ROUTED:
		return !net->internal;
	case OPEN:
		return net->open && !net->internal;
	case MASQ4:
	case MASQ6:
		return net->masquerade && !net->internal;
	}
	return false;
}

static void elem_init(struct nft_elem *el, const struct ruleset_net *net)
{
	memset(el, 0, sizeof(*el));
	snprintf(el->comment, sizeof(el->comment), "ctnet:%s", net->ifname);
}

static size_t name_elem(const struct ruleset_net *net, const struct nft_set_spec *s,
			struct nft_elem *el)
{
	size_t at;

	elem_init(el, net);
	for (at = 0; at < s->key_len; at += IFNAMSIZ)
		memcpy(el->key + at, net->ifname, strnlen(net->ifname, IFNAMSIZ - 1));
	return 1;
}

static size_t subnet_elems(const struct ruleset_net *net, const struct nft_set_spec *s,
			   struct nft_elem *el)
{
	size_t i, n = 0;

	for (i = 0; i < net->n_subnets; i++) {
		struct ip_addr first = prefix_network(&net->subnets[i]);
		struct ip_addr end = prefix_last(&net->subnets[i]);

		if (ip_len(&first) != s->key_len)
			continue;
		elem_init(&el[n], net);
		memcpy(el[n].key, first.b, s->key_len);
		el[n].has_end = ip_add(&end, 1, &end);
		memcpy(el[n].key_end, end.b, s->key_len);
		n++;
	}
	return n;
}

/* The elements that stand for the network in a set it belongs to; el has room for
 * one and for every subnet. Returns their number. */
static size_t net_elems(const struct ruleset_net *net, enum set set, struct nft_elem *el)
{
	const struct nft_set_spec *s = &ruleset_sets[set];

	return s->interval ? subnet_elems(net, s, el) : name_elem(net, s, el);
}

static struct nft_elem *elems_alloc(struct nft_batch *b, const struct ruleset_net *nets, size_t n)
{
	size_t i, max = 0;
	struct nft_elem *el;

	for (i = 0; i < n; i++)
		max += 1 + nets[i].n_subnets;
	el = calloc(max + 1, sizeof(*el));
	if (!el)
		nft_batch_fail(b, -ENOMEM);
	return el;
}

void ruleset_put_elems(struct nft_batch *b, unsigned set, const struct ruleset_net *nets, size_t n)
{
	_cleanup_free_ struct nft_elem *el = elems_alloc(b, nets, n);
	size_t i, count = 0;

	for (i = 0; el && i < n; i++)
		if (net_in(&nets[i], set))
			count += net_elems(&nets[i], set, el + count);
	if (el)
		nft_elems_add(b, &ruleset_where, &ruleset_sets[set], el, count);
}

/*
 * Deleting what is not there refuses the transaction, and the command that
 * forgives it (NFT_MSG_DESTROYSETELEM) is not in kernels before 6.3: so each
 * element is added first, which changes nothing where it is.
 */
void ruleset_drop_elems(struct nft_batch *b, const struct ruleset_net *net)
{
	_cleanup_free_ struct nft_elem *el = elems_alloc(b, net, 1);
	unsigned set;
	size_t count;

	for (set = 0; el && set < RULESET_SETS; set++) {
		count = net_elems(net, set, el);
		nft_elems_add(b, &ruleset_where, &ruleset_sets[set], el, count);
		nft_elems_del(b, &ruleset_where, &ruleset_sets[set], el, count);
	}
}
