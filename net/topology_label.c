/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/topology_label.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

/* Of a sans-serif face, in the mean; names are bold and larger. */
#define CHAR_WIDTH 5.2
#define NAME_WIDTH 7.6
#define WRAP	   26 /* characters of impairments in a line */

const char *vertex_name(const struct topology *t, const struct topo_vertex *v)
{
	return v->net != TOPO_NONE ? t->nets[v->net].name : t->nodes[v->node].name;
}

double label_name_width(const char *name)
{
	return NAME_WIDTH * (double)strlen(name);
}

double label_width(const struct label *l)
{
	size_t most = 0;

	for (size_t i = 0; i < l->n; i++)
		most = strlen(l->line[i]) > most ? strlen(l->line[i]) : most;
	return CHAR_WIDTH * (double)most;
}

/* One more line; the last one there is room for says that there would be more. */
static void add(struct label *l, const char *text, bool impair)
{
	if (l->n == LABEL_LINES) {
		memcpy(l->line[LABEL_LINES - 1], "...", sizeof("..."));
		return;
	}
	str_fmt(l->line[l->n], LABEL_WIDTH, "%s", text);
	l->impair[l->n++] = impair;
}

static void add_prefixes(struct label *l, const struct ip_prefix *p, size_t n)
{
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < n; i++)
		add(l, prefix_str(&p[i], buf), false);
}

void label_end(const struct topology *t, uint32_t iface, struct label *ret)
{
	ret->n = 0;
	if (iface == TOPO_NONE)
		return;
	add(ret, t->ifaces[iface].name, false);
	add_prefixes(ret, t->ifaces[iface].addrs, t->ifaces[iface].n_addrs);
}

/* "rate 10mbit delay 5ms", in lines of some width; before stands at the first. */
static void add_impair(struct label *l, const struct topo_impair *i, const char *before)
{
	char line[LABEL_WIDTH], value[IMPAIR_STRLEN], word[LABEL_WIDTH];

	str_fmt(line, sizeof(line), "%s", before);
	for (unsigned p = 0; p < TOPO_PARAMS; p++) {
		size_t len = strlen(line);

		if (!i->v[p])
			continue;
		str_fmt(word, sizeof(word), "%s %s", impair_name((enum topo_param)p),
			impair_value(i, (enum topo_param)p, value));
		if (len && len + strlen(word) > WRAP) {
			add(l, line, true);
			len = 0;
		}
		str_fmt(line + len, sizeof(line) - len, "%s%s", len ? " " : "", word);
	}
	if (line[0])
		add(l, line, true);
}

static void append_impair(struct label *ret, const struct topology *t, const struct topo_layout *l,
			  const struct topo_edge *e)
{
	const char *a = vertex_name(t, &l->v[e->a]), *b = vertex_name(t, &l->v[e->b]);
	char before[LABEL_WIDTH];

	if (impair_same(&e->impair[TOPO_AB], &e->impair[TOPO_BA])) {
		add_impair(ret, &e->impair[TOPO_AB], "");
		return;
	}
	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		if (!impair_any(&e->impair[d]))
			continue;
		str_fmt(before, sizeof(before), "%.20s \u2192 %.20s", d == TOPO_AB ? a : b,
			d == TOPO_AB ? b : a);
		add_impair(ret, &e->impair[d], before);
	}
}

void label_impair(const struct topology *t, const struct topo_layout *l, const struct topo_edge *e,
		  struct label *ret)
{
	ret->n = 0;
	append_impair(ret, t, l, e);
}

void label_vertex(const struct topology *t, const struct topo_layout *l, size_t v,
		  struct label *ret)
{
	const struct topo_vertex *x = &l->v[v];
	const struct topo_edge *e = x->hang == TOPO_NONE ? NULL : &l->e[x->hang];
	uint32_t iface;

	ret->n = 0;
	if (x->net != TOPO_NONE)
		add_prefixes(ret, t->nets[x->net].subnets, t->nets[x->net].n_subnets);
	else
		add_prefixes(ret, t->nodes[x->node].lo, t->nodes[x->node].n_lo);
	if (!e)
		return;
	iface = e->a == v ? e->if_a : e->if_b;
	if (iface != TOPO_NONE)
		add_prefixes(ret, t->ifaces[iface].addrs, t->ifaces[iface].n_addrs);
	append_impair(ret, t, l, e);
}
