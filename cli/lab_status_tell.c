/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor knows of the lab's state, an object for each node and each link. */
#include <string.h>

#include "cli/lab_supervisor.h"
#include "cli/lab_json.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

static const char *const daemon_states[] = { [DAEMON_WAITING] = "waiting",
					     [DAEMON_RUNNING] = "running",
					     [DAEMON_ENDED] = "ended",
					     [DAEMON_BACKOFF] = "restarting" };

static json_t *daemons_json(const struct node_info *info)
{
	json_t *all = json_array();

	for (size_t i = 0; i < info->n_daemons; i++) {
		const struct node_daemon_info *d = &info->daemons[i];

		json_array_append_new(
			all, json_pack("{s:I, s:s, s:i, s:I, s:i}", "number", (json_int_t)d->num,
				       "state", daemon_states[d->state], "pid", (int)d->pid,
				       "restarts", (json_int_t)d->restarts, "status", d->status));
	}
	return all;
}

static json_t *ports_json(const struct lab_live *l, const struct topo_node *n)
{
	json_t *ports = json_object();

	for (size_t k = 0; k < n->n_ifaces; k++)
		if (l->iface[n->ifaces[k]].there && l->iface[n->ifaces[k]].port != FABRIC_NONE)
			json_object_set_new(ports, l->t->ifaces[n->ifaces[k]].name,
					    json_integer(l->iface[n->ifaces[k]].port));
	return ports;
}

static void tell_node(const struct supervisor *s, const struct question *q, uint32_t i)
{
	const struct lab_live *l = &s->live;
	const struct live_node *n = &l->node[i];
	struct node_info info = { 0 };
	json_t *o = json_pack("{s:s, s:s, s:s*, s:o}", "node", l->t->nodes[i].name, "state",
			      live_state_name(n->state), "why", n->why, "ports",
			      ports_json(l, &l->t->nodes[i]));

	if (o && n->state == LIVE_READY && node_info(l->nodes, n->id, &info) >= 0) {
		json_object_set_new(o, "pid", json_integer(info.host.pid));
		json_object_set_new(o, "start", json_integer((json_int_t)info.host.start));
		json_object_set_new(o, "daemons", daemons_json(&info));
	}
	supervisor_tell(q, o);
}

static void tell_link(const struct supervisor *s, const struct question *q, uint32_t i)
{
	const struct topo_link *x = &s->live.t->links[i];
	bool stands = s->live.link[i].wanted && s->live.iface[x->ifaces[0]].there &&
		      s->live.iface[x->ifaces[1]].there;

	for (int k = 0; k < 2; k++)
		if (s->live.t->nodes[s->live.t->ifaces[x->ifaces[k]].node].kind == TOPO_SWITCH)
			stands = s->live.link[i].wanted && s->live.iface[x->ifaces[!k]].there;
	supervisor_tell(q, json_pack("{s:s, s:b, s:b, s:b, s:o, s:o}", "link", x->name, "up",
				     !x->down, "stitched", lab_link_is_stitched(s, i), "stands",
				     stands, "ab", lab_impair_json(&x->impair[TOPO_AB]), "ba",
				     lab_impair_json(&x->impair[TOPO_BA])));
}

int supervisor_do_status(struct supervisor *s, const struct question *q, struct err *e)
{
	(void)e;
	for (uint32_t i = 0; i < s->live.t->n_nodes; i++)
		tell_node(s, q, i);
	for (uint32_t i = 0; i < s->live.t->n_links; i++)
		tell_link(s, q, i);
	return 0;
}
