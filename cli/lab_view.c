/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_view.h"

#include <errno.h>
#include <linux/if.h>
#include <string.h>
#include <time.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/vec.h"
#include "net/addr.h"
#include "net/fabric.h"
#include "net/netns.h"

#define SECOND 1000000000ULL

static void close_node(struct view_node *n)
{
	for (size_t i = 0; i < n->n_ifaces; i++)
		free(n->ifaces[i].addrs);
	free(n->ifaces);
	free(n->daemons);
	free(n->why);
}

void view_close(struct lab_view *v)
{
	for (size_t i = 0; v->nodes && i < v->lab->topo.n_nodes; i++)
		close_node(&v->nodes[i]);
	free(v->nodes);
	free(v->links);
	free(v->ports);
	*v = (struct lab_view){ 0 };
}

/* ---- what the supervisor says ---- */

static int hear_daemons(const json_t *list, struct view_node *n)
{
	size_t count = json_array_size(list);

	n->daemons = calloc(count + 1, sizeof(*n->daemons));
	if (!n->daemons)
		return -ENOMEM;
	n->n_daemons = count;
	for (size_t i = 0; i < count; i++) {
		const json_t *o = json_array_get(list, i);
		struct view_daemon *d = &n->daemons[i];

		d->num = (uint32_t)json_int(o, "number", 0);
		d->pid = (pid_t)json_int(o, "pid", 0);
		d->restarts = (uint32_t)json_int(o, "restarts", 0);
		d->status = (int)json_int(o, "status", -1);
		str_fmt(d->state, sizeof(d->state), "%s", json_str(o, "state", ""));
	}
	return 0;
}

static int hear_node(struct lab_view *v, const char *name, const json_t *o)
{
	const struct topology *t = &v->lab->topo;
	uint32_t i = topology_node(t, name);
	const char *why = json_str(o, "why", NULL);
	const json_t *ports = json_object_get(o, "ports");
	struct view_node *n;

	/* one that came since the file was read */
	if (i == TOPO_NONE || v->nodes[i].state[0])
		return 0;
	n = &v->nodes[i];
	str_fmt(n->state, sizeof(n->state), "%s", json_str(o, "state", ""));
	n->why = why ? strdup(why) : NULL;
	n->host.pid = (pid_t)json_int(o, "pid", 0);
	n->host.start = (uint64_t)json_int(o, "start", 0);
	for (size_t k = 0; k < t->nodes[i].n_ifaces; k++)
		v->ports[t->nodes[i].ifaces[k]] = (uint32_t)json_int(
			ports, t->ifaces[t->nodes[i].ifaces[k]].name, FABRIC_NONE);
	return hear_daemons(json_object_get(o, "daemons"), n);
}

static int hear_impair(const json_t *o, struct topo_impair *ret)
{
	struct topo_impair dirs[TOPO_DIRS] = { 0 };
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach((json_t *)(uintptr_t)o, key, value) if (r >= 0 && json_is_string(value))
		r = impair_set(dirs, key, json_string_value(value), NULL);
	*ret = dirs[TOPO_AB];
	return r;
}

static int hear_link(struct lab_view *v, const char *name, const json_t *o)
{
	uint32_t i = topology_link(&v->lab->topo, name);
	struct topo_link *l;
	int r;

	if (i == TOPO_NONE)
		return 0;
	l = &v->lab->topo.links[i];
	l->down = !json_flag(o, "up", true);
	l->stitched = json_flag(o, "stitched", true);
	v->links[i].stands = json_flag(o, "stands", false);
	r = hear_impair(json_object_get(o, "ab"), &l->impair[TOPO_AB]);
	return r < 0 ? r : hear_impair(json_object_get(o, "ba"), &l->impair[TOPO_BA]);
}

static int hear(const json_t *o, void *ctx)
{
	const char *node = json_str(o, "node", NULL), *link = json_str(o, "link", NULL);

	if (node)
		return hear_node(ctx, node, o);
	return link ? hear_link(ctx, link, o) : 0;
}

/* ---- what the kernel says of a node ---- */

static int add_iface(const struct link_stats *s, void *ctx)
{
	struct view_node *n = ctx;
	struct view_iface *x = VEC_ADD(n->ifaces, n->n_ifaces);

	if (!x)
		return -ENOMEM;
	x->stats = *s;
	return 0;
}

static int add_addr(const struct addr_info *a, void *ctx)
{
	struct view_node *n = ctx;

	for (size_t i = 0; i < n->n_ifaces; i++) {
		struct view_iface *x = &n->ifaces[i];
		struct ip_prefix *addr;

		if (x->stats.link.index != a->index)
			continue;
		addr = VEC_ADD(x->addrs, x->n_addrs);
		if (!addr)
			return -ENOMEM;
		*addr = a->addr;
	}
	return 0;
}

/* One that ends meanwhile has nothing. */
static int look_into(struct lab_view *v, uint32_t i, struct err *e)
{
	struct view_node *n = &v->nodes[i];
	struct lab_node at = { i, n->host };
	_cleanup_close_ int netns = n->host.pid ? lab_node_netns(&at, NULL) : -1;
	struct nl nl;
	int r;

	if (netns < 0)
		return 0;
	r = netns_nl_open(netns, &nl, NETLINK_ROUTE, e);
	if (r < 0)
		return r;
	r = link_stats_list(&nl, add_iface, n, e);
	if (r >= 0)
		r = addr_list(&nl, 0, AF_UNSPEC, add_addr, n, e);
	nl_close(&nl);
	return err_wrap(e, r, "node %s", v->lab->topo.nodes[i].name);
}

const struct view_iface *view_iface(const struct lab_view *v, uint32_t iface)
{
	const struct topo_iface *x = &v->lab->topo.ifaces[iface];
	const struct view_node *n = &v->nodes[x->node];

	for (size_t i = 0; i < n->n_ifaces; i++)
		if (!strcmp(n->ifaces[i].stats.link.name, x->name))
			return &n->ifaces[i];
	return NULL;
}

bool view_has_carrier(const struct view_iface *i)
{
	return i->stats.link.flags & IFF_RUNNING;
}

/* ---- counters of links ---- */

struct counting {
	struct lab_view *v;
	uint32_t *by_port; /* interface of the topology; TOPO_NONE */
	uint32_t n;
};

static bool is_switch(const struct topology *t, uint32_t iface)
{
	return t->nodes[t->ifaces[iface].node].kind == TOPO_SWITCH;
}

/*
 * Which way a port's sending is: of a stitched wire what goes to its node; between two
 * switches what goes to the other one.
 */
static int count_port(const struct fabric_state *s, void *ctx)
{
	const struct counting *c = ctx;
	const struct topology *t = &c->v->lab->topo;
	uint32_t iface = s->port < c->n ? c->by_port[s->port] : TOPO_NONE, other;
	const struct topo_iface *x;
	enum topo_dir from, to;
	struct view_way *ways;

	if (iface == TOPO_NONE || t->ifaces[iface].on != TOPO_ON_LINK)
		return 0;
	x = &t->ifaces[iface];
	other = t->links[x->wire].ifaces[x->end == TOPO_AB ? TOPO_BA : TOPO_AB];
	from = x->end;
	to = x->end == TOPO_AB ? TOPO_BA : TOPO_AB;
	ways = c->v->links[x->wire].ways;
	if (is_switch(t, iface)) {
		ways[from].bytes = s->to_node_bytes;
		ways[from].packets = s->to_node_packets;
		ways[from].dropped = s->drops;
		return 0;
	}
	ways[to].bytes = s->to_node_bytes;
	ways[to].packets = s->to_node_packets;
	ways[to].dropped = s->drops;
	if (is_switch(t, other)) {
		ways[from].bytes = s->from_node_bytes;
		ways[from].packets = s->from_node_packets;
	}
	return 0;
}

/* Of a direct wire nothing is in the fabric: as its ends have it. */
static void count_direct(struct lab_view *v)
{
	const struct topology *t = &v->lab->topo;

	for (uint32_t i = 0; i < t->n_links; i++)
		for (unsigned d = 0; d < TOPO_DIRS; d++) {
			uint32_t iface = t->links[i].ifaces[d];
			const struct view_iface *x = view_iface(v, iface);

			if (!x || v->ports[iface] != FABRIC_NONE ||
			    is_switch(t, t->links[i].ifaces[!d]))
				continue;
			/* what end a receives is the way from b */
			v->links[i].ways[!d].bytes = x->stats.rx_bytes;
			v->links[i].ways[!d].packets = x->stats.rx_packets;
		}
}

static int count(struct lab_view *v, struct err *e)
{
	const struct topology *t = &v->lab->topo;
	struct counting c = { .v = v };
	_cleanup_free_ uint32_t *by_port = NULL;
	_cleanup_close_ int netns = lab_fabric_netns(v->lab, e);
	struct fabric *f = NULL;
	int r = netns;

	for (uint32_t i = 0; i < t->n_ifaces; i++)
		if (v->ports[i] != FABRIC_NONE && v->ports[i] >= c.n)
			c.n = v->ports[i] + 1;
	c.by_port = by_port = malloc((c.n + 1) * sizeof(*by_port));
	if (!by_port)
		return err_sys(e, -ENOMEM, "count");
	memset(by_port, 0xff, (c.n + 1) * sizeof(*by_port));
	for (uint32_t i = 0; i < t->n_ifaces; i++)
		if (v->ports[i] != FABRIC_NONE)
			by_port[v->ports[i]] = i;
	r = r < 0 ? r : fabric_open(netns, v->lab->rec.name, &f, e);
	r = r < 0 ? r : fabric_states(f, count_port, &c, e);
	fabric_close(f);
	count_direct(v);
	return r;
}

/* ---- all of it ---- */

int view_open(struct app *app, struct lab *lab, struct lab_view *ret, struct err *e)
{
	_cleanup_(view_close) struct lab_view v = { .lab = lab };
	const struct topology *t = &lab->topo;
	int r;

	v.nodes = calloc(t->n_nodes + 1, sizeof(*v.nodes));
	v.links = calloc(t->n_links + 1, sizeof(*v.links));
	v.ports = malloc((t->n_ifaces + 1) * sizeof(*v.ports));
	if (!v.nodes || !v.links || !v.ports)
		return err_sys(e, -ENOMEM, "look at lab %s", lab->rec.name);
	memset(v.ports, 0xff, (t->n_ifaces + 1) * sizeof(*v.ports));
	r = lab_ask(app, lab, json_pack("{s:s}", "do", "status"), -1, hear, &v, e);
	for (uint32_t i = 0; r >= 0 && i < t->n_nodes; i++)
		r = look_into(&v, i, e);
	r = r < 0 ? r : count(&v, e);
	if (r < 0)
		return e->num ? r : err_sys(e, r, "look at lab %s", lab->rec.name);
	*ret = v;
	v = (struct lab_view){ .lab = lab };
	return 0;
}

/* The kernel's part once more. */
static void look_again(struct lab_view *v, struct view_node *n)
{
	for (size_t i = 0; i < n->n_ifaces; i++)
		free(n->ifaces[i].addrs);
	free(n->ifaces);
	n->ifaces = NULL;
	n->n_ifaces = 0;
	look_into(v, (uint32_t)(n - v->nodes), NULL);
}

int view_rates(struct lab_view *v, uint64_t ns, struct err *e)
{
	const struct timespec wait = { (time_t)(ns / SECOND), (long)(ns % SECOND) };
	size_t n = v->lab->topo.n_links;
	_cleanup_free_ struct view_link *before = calloc(n + 1, sizeof(*before));
	int64_t from;
	int r = before ? 0 : err_sys(e, -ENOMEM, "measure rates");

	if (r < 0)
		return r;
	r = count(v, e);
	memcpy(before, v->links, n * sizeof(*before));
	from = clock_ns(CLOCK_MONOTONIC);
	nanosleep(&wait, NULL);
	for (size_t i = 0; i < v->lab->topo.n_nodes; i++)
		look_again(v, &v->nodes[i]);
	r = r < 0 ? r : count(v, e);
	ns = (uint64_t)(clock_ns(CLOCK_MONOTONIC) - from);
	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < TOPO_DIRS; d++) {
			uint64_t more = v->links[i].ways[d].bytes - before[i].ways[d].bytes;

			v->links[i].ways[d].bps =
				(uint64_t)((double)more * 8 * (double)SECOND / (double)ns);
		}
	return r;
}

const char *view_link_state(const struct lab_view *v, uint32_t link)
{
	const struct topology *t = &v->lab->topo;
	const struct topo_link *l = &t->links[link];
	bool carrier = true;

	if (l->down)
		return "down";
	for (int i = 0; i < 2; i++) {
		const struct view_iface *x = view_iface(v, l->ifaces[i]);

		if (is_switch(t, l->ifaces[i]))
			continue;
		if (!x)
			return "absent";
		carrier = carrier && view_has_carrier(x);
	}
	if (!v->links[link].stands)
		return "absent";
	return carrier ? "up" : "no carrier";
}
