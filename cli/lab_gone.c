/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of a live lab end: they are asked to, have their time, and are waited for. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "cli/lab_live_real.h"
#include "core/base/clock.h"
#include "core/base/err.h"

#define OVERDUE_NS 5000000000LL /* who has not ended so long after its time is killed */

static int del_switch(struct lab_live *l, uint32_t node, struct err *e)
{
	struct live_node *n = &l->node[node];
	int r = n->state == LIVE_SWITCH ? fabric_bridge_del(l->fabric, n->id, e) : 0;

	if (r >= 0 && n->state == LIVE_SWITCH) {
		live_id_give(&l->bridge_ids, n->id);
		n->id = FABRIC_NONE;
		n->state = LIVE_ABSENT;
	}
	return r;
}

/* Of one that never began nothing will be heard. */
static bool is_known(const struct lab_live *l, uint32_t node)
{
	struct node_info info;

	return node_info(l->nodes, l->node[node].id, &info) != -ENOENT;
}

/* Its end begins; one that is not there has ended. */
static int end_node(struct lab_live *l, uint32_t node, uint64_t grace, struct err *e)
{
	struct live_node *n = &l->node[node];
	int r;

	if (l->t->nodes[node].kind == TOPO_SWITCH)
		return del_switch(l, node, e);
	if (n->state == LIVE_FAILED)
		n->state = LIVE_ABSENT;
	if (n->state < LIVE_STARTING)
		return 0;
	r = node_stop(l->nodes, n->id, grace, e);
	if (r < 0)
		return r;
	n->state = is_known(l, node) ? LIVE_STOPPING : LIVE_ABSENT;
	l->stopping += n->state == LIVE_STOPPING;
	return 0;
}

/* Those that are stopped by a signal, or traced, hear of no end that is asked for. */
static void kill_overdue(const struct lab_live *l)
{
	for (size_t i = 0; i < l->t->n_nodes; i++)
		if (l->node[i].state == LIVE_STOPPING)
			node_kill(l->nodes, l->node[i].id);
}

static int await_ends(struct lab_live *l, uint64_t grace, struct err *e)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + (int64_t)grace + OVERDUE_NS;
	struct pollfd p = { .fd = nodes_fd(l->nodes), .events = POLLIN };
	int r = 0;

	while (r >= 0 && l->stopping) {
		if (!clock_left_ms(until)) {
			kill_overdue(l);
			until = clock_ns(CLOCK_MONOTONIC) + OVERDUE_NS;
		}
		if (poll(&p, 1, clock_left_ms(until)) > 0)
			r = live_events(l, e);
	}
	return r;
}

int live_del_nodes(struct lab_live *l, const uint32_t *nodes, size_t n, uint64_t grace,
		   struct err *e)
{
	struct err own = ERR_INIT;
	int r = 0;

	if (!e)
		e = &own;
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = end_node(l, nodes[i], grace, e);
	if (r >= 0)
		r = await_ends(l, grace, e);
	return r < 0 ? r : 0;
}

int live_del_node(struct lab_live *l, uint32_t node, uint64_t grace, struct err *e)
{
	return live_del_nodes(l, &node, 1, grace, e);
}
