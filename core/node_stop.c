/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node does at its end: the commands it was born with, until one is changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/node_agent.h"

void stops_run(struct agent *a, uint64_t until)
{
	const struct node_command *v = a->stops ? a->stops : a->spec->stops;
	size_t n = a->stops ? a->n_stops : a->spec->n_stops;
	struct err e = ERR_INIT;
	char what[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(what, sizeof(what), "stop.%u", v[i].num);
		job_run(a, what, v[i].text, until, &e);
	}
}

/* With room for one more. The texts are the spec's, or ours and never freed: there are few. */
static int own(struct agent *a)
{
	const struct node_command *from = a->stops ? a->stops : a->spec->stops;
	size_t n = a->stops ? a->n_stops : a->spec->n_stops;
	struct node_command *v = calloc(n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (n)
		memcpy(v, from, n * sizeof(*v));
	free(a->stops);
	a->stops = v;
	a->n_stops = n;
	return 0;
}

int stops_put(struct agent *a, uint32_t num, const char *text, struct err *e)
{
	char *copy = text ? strdup(text) : NULL;
	size_t i = 0;

	if ((text && !copy) || own(a) < 0) {
		free(copy);
		return err_sys(e, -ENOMEM, "stop.%u", num);
	}
	while (i < a->n_stops && a->stops[i].num < num)
		i++;
	if (i < a->n_stops && a->stops[i].num == num) {
		memmove(&a->stops[i], &a->stops[i + 1], (a->n_stops - i - 1) * sizeof(*a->stops));
		a->n_stops--;
	}
	if (!copy)
		return 0;
	memmove(&a->stops[i + 1], &a->stops[i], (a->n_stops - i) * sizeof(*a->stops));
	a->stops[i] = (struct node_command){ num, copy };
	a->n_stops++;
	return 0;
}
