/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wires of a lab, by interface and by link. Which objects of the fabric one is made of
 * follows from its ends:
 *
 *	member of a net		a port on the net's bridge
 *	node -- switch		a port on the switch's bridge
 *	node -- node		two ports and a stitch; or one direct pair
 *	switch -- switch	a trunk: two ports of one pair
 *
 * A port is put when its node is born, and is down while the other node is not there;
 * a direct pair is put by the later of its two nodes.
 */
#include "cli/lab_live_real.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/link.h"
#include "net/netns.h"

static bool is_born(const struct lab_live *l, uint32_t node)
{
	enum live_state s = l->node[node].state;

	return s >= LIVE_BORN && s <= LIVE_STOPPING;
}

static bool is_switch(const struct lab_live *l, uint32_t iface)
{
	return l->t->nodes[l->t->ifaces[iface].node].kind == TOPO_SWITCH;
}

uint32_t live_peer(const struct lab_live *l, uint32_t iface)
{
	const struct topo_iface *x = &l->t->ifaces[iface];

	return l->t->links[x->wire].ifaces[x->end == TOPO_AB ? TOPO_BA : TOPO_AB];
}

static uint32_t port_of(struct lab_live *l, uint32_t iface)
{
	if (l->iface[iface].port == FABRIC_NONE)
		l->iface[iface].port = live_id_take(&l->port_ids);
	return l->iface[iface].port;
}

static struct fabric_end end_of(const struct lab_live *l, uint32_t iface)
{
	const struct topo_iface *x = &l->t->ifaces[iface];
	struct node_info info = { 0 };

	/* of one that has died meanwhile the pid is 0, and the request fails */
	node_info(l->nodes, l->node[x->node].id, &info);
	return (struct fabric_end){ .netns_fd = -1,
				    .pid = info.pid,
				    .node = l->t->nodes[x->node].name,
				    .ifname = x->name,
				    .mac = x->mac,
				    .mtu = x->mtu };
}

static void put_port(struct lab_live *l, uint32_t iface, uint32_t bridge)
{
	struct fabric_port p = { .id = port_of(l, iface),
				 .end = end_of(l, iface),
				 .bridge = bridge };

	fabric_port_put(l->fabric, &p);
}

/* ---- shaping ---- */

static void shape(struct lab_live *l, uint32_t iface, const struct topo_impair *to,
		  const struct topo_impair *from, bool all)
{
	uint32_t mtu = l->t->ifaces[iface].mtu, port = l->iface[iface].port;

	if (all || impair_any(to))
		fabric_impair_put(l->fabric, port, to, mtu);
	if (from && (all || impair_any(from)))
		fabric_impair_from_put(l->fabric, port, from, mtu);
}

/* all: what is nothing is told too, for it may have been something. */
static void shape_link(struct lab_live *l, uint32_t link, bool all)
{
	const struct topo_link *x = &l->t->links[link];
	const struct topo_impair *ab = &x->impair[TOPO_AB], *ba = &x->impair[TOPO_BA];
	uint32_t a = x->ifaces[TOPO_AB], b = x->ifaces[TOPO_BA];

	if (is_switch(l, a) && is_switch(l, b)) {
		/* what leaves by a port goes to the other's bridge */
		shape(l, a, ab, NULL, all);
		shape(l, b, ba, NULL, all);
	} else if (is_switch(l, b)) {
		shape(l, a, ba, ab, all);
	} else if (is_switch(l, a)) {
		shape(l, b, ab, ba, all);
	} else {
		shape(l, a, ba, NULL, all);
		shape(l, b, ab, NULL, all);
	}
}

static void shape_member(struct lab_live *l, uint32_t iface, bool all)
{
	const struct topo_net *net = &l->t->nets[l->t->ifaces[iface].wire];
	uint32_t mtu = l->t->ifaces[iface].mtu, mate = l->iface[iface].mate;

	if (mate != FABRIC_NONE) {
		/* two bridges: what leaves by a port goes to the other's */
		shape(l, iface, &net->impair[TOPO_AB], NULL, all);
		if (all || impair_any(&net->impair[TOPO_BA]))
			fabric_impair_put(l->fabric, mate, &net->impair[TOPO_BA], mtu);
		return;
	}
	shape(l, iface, &net->impair[TOPO_BA], &net->impair[TOPO_AB], all);
}

static void carrier_link(struct lab_live *l, uint32_t link)
{
	const struct topo_link *x = &l->t->links[link];
	bool up = !x->down;

	for (int i = 0; i < 2; i++)
		if (l->iface[x->ifaces[i]].there && l->iface[x->ifaces[i]].port != FABRIC_NONE)
			fabric_carrier_put(l->fabric, l->iface[x->ifaces[i]].port, up);
}

/* ---- one wire ---- */

/* The interface stands as soon as this is flushed. */
static void stands(struct lab_live *l, uint32_t iface)
{
	struct live_node *n = &l->node[l->t->ifaces[iface].node];

	if (l->iface[iface].there)
		return;
	l->iface[iface].there = true;
	if (n->missing)
		n->missing--;
}

static void put_direct(struct lab_live *l, uint32_t iface, uint32_t peer)
{
	struct fabric_end a, b;

	if (!is_born(l, l->t->ifaces[peer].node))
		return;
	a = end_of(l, iface);
	b = end_of(l, peer);
	fabric_direct_put(l->fabric, &a, &b);
	stands(l, iface);
	stands(l, peer);
}

static void put_stitched(struct lab_live *l, uint32_t iface, uint32_t peer, uint32_t link)
{
	put_port(l, iface, FABRIC_NONE);
	stands(l, iface);
	if (!l->iface[peer].there) {
		fabric_carrier_put(l->fabric, l->iface[iface].port, false);
		return;
	}
	fabric_stitch_put(l->fabric, l->iface[iface].port, l->iface[peer].port);
	/* the one that was there is down since it is alone */
	carrier_link(l, link);
	shape_link(l, link, false);
}

static void put_trunk(struct lab_live *l, uint32_t link)
{
	const struct topo_link *x = &l->t->links[link];
	uint32_t a = x->ifaces[TOPO_AB], b = x->ifaces[TOPO_BA];

	/* the later of the two switches puts it */
	if (l->iface[a].there || l->node[l->t->ifaces[a].node].state != LIVE_SWITCH ||
	    l->node[l->t->ifaces[b].node].state != LIVE_SWITCH)
		return;
	fabric_trunk_put(l->fabric, port_of(l, a), l->node[l->t->ifaces[a].node].id, port_of(l, b),
			 l->node[l->t->ifaces[b].node].id, l->t->ifaces[a].mtu);
	stands(l, a);
	stands(l, b);
	shape_link(l, link, false);
	if (x->down)
		carrier_link(l, link);
}

/* An end in a node that is born. */
static void put_end(struct lab_live *l, uint32_t iface)
{
	uint32_t link = l->t->ifaces[iface].wire, peer = live_peer(l, iface);

	if (l->iface[iface].there || !l->link[link].wanted)
		return;
	if (is_switch(l, peer)) {
		put_port(l, iface, l->node[l->t->ifaces[peer].node].id);
		stands(l, iface);
		shape_link(l, link, false);
		if (l->t->links[link].down)
			carrier_link(l, link);
	} else if (l->t->links[link].stitched) {
		put_stitched(l, iface, peer, link);
	} else {
		put_direct(l, iface, peer);
	}
}

void live_put_link(struct lab_live *l, uint32_t link)
{
	const struct topo_link *x = &l->t->links[link];

	if (is_switch(l, x->ifaces[0]) && is_switch(l, x->ifaces[1])) {
		put_trunk(l, link);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (!is_switch(l, x->ifaces[i]) && is_born(l, l->t->ifaces[x->ifaces[i]].node))
			put_end(l, x->ifaces[i]);
}

void live_put_member(struct lab_live *l, uint32_t iface)
{
	const struct topo_iface *x = &l->t->ifaces[iface];
	struct live_iface *live = &l->iface[iface];
	uint32_t bridge = l->net[x->wire].bridge;

	if (live->there || bridge == FABRIC_NONE)
		return;
	if (!is_switch(l, iface)) {
		put_port(l, iface, bridge);
	} else {
		if (live->mate == FABRIC_NONE)
			live->mate = live_id_take(&l->port_ids);
		fabric_trunk_put(l->fabric, port_of(l, iface), l->node[x->node].id, live->mate,
				 bridge, x->mtu);
	}
	stands(l, iface);
	shape_member(l, iface, false);
}

/* ---- one node, one net ---- */

void live_put_node(struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];

	for (size_t i = 0; i < n->n_ifaces; i++) {
		uint32_t iface = n->ifaces[i];

		if (l->t->ifaces[iface].on == TOPO_ON_NET)
			live_put_member(l, iface);
		else if (l->t->ifaces[iface].on == TOPO_ON_LINK)
			put_end(l, iface);
	}
}

static struct fabric_bridge bridge_of_net(const struct lab_live *l, uint32_t net)
{
	const struct topo_net *n = &l->t->nets[net];

	return (struct fabric_bridge){ .id = l->net[net].bridge,
				       .name = n->name,
				       .stp = n->stp,
				       .mtu = n->mtu,
				       .mac = topology_mac(l->t, n->name, "net", 0) };
}

static struct fabric_bridge bridge_of_switch(const struct lab_live *l, uint32_t node)
{
	const struct topo_node *n = &l->t->nodes[node];

	return (struct fabric_bridge){ .id = l->node[node].id,
				       .name = n->name,
				       .stp = n->stp,
				       .mtu = n->mtu,
				       .mac = topology_mac(l->t, n->name, "switch", 0) };
}

void live_put_net(struct lab_live *l, uint32_t net)
{
	struct fabric_bridge b = bridge_of_net(l, net);

	fabric_bridge_put(l->fabric, &b);
}

void live_put_switch(struct lab_live *l, uint32_t node)
{
	struct fabric_bridge b = bridge_of_switch(l, node);

	fabric_bridge_put(l->fabric, &b);
}

int live_set_net(struct lab_live *l, uint32_t net, struct err *e)
{
	struct fabric_bridge b = bridge_of_net(l, net);

	b.mtu = b.mtu ? b.mtu : l->t->mtu;
	return fabric_bridge_set(l->fabric, &b, e);
}

int live_set_switch(struct lab_live *l, uint32_t node, struct err *e)
{
	struct fabric_bridge b = bridge_of_switch(l, node);

	b.mtu = b.mtu ? b.mtu : l->t->mtu;
	return fabric_bridge_set(l->fabric, &b, e);
}

/* ---- away with it ---- */

/* The end of an interface in the fabric; one in a node goes with it. */
static int drop_port(struct lab_live *l, uint32_t iface, struct err *e)
{
	struct live_iface *x = &l->iface[iface];
	int r = x->there && x->port != FABRIC_NONE ? fabric_port_del(l->fabric, x->port, e) : 0;

	x->there = false;
	return r;
}

static int part(struct lab_live *l, uint32_t iface, uint32_t peer, struct err *e)
{
	if (!l->iface[iface].there || !l->iface[peer].there ||
	    l->iface[iface].port == FABRIC_NONE || l->iface[peer].port == FABRIC_NONE)
		return 0;
	return fabric_unstitch(l->fabric, l->iface[iface].port, l->iface[peer].port, e);
}

/* Ports that go together. */
struct leaving {
	uint32_t *v;
	size_t n;
};

static void leave(struct lab_live *l, uint32_t iface, struct leaving *go)
{
	struct live_iface *x = &l->iface[iface];

	if (x->there && x->port != FABRIC_NONE)
		go->v[go->n++] = x->port;
	x->there = false;
}

/* One end, in a node that runs, takes the other along. */
static int drop_direct(struct lab_live *l, uint32_t iface, struct err *e)
{
	_cleanup_close_ int netns = node_netns(l->nodes, l->node[l->t->ifaces[iface].node].id, e);
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = netns < 0 ? netns : netns_nl_open(netns, &nl, NETLINK_ROUTE, e);

	return r < 0 ? r : link_del(&nl, l->t->ifaces[iface].name, e);
}

/* It goes with the namespace of the other end, but that takes a while: it is in the way. */
static void direct_gone(struct lab_live *l, uint32_t iface)
{
	if (l->iface[iface].there && l->node[l->t->ifaces[iface].node].state == LIVE_READY)
		drop_direct(l, iface, NULL);
	l->iface[iface].there = false;
}

/* The neighbour of one that goes loses its carrier and keeps its interface. */
static int end_gone(struct lab_live *l, uint32_t iface, struct leaving *go, struct err *e)
{
	uint32_t link = l->t->ifaces[iface].wire, peer = live_peer(l, iface);
	int r = 0;

	if (!is_switch(l, peer) && !l->t->links[link].stitched)
		direct_gone(l, peer);
	else if (!is_switch(l, peer))
		r = part(l, iface, peer, e);
	leave(l, iface, go);
	if (r >= 0 && !is_switch(l, peer) && l->iface[peer].there)
		fabric_carrier_put(l->fabric, l->iface[peer].port, false);
	return r;
}

int live_node_gone(struct lab_live *l, uint32_t node, struct err *e)
{
	const struct topo_node *n = &l->t->nodes[node];
	_cleanup_free_ uint32_t *ports = calloc(n->n_ifaces + 1, sizeof(*ports));
	struct leaving go = { .v = ports };
	int r = 0;

	if (!ports) {
		err_sys(e, -ENOMEM, "node %s", n->name);
		return -ENOMEM;
	}
	for (size_t i = 0; r >= 0 && i < n->n_ifaces; i++) {
		uint32_t iface = n->ifaces[i];

		if (l->t->ifaces[iface].on == TOPO_ON_NET)
			leave(l, iface, &go);
		else if (l->t->ifaces[iface].on == TOPO_ON_LINK)
			r = end_gone(l, iface, &go, e);
	}
	if (r >= 0)
		r = fabric_ports_del(l->fabric, go.v, go.n, e);
	return r < 0 ? r : fabric_flush(l->fabric, e);
}

int live_del_link(struct lab_live *l, uint32_t link, struct err *e)
{
	const struct topo_link *x = &l->t->links[link];
	uint32_t a = x->ifaces[0], b = x->ifaces[1];
	bool direct = !x->stitched && !is_switch(l, a) && !is_switch(l, b);
	int r = 0;

	if (direct && l->iface[a].there)
		r = drop_direct(l, is_born(l, l->t->ifaces[a].node) ? a : b, e);
	else if (x->stitched && !is_switch(l, a) && !is_switch(l, b))
		r = part(l, a, b, e);
	if (r >= 0)
		r = drop_port(l, a, e);
	if (r >= 0)
		r = drop_port(l, b, e);
	l->link[link].wanted = false;
	return r;
}

int live_del_member(struct lab_live *l, uint32_t iface, struct err *e)
{
	return drop_port(l, iface, e);
}

/* ---- changes ---- */

int live_impair_link(struct lab_live *l, uint32_t link, struct err *e)
{
	const struct topo_link *x = &l->t->links[link];
	bool a = l->iface[x->ifaces[0]].there || is_switch(l, x->ifaces[0]);
	bool b = l->iface[x->ifaces[1]].there || is_switch(l, x->ifaces[1]);

	/* of a wire that does not stand it is what it gets when it does */
	if (!a || !b || !l->link[link].wanted)
		return 0;
	shape_link(l, link, true);
	return fabric_flush(l->fabric, e);
}

int live_impair_member(struct lab_live *l, uint32_t iface, struct err *e)
{
	if (!l->iface[iface].there)
		return 0;
	shape_member(l, iface, true);
	return fabric_flush(l->fabric, e);
}

int live_carrier(struct lab_live *l, uint32_t link, struct err *e)
{
	const struct topo_link *x = &l->t->links[link];
	bool a = l->iface[x->ifaces[0]].there || is_switch(l, x->ifaces[0]);
	bool b = l->iface[x->ifaces[1]].there || is_switch(l, x->ifaces[1]);

	if (!a || !b)
		return 0;
	carrier_link(l, link);
	return fabric_flush(l->fabric, e);
}
