/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/topology_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

#define MARGIN 30.0

void layout_free(struct topo_layout *l)
{
	free(l->v);
	free(l->e);
	*l = (struct topo_layout){ 0 };
}

static void collect(const struct topology *t, struct topo_layout *l)
{
	for (uint32_t i = 0; i < t->n_nodes; i++)
		l->v[l->n_v++] = (struct topo_vertex){ i, TOPO_NONE, TOPO_NONE, .x = 0 };
	for (uint32_t i = 0; i < t->n_nets; i++)
		l->v[l->n_v++] = (struct topo_vertex){ TOPO_NONE, i, TOPO_NONE, .x = 0 };
	for (uint32_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];
		struct topo_edge *e = &l->e[l->n_e];

		if (x->on == TOPO_ON_NET) {
			*e = (struct topo_edge){ .a = x->node,
						 .b = (uint32_t)t->n_nodes + x->wire,
						 .if_a = i,
						 .if_b = TOPO_NONE,
						 .impair = t->nets[x->wire].impair,
						 .link = TOPO_NONE };
			l->n_e++;
		} else if (x->on == TOPO_ON_LINK && x->end == TOPO_AB) {
			const struct topo_link *link = &t->links[x->wire];

			*e = (struct topo_edge){ .a = x->node,
						 .b = t->ifaces[link->ifaces[1]].node,
						 .if_a = i,
						 .if_b = link->ifaces[1],
						 .impair = link->impair,
						 .link = x->wire };
			l->n_e++;
		}
	}
}

/* ---- edges between the same two ---- */

struct pair {
	uint32_t low, high, edge;
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return x->edge < y->edge ? -1 : 1;
}

static int find_parallels(struct topo_layout *l)
{
	_cleanup_free_ struct pair *p = calloc(l->n_e + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->n_e; i++) {
		const struct topo_edge *e = &l->e[i];

		p[i] = e->a < e->b ? (struct pair){ e->a, e->b, i }
				   : (struct pair){ e->b, e->a, i };
	}
	qsort(p, l->n_e, sizeof(*p), pair_compare);
	for (size_t from = 0, to; from < l->n_e; from = to) {
		for (to = from;
		     to < l->n_e && p[to].low == p[from].low && p[to].high == p[from].high; to++)
			;
		for (size_t i = from; i < to; i++) {
			l->e[p[i].edge].parallel = (int)(i - from);
			l->e[p[i].edge].parallels = (int)(to - from);
		}
	}
	return 0;
}

/* ---- all of it ---- */

/* Into the positive quadrant, with room around. */
static void shift(struct topo_layout *l, const struct layout_box *b)
{
	double left = 0, right = 0, top = 0, bottom = 0;
	bool first = true;

	for (size_t i = 0; i < l->n_v; i++) {
		const struct layout_box *x = &b[i];

		if (x->placed)
			continue;
		left = first || x->x - x->w / 2 < left ? x->x - x->w / 2 : left;
		right = first || x->x + x->w / 2 > right ? x->x + x->w / 2 : right;
		top = first || x->y - x->h / 2 < top ? x->y - x->h / 2 : top;
		bottom = first || x->y + x->h / 2 > bottom ? x->y + x->h / 2 : bottom;
		first = false;
	}
	for (size_t i = 0; i < l->n_v; i++) {
		l->v[i].x += MARGIN - left;
		l->v[i].y += MARGIN - top;
	}
	for (size_t i = 0; i < l->n_e; i++) {
		l->e[i].trunk += MARGIN - left;
		l->e[i].first += MARGIN - top;
		l->e[i].bus += MARGIN - top;
	}
	l->width = right - left + 2 * MARGIN;
	l->height = bottom - top + 2 * MARGIN;
}

static int place(const struct topology *t, struct topo_layout *l)
{
	_cleanup_free_ struct layout_box *b = calloc(l->n_v + 1, sizeof(*b));
	_cleanup_(pack_free) struct pack *p = NULL;
	int r = b ? pack_make(t, l, b, &p) : -ENOMEM;

	r = r < 0 ? r : stress_place(l, b);
	if (r < 0)
		return r;
	pack_place(p, l, b);
	shift(l, b);
	return 0;
}

int layout_make(const struct topology *t, struct topo_layout *ret)
{
	struct topo_layout l = { 0 };
	int r = -ENOMEM;

	l.v = calloc(t->n_nodes + t->n_nets + 1, sizeof(*l.v));
	l.e = calloc(t->n_ifaces + 1, sizeof(*l.e));
	if (l.v && l.e) {
		collect(t, &l);
		r = find_parallels(&l);
	}
	r = r < 0 ? r : place(t, &l);
	if (r < 0) {
		layout_free(&l);
		return r;
	}
	*ret = l;
	return 0;
}
