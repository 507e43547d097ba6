/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if.h>
#include <stdio.h>
#include <string.h>

#include "cli/lab_status.h"
#include "cli/lab_json.h"
#include "core/base/cleanup.h"

/* ---- words ---- */

const char *status_of(const struct lab_view *v)
{
	for (size_t i = 0; i < v->lab->topo.n_nodes; i++)
		if (strcmp(v->nodes[i].state, "running") != 0)
			return "degraded";
	return "running";
}

const char *status_iface(const struct view_iface *x)
{
	if (!(x->stats.link.flags & IFF_UP))
		return "down";
	return view_has_carrier(x) ? "up" : "no carrier";
}

const char *status_wire(const struct lab_view *v, uint32_t link)
{
	const struct topology *t = &v->lab->topo;
	const struct topo_link *l = &t->links[link];

	for (int i = 0; i < 2; i++)
		if (t->nodes[t->ifaces[l->ifaces[i]].node].kind == TOPO_SWITCH)
			return "bridged";
	return l->stitched ? "stitched" : "direct";
}

char *status_impair(const struct topo_impair dirs[TOPO_DIRS])
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	if (impair_same(&dirs[TOPO_AB], &dirs[TOPO_BA])) {
		impair_write(f, &dirs[TOPO_AB]);
	} else {
		for (unsigned d = 0; d < TOPO_DIRS; d++) {
			if (!impair_any(&dirs[d]))
				continue;
			fprintf(f, "%s%s: ", d == TOPO_BA && impair_any(&dirs[0]) ? "; " : "",
				d == TOPO_AB ? "ab" : "ba");
			impair_write(f, &dirs[d]);
		}
	}
	return fclose(f) == 0 ? text : NULL;
}

const char *status_daemon_text(const struct lab_view *v, uint32_t node, uint32_t num)
{
	const struct topo_node *n = &v->lab->topo.nodes[node];

	for (size_t i = 0; i < n->n_daemons; i++)
		if (n->daemons[i].num == num)
			return n->daemons[i].text;
	return "";
}

/* ---- JSON ---- */

static json_t *iface_json(const struct view_iface *x)
{
	const struct link_stats *s = &x->stats;
	json_t *addrs = json_array();
	char buf[IP_PREFIX_STRLEN], mac[MAC_STRLEN];

	for (size_t i = 0; i < x->n_addrs; i++)
		json_array_append_new(addrs, json_string(prefix_str(&x->addrs[i], buf)));
	return json_pack("{s:s, s:s?, s:I, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "ifname",
			 s->link.name, "mac",
			 mac_is_set(&s->link.mac) ? mac_str(&s->link.mac, mac) : NULL, "mtu",
			 (json_int_t)s->link.mtu, "up", !!(s->link.flags & IFF_UP), "carrier",
			 view_has_carrier(x), "addresses", addrs, "rx_bytes",
			 (json_int_t)s->rx_bytes, "rx_packets", (json_int_t)s->rx_packets,
			 "rx_dropped", (json_int_t)s->rx_dropped, "tx_bytes",
			 (json_int_t)s->tx_bytes, "tx_packets", (json_int_t)s->tx_packets,
			 "tx_dropped", (json_int_t)s->tx_dropped);
}

/* null instead of a number that is not there */
static json_t *number(int64_t n, bool there)
{
	return there ? json_integer(n) : json_null();
}

static json_t *daemon_json(const struct lab_view *v, uint32_t node, const struct view_daemon *d)
{
	return json_pack("{s:I, s:s?, s:s, s:o, s:I, s:o}", "number", (json_int_t)d->num, "command",
			 status_daemon_text(v, node, d->num), "state", d->state, "pid",
			 number(d->pid, d->pid), "restarts", (json_int_t)d->restarts, "exit_code",
			 number(d->status, d->status >= 0));
}

static json_t *node_json(const struct lab_view *v, uint32_t i)
{
	const struct topo_node *n = &v->lab->topo.nodes[i];
	const struct view_node *now = &v->nodes[i];
	json_t *ifaces = json_array(), *daemons = json_array();

	for (size_t k = 0; k < now->n_ifaces; k++)
		json_array_append_new(ifaces, iface_json(&now->ifaces[k]));
	for (size_t k = 0; k < now->n_daemons; k++)
		json_array_append_new(daemons, daemon_json(v, i, &now->daemons[k]));
	return json_pack("{s:s, s:s, s:o, s:s, s:s*, s:o, s:o}", "name", n->name, "kind",
			 n->kind_name, "pid", number(now->host.pid, now->host.pid), "state",
			 now->state, "reason", now->why, "interfaces", ifaces, "daemons", daemons);
}

static json_t *way_json(const struct view_way *w, bool rate)
{
	json_t *o = json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)w->bytes, "packets",
			      (json_int_t)w->packets, "dropped", (json_int_t)w->dropped);

	if (rate)
		json_object_set_new(o, "rate", json_integer((json_int_t)w->bps));
	return o;
}

static json_t *link_json(const struct lab_view *v, uint32_t i, bool rates)
{
	const struct topology *t = &v->lab->topo;
	const struct topo_link *l = &t->links[i];

	return json_pack("{s:s, s:[o, o], s:s, s:s, s:{s:o, s:o}, s:{s:o, s:o}}", "name", l->name,
			 "ends", lab_end_json(t, l->ifaces[0]), lab_end_json(t, l->ifaces[1]),
			 "wire", status_wire(v, i), "state", view_link_state(v, i), "impairments",
			 "ab", lab_impair_json(&l->impair[TOPO_AB]), "ba",
			 lab_impair_json(&l->impair[TOPO_BA]), "traffic", "ab",
			 way_json(&v->links[i].ways[TOPO_AB], rates), "ba",
			 way_json(&v->links[i].ways[TOPO_BA], rates));
}

static json_t *net_json_of(const struct topology *t, const struct topo_net *n)
{
	json_t *members = json_array();

	for (size_t i = 0; i < n->n_members; i++)
		json_array_append_new(members, lab_end_json(t, n->members[i]));
	return json_pack("{s:s, s:o, s:{s:o, s:o}}", "name", n->name, "members", members,
			 "impairments", "ab", lab_impair_json(&n->impair[TOPO_AB]), "ba",
			 lab_impair_json(&n->impair[TOPO_BA]));
}

json_t *status_json(const struct lab_view *v, bool rates)
{
	const struct topology *t = &v->lab->topo;
	json_t *nodes = json_array(), *links = json_array(), *nets = json_array();
	json_t *unapplied = json_array();

	for (uint32_t i = 0; i < t->n_nodes; i++)
		json_array_append_new(nodes, node_json(v, i));
	for (uint32_t i = 0; i < t->n_links; i++)
		json_array_append_new(links, link_json(v, i, rates));
	for (uint32_t i = 0; i < t->n_nets; i++)
		json_array_append_new(nets, net_json_of(t, &t->nets[i]));
	for (size_t i = 0; i < v->lab->rec.unapplied.n; i++)
		json_array_append_new(unapplied, json_string(v->lab->rec.unapplied.v[i]));
	return json_pack("{s:s, s:s, s:s?, s:I, s:o, s:o, s:o, s:o}", "name", v->lab->rec.name,
			 "state", status_of(v), "file", v->lab->rec.file, "created",
			 (json_int_t)v->lab->rec.created, "nodes", nodes, "links", links, "nets",
			 nets, "unapplied", unapplied);
}
