/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_change.h"
#include "cli/lab_live_real.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/inside.h"

/* ---- what stands ---- */

static bool runs(const struct lab_live *l, uint32_t iface)
{
	return l->node[l->t->ifaces[iface].node].state == LIVE_READY;
}

static bool is_switch(const struct lab_live *l, uint32_t iface)
{
	return l->t->nodes[l->t->ifaces[iface].node].kind == TOPO_SWITCH;
}

static uint8_t node_stands(const struct live_node *n)
{
	if (n->broken)
		return TOPO_BROKEN;
	if (n->state == LIVE_READY || n->state == LIVE_SWITCH)
		return TOPO_STANDS;
	return TOPO_STOPPED;
}

/* The end of a node that is stopped comes with its start. */
static uint8_t link_stands(const struct lab_live *l, uint32_t link)
{
	const struct topo_link *x = &l->t->links[link];
	bool trunk = is_switch(l, x->ifaces[0]) && is_switch(l, x->ifaces[1]);

	if (l->link[link].broken || !l->link[link].wanted)
		return TOPO_BROKEN;
	for (int i = 0; i < 2; i++) {
		uint32_t one = x->ifaces[i], other = x->ifaces[!i];
		bool awaited = x->stitched || is_switch(l, other) ? runs(l, one)
								  : runs(l, one) && runs(l, other);

		if ((trunk || awaited) && !l->iface[one].there)
			return TOPO_BROKEN;
	}
	return TOPO_STANDS;
}

static uint8_t iface_stands(const struct lab_live *l, uint32_t i)
{
	bool member = l->t->ifaces[i].on == TOPO_ON_NET;

	return member &&
	       (l->iface[i].broken || ((runs(l, i) || is_switch(l, i)) && !l->iface[i].there));
}

int lab_standing(const struct lab_live *l, struct lab_standing *ret)
{
	const struct topology *t = l->t;
	uint8_t *v = calloc(t->n_nodes + t->n_links + t->n_nets + t->n_ifaces + 1, 1), *p = v;

	if (!v)
		return -ENOMEM;
	*ret = (struct lab_standing){ .v = v };
	ret->s.nodes = p;
	for (size_t i = 0; i < t->n_nodes; i++)
		*p++ = node_stands(&l->node[i]);
	ret->s.links = p;
	for (uint32_t i = 0; i < t->n_links; i++)
		*p++ = link_stands(l, i);
	ret->s.nets = p;
	for (size_t i = 0; i < t->n_nets; i++)
		*p++ = l->net[i].broken || l->net[i].bridge == FABRIC_NONE ? TOPO_BROKEN
									   : TOPO_STANDS;
	ret->s.ifaces = p;
	for (uint32_t i = 0; i < t->n_ifaces; i++)
		*p++ = iface_stands(l, i) ? TOPO_BROKEN : TOPO_STANDS;
	return 0;
}

/* ---- failures ---- */

static void fail(struct changing *c, const struct topo_change *x, int r, const struct err *e)
{
	if (x && change_steps[x->what].failed)
		change_steps[x->what].failed(c, x);
	if (!c->r) {
		c->r = r;
		c->first = *e;
	} else {
		c->s->tell(x, e, c->s->ctx);
	}
}

/* All of a stage. What comes is told of when it stands. */
static void each(struct changing *c, enum change_stage stage)
{
	for (size_t i = 0; i < c->s->diff->n; i++) {
		const struct topo_change *x = &c->s->diff->v[i];
		const struct change_step *step = &change_steps[x->what];
		struct err e = ERR_INIT;
		int r;

		if (step->stage != stage)
			continue;
		/* a command may need what did not come: it is left for the next time */
		if (x->what == TOPO_RUN_EXEC && !c->added) {
			step->failed(c, x);
			continue;
		}
		r = step->fn ? step->fn(c, x, &e) : 0;
		crash_point("apply", topo_change_word(x->what));
		if (r < 0)
			fail(c, x, err_wrap(&e, r, "%s", x->text), &e);
		else if (stage > CHANGE_ADD)
			c->s->tell(x, NULL, c->s->ctx);
	}
}

/* All of a stage is done; or none of it is known to be. */
static void conclude(struct changing *c, enum change_stage stage, bool done)
{
	for (size_t i = 0; i < c->s->diff->n; i++) {
		const struct topo_change *x = &c->s->diff->v[i];

		if (change_steps[x->what].stage != stage)
			continue;
		if (done)
			c->s->tell(x, NULL, c->s->ctx);
		else if (change_steps[x->what].failed)
			change_steps[x->what].failed(c, x);
	}
}

/* ---- down ---- */

/* Those that follow each other end at the same time; how many were. */
static size_t end_nodes(struct changing *c, size_t from, int *ret_r, struct err *e)
{
	const struct topo_change *v = &c->s->diff->v[from];
	size_t n = 0, max = c->s->diff->n - from;
	_cleanup_free_ uint32_t *nodes = calloc(max, sizeof(*nodes));

	*ret_r = nodes ? 0 : err_sys(e, ENOMEM, "%s", v->text);
	for (; *ret_r >= 0 && n < max && v[n].what == v->what; n++) {
		nodes[n] = v[n].old;
		*ret_r = change_host_end(c, v[n].old, e);
	}
	if (*ret_r >= 0)
		*ret_r = live_del_nodes(c->l, nodes, n, CHANGE_GRACE_NS, e);
	for (size_t i = 0; i < n; i++)
		if (*ret_r < 0 && c->l->node[v[i].old].state != LIVE_READY)
			c->l->node[v[i].old].broken = true;
	return n ? n : 1;
}

static int take_down(struct changing *c, struct err *e)
{
	size_t n;

	for (size_t i = 0; i < c->s->diff->n; i += n) {
		const struct topo_change *x = &c->s->diff->v[i];
		const struct change_step *step = &change_steps[x->what];
		int r = 0;

		n = 1;
		if (x->what == TOPO_DEL_NODE || x->what == TOPO_REPLACE_NODE)
			n = end_nodes(c, i, &r, e);
		else if (step->down)
			r = step->down(c, x, e);
		else
			continue;
		crash_point("apply down", topo_change_word(x->what));
		if (r < 0)
			return err_wrap(e, r, "%s", x->text);
		for (size_t k = 0; !step->stage && k < n; k++)
			c->s->tell(&x[k], NULL, c->s->ctx);
	}
	return 0;
}

/* ---- adopt ---- */

static int adopt(struct changing *c, struct topology *t, struct err *e)
{
	int r = c->s->adopting(c->s->ctx, e);

	if (r >= 0)
		r = live_adopt(c->l, t, e);
	if (r < 0)
		return r;
	live_topo_texts(c->l->topo, c->s->hosts, c->s->base);
	c->l->hosts = c->s->hosts;
	c->l->base = c->s->base;
	fabric_seed(c->l->fabric, c->l->t->seed);
	crash_point("apply", "adopted");
	return 0;
}

/* ---- nodes that go on ---- */

static void touch(struct changing *c, uint32_t node)
{
	c->nodes[node].inside = c->l->node[node].state == LIVE_READY;
}

/* An interface that is new to a node that goes on. */
static void add_fresh(struct changing *c, uint32_t iface)
{
	struct changing_node *n = &c->nodes[c->l->t->ifaces[iface].node];
	uint32_t *slot;

	touch(c, c->l->t->ifaces[iface].node);
	if (!n->inside)
		return;
	slot = VEC_ADD(n->fresh, n->n_fresh);
	if (slot)
		*slot = iface;
	else
		c->l->node[c->l->t->ifaces[iface].node].broken = true;
}

/* One that a node no longer has may have taken routes along. */
static void lost(struct changing *c, uint32_t old_iface)
{
	uint32_t node = topology_node(c->l->t, c->o->nodes[c->o->ifaces[old_iface].node].name);

	if (node != TOPO_NONE)
		touch(c, node);
}

static void touched_by(struct changing *c, const struct topo_change *x)
{
	switch (x->what) {
	case TOPO_DEL_MEMBER:
		lost(c, x->old);
		break;
	case TOPO_DEL_LINK:
		lost(c, c->o->links[x->old].ifaces[0]);
		lost(c, c->o->links[x->old].ifaces[1]);
		break;
	case TOPO_ADD_MEMBER:
		add_fresh(c, x->new);
		break;
	case TOPO_ADD_LINK:
		add_fresh(c, c->l->t->links[x->new].ifaces[0]);
		add_fresh(c, c->l->t->links[x->new].ifaces[1]);
		break;
	case TOPO_CHANGE_MTU:
		touch(c, c->l->t->ifaces[x->new].node);
		break;
	case TOPO_CHANGE_HOST:
		if (x->on != TOPO_ON_NET)
			touch(c, x->new);
		break;
	case TOPO_CHANGE_NODE:
		touch(c, x->new);
		break;
	default:
		break;
	}
}

/* Our ends of wires that came, or were plugged in, learn of their carriers now. */
static void settle_carriers(struct changing *c)
{
	struct err e = ERR_INIT;
	bool any = false;
	int r;

	for (size_t i = 0; !any && i < c->s->diff->n; i++) {
		enum topo_change_what what = c->s->diff->v[i].what;

		any = what == TOPO_ADD_MEMBER || what == TOPO_ADD_LINK || what == TOPO_CHANGE_STATE;
	}
	r = any ? fabric_settle(c->l->fabric, &e) : 0;
	if (r < 0)
		fail(c, NULL, r, &e);
}

static int change_inside(struct changing *c, uint32_t node, struct err *e)
{
	const struct changing_node *n = &c->nodes[node];
	uint32_t was = topology_node(c->o, c->l->t->nodes[node].name);
	_cleanup_close_ int netns = node_netns(c->l->nodes, c->l->node[node].id, e);

	if (netns < 0)
		return netns;
	return inside_change(netns, c->o, was, c->l->t, node, n->fresh, n->n_fresh, e);
}

/* In place; called when all that start are wired, before their commands run. */
static void place(void *ctx)
{
	struct changing *c = ctx;

	if (c->placed)
		return;
	c->placed = true;
	each(c, CHANGE_PLACE);
	for (uint32_t i = 0; i < c->l->t->n_nodes; i++) {
		struct err e = ERR_INIT;
		int r = c->nodes[i].inside ? change_inside(c, i, &e) : 0;

		if (r >= 0)
			continue;
		c->l->node[i].broken = true;
		fail(c, NULL, r, &e);
	}
	settle_carriers(c);
	crash_point("apply", "placed");
}

/* ---- all of it ---- */

static void settle_host(struct changing *c)
{
	struct err e = ERR_INIT;
	int r;

	each(c, CHANGE_HOST);
	r = c->l->n_asks ? live_settle(c->l, c->s->line, &e) : 0;
	conclude(c, CHANGE_HOST, r >= 0);
	if (r < 0)
		fail(c, NULL, r, &e);
}

static void add(struct changing *c)
{
	struct err e = ERR_INIT;
	int r;

	each(c, CHANGE_ADD);
	c->l->before_run = place;
	c->l->before_run_ctx = c;
	r = live_settle(c->l, c->s->line, &e);
	c->l->before_run = NULL;
	crash_point("apply", "added");
	c->added = r >= 0;
	conclude(c, CHANGE_ADD, c->added);
	if (r < 0)
		fail(c, NULL, r, &e);
	place(c);
}

static int begin(struct changing *c, size_t n_nodes, struct err *e)
{
	c->nodes = calloc(n_nodes + 1, sizeof(*c->nodes));
	if (!c->nodes)
		return err_sys(e, ENOMEM, "lab %s", c->l->t->name);
	c->was = live_topo_get(c->l->topo);
	c->o = c->l->t;
	return 0;
}

static void end(struct changing *c, size_t n_nodes)
{
	for (size_t i = 0; c->nodes && i < n_nodes; i++)
		free(c->nodes[i].fresh);
	free(c->nodes);
	live_topo_put(c->was);
}

int lab_change(struct lab_live *l, struct topology *t, const struct lab_change *s, struct err *e)
{
	struct changing c = { .l = l, .s = s };
	size_t n_nodes = t->n_nodes;
	int r = begin(&c, n_nodes, e);

	if (r >= 0)
		r = take_down(&c, e);
	if (r >= 0)
		r = adopt(&c, t, e);
	if (r < 0) {
		end(&c, n_nodes);
		free(s->hosts);
		free(s->base);
		return r;
	}
	for (size_t i = 0; i < s->diff->n; i++)
		touched_by(&c, &s->diff->v[i]);
	settle_host(&c);
	add(&c);
	each(&c, CHANGE_LAST);
	end(&c, n_nodes);
	if (c.r)
		*e = c.first;
	return c.r;
}
