/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node taken out of a running lab and put back: its processes and namespaces end, its
 * neighbours keep their interfaces, which lose their carrier meanwhile. Its daemons,
 * started again.
 */
#include <errno.h>

#include "cli/lab_live_real.h"
#include "cli/lab_supervisor.h"
#include "core/base/err.h"
#include "core/base/json.h"

#define GRACE_NS 2000000000ULL

/* Nothing of a direct wire is in the fabric: it goes with the first of its nodes. */
static int check_wires(const struct lab_live *l, uint32_t node, struct err *e)
{
	const struct topo_node *n = &l->t->nodes[node];

	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &l->t->ifaces[n->ifaces[i]];
		const struct topo_link *link = x->on == TOPO_ON_LINK ? &l->t->links[x->wire] : NULL;
		uint32_t peer = link ? live_peer(l, n->ifaces[i]) : TOPO_NONE;

		if (!link || link->stitched || !l->link[x->wire].wanted ||
		    l->t->nodes[l->t->ifaces[peer].node].kind == TOPO_SWITCH)
			continue;
		err_hint(e, "wire = stitched");
		return err_set(e, -EOPNOTSUPP, "link %s is a direct wire, which ends with node %s",
			       link->name, n->name);
	}
	return 0;
}

static int stop(struct supervisor *s, const struct question *q, uint32_t node, struct err *e)
{
	int r = check_wires(&s->live, node, e);

	if (r >= 0)
		r = live_host_end(&s->live, node, q->sock, e);
	return r < 0 ? r : live_del_node(&s->live, node, GRACE_NS, e);
}

/* What one that died by itself had of the host was its first process's. */
static int start(struct supervisor *s, const struct question *q, uint32_t node, struct err *e)
{
	int r = s->live.node[node].state == LIVE_FAILED ? live_host_end(&s->live, node, q->sock, e)
							: 0;

	if (r >= 0)
		r = live_add_node(&s->live, node, e);
	return r < 0 ? r : live_settle(&s->live, q->sock, e);
}

int supervisor_do_node(struct supervisor *s, const struct question *q, struct err *e)
{
	bool up = json_flag(q->o, "start", false);
	enum live_state state;
	uint32_t node;
	int r = supervisor_node(s, q, &node, e);

	if (r < 0)
		return r;
	state = s->live.node[node].state;
	if (state == LIVE_SWITCH || state == LIVE_LEFT_OUT)
		return live_running(&s->live, node, e);
	/* as it is asked for already: nothing is to be done */
	if (up == (state == LIVE_READY) && state != LIVE_FAILED)
		return 0;
	return up ? start(s, q, node, e) : stop(s, q, node, e);
}

int supervisor_do_restart(struct supervisor *s, const struct question *q, struct err *e)
{
	uint32_t num = (uint32_t)json_int(q->o, "daemon", 0), node;
	int r = supervisor_node(s, q, &node, e);

	if (r >= 0)
		r = live_running(&s->live, node, e);
	if (r < 0)
		return r;
	if (!s->live.t->nodes[node].n_daemons)
		return err_set(e, -ENOENT, "node %s has no daemons", s->live.t->nodes[node].name);
	return node_restart(s->live.nodes, s->live.node[node].id, num, e);
}
