// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which elements a network, an attachment and a published port have in each of
 * the sets: one function for each kind, asked set by set.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/nft_batch.h"
#include "net/ruleset.h"
#include "net/ruleset_def.h"

struct elems {
	struct nft_elem *v;
	size_t n, room;
	bool failed; /* no memory */
};

static void elems_free(struct elems *el)
{
	free(el->v);
}

/* The next one, with its comment; NULL: no memory. */
static struct nft_elem *add(struct elems *el, const char *owner)
{
	struct nft_elem *v;

	if (el->n == el->room) {
		size_t room = el->room ? 2 * el->room : 16;

		v = realloc(el->v, room * sizeof(*v));
		if (!v) {
			el->failed = true;
			return NULL;
		}
		el->v = v;
		el->room = room;
	}
	v = &el->v[el->n++];
	memset(v, 0, sizeof(*v));
	snprintf(v->comment, sizeof(v->comment), "ctnet:%s", owner);
	return v;
}

static void put_name(uint8_t *key, const char *ifname)
{
	memcpy(key, ifname, strnlen(ifname, IFNAMSIZ - 1));
}

/* "br0", or as often as the key has room for it: "br0" . "br0" */
static void add_name(struct elems *el, const struct nft_set_spec *s, const char *ifname,
		     const char *owner)
{
	struct nft_elem *v = add(el, owner);

	for (size_t at = 0; v && at < s->key_len; at += IFNAMSIZ)
		put_name(v->key + at, ifname);
}

/* What is left of the key for an address behind a name. */
static bool fits(const struct nft_set_spec *s, const struct ip_addr *a)
{
	return s->key_len - IFNAMSIZ == ip_len(a);
}

/* Where the key has the MAC: between the name and an address of this family. */
static bool fits_behind_mac(const struct nft_set_spec *s, const struct ip_addr *a)
{
	return s->key_len - IFNAMSIZ - RULESET_MAC_LEN == ip_len(a);
}

/* "ve..." . 10.88.0.2, or "ve..." . 02:c7:... . 10.88.0.2; one for each address of the
 * set's family. */
static void add_addr(struct elems *el, const struct nft_set_spec *s, const struct ruleset_link *l,
		     const struct ip_addr *a)
{
	bool behind_mac = fits_behind_mac(s, a);
	struct nft_elem *v = behind_mac || fits(s, a) ? add(el, l->owner) : NULL;

	if (!v)
		return;
	put_name(v->key, l->ifname);
	if (behind_mac)
		memcpy(v->key + IFNAMSIZ, l->mac.b, sizeof(l->mac.b));
	memcpy(v->key + s->key_len - ip_len(a), a->b, ip_len(a));
}

static void add_addrs(struct elems *el, const struct nft_set_spec *s, const struct ruleset_link *l)
{
	/* what the kernel makes of the MAC (RFC 4291, appendix A) */
	struct ip_addr local = { .family = AF_INET6, .b = { 0xfe, 0x80 } };
	const uint8_t *m = l->mac.b;

	for (size_t i = 0; i < l->n_addrs; i++)
		add_addr(el, s, l, &l->addrs[i].addr);
	memcpy(local.b + 8, (const uint8_t[]){ m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5] },
	       8);
	add_addr(el, s, l, &local);
}

/* "br0" . 10.88.0.0/24 */
static void add_named_subnets(struct elems *el, const struct nft_set_spec *s,
			      const struct ruleset_net *net, const char *ifname, const char *owner)
{
	for (size_t i = 0; i < net->n_subnets; i++) {
		struct ip_addr first = prefix_network(&net->subnets[i]);
		struct ip_addr last = prefix_last(&net->subnets[i]);
		struct nft_elem *v = fits(s, &first) ? add(el, owner) : NULL;

		if (!v)
			continue;
		put_name(v->key, ifname);
		put_name(v->key_end, ifname);
		memcpy(v->key + IFNAMSIZ, first.b, ip_len(&first));
		memcpy(v->key_end + IFNAMSIZ, last.b, ip_len(&last));
	}
}

/* 10.88.0.0/24 */
static void add_subnets(struct elems *el, const struct nft_set_spec *s,
			const struct ruleset_net *net)
{
	for (size_t i = 0; i < net->n_subnets; i++) {
		struct ip_addr first = prefix_network(&net->subnets[i]);
		struct ip_addr end = prefix_last(&net->subnets[i]);
		struct nft_elem *v = ip_len(&first) == s->key_len ? add(el, net->ifname) : NULL;

		if (!v)
			continue;
		memcpy(v->key, first.b, s->key_len);
		v->has_end = ip_add(&end, 1, &end);
		memcpy(v->key_end, end.b, s->key_len);
	}
}

/* Whether a network allows what the set stands for; any: whatever its options are. */
static bool allows(const struct ruleset_net *net, unsigned set, bool any)
{
	switch (set) {
	case RULESET_ICC:
	case RULESET_ICC4:
	case RULESET_ICC6:
		return net->icc || any;
	case RULESET_NO_ICC:
	case RULESET_NO_ICC4:
	case RULESET_NO_ICC6:
		return !net->icc || any;
	case RULESET_ROUTED:
		return !net->internal || any;
	case RULESET_OPEN:
		return (net->open && !net->internal) || any;
	case RULESET_HOST:
		return (!net->no_host && !net->internal) || any;
	case RULESET_MASQ4:
	case RULESET_MASQ6:
		return (net->masquerade && !net->internal) || any;
	case RULESET_UNGUARDED:
		return !net->guard || any;
	default:
		return true;
	}
}

static void net_elems(struct elems *el, const struct ruleset_net *net, unsigned set, bool any)
{
	const struct nft_set_spec *s = &ruleset_sets[set].spec;

	if (!allows(net, set, any))
		return;
	if (set == RULESET_MASQ4 || set == RULESET_MASQ6)
		add_subnets(el, s, net);
	else if (net->ptp)
		return;
	else if (s->interval)
		add_named_subnets(el, s, net, net->ifname, net->ifname);
	else
		add_name(el, s, net->ifname, net->ifname);
}

static void add_mac(struct elems *el, const struct ruleset_link *l)
{
	struct nft_elem *v = add(el, l->owner);

	if (!v)
		return;
	put_name(v->key, l->ifname);
	memcpy(v->key + IFNAMSIZ, l->mac.b, sizeof(l->mac.b));
}

/* A ptp link has its network's place in the inet table, a port of a bridge its own in the other. */
static void link_elems(struct elems *el, const struct ruleset_link *l, unsigned set)
{
	const struct nft_set_spec *s = &ruleset_sets[set].spec;

	if (l->net->ptp != (ruleset_sets[set].table == RULESET_INET) || !allows(l->net, set, false))
		return;
	if (set == RULESET_PORT_MAC)
		add_mac(el, l);
	else if (s->interval)
		add_named_subnets(el, s, l->net, l->ifname, l->owner);
	else if (s->key_len > IFNAMSIZ)
		add_addrs(el, s, l);
	else
		add_name(el, s, l->ifname, l->owner);
}

static size_t put_be16(uint8_t *at, uint32_t port)
{
	uint16_t be = htons((uint16_t)port);

	memcpy(at, &be, sizeof(be));
	return 4;
}

/* One port of a publication; i: behind its first. */
static void add_port(struct elems *el, const struct port_map *p, uint32_t i)
{
	struct nft_elem *v = add(el, p->owner);
	size_t at = ip_is_set(&p->host_ip) ? ip_len(&p->host_ip) : 0;

	if (!v)
		return;
	memcpy(v->key, p->host_ip.b, at);
	v->key[at] = p->proto;
	put_be16(v->key + at + 4, p->first + i);
	memcpy(v->data, p->to.b, ip_len(&p->to));
	put_be16(v->data + ip_len(&p->to), p->to_port + i);
}

/* tcp . 9000-9999 : 10.88.0.2, each port to the same one */
static void add_range(struct elems *el, const struct port_map *p)
{
	struct nft_elem *v = add(el, p->owner);

	if (!v)
		return;
	v->key[0] = v->key_end[0] = p->proto;
	put_be16(v->key + 4, p->first);
	put_be16(v->key_end + 4, p->last);
	memcpy(v->data, p->to.b, ip_len(&p->to));
}

/* The set that a publication is in. */
static unsigned set_of(const struct port_map *p)
{
	bool v4 = p->family == AF_INET;

	if (ip_is_set(&p->host_ip))
		return v4 ? RULESET_P4IP : RULESET_P6IP;
	if (p->last > p->first && p->to_port == p->first)
		return v4 ? RULESET_P4RNG : RULESET_P6RNG;
	return v4 ? RULESET_P4ANY : RULESET_P6ANY;
}

static void port_elems(struct elems *el, const struct port_map *p, unsigned set)
{
	if (set_of(p) != set)
		return;
	if (ruleset_sets[set].spec.interval) {
		add_range(el, p);
		return;
	}
	for (uint32_t i = 0; p->first + i <= p->last; i++)
		add_port(el, p, i);
}

static void collect(struct elems *el, unsigned set, const struct ruleset_spec *s)
{
	unsigned of = ruleset_sets[set].of;

	for (size_t i = 0; of & OF_NET && i < s->n_nets; i++)
		net_elems(el, &s->nets[i], set, false);
	for (size_t i = 0; of & OF_LINK && i < s->n_links; i++)
		link_elems(el, &s->links[i], set);
	for (size_t i = 0; of & OF_PORT && i < s->n_ports; i++)
		port_elems(el, &s->ports[i], set);
}

void ruleset_put_elems(struct nft_batch *b, unsigned set, const struct ruleset_spec *s)
{
	_cleanup_(elems_free) struct elems el = { 0 };
	const struct ruleset_set *def = &ruleset_sets[set];

	collect(&el, set, s);
	if (el.failed)
		nft_batch_fail(b, -ENOMEM);
	nft_elems_add(b, &ruleset_where[def->table], &def->spec, el.v, el.n);
}

void ruleset_del_elems(struct nft_batch *b, unsigned set, const struct ruleset_spec *s)
{
	_cleanup_(elems_free) struct elems el = { 0 };
	const struct ruleset_set *def = &ruleset_sets[set];

	collect(&el, set, s);
	if (el.failed)
		nft_batch_fail(b, -ENOMEM);
	nft_elems_del(b, &ruleset_where[def->table], &def->spec, el.v, el.n);
}

/*
 * Deleting what is not there refuses the transaction, and the command that
 * forgives it (NFT_MSG_DESTROYSETELEM) is not in kernels before 6.3: so each
 * element is added first, which changes nothing where it is.
 */
void ruleset_drop_net_elems(struct nft_batch *b, const struct ruleset_spec *s)
{
	for (unsigned set = 0; set < RULESET_SETS; set++) {
		_cleanup_(elems_free) struct elems el = { 0 };
		const struct ruleset_set *def = &ruleset_sets[set];

		for (size_t i = 0; def->of & OF_NET && i < s->n_nets; i++)
			net_elems(&el, &s->nets[i], set, true);
		if (el.failed)
			nft_batch_fail(b, -ENOMEM);
		nft_elems_add(b, &ruleset_where[def->table], &def->spec, el.v, el.n);
		nft_elems_del(b, &ruleset_where[def->table], &def->spec, el.v, el.n);
	}
}
