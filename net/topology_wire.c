/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wires between two nodes, and the interfaces at their ends: [link.N], the short
 * form [links], and what generators make. Values are laid over each other: the
 * defaults, then the link's own; in each layer first its profile.
 */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

struct draft {
	struct topo_link l;
	const char *ip, *mac;
	const struct ini_entry *subnet_at, *ip_at, *mac_at;
	uint32_t mtu[2];
};

/* ---- interfaces ---- */

uint32_t topo_iface_new(struct topo_build *b, uint32_t node, const char *name, struct topo_pos at,
			struct err *e)
{
	struct topology *t = b->t;
	struct topo_node *n = &t->nodes[node];
	uint32_t i = topology_iface(t, node, name), *slot;
	struct topo_iface *x;

	if (topo_ifname_check(name, e) < 0)
		return TOPO_NONE;
	if (i != TOPO_NONE) {
		err_set(e, EINVAL, "%s:%s is already used in line %u", n->name, name,
			t->ifaces[i].at.line);
		return TOPO_NONE;
	}
	x = TOPO_ADD(b, t->ifaces, t->n_ifaces);
	slot = TOPO_ADD(b, n->ifaces, n->n_ifaces);
	if (!x || !slot) {
		topo_no_memory(b, e);
		return TOPO_NONE;
	}
	i = (uint32_t)t->n_ifaces - 1;
	*slot = i;
	*x = (struct topo_iface){ .node = node, .name = name, .at = at };
	topo_index_add(b, TOPO_IFACES, i);
	return i;
}

int topo_addr_add(struct topo_build *b, uint32_t iface, const struct ip_prefix *a)
{
	struct topo_iface *i = &b->t->ifaces[iface];
	struct ip_prefix *to = TOPO_ADD(b, i->addrs, i->n_addrs);

	if (!to)
		return -ENOMEM;
	*to = *a;
	return 0;
}

/* ---- keys ---- */

static int set_subnet(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;

	d->l.addressed = true;
	d->subnet_at = b->at;
	return topo_add_subnets(b, &d->l.subnets, &d->l.n_subnets, &d->l.no_subnet, value, e);
}

static int set_ip(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;

	d->l.addressed = true;
	d->ip = value;
	d->ip_at = b->at;
	return 0;
}

static int set_mac(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;

	d->mac = value;
	d->mac_at = b->at;
	return 0;
}

static int set_mtu(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;
	uint32_t mtu;
	int r = topo_set_mtu(b, &mtu, value, e);

	if (r < 0)
		return r;
	if (strcmp(b->key, "mtu.ba"))
		d->mtu[0] = mtu;
	if (strcmp(b->key, "mtu.ab"))
		d->mtu[1] = mtu;
	return 0;
}

static int set_state(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;

	d->l.down = !strcmp(value, "down");
	if (!d->l.down && strcmp(value, "up"))
		return err_set(e, EINVAL, "\"%.80s\" is neither up nor down", value);
	d->l.state_given = true;
	return 0;
}

static int set_wire(struct topo_build *b, void *member, const char *value, struct err *e)
{
	static const char *const words[] = { "auto", "direct", "stitched" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(value, words[i]))
			continue;
		*(enum topo_wire *)member = (enum topo_wire)i;
		return 0;
	}
	return err_set(e, EINVAL, "\"%.80s\" is not auto, direct or stitched", value);
}

#define IMPAIR (offsetof(struct draft, l) + offsetof(struct topo_link, impair))

/* clang-format off */
const struct topo_key topo_link_keys[] = {
	{ "ends", NULL, 0 },
	{ "subnet", set_subnet, 0 },
	{ "ip", set_ip, 0 },
	{ "mac", set_mac, 0 },
	{ "mtu", set_mtu, 0 },
	{ "mtu.ab", set_mtu, 0 },
	{ "mtu.ba", set_mtu, 0 },
	{ "state", set_state, 0 },
	{ "wire", set_wire, offsetof(struct draft, l) + offsetof(struct topo_link, wire) },
	{ "impair", NULL, 0 },
	TOPO_IMPAIR_ROWS(IMPAIR),
	{ NULL, NULL, 0 },
};
/* clang-format on */

static bool of_one_link(const char *key)
{
	static const char *const keys[] = { "ends", "subnet", "ip", "mac" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static void lay_key(struct topo_build *b, struct draft *d, const struct ini_entry *at, bool shared)
{
	struct err e = ERR_INIT;
	int r;

	if (shared && of_one_link(at->key)) {
		if (!strcmp(at->key, "subnet") && str_starts(at->section, "gen."))
			return;
		r = err_set(&e, EINVAL, "this belongs to a single link");
	} else {
		r = topo_key_set(b, topo_link_keys, d, at, at->key, at->value, &e);
	}
	if (r < 0 && r != -ENOENT)
		topo_blame(b, at, &e);
}

static void lay_section(struct topo_build *b, struct draft *d, const struct topo_section *s,
			bool shared)
{
	const struct ini_entry *profile = topo_entry(s, "impair");
	struct err e = ERR_INIT;

	if (profile && topo_impair_use(b, d->l.impair, profile->value, &e) < 0)
		topo_blame(b, profile, &e);
	for (size_t i = 1; i <= s->n; i++)
		lay_key(b, d, &s->head[i], shared);
}

/* key=value of the short form; its strings are kept. */
static int lay_word(struct topo_build *b, struct draft *d, const struct ini_entry *at,
		    const char *word, struct err *e)
{
	const char *eq = strchr(word, '='), *key;
	int r;

	if (!eq || eq == word)
		return err_set(e, EINVAL, "\"%.80s\" is not KEY=VALUE", word);
	key = topo_keep(b, word, (size_t)(eq - word));
	if (!key)
		return topo_no_memory(b, e);
	if (!strcmp(key, "impair"))
		return topo_impair_use(b, d->l.impair, eq + 1, e);
	r = !strcmp(key, "ends") ? -ENOENT
				 : topo_key_set(b, topo_link_keys, d, at, key,
						topo_keep(b, eq + 1, strlen(eq + 1)), e);
	return r == -ENOENT ? err_set(e, EINVAL, "a link has no key \"%s\"", key)
			    : err_wrap(e, r, "%s", key);
}

static int word_profile(struct topo_build *b, struct draft *d, const struct strv *words,
			struct err *e)
{
	for (size_t i = 2; i < words->n; i++)
		if (str_starts(words->v[i], "impair="))
			return topo_impair_use(b, d->l.impair, words->v[i] + 7, e);
	return 0;
}

static int lay_words(struct topo_build *b, struct draft *d, const struct ini_entry *at,
		     const struct strv *words, struct err *e)
{
	int r = word_profile(b, d, words, e);

	for (size_t i = 2; r == 0 && i < words->n; i++)
		if (!str_starts(words->v[i], "impair="))
			r = lay_word(b, d, at, words->v[i], e);
	return r;
}

/* ---- addresses and MACs of the two ends ---- */

static bool is_switch(const struct topo_build *b, uint32_t iface)
{
	return b->t->nodes[b->t->ifaces[iface].node].kind == TOPO_SWITCH;
}

/* One address of a pair; without a length that of the link's subnet. */
static int end_addr(struct topo_build *b, const struct topo_link *l, unsigned end, const char *text,
		    struct err *e)
{
	struct ip_prefix p = { 0 };
	int r;

	if (!*text)
		return 0;
	if (is_switch(b, l->ifaces[end]))
		return err_set(e, EINVAL, "the port of a switch has no address: leave \"%s\" out",
			       text);
	if (strchr(text, '/')) {
		r = parse_prefix(text, &p, e);
	} else {
		r = parse_ip(text, &p.addr, e);
		for (size_t i = 0; r == 0 && !p.len && i < l->n_subnets; i++)
			if (prefix_has(&l->subnets[i], &p.addr))
				p.len = l->subnets[i].len;
		if (r == 0 && !p.len)
			return err_set(e, EINVAL, "%s lacks its prefix length", text);
	}
	if (r < 0)
		return r;
	return topo_addr_add(b, l->ifaces[end], &p) < 0 ? topo_no_memory(b, e) : 0;
}

/* Pairs A,B; in the short form all in one word. */
static int set_pairs(struct topo_build *b, const struct topo_link *l, const char *text,
		     int (*set)(struct topo_build *b, const struct topo_link *l, unsigned end,
				const char *text, struct err *e),
		     struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = strv_split(&words, text, " \t");

	if (r < 0)
		return topo_no_memory(b, e);
	for (size_t i = 0; r == 0 && i < words.n; i++) {
		char *p = words.v[i], *comma;
		unsigned end = 0;

		for (; r == 0 && p; end++, p = comma) {
			comma = strchr(p, ',');
			if (comma)
				*comma++ = '\0';
			r = set(b, l, end % 2, p, e);
		}
		if (r == 0 && end % 2)
			r = err_set(e, EINVAL, "\"%.80s\" has no comma: one value for each end",
				    words.v[i]);
	}
	return r;
}

static int end_mac(struct topo_build *b, const struct topo_link *l, unsigned end, const char *text,
		   struct err *e)
{
	struct topo_iface *i = &b->t->ifaces[l->ifaces[end]];
	int r;

	if (!*text)
		return 0;
	if (is_switch(b, l->ifaces[end]))
		return err_set(e, EINVAL, "the port of a switch has no MAC: leave it out");
	r = parse_mac(text, &i->mac, e);
	if (r == 0 && !mac_is_unicast(&i->mac))
		return err_set(e, EINVAL, "%s is not the address of one interface", text);
	i->mac_given = true;
	return r;
}

/* Its first usable address to end a, the second to end b. */
static int addrs_of_subnet(struct topo_build *b, const struct topo_link *l,
			   const struct ip_prefix *subnet, struct err *e)
{
	struct ip_range hosts = prefix_hosts(subnet);

	for (unsigned end = 0; end < 2; end++) {
		struct ip_prefix p = { .len = subnet->len };

		if (is_switch(b, l->ifaces[end]))
			continue;
		if (!ip_add(&hosts.first, end, &p.addr) || ip_cmp(&p.addr, &hosts.last) > 0)
			return err_set(e, EINVAL, "the subnet is too small for two ends");
		if (topo_addr_add(b, l->ifaces[end], &p) < 0)
			return topo_no_memory(b, e);
	}
	return 0;
}

/* A key of its own is told with its place; a word of the short form has none. */
static int in_word(const struct topo_build *b, const char *key, int r, struct err *e)
{
	return strcmp(b->at->key, key) ? err_wrap(e, r, "%s", key) : r;
}

static int address(struct topo_build *b, struct draft *d, struct err *e)
{
	int r = 0;

	b->at = d->ip ? d->ip_at : d->l.n_subnets ? d->subnet_at : b->at;
	if (d->ip)
		r = in_word(b, "ip", set_pairs(b, &d->l, d->ip, end_addr, e), e);
	for (size_t i = 0; r == 0 && !d->ip && i < d->l.n_subnets; i++)
		r = addrs_of_subnet(b, &d->l, &d->l.subnets[i], e);
	if (r == 0 && d->mac) {
		b->at = d->mac_at;
		r = in_word(b, "mac", set_pairs(b, &d->l, d->mac, end_mac, e), e);
	}
	return r;
}

/* ---- a whole link ---- */

static int join(struct topo_build *b, struct draft *d, const struct topo_wire_spec *s,
		uint32_t link, struct err *e)
{
	const struct ini_entry *ends = s->section ? topo_entry(s->section, "ends") : NULL;
	const struct ini_entry *at = ends ? ends : s->at;

	b->at = at;
	for (unsigned end = 0; end < 2; end++) {
		uint32_t i = topo_iface_new(b, s->nodes[end], s->ifs[end], topo_pos(at), e);
		struct topo_iface *x;

		if (i == TOPO_NONE)
			return -EINVAL;
		x = &b->t->ifaces[i];
		x->on = TOPO_ON_LINK;
		x->wire = link;
		x->end = (enum topo_dir)end;
		x->mtu = d->mtu[end];
		d->l.ifaces[end] = i;
		for (size_t k = 0; k < 2; k++)
			if (ip_is_set(&s->addrs[end][k].addr) &&
			    topo_addr_add(b, i, &s->addrs[end][k]) < 0)
				return topo_no_memory(b, e);
		d->l.addressed |= ip_is_set(&s->addrs[end][0].addr);
	}
	return 0;
}

static int check_name(struct topo_build *b, const char *name, struct err *e)
{
	uint32_t i = topology_link(b->t, name);
	int r = topo_name_check("link", name, e);

	if (r == 0 && i != TOPO_NONE)
		r = err_set(e, EINVAL, "link %s is already in line %u", name,
			    b->t->links[i].at.line);
	return r;
}

int topo_wire_add(struct topo_build *b, const struct topo_wire_spec *s, struct err *e)
{
	const struct topo_section *defaults = topo_section_of(b, "defaults", "link");
	struct draft d = { .l = { .name = s->name, .generated = s->generated } };
	struct topo_link *to;
	int r = check_name(b, s->name, e);

	d.l.at = topo_pos(s->at);
	d.l.no_subnet = s->no_subnet;
	b->at = s->at;
	if (r < 0)
		return r;
	if (defaults)
		lay_section(b, &d, defaults, true);
	if (s->section)
		lay_section(b, &d, s->section, s->generated);
	if (s->words)
		r = lay_words(b, &d, s->at, s->words, e);
	r = r < 0 ? r : join(b, &d, s, (uint32_t)b->t->n_links, e);
	r = r < 0 ? r : address(b, &d, e);
	if (r == 0)
		b->at = s->at;
	for (unsigned dir = 0; r == 0 && dir < TOPO_DIRS; dir++)
		r = impair_check(&d.l.impair[dir], e);
	to = TOPO_ADD(b, b->t->links, b->t->n_links);
	if (!to)
		return topo_no_memory(b, e);
	*to = d.l;
	/* joined or not, it is known: what names it is not another mistake */
	topo_index_add(b, TOPO_LINKS, (uint32_t)b->t->n_links - 1);
	return r;
}

/* "a:eth0" */
static int parse_end(struct topo_build *b, const char *word, uint32_t *ret_node,
		     const char **ret_if, struct err *e)
{
	const char *colon = strchr(word, ':');
	const char *node;

	if (!colon || colon == word || !colon[1])
		return err_set(e, EINVAL, "\"%.80s\" is not NODE:INTERFACE", word);
	node = topo_keep(b, word, (size_t)(colon - word));
	*ret_if = topo_keep(b, colon + 1, strlen(colon + 1));
	if (!node || !*ret_if)
		return topo_no_memory(b, e);
	return topo_find(b, TOPO_NODES, node, ret_node, e);
}

static int parse_ends(struct topo_build *b, const struct strv *words, struct topo_wire_spec *s,
		      struct err *e)
{
	struct err first = ERR_INIT, second = ERR_INIT;
	int r, r2;

	if (words->n < 2)
		return err_set(e, EINVAL, "two ends are needed: NODE:INTERFACE NODE:INTERFACE");
	r = parse_end(b, words->v[0], &s->nodes[0], &s->ifs[0], &first);
	r2 = parse_end(b, words->v[1], &s->nodes[1], &s->ifs[1], &second);
	if (e && (r < 0 || r2 < 0))
		*e = r < 0 ? first : second;
	if (r < 0 && r2 < 0)
		err_set(e, EINVAL, "%.200s; %.200s", first.msg, second.msg);
	return r < 0 ? r : r2;
}

void topo_read_link(struct topo_build *b, const struct topo_section *sec)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	const struct ini_entry *ends = topo_entry(sec, "ends");
	struct topo_wire_spec s = { .name = sec->name, .at = sec->head, .section = sec };
	struct err e = ERR_INIT;
	int r;

	if (!ends) {
		err_set(&e, EINVAL, "ends = NODE:INTERFACE NODE:INTERFACE is missing");
		topo_blame(b, sec->head, &e);
		return;
	}
	r = topo_list(ends->value, &words);
	r = r < 0 ? topo_no_memory(b, &e) : parse_ends(b, &words, &s, &e);
	if (r == 0 && words.n > 2)
		r = err_set(&e, EINVAL, "a link has two ends");
	if (r < 0) {
		struct draft scratch = { .mtu = { 0 } };

		topo_blame(b, ends, &e);
		lay_section(b, &scratch, sec, false);
		return;
	}
	if (topo_wire_add(b, &s, &e) < 0)
		topo_blame(b, b->at, &e);
}

void topo_read_short_links(struct topo_build *b, const struct topo_section *sec)
{
	for (size_t i = 1; i <= sec->n; i++) {
		_cleanup_(strv_free) struct strv words = { 0 };
		struct topo_wire_spec s = { .name = sec->head[i].key,
					    .at = &sec->head[i],
					    .words = &words };
		struct err e = ERR_INIT;
		int r = strv_split(&words, s.at->value, " \t");

		r = r < 0 ? topo_no_memory(b, &e) : parse_ends(b, &words, &s, &e);
		r = r < 0 ? r : topo_wire_add(b, &s, &e);
		if (r < 0)
			topo_blame(b, s.at, &e);
	}
}
