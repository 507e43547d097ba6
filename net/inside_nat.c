/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address translation in a nat node: one table of its own.
 *
 *	table inet lab {
 *		set masq4 { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
 *		map to4 { type inet_proto . inet_service : ipv4_addr . inet_service;
 *			  elements = { tcp . 8080 : 10.2.0.10 . 80 } }
 *		chain pre {
 *			type nat hook prerouting priority -100;
 *			iifname "uplink0" dnat ip to meta l4proto . th dport map @to4
 *		}
 *		chain post {
 *			type nat hook postrouting priority 100;
 *			oifname "uplink0" ip saddr @masq4 masquerade
 *			ip saddr @masq4 ip daddr != @masq4 masquerade
 *		}
 *	}
 *
 * By the uplink nobody knows an address of the lab, one of the prefixes or not.
 */
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/inside_real.h"
#include "net/nft.h"
#include "net/nft_batch.h"
#include "net/nft_expr.h"

#define ADDR_LEN_MAX 16
#define PORT_KEY_LEN 8 /* inet_proto . inet_service, padded */

static const struct nft_where table = { NFPROTO_INET, "lab" };

/* What differs between IPv4 and IPv6. */
struct family {
	uint8_t af, nfproto, saddr, daddr;
	struct nft_set_spec masq, to;
};

#define TO(type, len)                                                                   \
	.key_type = NFT_CONCAT2(NFT_TYPE_INET_PROTO, NFT_TYPE_INET_SERVICE),            \
	.key_len = PORT_KEY_LEN, .data_type = NFT_CONCAT2(type, NFT_TYPE_INET_SERVICE), \
	.data_len = (len) + 4

static const struct family families[] = {
	{ .af = AF_INET,
	  .nfproto = NFPROTO_IPV4,
	  .saddr = NFTF_IP_SADDR,
	  .daddr = NFTF_IP_DADDR,
	  .masq = { "masq4", .key_type = NFT_TYPE_IPADDR, .key_len = 4, .interval = true },
	  .to = { "to4", TO(NFT_TYPE_IPADDR, 4) } },
	{ .af = AF_INET6,
	  .nfproto = NFPROTO_IPV6,
	  .saddr = NFTF_IP6_SADDR,
	  .daddr = NFTF_IP6_DADDR,
	  .masq = { "masq6", .key_type = NFT_TYPE_IP6ADDR, .key_len = 16, .interval = true },
	  .to = { "to6", TO(NFT_TYPE_IP6ADDR, 16) } },
};

struct elems {
	struct nft_elem *v;
	size_t n;
};

static void cleanup_elems(struct elems *el)
{
	free(el->v);
}

static struct nft_elem *add(struct nft_batch *b, struct elems *el, const char *whose)
{
	struct nft_elem *x = VEC_ADD(el->v, el->n);

	if (!x)
		nft_batch_fail(b, -ENOMEM);
	else
		snprintf(x->comment, sizeof(x->comment), "%s", whose);
	return x;
}

/* ---- masquerade ---- */

/* Intervals of a set must not overlap: one that lies in another says nothing. */
static bool is_inside_another(const struct topo_node *n, size_t i)
{
	const struct ip_prefix *p = &n->masquerade[i];

	for (size_t k = 0; k < n->n_masquerade; k++) {
		const struct ip_prefix *o = &n->masquerade[k];

		if (k != i && o->addr.family == p->addr.family && prefix_has(o, &p->addr) &&
		    (o->len < p->len || (o->len == p->len && k < i)))
			return true;
	}
	return false;
}

static void put_prefixes(struct nft_batch *b, const struct topo_node *n, const struct family *f)
{
	__attribute__((cleanup(cleanup_elems))) struct elems el = { 0 };

	for (size_t i = 0; i < n->n_masquerade; i++) {
		struct ip_addr first = prefix_network(&n->masquerade[i]);
		struct ip_addr end = prefix_last(&n->masquerade[i]);
		struct nft_elem *x;

		if (first.family != f->af || is_inside_another(n, i))
			continue;
		x = add(b, &el, "");
		if (!x)
			return;
		memcpy(x->key, first.b, f->masq.key_len);
		x->has_end = ip_add(&end, 1, &end);
		memcpy(x->key_end, end.b, f->masq.key_len);
	}
	nft_elems_add(b, &table, &f->masq, el.v, el.n);
}

static bool has_prefix(const struct topo_node *n, uint8_t af)
{
	for (size_t i = 0; i < n->n_masquerade; i++)
		if (n->masquerade[i].addr.family == af)
			return true;
	return false;
}

static void put_masquerade(struct nft_batch *b, const struct topo_node *n, const struct family *f)
{
	struct nft_term by_uplink[] = {
		{ .op = NFTO_EQ, .field = { NFTF_OIFNAME }, .ifname = INSIDE_UPLINK },
		{ .op = NFTO_EQ, .field = { NFTF_NFPROTO }, .bytes = { f->nfproto } },
		{ .op = NFTO_IN, .field = { f->saddr } },
		{ .op = NFTO_MASQUERADE },
		{ .op = NFTO_END },
	};
	struct nft_term elsewhere[] = {
		{ .op = NFTO_EQ, .field = { NFTF_NFPROTO }, .bytes = { f->nfproto } },
		{ .op = NFTO_IN, .field = { f->saddr } },
		{ .op = NFTO_NOT_IN, .field = { f->daddr } },
		{ .op = NFTO_MASQUERADE },
		{ .op = NFTO_END },
	};

	if (!has_prefix(n, f->af))
		return;
	nft_set_add(b, &table, &f->masq);
	put_prefixes(b, n, f);
	memcpy(by_uplink[2].name, f->masq.name, strlen(f->masq.name));
	memcpy(elsewhere[1].name, f->masq.name, strlen(f->masq.name));
	memcpy(elsewhere[2].name, f->masq.name, strlen(f->masq.name));
	if (n->uplink)
		nft_rule_add(b, &table, "post", "masquerade by the uplink", by_uplink);
	nft_rule_add(b, &table, "post", "masquerade", elsewhere);
}

/* An uplink without prefixes: all that leaves by it. */
static void put_all(struct nft_batch *b)
{
	static const struct nft_term rule[] = {
		{ .op = NFTO_EQ, .field = { NFTF_OIFNAME }, .ifname = INSIDE_UPLINK },
		{ .op = NFTO_MASQUERADE },
		{ .op = NFTO_END },
	};

	nft_rule_add(b, &table, "post", "masquerade by the uplink", rule);
}

/* ---- published ports ---- */

static bool leads_on(const struct topo_publish *p, uint32_t node)
{
	return p->to != TOPO_NONE && p->to != node;
}

uint16_t inside_publish_port(uint32_t node, const struct topo_publish *p)
{
	return leads_on(p, node) && p->port.host_port ? p->port.host_port : p->port.port;
}

static void put_be16(uint8_t *at, uint32_t port)
{
	uint16_t be = htons((uint16_t)port);

	memcpy(at, &be, sizeof(be));
}

static void put_port(struct nft_batch *b, struct elems *el, const struct topo_publish *p,
		     uint32_t port, const struct ip_addr *to)
{
	for (uint32_t i = 0; i <= (uint32_t)(p->port.host_end - p->port.host_port); i++) {
		struct nft_elem *x = add(b, el, p->to_name);

		if (!x)
			return;
		x->key[0] = p->port.proto;
		put_be16(x->key + 4, port + i);
		memcpy(x->data, to->b, ip_len(to));
		put_be16(x->data + ip_len(to), p->port.port + i);
	}
}

static size_t put_ports(struct nft_batch *b, const struct topology *t, uint32_t node,
			const struct family *f)
{
	__attribute__((cleanup(cleanup_elems))) struct elems el = { 0 };
	const struct topo_node *n = &t->nodes[node];

	for (size_t i = 0; i < n->n_publish; i++) {
		const struct topo_publish *p = &n->publish[i];
		const struct topo_target to = { .node = p->to, .iface = TOPO_NONE };
		struct ip_addr a;

		if (leads_on(p, node) && topology_target_addr(t, &to, f->af, &a))
			put_port(b, &el, p, inside_publish_port(node, p), &a);
	}
	if (el.n)
		nft_set_add(b, &table, &f->to);
	nft_elems_add(b, &table, &f->to, el.v, el.n);
	return el.n;
}

static void put_publish(struct nft_batch *b, const struct topology *t, uint32_t node,
			const struct family *f)
{
	struct nft_term rule[] = {
		{ .op = NFTO_EQ, .field = { NFTF_IIFNAME }, .ifname = INSIDE_UPLINK },
		{ .op = NFTO_EQ, .field = { NFTF_NFPROTO }, .bytes = { f->nfproto } },
		{ .op = NFTO_MAP, .field = { NFTF_L4PROTO, NFTF_TH_DPORT } },
		{ .op = NFTO_DNAT_PORT, .number = f->nfproto },
		{ .op = NFTO_END },
	};

	if (!put_ports(b, t, node, f))
		return;
	memcpy(rule[2].name, f->to.name, strlen(f->to.name));
	/* who addresses the node itself, whichever of its addresses */
	if (!t->nodes[node].uplink)
		rule[0] = (struct nft_term){ .op = NFTO_EQ,
					     .field = { NFTF_FIB_DADDR_TYPE },
					     .number = RTN_LOCAL };
	nft_rule_add(b, &table, "pre", "published ports", rule);
}

/* ---- all of it ---- */

static bool wanted(const struct topo_node *n, uint32_t node)
{
	bool any = n->n_masquerade || n->uplink;

	for (size_t i = 0; !any && i < n->n_publish; i++)
		any = leads_on(&n->publish[i], node);
	return any;
}

static void put_table(struct nft_batch *b, const struct topology *t, uint32_t node)
{
	const struct topo_node *n = &t->nodes[node];

	nft_table_add(b, &table);
	nft_chain_add(b, &table,
		      &(struct nft_chain_spec){ "pre", "nat", NF_INET_PRE_ROUTING, -100 });
	nft_chain_add(b, &table,
		      &(struct nft_chain_spec){ "post", "nat", NF_INET_POST_ROUTING, 100 });
	if (n->uplink && !n->n_masquerade)
		put_all(b);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		put_masquerade(b, n, &families[i]);
		put_publish(b, t, node, &families[i]);
	}
}

static int commit(const struct topology *t, uint32_t node, bool again, struct err *e)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	bool want = wanted(&t->nodes[node], node);
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r;

	if (!want && !again)
		return 0;
	r = nl_open(&nl, NETLINK_NETFILTER, e);
	if (r < 0)
		return r;
	if (again) { /* one that is not there cannot be deleted */
		nft_table_add(b, &table);
		nft_table_del(b, &table);
	}
	if (want)
		put_table(b, t, node);
	r = nft_commit(&nl, b, 0, e);
	return r < 0 ? err_wrap(e, r, "address translation") : 0;
}

int inside_nat(const struct topology *t, uint32_t node, struct err *e)
{
	return commit(t, node, false, e);
}

int inside_nat_again(const struct topology *t, uint32_t node, struct err *e)
{
	return commit(t, node, true, e);
}
