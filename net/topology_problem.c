/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a lab file, collected while it is read. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/topology_build.h"

/* Nobody reads more, and a file that is no lab at all has one a line. */
#define PROBLEMS_MAX 1000

void topo_problems_free(struct topo_problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].msg);
		free(p->v[i].hint);
	}
	free(p->v);
	*p = (struct topo_problems){ 0 };
}

int topo_problem_add(struct topo_problems *p, bool warning, struct topo_pos at, const struct err *e)
{
	struct topo_problem *x;

	if (!warning)
		p->errors++;
	if (p->n >= PROBLEMS_MAX) {
		p->cut = true;
		return 0;
	}
	if (!(p->n & (p->n + 1))) {
		struct topo_problem *v = reallocarray(p->v, p->n + 1, 2 * sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->v = v;
	}
	x = &p->v[p->n];
	*x = (struct topo_problem){ .line = at.line, .col = at.col, .warning = warning };
	x->msg = strdup(e->msg);
	x->hint = e->hint[0] ? strdup(e->hint) : NULL;
	if (!x->msg)
		return -ENOMEM;
	p->n++;
	return 0;
}

void topo_blame(struct topo_build *b, const struct ini_entry *at, struct err *e)
{
	size_t i = (size_t)(at - b->ini->entries);

	/* what a hundred nodes inherit is wrong once */
	if (b->quiet || b->bad[i])
		return;
	b->bad[i] = true;
	ini_err(b->ini, at, -EINVAL, e);
	if (topo_problem_add(b->problems, false, topo_pos(at), e) < 0)
		b->oom = true;
}

void topo_blame_pos(struct topo_build *b, struct topo_pos at, struct err *e)
{
	if (b->quiet)
		return;
	err_wrap(e, -EINVAL, "%s:%u:%u", b->ini->file, at.line, at.col);
	if (topo_problem_add(b->problems, false, at, e) < 0)
		b->oom = true;
}

void topo_warn(struct topo_build *b, struct topo_pos at, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&e, EINVAL, "%s:%u:%u: %s", b->ini->file, at.line, at.col, text);
	if (topo_problem_add(b->problems, true, at, &e) < 0)
		b->oom = true;
}

static int compare(const void *a, const void *b)
{
	const struct topo_problem *x = a, *y = b;
	int r = (x->line > y->line) - (x->line < y->line);

	if (!r)
		r = (x->col > y->col) - (x->col < y->col);
	return r ? r : strcmp(x->msg, y->msg);
}

void topo_problems_sort(struct topo_problems *p)
{
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
}
