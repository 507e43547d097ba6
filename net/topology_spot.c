/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/topology_spot.h"

#include <stdbool.h>
#include <stdlib.h>

#define MOST	   4000 /* looked at for each label: a picture with more is read zoomed in */
#define LINE_COST  120.0 /* square pixels that a line through a label is as bad as */
#define LATER_COST 6.0 /* and a spot that is one further from where it belongs */

static bool grow(void **v, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return true;
	more = reallocarray(*v, *room ? *room * 2 : 64, size);
	if (!more)
		return false;
	*v = more;
	*room = *room ? *room * 2 : 64;
	return true;
}

void spot_take(struct spots *s, const struct spot *at)
{
	void *v = s->taken;

	if (s->n_taken < MOST && grow(&v, s->n_taken, &s->room_taken, sizeof(*at))) {
		s->taken = v;
		s->taken[s->n_taken++] = *at;
	}
}

void spot_line(struct spots *s, const struct spot_line *at)
{
	void *v = s->lines;

	if (s->n_lines < MOST && grow(&v, s->n_lines, &s->room_lines, sizeof(*at))) {
		s->lines = v;
		s->lines[s->n_lines++] = *at;
	}
}

void spots_free(struct spots *s)
{
	free(s->taken);
	free(s->lines);
	*s = (struct spots){ 0 };
}

static double shared(double a, double wa, double b, double wb)
{
	double low = a - wa / 2 > b - wb / 2 ? a - wa / 2 : b - wb / 2;
	double high = a + wa / 2 < b + wb / 2 ? a + wa / 2 : b + wb / 2;

	return high > low ? high - low : 0;
}

/* Cuts the part of a line that is in a strip; false: none is. (Liang and Barsky, 1984) */
static bool clip(double from, double step, double low, double high, double *t0, double *t1)
{
	double in = (low - from) / step, out = (high - from) / step;

	if (step > -1e-9 && step < 1e-9)
		return from > low && from < high;
	if (in > out) {
		double x = in;

		in = out;
		out = x;
	}
	*t0 = in > *t0 ? in : *t0;
	*t1 = out < *t1 ? out : *t1;
	return *t0 < *t1;
}

static bool crosses(const struct spot *s, const struct spot_line *l)
{
	double t0 = 0, t1 = 1;

	return clip(l->ax, l->bx - l->ax, s->x - s->w / 2, s->x + s->w / 2, &t0, &t1) &&
	       clip(l->ay, l->by - l->ay, s->y - s->h / 2, s->y + s->h / 2, &t0, &t1);
}

static double cost(const struct spots *s, const struct spot *at)
{
	double sum = 0;

	for (size_t i = 0; i < s->n_taken; i++)
		sum += shared(at->x, at->w, s->taken[i].x, s->taken[i].w) *
		       shared(at->y, at->h, s->taken[i].y, s->taken[i].h);
	for (size_t i = 0; i < s->n_lines; i++)
		sum += crosses(at, &s->lines[i]) ? LINE_COST : 0;
	return sum;
}

const struct spot *spot_best(struct spots *s, const struct spot *of, size_t n)
{
	const struct spot *best = of;
	double least = 0;

	for (size_t i = 0; i < n; i++) {
		double c = cost(s, &of[i]) + LATER_COST * (double)i;

		if (i && c >= least)
			continue;
		least = c;
		best = &of[i];
		if (c <= LATER_COST * (double)i)
			break; /* nothing is hidden */
	}
	spot_take(s, best);
	return best;
}
