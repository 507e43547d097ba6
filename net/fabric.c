/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was put is kept in lists, one a kind, and becomes messages in fabric_flush:
 *
 *	1. links: bridges, trunks, ports, direct wires, with their aliases
 *	2. the redirects of stitched wires
 *	3. shaping, then carriers and MTUs of ports that stood before
 *
 * each one request, however long (net/nl.c sends it in pieces and reads between
 * them). The kernel runs what follows an error, too; the first one is told.
 */
#include "net/fabric.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/fabric_real.h"
#include "net/filter.h"
#include "net/netns.h"
#include "net/qdisc.h"
#include "net/sysctl.h"

#define GROUP_GOING 1 /* of links that are about to be deleted */

/*
 * Our ends are wires: no address of their own, so no neighbour discovery on behalf
 * of nobody; and with br_netfilter on, which a namespace is born with, bridged frames
 * would be looked at by rules and fragmented.
 */
static const struct sysctl fabric_sysctls[] = {
	{ "ipv6/conf/default/disable_ipv6", "1" },
	{ "bridge/bridge-nf-call-iptables", "0" },
	{ "bridge/bridge-nf-call-ip6tables", "0" },
	{ "bridge/bridge-nf-call-arptables", "0" },
};

int fabric_open(int netns_fd, const char *lab, struct fabric **ret, struct err *e)
{
	struct fabric *f;
	int r;

	f = calloc(1, sizeof(*f));
	if (f) {
		f->nl.fd = -1;
		f->lab = strdup(lab);
	}
	if (!f || !f->lab) {
		fabric_close(f);
		return err_sys(e, ENOMEM, "fabric of %s", lab);
	}
	r = sysctl_apply(netns_fd, fabric_sysctls, ARRAY_SIZE(fabric_sysctls), e);
	if (r >= 0)
		r = netns_fd < 0 ? nl_open(&f->nl, NETLINK_ROUTE, e)
				 : netns_nl_open(netns_fd, &f->nl, NETLINK_ROUTE, e);
	if (r < 0) {
		fabric_close(f);
		return err_wrap(e, r, "fabric of %s", lab);
	}
	*ret = f;
	return 0;
}

static void forget_puts(struct fabric *f)
{
	for (size_t i = 0; i < f->n_ports; i++)
		if (f->ports[i].id < f->n_slots)
			f->slots[f->ports[i].id].fresh = false;
	for (size_t i = 0; i < 2 * f->n_trunks; i++)
		if (f->trunks[i / 2].port[i % 2] < f->n_slots)
			f->slots[f->trunks[i / 2].port[i % 2]].fresh = false;
	free(take_ptr(f->bridges));
	free(take_ptr(f->ports));
	free(take_ptr(f->trunks));
	free(take_ptr(f->directs));
	free(take_ptr(f->pairs));
	free(take_ptr(f->shapes));
	free(take_ptr(f->sets));
	f->n_bridges = f->n_ports = f->n_trunks = f->n_directs = 0;
	f->n_pairs = f->n_shapes = f->n_sets = 0;
	f->error = 0;
}

void fabric_close(struct fabric *f)
{
	if (!f)
		return;
	nl_close(&f->nl);
	forget_puts(f);
	free(f->slots);
	free(f->lab);
	free(f);
}

void fabric_seed(struct fabric *f, uint64_t seed)
{
	f->seed = seed;
}

void fabric_port_name(uint32_t port, char buf[16])
{
	snprintf(buf, 16, "p%u", port);
}

void fabric_bridge_name(uint32_t bridge, char buf[16])
{
	snprintf(buf, 16, "b%u", bridge);
}

struct fabric_slot *fabric_slot(struct fabric *f, uint32_t port)
{
	struct fabric_slot *v;
	size_t n = f->n_slots ? f->n_slots : 16;

	if (port >= FABRIC_IDS) {
		f->error = -EINVAL;
		return NULL;
	}
	while (n <= port)
		n *= 2;
	if (n > f->n_slots) {
		v = realloc(f->slots, n * sizeof(*v));
		if (!v) {
			f->error = -ENOMEM;
			return NULL;
		}
		memset(v + f->n_slots, 0, (n - f->n_slots) * sizeof(*v));
		f->slots = v;
		f->n_slots = n;
	}
	return &f->slots[port];
}

/* ---- collecting --------------------------------------------------------------- */

/* Adds a copy of the value to a list. */
#define PUT(f, list, n, ...)                                            \
	do {                                                            \
		__typeof__((f)->list) at_ = VEC_ADD((f)->list, (f)->n); \
		if (at_)                                                \
			*at_ = (__typeof__(*at_))__VA_ARGS__;           \
		else                                                    \
			(f)->error = -ENOMEM;                           \
	} while (0)

void fabric_bridge_put(struct fabric *f, const struct fabric_bridge *b)
{
	if (b->id >= FABRIC_IDS)
		f->error = -EINVAL;
	PUT(f, bridges, n_bridges, *b);
}

/* A port that is made has nothing on it, and what was known of it is of its predecessor. */
static void slot_new(struct fabric *f, uint32_t port, const struct fabric_end *end)
{
	struct fabric_slot *s = fabric_slot(f, port);

	if (!s)
		return;
	*s = (struct fabric_slot){
		.fresh = true, .unsettled = true, .to.root = ROOT_NONE, .from.root = ROOT_NONE
	};
	snprintf(s->name, sizeof(s->name), "port %u", port);
	if (!end)
		return;
	snprintf(s->name, sizeof(s->name), "%s:%s", end->node, end->ifname);
	s->pid = end->pid;
	snprintf(s->ifname, sizeof(s->ifname), "%s", end->ifname);
}

void fabric_port_put(struct fabric *f, const struct fabric_port *p)
{
	slot_new(f, p->id, &p->end);
	PUT(f, ports, n_ports, *p);
}

void fabric_direct_put(struct fabric *f, const struct fabric_end *a, const struct fabric_end *b)
{
	PUT(f, directs, n_directs, { { *a, *b } });
}

void fabric_trunk_put(struct fabric *f, uint32_t a, uint32_t bridge_a, uint32_t b,
		      uint32_t bridge_b, uint32_t mtu)
{
	slot_new(f, a, NULL);
	slot_new(f, b, NULL);
	PUT(f, trunks, n_trunks, { { a, b }, { bridge_a, bridge_b }, mtu });
}

void fabric_stitch_put(struct fabric *f, uint32_t a, uint32_t b)
{
	PUT(f, pairs, n_pairs, { { a, b } });
}

void fabric_impair_put(struct fabric *f, uint32_t port, const struct topo_impair *i, uint32_t mtu)
{
	PUT(f, shapes, n_shapes, { .port = port, .mtu = mtu, .impair = *i });
}

void fabric_impair_from_put(struct fabric *f, uint32_t port, const struct topo_impair *i,
			    uint32_t mtu)
{
	PUT(f, shapes, n_shapes, { .port = port, .mtu = mtu, .from = true, .impair = *i });
}

void fabric_carrier_put(struct fabric *f, uint32_t port, bool up)
{
	PUT(f, sets, n_sets, { .port = port, .up = up });
}

void fabric_port_mtu_put(struct fabric *f, uint32_t port, uint32_t mtu)
{
	PUT(f, sets, n_sets, { .port = port, .mtu = mtu });
}

/* ---- sending -------------------------------------------------------------------- */

/* What the links have to know of when they are made: mates, carriers. */
static int prepare(struct fabric *f)
{
	for (size_t i = 0; i < f->n_pairs; i++) {
		const uint32_t *p = f->pairs[i].port;
		struct fabric_slot *s = fabric_slot(f, p[0] > p[1] ? p[0] : p[1]);

		if (!s)
			break;
		f->slots[p[0]].mate = p[1] + 1;
		f->slots[p[1]].mate = p[0] + 1;
	}
	for (size_t i = 0; i < f->n_sets; i++) {
		struct fabric_slot *s = fabric_slot(f, f->sets[i].port);

		if (!s || f->sets[i].mtu)
			continue;
		s->down = !f->sets[i].up;
		s->unsettled = true;
	}
	for (size_t i = 0; i < f->n_shapes; i++)
		fabric_slot(f, f->shapes[i].port);
	if (!f->error)
		fabric_singles_set(f);
	return f->error;
}

static int flush_links(struct fabric *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	fabric_links_put(f, &q);
	return nl_run(&f->nl, &q, NULL, NULL, e);
}

/* The first redirect of all is tried alone, and tells by what the others are made. */
static int flush_pairs(struct fabric *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	for (size_t i = 0; i < f->n_pairs; i++) {
		uint32_t a = PORT_INDEX + f->pairs[i].port[0];
		uint32_t b = PORT_INDEX + f->pairs[i].port[1];

		qdisc_clsact_put(&q, a);
		qdisc_clsact_put(&q, b);
		if (!f->all_known) {
			r = qdisc_run(&f->nl, &q, &qdisc_part_clsact, e);
			if (r >= 0)
				r = filter_redirect_by(&f->nl, a, b, &f->all, e);
			if (r < 0)
				return r;
			f->all_known = true;
			nl_req_free(&q);
		}
		filter_redirect_put(&q, f->all, a, b);
		filter_redirect_put(&q, f->all, b, a);
	}
	return nl_run(&f->nl, &q, NULL, NULL, e);
}

static int flush_rest(struct fabric *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	r = fabric_shapes_put(f, &q, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n_sets; i++) {
		const struct fabric_set *s = &f->sets[i];
		struct link_change c = { .mtu = s->mtu };

		if (!s->mtu)
			c.up = s->up ? ON : OFF;
		/* one that was made just now was made so */
		if (s->mtu || !f->slots[s->port].fresh)
			link_set_put(&q, PORT_INDEX + s->port, NULL, &c);
	}
	return nl_run(&f->nl, &q, NULL, NULL, e);
}

int fabric_flush(struct fabric *f, struct err *e)
{
	int r = prepare(f);

	if (r < 0)
		err_sys(e, r, "fabric of %s", f->lab);
	if (r >= 0)
		r = flush_links(f, e);
	if (r >= 0)
		r = flush_pairs(f, e);
	if (r >= 0)
		r = flush_rest(f, e);
	if (r < 0)
		fabric_shapes_forget(f);
	forget_puts(f);
	return r < 0 ? fabric_failed(f, r, e) : 0;
}

/* ---- taking apart ------------------------------------------------------------------ */

/* ip link del group N; nobody else has links here */
static int del_going(struct fabric *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	nl_msg(&q, RTM_DELLINK, 0, sizeof(struct ifinfomsg), "delete ports");
	nl_put_u32(&q, IFLA_GROUP, GROUP_GOING);
	r = nl_run(&f->nl, &q, NULL, NULL, &own);
	if (r < 0 && r != -ENODEV && e)
		*e = own;
	return r == -ENODEV ? 0 : r;
}

/* Each deletion waits for RCU, 15 ms and more; that of a group does so once. */
int fabric_ports_del(struct fabric *f, const uint32_t *ports, size_t n, struct err *e)
{
	const struct link_change going = { .group = GROUP_GOING };
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	for (size_t i = 0; i < n; i++) {
		struct fabric_slot *s = fabric_slot(f, ports[i]);

		if (!s) {
			r = err_sys(e, f->error, "delete port %u", ports[i]);
			f->error = 0;
			return r;
		}
		link_set_put(&q, PORT_INDEX + ports[i], NULL, &going);
		if (s->from.through || s->from.root == ROOT_UNKNOWN)
			link_set_put(&q, IFB_INDEX + ports[i], NULL, &going);
	}
	/* what follows an absent one is done all the same */
	r = nl_run(&f->nl, &q, NULL, NULL, &own);
	if (r < 0 && r != -ENODEV) {
		if (e)
			*e = own;
		return fabric_failed(f, r, e);
	}
	r = del_going(f, e);
	for (size_t i = 0; r >= 0 && i < n; i++)
		f->slots[ports[i]] = (struct fabric_slot){ 0 };
	return r;
}

int fabric_port_del(struct fabric *f, uint32_t port, struct err *e)
{
	return fabric_ports_del(f, &port, 1, e);
}

int fabric_bridge_del(struct fabric *f, uint32_t bridge, struct err *e)
{
	char name[16];

	fabric_bridge_name(bridge, name);
	return link_del(&f->nl, name, e);
}

int fabric_unstitch(struct fabric *f, uint32_t a, uint32_t b, struct err *e)
{
	const uint32_t port[] = { a, b };
	int r = 0;

	for (size_t i = 0; i < 2 && r >= 0; i++) {
		struct fabric_slot *s = fabric_slot(f, port[i]);

		r = filter_redirect_del(&f->nl, PORT_INDEX + port[i], e);
		if (s)
			s->mate = 0;
	}
	return fabric_failed(f, r, e);
}

int fabric_bridge_take(struct fabric *f, uint32_t bridge, const char *ifname, struct err *e)
{
	return link_set(&f->nl, 0, ifname,
			&(struct link_change){ .master = BRIDGE_INDEX + bridge, .up = ON }, e);
}
