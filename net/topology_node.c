/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes: what a node is comes from up to four layers, the defaults, the kind it
 * behaves as, its own kind, its own section. They are one set of keys, of which
 * the last layer wins; numbered keys keep the order of their numbers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "net/topology_build.h"

#define LAYERS_MAX 10

static const char *const kind_words[] = {
	[TOPO_HOST] = "host",
	[TOPO_ROUTER] = "router",
	[TOPO_SWITCH] = "switch",
	[TOPO_NAT] = "nat",
};

static int kind_of_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_words); i++)
		if (!strcmp(word, kind_words[i]))
			return (int)i;
	return -1;
}

struct topo_node *topo_node_new(struct topo_build *b, const char *name, const char *kind,
				const struct ini_entry *at, bool generated)
{
	struct topology *t = b->t;
	struct topo_node *n = TOPO_ADD(b, t->nodes, t->n_nodes);

	if (!n)
		return NULL;
	*n = (struct topo_node){ .name = name, .kind_name = kind, .generated = generated };
	n->at = topo_pos(at);
	topo_index_add(b, TOPO_NODES, (uint32_t)t->n_nodes - 1);
	return n;
}

/* ---- layers ---- */

struct layers {
	const struct topo_section *v[LAYERS_MAX]; /* lowest first */
	size_t n;
	enum topo_kind kind;
};

static const char *kind_candidate(const void *ctx, size_t i)
{
	const struct topo_build *b = ctx;
	size_t n = 0;

	if (i < ARRAY_SIZE(kind_words))
		return kind_words[i];
	i -= ARRAY_SIZE(kind_words);
	for (size_t s = 0; s < b->n_sections; s++)
		if (str_starts(b->sections[s].head->section, "kind.") && n++ == i)
			return b->sections[s].name;
	return NULL;
}

/* The chain of kinds from word down to one that is built in; highest layer first. */
static int kind_chain(struct topo_build *b, const char *word, struct layers *l, struct err *e)
{
	while (l->n < LAYERS_MAX - 2) {
		const struct topo_section *s = topo_section_of(b, "kind", word);
		const struct ini_entry *behaves = s ? topo_entry(s, "kind") : NULL;
		int built_in = kind_of_word(word);
		const char *near;

		if (s)
			l->v[l->n++] = s;
		if (built_in >= 0) {
			l->kind = (enum topo_kind)built_in;
			return 0;
		}
		if (!s) {
			err_set(e, EINVAL, "there is no kind \"%.80s\"", word);
			near = str_nearest(word, kind_candidate, b);
			if (near)
				err_hint(e, "did you mean \"%s\"?", near);
			else
				err_hint(e, "host, router, switch and nat are built in");
			return -EINVAL;
		}
		word = behaves ? behaves->value : "host";
	}
	return err_set(e, EINVAL, "kind \"%s\" behaves as itself", word);
}

static void reverse(const struct topo_section **v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		const struct topo_section *s = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = s;
	}
}

/* ---- keys of all layers, merged ---- */

struct effective {
	const struct ini_entry *at;
	const char *key;
	size_t stem; /* length before the number, 0: not numbered */
	uint32_t num;
	unsigned layer;
};

static int compare(const void *a, const void *b)
{
	const struct effective *x = a, *y = b;
	int r;

	if (x->stem && x->stem == y->stem && !strncmp(x->key, y->key, x->stem))
		r = (x->num > y->num) - (x->num < y->num);
	else
		r = strcmp(x->key, y->key);
	return r ? r : (int)x->layer - (int)y->layer;
}

static bool same_key(const struct effective *x, const struct effective *y)
{
	return x->stem == y->stem && x->num == y->num &&
	       (x->stem ? !strncmp(x->key, y->key, x->stem) : !strcmp(x->key, y->key));
}

static struct effective effective(const struct ini_entry *at, unsigned layer)
{
	struct effective x = { .at = at, .key = at->key, .layer = layer };
	const char *dot = strchr(at->key, '.');
	const char *p = dot ? dot + 1 : "";

	if (!strcmp(at->key, "cpu"))
		x.key = "cpus";
	if (cur_u32(&p, 1, UINT32_MAX, &x.num) && !*p)
		x.stem = (size_t)(dot - at->key) + 1;
	else
		x.num = 0;
	return x;
}

/* Which keys mean something only for one kind. */
static int check_kind(enum topo_kind kind, const char *key, struct err *e)
{
	static const char *const of_switch[] = { "kind", "stp", "mtu" };
	static const char *const of_nat[] = { "uplink", "masquerade" };

	for (size_t i = 0; i < ARRAY_SIZE(of_nat); i++) {
		if (strcmp(key, of_nat[i]) || kind == TOPO_NAT)
			continue;
		err_set(e, EINVAL, "only a node of kind nat has this");
		err_hint(e, "kind = nat");
		return -EINVAL;
	}
	if (kind != TOPO_SWITCH)
		return strcmp(key, "stp") ? 0 : err_set(e, EINVAL, "only a switch has this");
	for (size_t i = 0; i < ARRAY_SIZE(of_switch); i++)
		if (!strcmp(key, of_switch[i]))
			return 0;
	err_set(e, EINVAL, "a switch has no %s", key);
	err_hint(e, "it takes stp and mtu");
	return -EINVAL;
}

static void apply(struct topo_build *b, struct topo_node *n, const struct effective *x)
{
	struct err e = ERR_INIT;
	int r = check_kind(n->kind, x->key, &e);

	if (r < 0 && !x->layer)
		return; /* a default holds for those who can have it */
	if (r == 0)
		r = topo_key_set(b, topo_node_keys, n, x->at, x->key, x->at->value, &e);
	if (r < 0 && r != -ENOENT)
		topo_blame(b, x->at, &e);
}

static void apply_layers(struct topo_build *b, struct topo_node *n, const struct layers *l)
{
	_cleanup_free_ struct effective *v = NULL;
	size_t n_v = 0, room = 0;

	for (size_t i = 0; i < l->n; i++)
		room += l->v[i] ? l->v[i]->n : 0;
	v = calloc(room + 1, sizeof(*v));
	if (!v) {
		b->oom = true;
		return;
	}
	for (unsigned i = 0; i < l->n; i++)
		for (size_t k = 1; l->v[i] && k <= l->v[i]->n; k++)
			v[n_v++] = effective(&l->v[i]->head[k], i);
	qsort(v, n_v, sizeof(*v), compare);
	for (size_t i = 0; i < n_v; i++) {
		if (i + 1 == n_v || !same_key(&v[i], &v[i + 1])) {
			apply(b, n, &v[i]);
		} else if (v[i].layer == v[i + 1].layer) {
			struct err e = ERR_INIT;

			err_set(&e, EINVAL, "cpu and cpus are the same");
			topo_blame(b, v[i + 1].at, &e);
		}
	}
}

/* A default that is wrong is wrong even where nobody has it. */
static void check_unused(struct topo_build *b, const struct topo_section *s)
{
	struct topo_node scratch = { .name = "", .kind_name = "" };

	for (size_t i = 1; i <= s->n; i++) {
		const struct ini_entry *at = &s->head[i];
		struct err e = ERR_INIT;
		int r = topo_key_set(b, topo_node_keys, &scratch, at, at->key, at->value, &e);

		if (r < 0 && r != -ENOENT)
			topo_blame(b, at, &e);
	}
}

static void read_node(struct topo_build *b, struct topo_node *n)
{
	const struct topo_section *own = topo_section_of(b, "node", n->name);
	const struct topo_section *defaults = topo_section_of(b, "defaults", "node");
	const struct ini_entry *at = own ? topo_entry(own, "kind") : NULL;
	struct layers l = { 0 };
	struct err e = ERR_INIT;

	if (!at && !n->kind_name && defaults)
		at = topo_entry(defaults, "kind");
	if (at)
		n->kind_name = at->value;
	if (!n->kind_name)
		n->kind_name = "host";
	if (kind_chain(b, n->kind_name, &l, &e) < 0) {
		if (at)
			topo_blame(b, at, &e);
		else
			topo_blame_pos(b, n->at, &e);
		if (own)
			check_unused(b, own);
		return;
	}
	l.v[l.n++] = defaults;
	reverse(l.v, l.n);
	l.v[l.n++] = own;
	n->kind = l.kind;
	apply_layers(b, n, &l);
}

/* ---- all of them ---- */

static void check_kind_section(struct topo_build *b, const struct topo_section *s)
{
	const struct ini_entry *at = topo_entry(s, "kind");
	struct layers l = { 0 };
	struct err e = ERR_INIT;
	struct topo_kind_own *own;

	if (topo_name_check("kind", s->name, &e) < 0 ||
	    (at && kind_of_word(s->name) >= 0 &&
	     err_set(&e, EINVAL, "%s behaves as %s", s->name, s->name)) ||
	    kind_chain(b, s->name, &l, &e) < 0) {
		topo_blame(b, at ? at : s->head, &e);
		return;
	}
	if (kind_of_word(s->name) >= 0)
		return;
	own = TOPO_ADD(b, b->t->kinds, b->t->n_kinds);
	if (own)
		*own = (struct topo_kind_own){ s->name, l.kind };
}

static void declare(struct topo_build *b, const struct topo_section *s)
{
	struct err e = ERR_INIT;

	if (str_starts(s->head->section, "gen.")) {
		topo_generate(b, s, TOPO_PASS_NODES);
		return;
	}
	if (!str_starts(s->head->section, "node."))
		return;
	if (topo_name_check("node", s->name, &e) < 0)
		topo_blame(b, s->head, &e);
	else if (topology_node(b->t, s->name) == TOPO_NONE) /* else a generator's */
		topo_node_new(b, s->name, NULL, s->head, false);
}

static void resolve(struct topo_build *b, struct topo_node *n)
{
	struct topo_pos at = n->at;

	n->after = topo_alloc(b, (n->n_after + 1) * sizeof(*n->after));
	for (size_t i = 0; n->after && i < n->n_after; i++) {
		struct err e = ERR_INIT;

		n->after[i] = TOPO_NONE;
		if (topo_find(b, TOPO_NODES, n->after_names[i], &n->after[i], &e) < 0) {
			err_wrap(&e, -EINVAL, "after");
			topo_blame_pos(b, topo_pos_of(b, "node", n->name, "after", at), &e);
		}
	}
	for (size_t i = 0; i < n->n_publish; i++) {
		struct err e = ERR_INIT;

		n->publish[i].to = topology_node(b->t, n->name);
		if (n->publish[i].to_name &&
		    topo_find(b, TOPO_NODES, n->publish[i].to_name, &n->publish[i].to, &e) < 0) {
			err_wrap(&e, -EINVAL, "publish.%u", n->publish[i].num);
			topo_blame_pos(b, at, &e);
		} else if (n->kind != TOPO_NAT) {
			topo_warn(b, at, "publish.%u: %s is no nat node: nobody reaches it",
				  n->publish[i].num, n->name);
		}
	}
}

void topo_read_nodes(struct topo_build *b)
{
	struct topology *t = b->t;

	for (size_t i = 0; i < b->n_sections; i++) {
		const struct topo_section *s = &b->sections[i];
		bool kind = str_starts(s->head->section, "kind.");

		if (kind)
			check_kind_section(b, s);
		if (kind || !strcmp(s->head->section, "defaults.node"))
			check_unused(b, s);
		declare(b, s);
	}
	for (size_t i = 0; i < t->n_nodes && !b->oom; i++)
		read_node(b, &t->nodes[i]);
	for (size_t i = 0; i < t->n_nodes && !b->oom; i++)
		resolve(b, &t->nodes[i]);
}
