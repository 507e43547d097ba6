/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LANs and their members; profiles; and the walk over all that has wires. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

/* ---- profiles ---- */

/* clang-format off */
const struct topo_key topo_impair_keys[] = {
	TOPO_IMPAIR_ROWS(offsetof(struct topo_profile, impair)),
	{ NULL, NULL, 0 },
};
/* clang-format on */

int topo_impair_use(struct topo_build *b, struct topo_impair dirs[TOPO_DIRS], const char *profile,
		    struct err *e)
{
	uint32_t i;
	int r = topo_find(b, TOPO_PROFILES, profile, &i, e);

	for (unsigned d = 0; r == 0 && d < TOPO_DIRS; d++)
		impair_lay(&dirs[d], &b->t->profiles[i].impair[d]);
	return r;
}

static void read_profile(struct topo_build *b, const struct topo_section *s)
{
	struct topo_profile *p = TOPO_ADD(b, b->t->profiles, b->t->n_profiles);
	struct err e = ERR_INIT;

	if (!p)
		return;
	p->name = s->name;
	p->at = topo_pos(s->head);
	topo_index_add(b, TOPO_PROFILES, (uint32_t)b->t->n_profiles - 1);
	if (topo_name_check("profile", s->name, &e) < 0)
		topo_blame(b, s->head, &e);
	for (size_t i = 1; i <= s->n; i++) {
		const struct ini_entry *at = &s->head[i];
		int r = topo_key_set(b, topo_impair_keys, p, at, at->key, at->value, &e);

		if (r < 0 && r != -ENOENT)
			topo_blame(b, at, &e);
	}
	for (unsigned d = 0; d < TOPO_DIRS; d++)
		if (impair_check(&p->impair[d], &e) < 0)
			topo_blame(b, s->head, &e);
}

void topo_read_profiles(struct topo_build *b)
{
	for (size_t i = 0; i < b->n_sections; i++)
		if (str_starts(b->sections[i].head->section, "impair."))
			read_profile(b, &b->sections[i]);
}

/* ---- nets ---- */

struct draft {
	struct topo_net net;
	const struct ini_entry *gateway;
};

static int set_subnet(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct topo_net *n = &((struct draft *)draft)->net;

	return topo_add_subnets(b, &n->subnets, &n->n_subnets, &n->no_subnet, value, e);
}

static int set_gateway(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;

	d->gateway = b->at;
	return topo_find(b, TOPO_NODES, value, &d->net.gateway, e);
}

static int set_uplink(struct topo_build *b, void *draft, const char *value, struct err *e)
{
	struct draft *d = draft;
	const char *comma;
	int r = topo_split_virtual(value, &comma, e);

	if (r < 0)
		return r;
	d->net.uplink = topo_keep(b, value, comma ? (size_t)(comma - value) : strlen(value));
	d->net.uplink_virtual = comma;
	if (!d->net.uplink)
		return topo_no_memory(b, e);
	return name_check("interface", d->net.uplink, NAME_MAX_IF, e);
}

#define ROW(name, set, member)                                                             \
	{                                                                                  \
		name, set, offsetof(struct draft, net) + offsetof(struct topo_net, member) \
	}

/* clang-format off */
const struct topo_key topo_net_keys[] = {
	{ "subnet", set_subnet, 0 },
	{ "members", NULL, 0 },
	{ "members.#", NULL, 0 },
	{ "gateway", set_gateway, 0 },
	ROW("stp", topo_set_bool, stp),
	ROW("mtu", topo_set_mtu, mtu),
	{ "uplink", set_uplink, 0 },
	{ "impair", NULL, 0 },
	TOPO_IMPAIR_ROWS(offsetof(struct draft, net) + offsetof(struct topo_net, impair)),
	{ NULL, NULL, 0 },
};
/* clang-format on */

/* The k-th address of every subnet. */
static int numbered_addr(struct topo_build *b, const struct topo_net *net, uint32_t iface,
			 const char *word, struct err *e)
{
	const char *p = word + 1;
	uint64_t k;

	if (!cur_u64(&p, 0, UINT64_MAX, &k) || *p)
		return err_set(e, EINVAL, "\"%.80s\" is not .NUMBER, as in .10", word);
	if (!net->n_subnets)
		return err_set(e, EINVAL, "%s: the net has no subnet to count in", word);
	for (size_t i = 0; i < net->n_subnets; i++) {
		const struct ip_prefix *s = &net->subnets[i];
		struct ip_range hosts = prefix_hosts(s);
		struct ip_prefix a = { .addr = prefix_network(s), .len = s->len };
		char buf[IP_PREFIX_STRLEN];

		if (!ip_add(&a.addr, k, &a.addr) || ip_cmp(&a.addr, &hosts.first) < 0 ||
		    ip_cmp(&a.addr, &hosts.last) > 0)
			return err_set(e, EINVAL, "%s has no address %s for a host",
				       prefix_str(s, buf), word);
		if (topo_addr_add(b, iface, &a) < 0)
			return topo_no_memory(b, e);
	}
	return 0;
}

static int literal_addr(struct topo_build *b, const struct topo_net *net, uint32_t iface,
			const char *word, struct err *e)
{
	bool has_len = strchr(word, '/'), inside = false;
	struct ip_prefix a = { 0 };
	int r = has_len ? parse_prefix(word, &a, e) : parse_ip(word, &a.addr, e);

	if (r < 0)
		return r;
	for (size_t i = 0; !inside && i < net->n_subnets; i++) {
		inside = prefix_has(&net->subnets[i], &a.addr);
		if (inside && !has_len)
			a.len = net->subnets[i].len;
	}
	if (!inside && net->n_subnets && !ip_is_linklocal(&a.addr)) {
		char buf[IP_PREFIX_STRLEN];

		err_set(e, EINVAL, "%s is outside the subnet", word);
		err_hint(e, "the net has %s", prefix_str(&net->subnets[0], buf));
		return -EINVAL;
	}
	if (!a.len)
		a.len = ip_is_linklocal(&a.addr) && a.addr.family == AF_INET6 ? 64 : 0;
	if (!a.len)
		return err_set(e, EINVAL, "%s lacks its prefix length", word);
	return topo_addr_add(b, iface, &a) < 0 ? topo_no_memory(b, e) : 0;
}

static int member_addr(struct topo_build *b, const struct topo_net *net, uint32_t iface,
		       const char *word, struct err *e)
{
	const struct topo_node *n = &b->t->nodes[b->t->ifaces[iface].node];

	if (n->kind == TOPO_SWITCH)
		return err_set(e, EINVAL, "%s is a switch: its port has no address", n->name);
	return word[0] == '.' ? numbered_addr(b, net, iface, word, e)
			      : literal_addr(b, net, iface, word, e);
}

static bool is_addr(const char *word)
{
	struct ip_addr a;

	return word[0] == '.' || cur_ip(&word, "/", &a);
}

/* "node:if" or "node:if=addr"; the interface, or TOPO_NONE. */
static uint32_t add_member(struct topo_build *b, struct topo_net *net, const struct ini_entry *at,
			   char *word, struct err *e)
{
	char *eq = strchr(word, '='), *colon;
	uint32_t node, i, *slot;
	const char *ifname;

	if (eq)
		*eq++ = '\0';
	colon = strchr(word, ':');
	if (!colon || colon == word || !colon[1]) {
		err_set(e, EINVAL, "\"%.80s\" is not NODE:INTERFACE[=ADDRESS]", word);
		return TOPO_NONE;
	}
	*colon++ = '\0';
	if (topo_find(b, TOPO_NODES, word, &node, e) < 0)
		return TOPO_NONE;
	ifname = topo_keep(b, colon, strlen(colon));
	i = ifname ? topo_iface_new(b, node, ifname, topo_pos(at), e) : TOPO_NONE;
	if (i == TOPO_NONE)
		return i;
	b->t->ifaces[i].on = TOPO_ON_NET;
	b->t->ifaces[i].wire = (uint32_t)b->t->n_nets;
	b->t->ifaces[i].mtu = net->mtu;
	slot = TOPO_ADD(b, net->members, net->n_members);
	if (slot)
		*slot = i;
	if (eq && member_addr(b, net, i, eq, e) < 0)
		return TOPO_NONE;
	return i;
}

/* A line may hold several mistakes: each is told. */
static void read_members(struct topo_build *b, struct topo_net *net, const struct ini_entry *at)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	uint32_t i = TOPO_NONE;

	if (topo_list(at->value, &words) < 0)
		b->oom = true;
	for (size_t k = 0; k < words.n && !b->oom; k++) {
		struct err e = ERR_INIT;
		bool more = is_addr(words.v[k]);

		if (more && i != TOPO_NONE)
			member_addr(b, net, i, words.v[k], &e);
		else if (!more)
			i = add_member(b, net, at, words.v[k], &e);
		if (!e.num)
			continue;
		err_wrap(&e, -EINVAL, "%s", at->key);
		topo_blame_pos(b, topo_pos(at), &e);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct ini_entry *x = *(const struct ini_entry *const *)a;
	const struct ini_entry *y = *(const struct ini_entry *const *)b;
	size_t nx = strlen(x->key), ny = strlen(y->key);

	/* members.2 before members.10 */
	if (nx != ny)
		return nx < ny ? -1 : 1;
	return strcmp(x->key, y->key);
}

static void read_all_members(struct topo_build *b, struct topo_net *net,
			     const struct topo_section *s)
{
	_cleanup_free_ const struct ini_entry **v = calloc(s->n + 1, sizeof(*v));
	size_t n = 0;

	if (!v) {
		b->oom = true;
		return;
	}
	for (size_t i = 1; i <= s->n; i++)
		if (!strcmp(s->head[i].key, "members") || str_starts(s->head[i].key, "members."))
			v[n++] = &s->head[i];
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		read_members(b, net, v[i]);
}

static void read_net(struct topo_build *b, const struct topo_section *s)
{
	const struct ini_entry *profile = topo_entry(s, "impair");
	struct draft d = { .net = { .name = s->name, .gateway = TOPO_NONE } };
	struct err e = ERR_INIT;
	struct topo_net *to;

	d.net.at = topo_pos(s->head);
	if (topo_name_check("net", s->name, &e) < 0)
		topo_blame(b, s->head, &e);
	if (profile && topo_impair_use(b, d.net.impair, profile->value, &e) < 0)
		topo_blame(b, profile, &e);
	for (size_t i = 1; i <= s->n; i++) {
		const struct ini_entry *at = &s->head[i];
		int r = topo_key_set(b, topo_net_keys, &d, at, at->key, at->value, &e);

		if (r < 0 && r != -ENOENT)
			topo_blame(b, at, &e);
	}
	for (unsigned dir = 0; dir < TOPO_DIRS; dir++)
		if (impair_check(&d.net.impair[dir], &e) < 0)
			topo_blame(b, s->head, &e);
	read_all_members(b, &d.net, s);
	to = TOPO_ADD(b, b->t->nets, b->t->n_nets);
	if (!to)
		return;
	*to = d.net;
	topo_index_add(b, TOPO_NETS, (uint32_t)b->t->n_nets - 1);
}

/* ---- all that has wires, in file order ---- */

static void read_phys(struct topo_build *b, uint32_t node)
{
	for (size_t i = 0; i < b->t->nodes[node].n_phys; i++) {
		const struct topo_node *n = &b->t->nodes[node];
		struct err e = ERR_INIT;
		uint32_t x = topo_iface_new(b, node, n->phys[i].right, n->at, &e);

		if (x == TOPO_NONE) {
			topo_blame_pos(b, n->at, &e);
			continue;
		}
		b->t->ifaces[x].on = TOPO_ON_PHYS;
		b->t->ifaces[x].wire = (uint32_t)i;
	}
}

void topo_read_wires(struct topo_build *b)
{
	for (size_t i = 0; i < b->n_sections && !b->oom; i++) {
		const struct topo_section *s = &b->sections[i];
		const char *name = s->head->section;
		uint32_t node =
			str_starts(name, "node.") ? topology_node(b->t, s->name) : TOPO_NONE;

		if (node != TOPO_NONE)
			read_phys(b, node);
		else if (str_starts(name, "net."))
			read_net(b, s);
		else if (str_starts(name, "link."))
			topo_read_link(b, s);
		else if (!strcmp(name, "links"))
			topo_read_short_links(b, s);
		else if (str_starts(name, "gen."))
			topo_generate(b, s, TOPO_PASS_LINKS);
	}
	for (uint32_t i = 0; i < b->t->n_nodes && !b->oom; i++)
		if (!topo_section_of(b, "node", b->t->nodes[i].name))
			read_phys(b, i);
}
