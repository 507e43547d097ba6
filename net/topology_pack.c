/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trees that hang on the rest of a large graph, packed: leaves are pruned until none
 * is left; each pruned vertex hangs on the neighbour it had then. From the leaves
 * inwards each vertex becomes a box of itself with the boxes of what hangs on it in
 * rows below; from the roots outwards the boxes get their places. Lines run between
 * the rows: down from the parent, along the left side, and across above each row.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_label.h"
#include "net/topology_math.h"

#define FEW    30 /* vertices: nothing is packed */
#define GAP    10.0 /* between boxes */
#define BUS    12.0 /* room above a row for its line */
#define TRUNK  8.0 /* left of the rows */
#define SHAPE  1.8 /* width to height of many boxes */
#define PAD    8.0 /* left and right of a name */
#define MIN_W  44.0
#define BOX_H  26.0
#define OVAL_H 32.0

struct size {
	double w, h;
};

struct pack {
	uint32_t *order; /* pruned vertices, leaves first */
	size_t n_order;
	uint32_t *first, *child; /* of v: child[first[v]] ... child[first[v + 1] - 1] */
	struct size *size; /* with all that hangs on it */
	struct size *off; /* left top of v's box from that of its parent's */
	double *bus; /* of v's row, from its parent's top */
};

void pack_free(struct pack **pp)
{
	struct pack *p = *pp;

	if (!p)
		return;
	free(p->order);
	free(p->first);
	free(p->child);
	free(p->size);
	free(p->off);
	free(p->bus);
	free(p);
}

static uint32_t other_end(const struct topo_edge *e, uint32_t v)
{
	return e->a == v ? e->b : e->a;
}

static uint32_t parent_of(const struct topo_layout *l, uint32_t v)
{
	return other_end(&l->e[l->v[v].hang], v);
}

/* ---- who hangs on whom ---- */

struct prune {
	uint32_t *first, *next; /* edges of v: next[first[v]] ... next[first[v + 1] - 1] */
	uint32_t *degree;
	bool *gone;
};

static void list_edges(const struct topo_layout *l, struct prune *w)
{
	for (size_t i = 0; i < l->n_e; i++) {
		w->degree[l->e[i].a]++;
		w->degree[l->e[i].b]++;
	}
	for (size_t i = 0; i < l->n_v; i++)
		w->first[i + 2] = w->first[i + 1] + w->degree[i];
	for (uint32_t i = 0; i < l->n_e; i++) {
		w->next[w->first[l->e[i].a + 1]++] = i;
		w->next[w->first[l->e[i].b + 1]++] = i;
	}
}

/* The edge by which v still holds on, which is its last. */
static uint32_t last_edge(const struct topo_layout *l, const struct prune *w, uint32_t v)
{
	for (uint32_t k = w->first[v]; k < w->first[v + 1]; k++)
		if (!w->gone[other_end(&l->e[w->next[k]], v)])
			return w->next[k];
	return TOPO_NONE;
}

/* In rings from outside, so that of a tree its middle is left. */
static void prune(struct topo_layout *l, struct prune *w, struct pack *p)
{
	for (uint32_t v = 0; v < l->n_v; v++)
		if (w->degree[v] == 1)
			p->order[p->n_order++] = v;
	for (size_t i = 0; i < p->n_order; i++) {
		uint32_t v = p->order[i], up;

		/* the last of its tree has lost its only neighbour meanwhile */
		if (w->degree[v] != 1) {
			memmove(&p->order[i], &p->order[i + 1],
				(--p->n_order - i) * sizeof(*p->order));
			i--;
			continue;
		}
		l->v[v].hang = last_edge(l, w, v);
		w->gone[v] = true;
		up = parent_of(l, v);
		if (--w->degree[up] == 1)
			p->order[p->n_order++] = up;
	}
}

static int prune_all(struct topo_layout *l, struct pack *p)
{
	_cleanup_free_ uint32_t *first = calloc(l->n_v + 3, sizeof(*first));
	_cleanup_free_ uint32_t *next = calloc(2 * l->n_e + 1, sizeof(*next));
	_cleanup_free_ uint32_t *degree = calloc(l->n_v + 1, sizeof(*degree));
	_cleanup_free_ bool *gone = calloc(l->n_v + 1, sizeof(*gone));
	struct prune w = { first, next, degree, gone };

	if (!first || !next || !degree || !gone)
		return -ENOMEM;
	list_edges(l, &w);
	prune(l, &w, p);
	return 0;
}

/* By number, which is the order of the file. */
static void list_children(const struct topo_layout *l, struct pack *p)
{
	for (uint32_t v = 0; v < l->n_v; v++)
		if (l->v[v].hang != TOPO_NONE)
			p->first[parent_of(l, v) + 2]++;
	for (size_t i = 2; i <= l->n_v; i++)
		p->first[i] += p->first[i - 1];
	for (uint32_t v = 0; v < l->n_v; v++)
		if (l->v[v].hang != TOPO_NONE)
			p->child[p->first[parent_of(l, v) + 1]++] = v;
}

/* ---- sizes, from the leaves ---- */

static void measure(const struct topology *t, struct topo_layout *l, uint32_t i)
{
	struct topo_vertex *v = &l->v[i];
	struct label text;

	label_vertex(t, l, i, &text);
	v->w = label_name_width(vertex_name(t, v)) + 2 * PAD;
	v->w = v->w < MIN_W ? MIN_W : v->w;
	v->h = BOX_H;
	if (v->net != TOPO_NONE) { /* an ellipse */
		v->w += 2 * PAD;
		v->h = OVAL_H;
	}
	v->text_w = label_width(&text);
	v->text_h = LABEL_LINE * (double)text.n;
}

static struct size own_size(const struct topo_vertex *v)
{
	return (struct size){ v->w > v->text_w ? v->w : v->text_w,
			      v->h + (v->text_h > 0 ? v->text_h + 2 : 0) };
}

/* How wide rows are best: as wide as the widest, or what gives the whole its shape. */
static double row_width(const struct pack *p, uint32_t v)
{
	double widest = 0, area = 0, shaped;

	for (uint32_t k = p->first[v]; k < p->first[v + 1]; k++) {
		const struct size *s = &p->size[p->child[k]];

		widest = s->w > widest ? s->w : widest;
		area += (s->w + GAP) * (s->h + GAP + BUS);
	}
	shaped = topo_sqrt(area * SHAPE);
	return shaped > widest ? shaped : widest;
}

/* One row from child k on: where it ends, its size. */
static uint32_t row_take(const struct pack *p, uint32_t v, uint32_t k, double width,
			 struct size *ret)
{
	*ret = (struct size){ 0, 0 };
	for (; k < p->first[v + 1]; k++) {
		const struct size *s = &p->size[p->child[k]];

		if (ret->w > 0 && ret->w + GAP + s->w > width)
			break;
		ret->w += (ret->w > 0 ? GAP : 0) + s->w;
		ret->h = s->h > ret->h ? s->h : ret->h;
	}
	return k;
}

/* The same number of rows, as even as they go. */
static double even_width(const struct pack *p, uint32_t v)
{
	double width = row_width(p, v), total = 0, widest = 0, even;
	unsigned rows = 0, again = 0;
	struct size row;

	for (uint32_t k = p->first[v]; k < p->first[v + 1]; rows++) {
		k = row_take(p, v, k, width, &row);
		total += row.w + GAP;
	}
	for (uint32_t k = p->first[v]; k < p->first[v + 1]; k++)
		widest = p->size[p->child[k]].w > widest ? p->size[p->child[k]].w : widest;
	even = rows ? total / rows + widest / 2 : width;
	for (uint32_t k = p->first[v]; k < p->first[v + 1]; again++)
		k = row_take(p, v, k, even, &row);
	return again == rows ? even : width;
}

static void pack_rows(struct pack *p, uint32_t v, struct size own)
{
	double width = even_width(p, v), y = own.h + GAP, left = TRUNK;
	struct size *all = &p->size[v];
	struct size row;

	*all = own;
	for (uint32_t k = p->first[v], end; k < p->first[v + 1]; k = end) {
		double x = left;

		end = row_take(p, v, k, width, &row);
		for (uint32_t c = k; c < end; c++) {
			uint32_t child = p->child[c];

			p->off[child] = (struct size){ x, y + BUS };
			p->bus[child] = y + BUS / 2;
			x += p->size[child].w + GAP;
		}
		all->w = left + row.w > all->w ? left + row.w : all->w;
		y += BUS + row.h + GAP;
		all->h = y - GAP;
	}
}

static void size_all(struct topo_layout *l, struct pack *p, struct layout_box *b)
{
	for (size_t i = 0; i < p->n_order; i++)
		pack_rows(p, p->order[i], own_size(&l->v[p->order[i]]));
	for (uint32_t v = 0; v < l->n_v; v++) {
		b[v].placed = l->v[v].hang != TOPO_NONE;
		if (!b[v].placed)
			pack_rows(p, v, own_size(&l->v[v]));
		b[v].w = p->size[v].w;
		b[v].h = p->size[v].h;
	}
}

int pack_make(const struct topology *t, struct topo_layout *l, struct layout_box *b,
	      struct pack **ret)
{
	_cleanup_(pack_free) struct pack *p = calloc(1, sizeof(*p));
	int r = 0;

	if (!p)
		return -ENOMEM;
	p->order = calloc(l->n_v + 1, sizeof(*p->order));
	p->first = calloc(l->n_v + 3, sizeof(*p->first));
	p->child = calloc(l->n_v + 1, sizeof(*p->child));
	p->size = calloc(l->n_v + 1, sizeof(*p->size));
	p->off = calloc(l->n_v + 1, sizeof(*p->off));
	p->bus = calloc(l->n_v + 1, sizeof(*p->bus));
	if (!p->order || !p->first || !p->child || !p->size || !p->off || !p->bus)
		return -ENOMEM;
	if (l->n_v > FEW)
		r = prune_all(l, p);
	if (r < 0)
		return r;
	list_children(l, p);
	for (uint32_t v = 0; v < l->n_v; v++)
		measure(t, l, v);
	size_all(l, p, b);
	*ret = take_ptr(p);
	return 0;
}

/* ---- places, from the roots ---- */

/* From the left top of its box: in the middle above its rows. */
static void place_vertex(const struct pack *p, struct topo_layout *l, uint32_t v, struct size at)
{
	l->v[v].x = at.w + p->size[v].w / 2;
	l->v[v].y = at.h + l->v[v].h / 2;
	/* what hangs on it is found by where its box is: size is not needed any more */
	p->size[v] = at;
}

void pack_place(struct pack *p, struct topo_layout *l, const struct layout_box *b)
{
	for (uint32_t v = 0; v < l->n_v; v++)
		if (!b[v].placed)
			place_vertex(p, l, v,
				     (struct size){ b[v].x - b[v].w / 2, b[v].y - b[v].h / 2 });
	for (size_t i = p->n_order; i-- > 0;) {
		uint32_t v = p->order[i], up = parent_of(l, v);
		struct topo_edge *e = &l->e[l->v[v].hang];
		struct size at = { p->size[up].w + p->off[v].w, p->size[up].h + p->off[v].h };

		e->trunk = p->size[up].w + TRUNK / 2;
		e->bus = p->size[up].h + p->bus[v];
		e->first = p->size[up].h + p->bus[p->child[p->first[up]]];
		place_vertex(p, l, v, at);
	}
}
