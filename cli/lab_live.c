/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_live_real.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/inside.h"

static const char *const state_names[] = {
	[LIVE_ABSENT] = "stopped",    [LIVE_LEFT_OUT] = "left out", [LIVE_SWITCH] = "running",
	[LIVE_STARTING] = "starting", [LIVE_BORN] = "starting",	    [LIVE_WIRING] = "starting",
	[LIVE_WIRED] = "starting",    [LIVE_RUNNING] = "starting",  [LIVE_READY] = "running",
	[LIVE_STOPPING] = "stopping", [LIVE_FAILED] = "failed",
};

const char *live_state_name(enum live_state s)
{
	return state_names[s];
}

/* ---- numbers ---- */

uint32_t live_id_take(struct live_ids *ids)
{
	return ids->n_free ? ids->free[--ids->n_free] : ids->next++;
}

/* Without memory for the list it is never given out again, and that is all. */
void live_id_give(struct live_ids *ids, uint32_t id)
{
	uint32_t *grown;

	if (id == FABRIC_NONE)
		return;
	grown = reallocarray(ids->free, ids->n_free + 1, sizeof(*grown));
	if (!grown)
		return;
	ids->free = grown;
	ids->free[ids->n_free++] = id;
}

/* ---- a topology and what stands of it ---- */

/* Nothing stands yet; arrays of a topology without links have one element, too. */
static int make_arrays(struct lab_live *l, const struct topology *t)
{
	l->node = calloc(t->n_nodes + 1, sizeof(*l->node));
	l->iface = calloc(t->n_ifaces + 1, sizeof(*l->iface));
	l->link = calloc(t->n_links + 1, sizeof(*l->link));
	l->net = calloc(t->n_nets + 1, sizeof(*l->net));
	if (!l->node || !l->iface || !l->link || !l->net)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct topo_node *n = &t->nodes[i];

		l->node[i].id = FABRIC_NONE;
		l->node[i].host = n->uplink || n->n_publish || n->n_phys;
	}
	for (size_t i = 0; i < t->n_ifaces; i++)
		l->iface[i].port = l->iface[i].mate = FABRIC_NONE;
	for (size_t i = 0; i < t->n_nets; i++)
		l->net[i].bridge = FABRIC_NONE;
	return 0;
}

static void free_arrays(struct lab_live *l)
{
	free(take_ptr(l->node));
	free(take_ptr(l->iface));
	free(take_ptr(l->link));
	free(take_ptr(l->net));
}

int live_open(struct lab_live *l, struct topology *t, const struct nodes_opts *o, struct err *e)
{
	int r = make_arrays(l, t);

	l->line = -1;
	if (r >= 0)
		r = live_topo_new(t, &l->topo);
	if (r < 0)
		return err_sys(e, r, "lab %s", t->name);
	l->t = live_topo_of(l->topo);
	r = fabric_open(-1, l->t->name, &l->fabric, e);
	if (r < 0)
		return r;
	fabric_seed(l->fabric, l->t->seed);
	return nodes_new(o, &l->nodes, e);
}

void live_close(struct lab_live *l)
{
	nodes_free(take_ptr(l->nodes));
	fabric_close(take_ptr(l->fabric));
	for (size_t i = 0; l->node && i < l->t->n_nodes; i++) {
		live_plan_free(l->node[i].plan);
		free(l->node[i].why);
	}
	free_arrays(l);
	live_order_free(l);
	free(take_ptr(l->by_id));
	free(take_ptr(l->starting));
	free(take_ptr(l->born));
	free(take_ptr(l->asks));
	free(take_ptr(l->node_ids.free));
	free(take_ptr(l->port_ids.free));
	free(take_ptr(l->bridge_ids.free));
	live_topo_put(take_ptr(l->topo));
	l->t = NULL;
}

/* ---- another topology ---- */

static void move_nodes(struct lab_live *l, struct lab_live *o, const struct topology *t)
{
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		uint32_t was = topology_node(o->t, t->nodes[i].name);
		bool host = l->node[i].host;

		if (was == TOPO_NONE)
			continue;
		l->node[i] = o->node[was];
		l->node[i].host = host;
		o->node[was] = (struct live_node){ .id = FABRIC_NONE };
		if (t->nodes[i].kind != TOPO_SWITCH && l->node[i].id != FABRIC_NONE)
			l->by_id[l->node[i].id] = i;
	}
	/* stopped ones that are no longer in the file */
	for (size_t i = 0; i < o->t->n_nodes; i++) {
		live_id_give(o->t->nodes[i].kind == TOPO_SWITCH ? &l->bridge_ids : &l->node_ids,
			     o->node[i].id);
		live_plan_free(o->node[i].plan);
		free(o->node[i].why);
	}
}

static void move_ifaces(struct lab_live *l, struct lab_live *o, const struct topology *t)
{
	for (uint32_t i = 0; i < t->n_ifaces; i++) {
		uint32_t node = topology_node(o->t, t->nodes[t->ifaces[i].node].name);
		uint32_t was = node == TOPO_NONE ? TOPO_NONE
						 : topology_iface(o->t, node, t->ifaces[i].name);

		if (was == TOPO_NONE)
			continue;
		l->iface[i] = o->iface[was];
		o->iface[was].port = o->iface[was].mate = FABRIC_NONE;
	}
	for (size_t i = 0; i < o->t->n_ifaces; i++) {
		live_id_give(&l->port_ids, o->iface[i].port);
		live_id_give(&l->port_ids, o->iface[i].mate);
	}
}

static void move_wires(struct lab_live *l, struct lab_live *o, const struct topology *t)
{
	for (uint32_t i = 0; i < t->n_links; i++) {
		uint32_t was = topology_link(o->t, t->links[i].name);

		if (was != TOPO_NONE)
			l->link[i] = o->link[was];
	}
	for (uint32_t i = 0; i < t->n_nets; i++) {
		uint32_t was = topology_net(o->t, t->nets[i].name);

		if (was != TOPO_NONE)
			l->net[i] = o->net[was];
	}
}

int live_adopt(struct lab_live *l, struct topology *t, struct err *e)
{
	struct lab_live o = *l;
	struct live_topo *topo = NULL;
	int r = make_arrays(l, t);

	if (r >= 0)
		r = live_topo_new(t, &topo);
	if (r < 0) {
		free_arrays(l);
		l->node = o.node;
		l->iface = o.iface;
		l->link = o.link;
		l->net = o.net;
		return err_sys(e, r, "lab %s", o.t->name);
	}
	l->topo = topo;
	l->t = live_topo_of(topo);
	move_nodes(l, &o, l->t);
	move_ifaces(l, &o, l->t);
	move_wires(l, &o, l->t);
	free_arrays(&o);
	live_topo_put(o.topo);
	return 0;
}

/* ---- what is wanted ---- */

int live_add_net(struct lab_live *l, uint32_t net, struct err *e)
{
	if (l->net[net].bridge != FABRIC_NONE)
		return 0;
	l->net[net].bridge = live_id_take(&l->bridge_ids);
	live_put_net(l, net);
	if (l->t->nets[net].uplink && live_ask(l, TOPO_NONE, net) < 0)
		return err_sys(e, -ENOMEM, "net %s", l->t->nets[net].name);
	return 0;
}

int live_del_net(struct lab_live *l, uint32_t net, struct err *e)
{
	uint32_t bridge = l->net[net].bridge;
	int r = bridge == FABRIC_NONE ? 0 : fabric_bridge_del(l->fabric, bridge, e);

	if (r < 0)
		return r;
	live_id_give(&l->bridge_ids, bridge);
	l->net[net].bridge = FABRIC_NONE;
	return 0;
}

static bool can_have_wires(const struct lab_live *l, uint32_t node)
{
	return l->node[node].state != LIVE_LEFT_OUT;
}

/* A switch is a member as soon as both bridges are asked for. */
static void join_nets(struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];

	for (size_t i = 0; i < n->n_ifaces; i++)
		if (l->t->ifaces[n->ifaces[i]].on == TOPO_ON_NET)
			live_put_member(l, n->ifaces[i]);
}

/* The wires that it can have; both ends of a lab built in part must be in that part. */
static void want_wires(struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];

	for (size_t i = 0; i < n->n_ifaces; i++)
		if (l->t->ifaces[n->ifaces[i]].on == TOPO_ON_LINK)
			live_add_link(l, l->t->ifaces[n->ifaces[i]].wire);
}

static int add_switch(struct lab_live *l, uint32_t node)
{
	struct live_node *n = &l->node[node];

	if (n->state == LIVE_SWITCH)
		return 0;
	n->id = live_id_take(&l->bridge_ids);
	n->state = LIVE_SWITCH;
	live_put_switch(l, node);
	join_nets(l, node);
	want_wires(l, node);
	return 0;
}

static int remember_id(struct lab_live *l, uint32_t id, uint32_t node)
{
	while (l->n_by_id <= id) {
		uint32_t *slot = VEC_ADD(l->by_id, l->n_by_id);

		if (!slot)
			return -ENOMEM;
		*slot = TOPO_NONE;
	}
	l->by_id[id] = node;
	return 0;
}

int live_add_node(struct lab_live *l, uint32_t node, struct err *e)
{
	struct live_node *n = &l->node[node];
	uint32_t *slot;
	int r;

	if (l->t->nodes[node].kind == TOPO_SWITCH)
		return add_switch(l, node);
	if (n->state != LIVE_ABSENT && n->state != LIVE_FAILED)
		return 0;
	live_plan_free(take_ptr(n->plan));
	free(take_ptr(n->why));
	r = live_plan_new(l, node, &n->plan, e);
	if (r < 0)
		return r;
	slot = VEC_ADD(l->starting, l->n_starting);
	if (n->id == FABRIC_NONE)
		n->id = live_id_take(&l->node_ids);
	if (!slot || remember_id(l, n->id, node) < 0)
		return err_sys(e, -ENOMEM, "node %s", l->t->nodes[node].name);
	*slot = node;
	n->state = LIVE_STARTING;
	n->broken = false;
	n->waits = 0;
	want_wires(l, node);
	return 0;
}

void live_add_link(struct lab_live *l, uint32_t link)
{
	const struct topo_link *x = &l->t->links[link];

	if (!can_have_wires(l, l->t->ifaces[x->ifaces[0]].node) ||
	    !can_have_wires(l, l->t->ifaces[x->ifaces[1]].node))
		return;
	l->link[link].wanted = true;
	live_put_link(l, link);
}

void live_add_member(struct lab_live *l, uint32_t iface)
{
	live_put_member(l, iface);
}

static int leave_out(struct lab_live *l, const struct strv *only, struct err *e)
{
	for (size_t i = 0; i < l->t->n_nodes; i++)
		l->node[i].state = LIVE_LEFT_OUT;
	for (size_t i = 0; i < only->n; i++) {
		uint32_t node = topology_node(l->t, only->v[i]);

		if (node == TOPO_NONE)
			return err_set(e, -ENOENT, "there is no node %s", only->v[i]);
		l->node[node].state = LIVE_ABSENT;
	}
	return 0;
}

static bool has_member(const struct lab_live *l, uint32_t net)
{
	const struct topo_net *n = &l->t->nets[net];

	for (size_t i = 0; i < n->n_members; i++)
		if (l->node[l->t->ifaces[n->members[i]].node].state != LIVE_LEFT_OUT)
			return true;
	return false;
}

int live_add_all(struct lab_live *l, const struct strv *only, struct err *e)
{
	int r = only ? leave_out(l, only, e) : 0;

	for (uint32_t i = 0; r >= 0 && i < l->t->n_nets; i++)
		if (!only || has_member(l, i))
			r = live_add_net(l, i, e);
	for (uint32_t i = 0; r >= 0 && i < l->t->n_nodes; i++)
		if (l->node[i].state != LIVE_LEFT_OUT)
			r = live_add_node(l, i, e);
	return r;
}

/* ---- questions ---- */

int live_running(const struct lab_live *l, uint32_t node, struct err *e)
{
	const struct live_node *n = &l->node[node];
	const char *name = l->t->nodes[node].name;

	if (n->state == LIVE_READY)
		return 0;
	if (n->state == LIVE_SWITCH)
		return err_set(e, -EINVAL, "%s is a switch: no process belongs to it", name);
	if (n->state == LIVE_LEFT_OUT)
		return err_set(e, -ESRCH, "node %s was left out with --only", name);
	err_hint(e, "ctlab node %s %s start", l->t->name, name);
	return err_set(e, -ESRCH, "node %s does not run%s%s", name, n->why ? ": " : "",
		       n->why ? n->why : "");
}
