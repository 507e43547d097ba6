/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places such that distances on paper are like distances in the graph: stress
 * majorization (Gansner, Koren and North, "Graph Drawing by Stress Majorization",
 * 2004), each component for itself, then boxes that overlap are pushed apart and the
 * components set side by side.
 *
 * It is quadratic. Beyond some thousands, where no picture helps, all get a place in
 * rows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_layout.h"
#include "net/topology_math.h"

#define MOST	3000
#define WORK	20000000.0 /* pairs looked at, in all rounds */
#define ROUNDS	150
#define APART	200 /* rounds of pushing */
#define SPACING 130.0 /* pixels between boxes that are joined */
#define WIDE	240.0 /* where impairments stand between them */
#define ROOM	24.0 /* between any two boxes */
#define FAR	-1.0f
#define SHAPE	1.5 /* width to height */
#define STRETCH 1.3 /* and not more for its sake */
#define ASIDE	10.0 /* between a box and a line that passes */

struct stress {
	const struct topo_layout *l;
	struct layout_box *b;
	uint32_t *v; /* the vertices that are placed here */
	uint32_t *place; /* where a vertex is in v */
	size_t n;
	uint32_t *first; /* edges of v[i]: next[first[i]] ... next[first[i + 1] - 1] */
	uint32_t *next;
	float *far; /* n * n, pixels along the edges; FAR: not joined */
	uint32_t *component; /* of v[i] */
	size_t n_components;
};

static void stress_free(struct stress *s)
{
	free(s->v);
	free(s->place);
	free(s->first);
	free(s->next);
	free(s->far);
	free(s->component);
}

static struct layout_box *box(const struct stress *s, size_t i)
{
	return &s->b[s->v[i]];
}

static double radius(const struct layout_box *b)
{
	return (b->w + b->h) / 4;
}

/* ---- distances ---- */

static bool is_between(const struct stress *s, const struct topo_edge *e)
{
	return e->a != e->b && !s->b[e->a].placed && !s->b[e->b].placed;
}

static float length(const struct stress *s, const struct topo_edge *e)
{
	bool impaired = impair_any(&e->impair[0]) || impair_any(&e->impair[1]);

	return (float)((impaired ? WIDE : SPACING) + radius(&s->b[e->a]) + radius(&s->b[e->b]));
}

static void list_neighbours(struct stress *s)
{
	const struct topo_layout *l = s->l;

	for (size_t i = 0; i < l->n_e; i++) {
		if (!is_between(s, &l->e[i]))
			continue;
		s->first[s->place[l->e[i].a] + 2]++;
		s->first[s->place[l->e[i].b] + 2]++;
	}
	for (size_t i = 2; i <= s->n; i++)
		s->first[i] += s->first[i - 1];
	for (uint32_t i = 0; i < l->n_e; i++) {
		uint32_t a = s->place[l->e[i].a], b = s->place[l->e[i].b];

		if (!is_between(s, &l->e[i]))
			continue;
		s->next[s->first[a + 1]++] = i;
		s->next[s->first[b + 1]++] = i;
	}
}

/* From one to all, breadth first, which is nearly the shortest; queue has room for all. */
static void walk(struct stress *s, uint32_t from, uint32_t *queue)
{
	float *far = s->far + from * s->n;
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < s->n; i++)
		far[i] = FAR;
	far[from] = 0;
	queue[tail++] = from;
	for (; head < tail; head++) {
		uint32_t at = queue[head];

		for (uint32_t k = s->first[at]; k < s->first[at + 1]; k++) {
			const struct topo_edge *e = &s->l->e[s->next[k]];
			uint32_t to = s->place[e->a] == at ? s->place[e->b] : s->place[e->a];

			if (far[to] >= 0)
				continue;
			far[to] = far[at] + length(s, e);
			queue[tail++] = to;
		}
	}
}

static int find_distances(struct stress *s)
{
	_cleanup_free_ uint32_t *queue = calloc(s->n + 1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->n; i++)
		walk(s, i, queue);
	for (size_t i = 0; i < s->n; i++) {
		uint32_t k = 0;

		/* the first that can be reached has the number of its component */
		while (s->far[i * s->n + k] < 0)
			k++;
		s->component[i] = k == i ? (uint32_t)s->n_components++ : s->component[k];
	}
	return 0;
}

/* ---- a first guess ---- */

static uint32_t farthest(const struct stress *s, uint32_t from)
{
	const float *far = s->far + from * s->n;
	uint32_t best = from;

	for (uint32_t i = 0; i < s->n; i++)
		if (far[i] > far[best])
			best = i;
	return best;
}

/* As far from both ends as from each other, and far: it tells the other direction. */
static uint32_t aside(const struct stress *s, uint32_t a, uint32_t b)
{
	uint32_t best = a;
	float most = -1;

	for (uint32_t i = 0; i < s->n; i++) {
		float da = s->far[a * s->n + i], db = s->far[b * s->n + i];
		float good = (da < db ? da : db) * 2 - (da < db ? db - da : da - db);

		if (da >= 0 && good > most) {
			most = good;
			best = i;
		}
	}
	return best;
}

/* By the distances from two pairs that are far apart: what is folded now stays folded. */
static void guess(struct stress *s, uint32_t any)
{
	uint32_t a = farthest(s, any), b = farthest(s, a), c = aside(s, a, b);
	uint32_t d = farthest(s, c);

	for (size_t i = 0; i < s->n; i++) {
		const float *far = s->far + i * s->n;
		/* no two in one place, none in a row */
		double angle = 2.399963229728653 * (double)i;

		if (s->component[i] != s->component[any])
			continue;
		box(s, i)->x = (far[a] - far[b]) / 2 + 20 * topo_cos(angle);
		box(s, i)->y = (far[c] - far[d]) / 2 + 20 * topo_sin(angle);
	}
}

/* ---- majorization ---- */

/* Where all others of its component want it, the near ones most. */
static void improve(struct stress *s, size_t i)
{
	struct layout_box *at = box(s, i);
	double x = 0, y = 0, weights = 0;

	for (size_t k = 0; k < s->n; k++) {
		const struct layout_box *o = box(s, k);
		double dx, dy, d, want, weight;

		if (k == i || s->far[i * s->n + k] < 0)
			continue;
		want = s->far[i * s->n + k];
		weight = 1 / (want * want);
		dx = at->x - o->x;
		dy = at->y - o->y;
		d = topo_sqrt(dx * dx + dy * dy);
		d = d > 0.01 ? want / d : 0;
		x += weight * (o->x + dx * d);
		y += weight * (o->y + dy * d);
		weights += weight;
	}
	if (weights > 0) {
		at->x = x / weights;
		at->y = y / weights;
	}
}

/* ---- no box over another ---- */

/* Along the way that is shorter, each half of it. */
static bool push_apart(struct layout_box *a, struct layout_box *b)
{
	double dx = b->x - a->x, dy = b->y - a->y;
	double x = (a->w + b->w) / 2 + ROOM - (dx < 0 ? -dx : dx);
	double y = (a->h + b->h) / 2 + ROOM - (dy < 0 ? -dy : dy);

	if (x <= 0.5 || y <= 0.5)
		return false;
	if (x < y) {
		a->x -= dx < 0 ? -x / 2 : x / 2;
		b->x += dx < 0 ? -x / 2 : x / 2;
	} else {
		a->y -= dy < 0 ? -y / 2 : y / 2;
		b->y += dy < 0 ? -y / 2 : y / 2;
	}
	return true;
}

/* A line that passes under a box looks like one that ends there: the box steps aside. */
static bool step_aside(const struct layout_box *a, const struct layout_box *b,
		       struct layout_box *at)
{
	double dx = b->x - a->x, dy = b->y - a->y, len = topo_sqrt(dx * dx + dy * dy);
	double along, beside, need, nx, ny;

	if (len < 1)
		return false;
	nx = -dy / len;
	ny = dx / len;
	along = ((at->x - a->x) * dx + (at->y - a->y) * dy) / len;
	beside = (at->x - a->x) * nx + (at->y - a->y) * ny;
	need = ((nx < 0 ? -nx : nx) * at->w + (ny < 0 ? -ny : ny) * at->h) / 2 + ASIDE;
	if (along <= 0 || along >= len || (beside < 0 ? -beside : beside) >= need - 0.5)
		return false;
	need = beside < 0 ? -need - beside : need - beside;
	at->x += nx * need / 2;
	at->y += ny * need / 2;
	return true;
}

static bool push_from_lines(struct stress *s)
{
	bool any = false;

	for (size_t i = 0; i < s->l->n_e; i++) {
		const struct topo_edge *e = &s->l->e[i];

		if (!is_between(s, e))
			continue;
		for (size_t k = 0; k < s->n; k++)
			if (s->v[k] != e->a && s->v[k] != e->b &&
			    s->component[k] == s->component[s->place[e->a]] &&
			    step_aside(&s->b[e->a], &s->b[e->b], box(s, k)))
				any = true;
	}
	return any;
}

static void push_all(struct stress *s, double rounds)
{
	bool any = true;

	for (int round = 0; any && round < rounds; round++) {
		/* the last rounds are for boxes alone, which is worse */
		any = round < rounds / 2 && push_from_lines(s);
		for (size_t i = 0; i < s->n; i++)
			for (size_t k = i + 1; k < s->n; k++)
				if (s->component[i] == s->component[k] &&
				    push_apart(box(s, i), box(s, k)))
					any = true;
	}
}

/* ---- components side by side ---- */

struct frame {
	double left, right, top, bottom;
	bool used;
};

static void frame_of(const struct stress *s, uint32_t component, struct frame *f)
{
	*f = (struct frame){ 0 };
	for (size_t i = 0; i < s->n; i++) {
		const struct layout_box *b = box(s, i);

		if (s->component[i] != component)
			continue;
		f->left = f->used && f->left < b->x - b->w / 2 ? f->left : b->x - b->w / 2;
		f->right = f->used && f->right > b->x + b->w / 2 ? f->right : b->x + b->w / 2;
		f->top = f->used && f->top < b->y - b->h / 2 ? f->top : b->y - b->h / 2;
		f->bottom = f->used && f->bottom > b->y + b->h / 2 ? f->bottom : b->y + b->h / 2;
		f->used = true;
	}
}

/* Screens are wide, and so are labels. */
static void turn(struct stress *s, uint32_t component)
{
	struct frame f;
	double w, h, more;
	bool tall;

	frame_of(s, component, &f);
	w = f.right - f.left;
	h = f.bottom - f.top;
	tall = h > w;
	more = topo_sqrt(SHAPE * (tall ? w / h : h / w));
	more = more < 1 ? 1 : more > STRETCH ? STRETCH : more;
	for (size_t i = 0; i < s->n; i++) {
		struct layout_box *b = box(s, i);
		double x = tall ? b->y : b->x, y = tall ? b->x : b->y;

		if (s->component[i] != component)
			continue;
		b->x = x * more;
		b->y = y / more;
	}
}

static void side_by_side(struct stress *s)
{
	double x = 0, y = 0, height = 0, area = 0, width;
	struct frame f;

	for (uint32_t c = 0; c < s->n_components; c++) {
		frame_of(s, c, &f);
		area += (f.right - f.left + ROOM) * (f.bottom - f.top + ROOM);
	}
	width = topo_sqrt(area * 2);
	for (uint32_t c = 0; c < s->n_components; c++) {
		frame_of(s, c, &f);
		if (x > 0 && x + f.right - f.left > width) {
			x = 0;
			y += height + 2 * ROOM;
			height = 0;
		}
		for (size_t i = 0; i < s->n; i++) {
			if (s->component[i] != c)
				continue;
			box(s, i)->x += x - f.left;
			box(s, i)->y += y - f.top;
		}
		x += f.right - f.left + 2 * ROOM;
		height = f.bottom - f.top > height ? f.bottom - f.top : height;
	}
}

/* ---- all of it ---- */

static int stress_open(const struct topo_layout *l, struct layout_box *b, struct stress *s)
{
	s->l = l;
	s->b = b;
	s->v = calloc(l->n_v + 1, sizeof(*s->v));
	s->place = calloc(l->n_v + 1, sizeof(*s->place));
	if (!s->v || !s->place)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->n_v; i++) {
		if (b[i].placed)
			continue;
		s->place[i] = (uint32_t)s->n;
		s->v[s->n++] = i;
	}
	return 0;
}

static int stress_distances(struct stress *s)
{
	s->first = calloc(s->n + 3, sizeof(*s->first));
	s->next = calloc(2 * s->l->n_e + 1, sizeof(*s->next));
	s->far = calloc(s->n * s->n + 1, sizeof(*s->far));
	s->component = calloc(s->n + 1, sizeof(*s->component));
	if (!s->first || !s->next || !s->far || !s->component)
		return -ENOMEM;
	list_neighbours(s);
	return find_distances(s);
}

static void place_in_rows(struct stress *s)
{
	double x = 0, y = 0, height = 0, area = 0, width;

	for (size_t i = 0; i < s->n; i++)
		area += (box(s, i)->w + ROOM) * (box(s, i)->h + ROOM);
	width = topo_sqrt(area * 2);
	for (size_t i = 0; i < s->n; i++) {
		struct layout_box *b = box(s, i);

		if (x > width) {
			x = 0;
			y += height + ROOM;
			height = 0;
		}
		b->x = x + b->w / 2;
		b->y = y + b->h / 2;
		x += b->w + ROOM;
		height = b->h > height ? b->h : height;
	}
}

int stress_place(const struct topo_layout *l, struct layout_box *b)
{
	_cleanup_(stress_free) struct stress s = { .n = 0 };
	int r = stress_open(l, b, &s);
	double rounds;
	uint32_t seen = 0;

	if (r < 0)
		return r;
	if (s.n > MOST) {
		place_in_rows(&s);
		return 0;
	}
	r = stress_distances(&s);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < s.n; i++) {
		if (s.component[i] != seen)
			continue;
		guess(&s, i);
		seen++;
	}
	rounds = WORK / ((double)s.n * (double)s.n + 1);
	for (int round = 0; round < ROUNDS && round < rounds; round++)
		for (size_t i = 0; i < s.n; i++)
			improve(&s, i);
	for (uint32_t c = 0; c < s.n_components; c++)
		turn(&s, c);
	push_all(&s, rounds < APART ? rounds : APART);
	side_by_side(&s);
	return 0;
}
