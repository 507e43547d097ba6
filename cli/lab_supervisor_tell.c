/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor tells of its nodes and of the fabric's ports. */
#include <string.h>

#include "cli/lab_supervisor.h"
#include "core/base/err.h"
#include "core/base/json.h"

/* Which nodes are meant: one by its name, or all. */
static int range(const struct supervisor *s, const struct question *q, uint32_t *ret_from,
		 uint32_t *ret_to, struct err *e)
{
	int r;

	*ret_from = 0;
	*ret_to = (uint32_t)s->live.t->n_nodes;
	if (!json_object_get(q->o, "node"))
		return 0;
	r = supervisor_node(s, q, ret_from, e);
	*ret_to = *ret_from + 1;
	return r;
}

/* {"node": "r1", "state": "running", "pid": 7, "start": 123}; without the pid it has none. */
int supervisor_do_nodes(struct supervisor *s, const struct question *q, struct err *e)
{
	uint32_t from, to;
	int r = range(s, q, &from, &to, e);

	for (uint32_t i = from; r >= 0 && i < to; i++) {
		const struct live_node *n = &s->live.node[i];
		struct node_info info;
		json_t *o = json_pack("{s:s, s:s, s:s*}", "node", s->live.t->nodes[i].name, "state",
				      live_state_name(n->state), "why", n->why);

		if (o && n->state == LIVE_READY && node_info(s->live.nodes, n->id, &info) >= 0) {
			json_object_set_new(o, "pid", json_integer(info.host.pid));
			json_object_set_new(o, "start", json_integer((json_int_t)info.host.start));
		}
		supervisor_tell(q, o);
	}
	return r;
}

/* {"node": "r1", "ports": {"eth0": 7}}; those of direct wires and of none are not there. */
int supervisor_do_ports(struct supervisor *s, const struct question *q, struct err *e)
{
	const struct lab_live *l = &s->live;
	uint32_t from, to;
	int r = range(s, q, &from, &to, e);

	for (uint32_t i = from; r >= 0 && i < to; i++) {
		const struct topo_node *n = &l->t->nodes[i];
		json_t *ports = json_object();

		for (size_t k = 0; k < n->n_ifaces; k++)
			if (l->iface[n->ifaces[k]].there &&
			    l->iface[n->ifaces[k]].port != FABRIC_NONE)
				json_object_set_new(ports, l->t->ifaces[n->ifaces[k]].name,
						    json_integer(l->iface[n->ifaces[k]].port));
		supervisor_tell(q, json_pack("{s:s, s:o}", "node", n->name, "ports", ports));
	}
	return r;
}
