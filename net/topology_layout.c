/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small graphs: forces (Fruchterman and Reingold, 1991) from a fixed start, so
 * that what is joined is near. Larger ones, for which that is quadratic: rows by
 * distance from the vertex that has most edges.
 */
#include "net/topology_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_math.h"

#define FORCE_MAX  200
#define ROUNDS	   300
#define SPACING	   150.0 /* pixels between what is joined */
#define MARGIN	   90.0
#define ROW_HEIGHT 160.0
#define COLUMN	   110.0

void layout_free(struct topo_layout *l)
{
	free(l->v);
	free(l->e);
	*l = (struct topo_layout){ 0 };
}

static void collect(const struct topology *t, struct topo_layout *l)
{
	for (uint32_t i = 0; i < t->n_nodes; i++)
		l->v[l->n_v++] = (struct topo_vertex){ .node = i, .net = TOPO_NONE };
	for (uint32_t i = 0; i < t->n_nets; i++)
		l->v[l->n_v++] = (struct topo_vertex){ .node = TOPO_NONE, .net = i };
	for (uint32_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];
		struct topo_edge *e = &l->e[l->n_e];

		if (x->on == TOPO_ON_NET) {
			*e = (struct topo_edge){
				x->node,   (uint32_t)t->n_nodes + x->wire, i,
				TOPO_NONE, t->nets[x->wire].impair,	   TOPO_NONE
			};
			l->n_e++;
		} else if (x->on == TOPO_ON_LINK && x->end == TOPO_AB) {
			const struct topo_link *link = &t->links[x->wire];

			*e = (struct topo_edge){ x->node,
						 t->ifaces[link->ifaces[1]].node,
						 i,
						 link->ifaces[1],
						 link->impair,
						 x->wire };
			l->n_e++;
		}
	}
}

/* ---- forces ---- */

struct push {
	double x, y;
};

static void repel(const struct topo_layout *l, struct push *p)
{
	for (size_t i = 0; i < l->n_v; i++)
		for (size_t k = i + 1; k < l->n_v; k++) {
			double dx = l->v[i].x - l->v[k].x, dy = l->v[i].y - l->v[k].y;
			double d2 = dx * dx + dy * dy + 0.01, f = SPACING * SPACING / d2;

			p[i].x += dx * f;
			p[i].y += dy * f;
			p[k].x -= dx * f;
			p[k].y -= dy * f;
		}
}

static void attract(const struct topo_layout *l, struct push *p)
{
	for (size_t i = 0; i < l->n_e; i++) {
		const struct topo_edge *e = &l->e[i];
		double dx = l->v[e->a].x - l->v[e->b].x, dy = l->v[e->a].y - l->v[e->b].y;
		double f = topo_sqrt(dx * dx + dy * dy) / SPACING;

		p[e->a].x -= dx * f;
		p[e->a].y -= dy * f;
		p[e->b].x += dx * f;
		p[e->b].y += dy * f;
	}
}

/* Along the push, no further than the round allows; a little towards the middle. */
static void move(struct topo_layout *l, const struct push *p, double heat)
{
	for (size_t i = 0; i < l->n_v; i++) {
		double x = p[i].x - l->v[i].x * 0.05, y = p[i].y - l->v[i].y * 0.05;
		double d = topo_sqrt(x * x + y * y), step = d > heat ? heat / d : 1;

		l->v[i].x += x * step;
		l->v[i].y += y * step;
	}
}

static int by_forces(struct topo_layout *l)
{
	_cleanup_free_ struct push *p = calloc(l->n_v + 1, sizeof(*p));
	double size = SPACING * topo_sqrt((double)l->n_v);

	if (!p)
		return -ENOMEM;
	/* on a spiral by the golden angle: no two in one place, none in a row */
	for (size_t i = 0; i < l->n_v; i++) {
		double r = size / 2 * topo_sqrt(((double)i + 0.5) / (double)l->n_v);
		double angle = 2.399963229728653 * (double)i;

		l->v[i].x = r * topo_cos(angle);
		l->v[i].y = r * topo_sin(angle);
	}
	for (int round = 0; round < ROUNDS; round++) {
		memset(p, 0, l->n_v * sizeof(*p));
		repel(l, p);
		attract(l, p);
		move(l, p, size / 8 * (1 - (double)round / ROUNDS));
	}
	return 0;
}

/* ---- rows ---- */

struct walk {
	uint32_t *first, *next; /* neighbours of v: next[first[v]] ... next[first[v + 1] - 1] */
	uint32_t *row, *queue;
};

static void neighbours(const struct topo_layout *l, struct walk *w)
{
	for (size_t i = 0; i < l->n_e; i++) {
		w->first[l->e[i].a + 2]++;
		w->first[l->e[i].b + 2]++;
	}
	for (size_t i = 2; i <= l->n_v; i++)
		w->first[i] += w->first[i - 1];
	for (size_t i = 0; i < l->n_e; i++) {
		w->next[w->first[l->e[i].a + 1]++] = l->e[i].b;
		w->next[w->first[l->e[i].b + 1]++] = l->e[i].a;
	}
}

/* Everything that can be reached from v, row by row; where the queue ends. */
static size_t spread(struct walk *w, uint32_t v, uint32_t row, size_t tail)
{
	size_t head = tail;

	w->row[v] = row;
	w->queue[tail++] = v;
	for (; head < tail; head++) {
		uint32_t from = w->queue[head];

		for (uint32_t k = w->first[from]; k < w->first[from + 1]; k++) {
			uint32_t to = w->next[k];

			if (w->row[to] != TOPO_NONE)
				continue;
			w->row[to] = w->row[from] + 1;
			w->queue[tail++] = to;
		}
	}
	return tail;
}

/* In the order of the walk, each row centred. */
static void place_rows(struct topo_layout *l, const struct walk *w)
{
	for (size_t from = 0, to; from < l->n_v; from = to) {
		uint32_t row = w->row[w->queue[from]];

		for (to = from; to < l->n_v && w->row[w->queue[to]] == row; to++)
			;
		for (size_t i = from; i < to; i++) {
			l->v[w->queue[i]].x =
				((double)(i - from) - (double)(to - from - 1) / 2) * COLUMN;
			l->v[w->queue[i]].y = row * ROW_HEIGHT;
		}
	}
}

static int by_rows(struct topo_layout *l)
{
	_cleanup_free_ uint32_t *first = calloc(l->n_v + 3, sizeof(*first));
	_cleanup_free_ uint32_t *next = calloc(2 * l->n_e + 1, sizeof(*next));
	_cleanup_free_ uint32_t *row = malloc((l->n_v + 1) * sizeof(*row));
	_cleanup_free_ uint32_t *queue = calloc(l->n_v + 1, sizeof(*queue));
	struct walk w = { first, next, row, queue };
	uint32_t most = 0;
	size_t tail;

	if (!first || !next || !row || !queue)
		return -ENOMEM;
	memset(row, 0xff, (l->n_v + 1) * sizeof(*row));
	neighbours(l, &w);
	for (uint32_t i = 0; i < l->n_v; i++)
		if (first[i + 1] - first[i] > first[most + 1] - first[most])
			most = i;
	tail = spread(&w, most, 0, 0);
	for (uint32_t i = 0; i < l->n_v; i++)
		if (row[i] == TOPO_NONE)
			tail = spread(&w, i, row[queue[tail - 1]] + 1, tail);
	place_rows(l, &w);
	return 0;
}

/* Into the positive quadrant, with room around. */
static void shift(struct topo_layout *l)
{
	double left = 0, right = 0, top = 0, bottom = 0;

	for (size_t i = 0; i < l->n_v; i++) {
		left = i && left < l->v[i].x ? left : l->v[i].x;
		right = i && right > l->v[i].x ? right : l->v[i].x;
		top = i && top < l->v[i].y ? top : l->v[i].y;
		bottom = i && bottom > l->v[i].y ? bottom : l->v[i].y;
	}
	for (size_t i = 0; i < l->n_v; i++) {
		l->v[i].x += MARGIN - left;
		l->v[i].y += MARGIN - top;
	}
	l->width = right - left + 2 * MARGIN;
	l->height = bottom - top + 2 * MARGIN;
}

int layout_make(const struct topology *t, struct topo_layout *ret)
{
	struct topo_layout l = { 0 };
	int r = -ENOMEM;

	l.v = calloc(t->n_nodes + t->n_nets + 1, sizeof(*l.v));
	l.e = calloc(t->n_ifaces + 1, sizeof(*l.e));
	if (l.v && l.e) {
		collect(t, &l);
		r = l.n_v < FORCE_MAX ? by_forces(&l) : by_rows(&l);
	}
	if (r < 0) {
		layout_free(&l);
		return r;
	}
	shift(&l);
	*ret = l;
	return 0;
}
