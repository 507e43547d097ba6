/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a generator, and its run; what it makes is in topology_gen_types.c. */
#include "net/topology_gen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/parse.h"

#define GEN_DEFAULT	 UINT32_MAX /* hosts-per-switch is not given */
#define PORTS_PER_SWITCH 1023

/* ---- keys ---- */

static const char *type_word(const void *ctx, size_t i)
{
	return gen_types[i].name;
}

static int set_type(struct topo_build *b, void *member, const char *value, struct err *e)
{
	const char *near;

	for (size_t i = 0; gen_types[i].name; i++) {
		if (strcmp(gen_types[i].name, value))
			continue;
		*(const struct gen_type **)member = &gen_types[i];
		return 0;
	}
	err_set(e, EINVAL, "there is no generator \"%.80s\"", value);
	near = str_nearest(value, type_word, NULL);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	return -EINVAL;
}

static int set_number(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u32(value, 1, 65535, member, e);
}

static int set_per_switch(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u32(value, 0, PORTS_PER_SWITCH, member, e);
}

static int set_prefix(struct topo_build *b, void *member, const char *value, struct err *e)
{
	int r = *value ? topo_name_check("node", value, e) : 0;

	if (r == 0)
		*(const char **)member = value;
	return r;
}

static int set_subnet(struct topo_build *b, void *gen, const char *value, struct err *e)
{
	struct gen *g = gen;
	int r = topo_add_subnets(b, &g->subnets, &g->n_subnets, &g->no_subnet, value, e);

	if (r == 0 &&
	    (g->n_subnets > 2 ||
	     (g->n_subnets == 2 && g->subnets[0].addr.family == g->subnets[1].addr.family)))
		return err_set(e, EINVAL, "one subnet of each family");
	return r;
}

#define ROW(name, set, member)                          \
	{                                               \
		name, set, offsetof(struct gen, member) \
	}

const struct topo_key topo_gen_keys[] = {
	ROW("type", set_type, type),
	ROW("n", set_number, n),
	ROW("depth", set_number, depth),
	ROW("fanout", set_number, fanout),
	ROW("k", set_number, k),
	ROW("w", set_number, w),
	ROW("h", set_number, h),
	ROW("hosts-per-switch", set_per_switch, per_switch),
	ROW("prefix", set_prefix, prefix),
	{ "subnet", set_subnet, 0 },
	{ NULL, NULL, 0 },
};

static const struct {
	const char *key;
	unsigned bit;
} counts[] = {
	{ "n", GEN_N },
	{ "depth", GEN_DEPTH },
	{ "fanout", GEN_FANOUT },
	{ "k", GEN_K },
	{ "w", GEN_W },
	{ "h", GEN_H },
	{ "hosts-per-switch", GEN_PER_SWITCH },
};

/* Keys that the type needs are there, those it cannot use are not. */
static int check_keys(struct gen *g)
{
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct ini_entry *at = topo_entry(g->s, counts[i].key);
		struct err e = ERR_INIT;

		if (at && !(counts[i].bit & (g->type->needs | g->type->may)))
			bad |= err_set(&e, EINVAL, "a %s has no use for it", g->type->name);
		else if (!at && counts[i].bit & g->type->needs)
			bad |= err_set(&e, EINVAL, "a %s needs %s", g->type->name, counts[i].key);
		if (e.num && at)
			topo_blame(g->b, at, &e);
		else if (e.num)
			topo_blame_pos(g->b, topo_pos(g->s->head), &e);
	}
	return bad;
}

static int check_sizes(struct gen *g, struct err *e)
{
	const char *type = g->type->name;

	if (!strcmp(type, "ring") && g->n < 3)
		return err_set(e, EINVAL, "a ring has at least 3 nodes");
	if (!strcmp(type, "torus") && (g->w < 3 || g->h < 3))
		return err_set(e, EINVAL, "a torus is at least 3 by 3");
	if (!strcmp(type, "fattree") && (g->k % 2 || g->k > 64))
		return err_set(e, EINVAL, "k of a fattree is an even number up to 64");
	if ((uint64_t)g->w * g->h > GEN_NODES_MAX || (!strcmp(type, "full") && g->n > 1000) ||
	    g->type->count(g) > GEN_NODES_MAX ||
	    (g->l2 && (uint64_t)g->type->count(g) * (g->per_switch + 1U) > GEN_NODES_MAX))
		return err_set(e, EINVAL, "more than %d nodes", GEN_NODES_MAX);
	return 0;
}

static int complete(struct gen *g)
{
	const struct topology *t = g->b->t;

	if (g->per_switch == GEN_DEFAULT)
		g->per_switch = !strcmp(g->type->name, "fattree") ? g->k / 2
				: !strcmp(g->type->name, "clos")  ? 1
								  : 0;
	if (!g->k)
		g->k = !strcmp(g->type->name, "random") ? 3 : 2;
	g->l2 = g->type->switches || (g->per_switch && !g->type->routers);
	if (g->l2 && !g->n_subnets && !g->no_subnet && !t->pool4.addr.family &&
	    !t->pool6.addr.family) { /* as mn does */
		g->subnets = topo_alloc(g->b, sizeof(*g->subnets));
		if (!g->subnets)
			return -ENOMEM;
		*g->subnets = (struct ip_prefix){ ip_from_v4(10U << 24), 8 };
		g->n_subnets = 1;
	}
	for (size_t i = 0; i < g->n_subnets && i < GEN_SUBNETS_MAX; i++)
		g->next[i] = prefix_network(&g->subnets[i]);
	g->random = t->seed;
	for (const char *p = g->s->name; *p; p++)
		g->random = (g->random ^ (unsigned char)*p) * 1099511628211U;
	return 0;
}

static int read_keys(struct gen *g)
{
	int bad = 0;

	for (size_t i = 1; i <= g->s->n; i++) {
		const struct ini_entry *at = &g->s->head[i];
		struct err e = ERR_INIT;
		int r = topo_key_set(g->b, topo_gen_keys, g, at, at->key, at->value, &e);

		if (r == 0 || r == -ENOENT)
			continue;
		topo_blame(g->b, at, &e);
		bad = r;
	}
	return bad;
}

static int prepare(struct gen *g)
{
	struct topo_build *b = g->b;
	struct err e = ERR_INIT;
	int r = read_keys(g);

	if (r == 0 && !g->type) {
		r = err_set(&e, EINVAL, "type is missing");
		topo_blame(b, g->s->head, &e);
	}
	r = r < 0 ? r : check_keys(g);
	r = r < 0 ? r : complete(g);
	if (r == 0) {
		r = check_sizes(g, &e);
		if (r < 0)
			topo_blame(b, g->s->head, &e);
	}
	return r;
}

void topo_generate(struct topo_build *b, const struct topo_section *s, enum topo_pass pass)
{
	struct gen g = { .b = b, .s = s, .pass = pass, .prefix = "", .per_switch = GEN_DEFAULT };

	/* what is wrong was told the first time */
	b->quiet = pass == TOPO_PASS_LINKS;
	if (prepare(&g) < 0) {
		b->quiet = false;
		return;
	}
	b->quiet = false;
	g.ports = calloc(b->t->n_nodes + 1, sizeof(*g.ports));
	if (!g.ports) {
		b->oom = true;
		return;
	}
	g.type->make(&g);
	if (pass == TOPO_PASS_LINKS)
		gen_set_stp(&g);
	free(g.ports);
}
