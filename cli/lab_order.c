/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for whom among the nodes that are being settled: `after`. */
#include <errno.h>
#include <stdlib.h>

#include "cli/lab_live_real.h"
#include "core/base/cleanup.h"

/* Those who wait for node n are who[first[n]] .. who[first[n + 1] - 1]. */
struct live_order {
	uint32_t *first, *who, *ready;
};

void live_order_free(struct lab_live *l)
{
	if (!l->order)
		return;
	free(l->order->first);
	free(l->order->who);
	free(l->order->ready);
	free(take_ptr(l->order));
}

static bool is_waited_for(const struct lab_live *l, uint32_t node)
{
	enum live_state s = node == TOPO_NONE ? LIVE_ABSENT : l->node[node].state;

	return s >= LIVE_STARTING && s < LIVE_READY;
}

/* Calls count or note for each pair of nodes one of which waits for the other. */
static size_t pairs(struct lab_live *l, uint32_t *who, uint32_t *first)
{
	size_t all = 0;

	for (size_t i = 0; i < l->n_starting; i++) {
		const struct topo_node *n = &l->t->nodes[l->starting[i]];

		for (size_t k = 0; k < n->n_after; k++) {
			if (!is_waited_for(l, n->after[k]))
				continue;
			all++;
			if (who)
				who[first[n->after[k]]++] = l->starting[i];
			else
				first[n->after[k] + 1]++;
		}
	}
	return all;
}

/* Nobody waits: there is no order. */
int live_order_new(struct lab_live *l)
{
	struct live_order *o = calloc(1, sizeof(*o));
	size_t n = l->t->n_nodes, all;

	l->order = o;
	if (!o)
		return -ENOMEM;
	o->first = calloc(n + 2, sizeof(*o->first));
	if (!o->first)
		return -ENOMEM;
	/* first[n + 1] is the sum of all before, then moves from begin to end of n's */
	all = pairs(l, NULL, o->first + 1);
	if (!all) {
		live_order_free(l);
		return 0;
	}
	o->who = calloc(all, sizeof(*o->who));
	o->ready = calloc(all, sizeof(*o->ready));
	if (!o->who || !o->ready)
		return -ENOMEM;
	for (size_t i = 1; i <= n + 1; i++)
		o->first[i] += o->first[i - 1];
	pairs(l, o->who, o->first + 1);
	for (size_t i = 0; i < all; i++)
		l->node[o->who[i]].waits++;
	return 0;
}

size_t live_order_ready(struct lab_live *l, uint32_t node, const uint32_t **ret)
{
	struct live_order *o = l->order;
	size_t n = 0;

	for (uint32_t i = o ? o->first[node] : 0; o && i < o->first[node + 1]; i++)
		if (!--l->node[o->who[i]].waits)
			o->ready[n++] = o->who[i];
	*ret = o ? o->ready : NULL;
	return n;
}
