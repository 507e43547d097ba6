/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is wanted to what stands (the order is told in cli/lab_live.h): core/node
 * says how far each node is, the client says that a host's part is done, and whatever
 * can go on then does. Nothing is polled.
 *
 * Nodes that are born while a batch of wires is being made form the next batch, so the
 * batches are as large as the kernel is slow.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_live_real.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/vec.h"

#define DEATH_MS 1000 /* from a death to the word of it */

static const char *name_of(const struct lab_live *l, uint32_t node)
{
	return l->t->nodes[node].name;
}

/* ---- start ---- */

/* How many interfaces it waits for; those of a direct wire to nobody are none. */
static uint32_t count_missing(const struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];
	uint32_t missing = 0;

	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &l->t->ifaces[n->ifaces[i]];
		const struct topo_link *link = x->on == TOPO_ON_LINK ? &l->t->links[x->wire] : NULL;
		uint32_t peer = link ? live_peer(l, n->ifaces[i]) : n->ifaces[i];
		enum live_state s = l->node[l->t->ifaces[peer].node].state;

		if (link)
			missing += l->link[x->wire].wanted &&
				   (link->stitched || s == LIVE_SWITCH ||
				    (s >= LIVE_STARTING && s <= LIVE_READY));
		else
			missing += x->on == TOPO_ON_NET && l->net[x->wire].bridge != FABRIC_NONE;
	}
	return missing;
}

static int begin(struct lab_live *l, struct err *e)
{
	_cleanup_free_ uint32_t *ids = calloc(l->n_starting + 1, sizeof(*ids));
	_cleanup_free_ const struct node_spec **specs = calloc(l->n_starting + 1, sizeof(*specs));

	if (!ids || !specs || live_order_new(l) < 0)
		return err_sys(e, -ENOMEM, "start nodes");
	for (size_t i = 0; i < l->n_starting; i++) {
		struct live_node *n = &l->node[l->starting[i]];

		ids[i] = n->id;
		specs[i] = live_plan_spec(n->plan);
		n->missing = count_missing(l, l->starting[i]);
	}
	l->pending = l->unwired = (uint32_t)l->n_starting;
	return l->n_starting ? nodes_start(l->nodes, ids, specs, l->n_starting, e) : 0;
}

/* ---- wires ---- */

static int go_on(struct lab_live *l, uint32_t node, struct err *e);

/* A neighbour's direct wire may have been all that it missed. */
static int go_on_neighbours(struct lab_live *l, uint32_t node, struct err *e)
{
	const struct topo_node *n = &l->t->nodes[node];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n->n_ifaces; i++) {
		const struct topo_iface *x = &l->t->ifaces[n->ifaces[i]];

		if (x->on == TOPO_ON_LINK && !l->t->links[x->wire].stitched)
			r = go_on(l, l->t->ifaces[live_peer(l, n->ifaces[i])].node, e);
	}
	return r;
}

static int wire(struct lab_live *l, uint32_t node, struct err *e)
{
	l->node[node].state = LIVE_WIRING;
	return node_wire(l->nodes, l->node[node].id, e);
}

/* All interfaces stand: the host's part, else its addresses. */
static int go_on(struct lab_live *l, uint32_t node, struct err *e)
{
	struct live_node *n = &l->node[node];

	if (n->state != LIVE_BORN || n->missing)
		return 0;
	if (!n->host)
		return wire(l, node, e);
	n->state = LIVE_WIRING;
	return live_ask(l, node, TOPO_NONE) < 0 ? err_sys(e, -ENOMEM, "node %s", name_of(l, node))
						: 0;
}

static int wire_born(struct lab_live *l, struct err *e)
{
	size_t n = l->n_born;
	int r;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (l->node[l->born[i]].state == LIVE_BORN)
			live_put_node(l, l->born[i]);
	r = fabric_flush(l->fabric, e);
	crash_point("lab", "wires");
	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = go_on(l, l->born[i], e);
		if (r >= 0)
			r = go_on_neighbours(l, l->born[i], e);
	}
	free(take_ptr(l->born));
	l->n_born = 0;
	return r;
}

/* ---- run ---- */

static int run(struct lab_live *l, uint32_t node, struct err *e)
{
	l->node[node].state = LIVE_RUNNING;
	return node_run(l->nodes, l->node[node].id, e);
}

static bool has_nothing_to_run(const struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];

	return !n->n_execs && !n->n_daemons && !n->ready && !l->node[node].waits;
}

/* Commands may want to reach each other: the first runs when all are wired. */
static int on_wired(struct lab_live *l, uint32_t node, struct err *e)
{
	int r = 0;

	l->node[node].state = LIVE_WIRED;
	l->unwired--;
	if (!l->unwired && l->before_run)
		l->before_run(l->before_run_ctx);
	/* and finds wires that carry: the kernel tells our ends of carriers in its own time */
	if (!l->unwired)
		r = fabric_settle(l->fabric, e);
	if (r >= 0 && has_nothing_to_run(l, node))
		r = run(l, node, e);
	for (size_t i = 0; r >= 0 && !l->unwired && i < l->n_starting; i++) {
		const struct live_node *n = &l->node[l->starting[i]];

		if (n->state == LIVE_WIRED && !n->waits)
			r = run(l, l->starting[i], e);
	}
	return r;
}

static int on_ready(struct lab_live *l, uint32_t node, struct err *e)
{
	const uint32_t *next;
	size_t n = live_order_ready(l, node, &next);
	int r = 0;

	l->node[node].state = LIVE_READY;
	l->pending--;
	if (l->progress)
		l->progress(l, l->ctx);
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (!l->unwired && l->node[next[i]].state == LIVE_WIRED)
			r = run(l, next[i], e);
	return r;
}

/* ---- events ---- */

static int on_born(struct lab_live *l, uint32_t node, struct err *e)
{
	uint32_t *slot = VEC_ADD(l->born, l->n_born);

	if (!slot)
		return err_sys(e, -ENOMEM, "node %s", name_of(l, node));
	*slot = node;
	l->node[node].state = LIVE_BORN;
	return 0;
}

/* One that was running: its wires are cut, and who asks is told. */
static int on_end(struct lab_live *l, uint32_t node, const struct node_event *ev, struct err *e)
{
	struct live_node *n = &l->node[node];
	bool begun = n->state >= LIVE_STARTING && n->state < LIVE_READY;

	if (n->state == LIVE_STOPPING) {
		n->state = LIVE_ABSENT;
		l->stopping--;
		return live_node_gone(l, node, e);
	}
	n->state = LIVE_FAILED;
	free(n->why);
	n->why = strdup(ev->err.msg[0] ? ev->err.msg : "it was killed");
	live_node_gone(l, node, NULL);
	if (!begun)
		return 0;
	*e = ev->err;
	return ev->err.num ? ev->err.num : err_set(e, -ECHILD, "node %s died", name_of(l, node));
}

static int on_event(struct lab_live *l, const struct node_event *ev, struct err *e)
{
	uint32_t node = ev->id < l->n_by_id ? l->by_id[ev->id] : TOPO_NONE;

	if (node == TOPO_NONE)
		return 0;
	/* one that is to end may have got a step further before it heard of it */
	if (l->node[node].state == LIVE_STOPPING && ev->type != NODE_FAILED &&
	    ev->type != NODE_ENDED)
		return 0;
	switch (ev->type) {
	case NODE_BORN:
		return on_born(l, node, e);
	case NODE_WIRED:
		return on_wired(l, node, e);
	case NODE_READY:
		return on_ready(l, node, e);
	default:
		return on_end(l, node, ev, e);
	}
}

int live_events(struct lab_live *l, struct err *e)
{
	struct node_event ev;
	int r;

	while ((r = nodes_next(l->nodes, &ev, e)) > 0) {
		r = on_event(l, &ev, e);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : wire_born(l, e);
}

static int on_answer(struct lab_live *l, struct err *e)
{
	uint32_t node, net;
	int r = live_ask_hear(l, &node, &net, e);

	if (r <= 0)
		return r;
	if (net != TOPO_NONE)
		return fabric_bridge_take(l->fabric, l->net[net].bridge, l->t->nets[net].uplink, e);
	return l->node[node].state == LIVE_WIRING ? wire(l, node, e) : 0;
}

/* Who has gone does not wait for commands that do not end; they have a while for it. */
static int patience(const struct lab_live *l, int *ret_ms, struct err *e)
{
	*ret_ms = l->left ? clock_left_ms(l->left + PATRON_NS) : -1;
	if (!*ret_ms)
		return err_set(e, -ECANCELED, "who asked for it is gone");
	return 0;
}

/* Waits for what comes next, and does what follows. */
static int step(struct lab_live *l, struct err *e)
{
	struct pollfd p[] = {
		{ .fd = nodes_fd(l->nodes), .events = POLLIN },
		{ .fd = -1 },
	};
	int r = live_ask_next(l, e), ms;

	if (r >= 0)
		r = patience(l, &ms, e);
	if (r < 0)
		return r;
	/* that it has hung up is told in any case, once is enough */
	if (l->waiting || !l->left)
		p[1] = (struct pollfd){ .fd = l->line, .events = l->waiting ? POLLIN : 0 };
	if (poll(p, ARRAY_SIZE(p), ms) < 0)
		return errno == EINTR ? 0 : err_sys(e, errno, "wait for nodes");
	if (p[1].revents && l->waiting)
		r = on_answer(l, e);
	else if (p[1].revents)
		l->left = clock_ns(CLOCK_MONOTONIC);
	return r < 0 || !p[0].revents ? r : live_events(l, e);
}

/* ---- all of it ---- */

static void settled(struct lab_live *l)
{
	live_order_free(l);
	free(take_ptr(l->starting));
	free(take_ptr(l->born));
	free(take_ptr(l->asks));
	l->n_starting = l->n_born = l->n_asks = l->asked = 0;
	l->pending = l->unwired = 0;
	l->waiting = false;
	l->left = 0;
}

/* What was begun of nodes ends; e stays that of the failure. */
static void undo(struct lab_live *l)
{
	for (size_t i = 0; i < l->n_starting; i++)
		node_kill(l->nodes, l->node[l->starting[i]].id);
	l->n_born = 0;
	live_del_nodes(l, l->starting, l->n_starting, 0, NULL);
}

/*
 * Who could not be told anything has died, and why is on its way: that is the error.
 */
static int cause(struct lab_live *l, int r, struct err *e)
{
	struct pollfd p = { .fd = nodes_fd(l->nodes), .events = POLLIN };
	struct node_event ev;

	while (r == -ESRCH && poll(&p, 1, DEATH_MS) > 0) {
		while (nodes_next(l->nodes, &ev, NULL) > 0) {
			if (ev.type != NODE_FAILED && ev.type != NODE_ENDED)
				continue;
			if (ev.id < l->n_by_id && l->by_id[ev.id] != TOPO_NONE)
				l->node[l->by_id[ev.id]].state = LIVE_FAILED;
			*e = ev.err;
			r = ev.err.num;
		}
	}
	return r;
}

int live_settle(struct lab_live *l, int line, struct err *e)
{
	int r;

	l->line = line;
	r = begin(l, e);
	/* bridges are made while the first nodes are born */
	if (r >= 0)
		r = fabric_flush(l->fabric, e);
	crash_point("lab", "started");
	while (r >= 0 && (l->pending || l->asked < l->n_asks))
		r = step(l, e);
	if (r < 0) {
		r = cause(l, r, e);
		if (!l->all_or_nothing)
			undo(l);
	}
	settled(l);
	return r < 0 ? r : 0;
}
