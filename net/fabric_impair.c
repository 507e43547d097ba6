/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shaping. Towards the node it is the queueing discipline of our end:
 *
 *	rate alone		tbf
 *	anything else		one netem, never two on a path of packets
 *	loss, without netem	a filter at clsact, before tbf
 *
 * A replace of the kind that stands changes it in place, of another takes its place
 * (tc_modify_qdisc, net/sched/sch_api.c), so what stands need not be known; only to take
 * away what is not there would be an error. What comes from the node of a stitched wire
 * leaves by the mate. On a bridge it is redirected to an ifb, whose queueing discipline
 * holds it back, and goes on as if it had just arrived: one link more, where a
 * second stitched pair would be two with filters at both.
 *
 * netem counts a GSO packet as one, so a node that sends to a lossy wire is made to
 * send frame by frame (gso_max_segs at its end), where that is affordable.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/fabric_real.h"
#include "net/netns.h"
#include "net/qdisc.h"

#define SINGLE_RATE	200000000ull /* bit/s: above it costs more than it tells */
#define GSO_SEGS_KERNEL 65535 /* GSO_MAX_SEGS */

bool fabric_single(const struct topo_impair *i)
{
	bool counts = i->v[TOPO_LOSS] || i->v[TOPO_DUP] || i->v[TOPO_REORDER] ||
		      i->v[TOPO_CORRUPT] ||
		      (i->v[TOPO_QUEUE] && i->queue_unit == TOPO_QUEUE_PACKETS);

	return counts && i->v[TOPO_RATE] <= SINGLE_RATE;
}

/* ---- parameters ------------------------------------------------------------------ */

static uint32_t at_most_u32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint64_t frame_of(uint32_t mtu)
{
	return (uint64_t)(mtu ? mtu : ETH_DATA_LEN) + ETH_HLEN;
}

/* Bytes that a time at the rate fills; an hour at most. */
static uint64_t bytes_in(uint64_t ns, uint64_t rate)
{
	return rate / 8 / 1000 * (ns / 1000) / 1000;
}

/* The queue in bytes, 0: none given. */
static uint64_t queue_bytes(const struct topo_impair *i, uint32_t mtu)
{
	uint64_t v = i->v[TOPO_QUEUE], frame = frame_of(mtu);

	if (i->queue_unit == TOPO_QUEUE_PACKETS)
		v *= frame;
	else if (i->queue_unit == TOPO_QUEUE_NS)
		v = bytes_in(v, i->v[TOPO_RATE]);
	return i->v[TOPO_QUEUE] && v < frame ? frame : v;
}

static void put_tbf(struct nl_req *q, uint32_t index, const struct topo_impair *i, uint32_t mtu)
{
	struct tbf_spec s = { .rate = i->v[TOPO_RATE],
			      .mtu = mtu,
			      .queue = at_most_u32(queue_bytes(i, mtu)) };

	qdisc_tbf_put(q, index, &s);
}

/* splitmix64: the ports' streams are not each other's */
static uint64_t seed_of(const struct fabric *f, uint32_t index)
{
	uint64_t z = f->seed + 0x9e3779b97f4a7c15u * index;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void put_netem(const struct fabric *f, struct nl_req *q, uint32_t index,
		      const struct topo_impair *i, uint32_t mtu)
{
	uint64_t queue = queue_bytes(i, mtu) / frame_of(mtu);

	qdisc_netem_put(q, index,
			&(struct netem_spec){ .delay_ns = i->v[TOPO_DELAY],
					      .jitter_ns = i->v[TOPO_JITTER],
					      .rate = i->v[TOPO_RATE],
					      .loss = (uint32_t)i->v[TOPO_LOSS],
					      .dup = (uint32_t)i->v[TOPO_DUP],
					      .reorder = (uint32_t)i->v[TOPO_REORDER],
					      .corrupt = (uint32_t)i->v[TOPO_CORRUPT],
					      .queue = at_most_u32(queue),
					      .mtu = mtu,
					      .seed = seed_of(f, index) });
}

/* ---- what stands, and what shall ---------------------------------------------------- */

static bool beyond_loss(const struct topo_impair *i)
{
	return i->v[TOPO_DELAY] || i->v[TOPO_JITTER] || i->v[TOPO_DUP] || i->v[TOPO_REORDER] ||
	       i->v[TOPO_CORRUPT];
}

/* Asked once, and only where it matters. */
static bool has_netem(struct fabric *f)
{
	if (!f->netem_known)
		f->netem = qdisc_probe(&f->nl, &qdisc_part_netem, NULL) >= 0;
	f->netem_known = true;
	return f->netem;
}

struct plan {
	enum fabric_root root;
	bool loss; /* by a filter */
};

static struct plan plan_of(struct fabric *f, const struct topo_impair *i)
{
	enum fabric_root rate = i->v[TOPO_RATE] ? ROOT_TBF : ROOT_NONE;

	if (beyond_loss(i) || (i->v[TOPO_LOSS] && has_netem(f)))
		return (struct plan){ ROOT_NETEM, false };
	return (struct plan){ rate, i->v[TOPO_LOSS] != 0 };
}

/* One direction of a port: where it is, and of what request it becomes a part. */
struct work {
	struct fabric *f;
	struct nl_req *q;
	const struct fabric_shape *shape;
	struct fabric_slot *slot; /* of the port; another's than that of a shape at its mate */
	struct fabric_side *side;
	struct plan plan;
	uint32_t port; /* ifindex */
	uint32_t root; /* of the link with the queueing discipline */
	enum filter_hook hook; /* of the loss */
	struct err *e;
};

static int set_root(const struct work *w)
{
	const struct topo_impair *i = &w->shape->impair;
	int r = 0;

	if (w->plan.root == ROOT_TBF)
		put_tbf(w->q, w->root, i, w->shape->mtu);
	else if (w->plan.root == ROOT_NETEM)
		put_netem(w->f, w->q, w->root, i, w->shape->mtu);
	else if (w->side->root != ROOT_NONE)
		r = qdisc_del(&w->f->nl, w->root, w->e);
	w->side->root = (uint8_t)w->plan.root;
	return r;
}

static int set_loss(const struct work *w, bool unknown)
{
	int r = 0;

	if (w->plan.loss) {
		qdisc_clsact_put(w->q, w->port);
		w->slot->clsact = true;
		filter_loss_put(w->q, w->port, w->hook, (uint32_t)w->shape->impair.v[TOPO_LOSS]);
	} else if (w->side->loss || unknown) {
		r = filter_loss_del(&w->f->nl, w->port, w->hook, w->e);
	}
	w->side->loss = w->plan.loss;
	return r;
}

/* What was collected takes effect, since what follows asks what stands. */
static int send_now(const struct work *w)
{
	int r = nl_run(&w->f->nl, w->q, NULL, NULL, w->e);

	nl_req_free(w->q);
	return r;
}

void fabric_ifb_name(uint32_t port, char buf[16])
{
	snprintf(buf, 16, "i%u", port);
}

/* ip link add i7 up type ifb; then all that arrives at the port goes through it. */
static int ifb_add(const struct work *w)
{
	char name[16];
	struct link_spec s = { .kind = &link_ifb,
			       .name = name,
			       .index = w->root,
			       .mtu = w->shape->mtu,
			       .queues = 1,
			       .up = ON };
	int r;

	fabric_ifb_name(w->shape->port, name);
	link_add_put(w->q, &s);
	qdisc_clsact_put(w->q, w->port);
	w->slot->clsact = true;
	w->side->through = true;
	if (w->f->all_known) {
		filter_redirect_put(w->q, w->f->all, w->port, w->root);
		return 0;
	}
	r = send_now(w);
	if (r >= 0)
		r = filter_redirect_by(&w->f->nl, w->port, w->root, &w->f->all, w->e);
	w->f->all_known = r >= 0;
	return r;
}

/* The redirect first: what is redirected to nowhere is lost. */
static int ifb_del(const struct work *w)
{
	char name[16];
	int r = filter_redirect_del(&w->f->nl, w->port, w->e);

	fabric_ifb_name(w->shape->port, name);
	if (r >= 0)
		r = link_del(&w->f->nl, name, w->e);
	w->side->through = false;
	w->side->root = ROOT_NONE;
	return r;
}

static int shape_from(struct work *w)
{
	bool unknown = w->side->root == ROOT_UNKNOWN;
	int r = 0;

	w->root = IFB_INDEX + w->shape->port;
	w->hook = FILTER_ARRIVING;
	/* whatever it is, it is made anew */
	if (unknown || (w->side->through && w->plan.root == ROOT_NONE))
		r = ifb_del(w);
	if (r >= 0 && w->plan.root != ROOT_NONE && !w->side->through)
		r = ifb_add(w);
	if (r >= 0 && w->plan.root != ROOT_NONE)
		r = set_root(w);
	return r < 0 ? r : set_loss(w, unknown);
}

/* Back to nothing: of a port without a stitch not even the place for filters is left. */
static int tidy(const struct work *w)
{
	struct fabric_slot *s = w->slot;

	if (!s->clsact || s->mate || s->to.loss || s->from.loss || s->from.through)
		return 0;
	s->clsact = false;
	return qdisc_clsact_del(&w->f->nl, w->port, w->e);
}

static int shape_to(struct work *w)
{
	bool unknown = w->side->root == ROOT_UNKNOWN;
	int r;

	w->root = w->port;
	w->hook = FILTER_LEAVING;
	r = set_root(w);
	return r < 0 ? r : set_loss(w, unknown);
}

/* ---- frame by frame ------------------------------------------------------------------ */

/* ip link set IF gso_max_segs N, in the node; one that is gone has no use for it. */
static void set_single(const struct fabric_slot *s)
{
	struct link_change c = { .gso_segs = s->single ? 1 : GSO_SEGS_KERNEL };
	_cleanup_close_ int ns = -1;
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	char path[64];
	int r;

	if (!s->pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)s->pid);
	ns = netns_open_path(path, &e);
	r = ns < 0 ? ns : netns_nl_open(ns, &nl, NETLINK_ROUTE, &e);
	if (r >= 0)
		r = link_set(&nl, 0, s->ifname, &c, &e);
	if (r < 0)
		log_trace("gso_max_segs of %s: %s", s->ifname, e.msg);
}

/* The port whose node sends what is shaped; NULL: there are many, or none. */
static struct fabric_slot *sender_of(struct fabric *f, const struct fabric_shape *s)
{
	struct fabric_slot *slot = fabric_slot(f, s->port);

	if (!slot || s->from)
		return slot;
	return slot->mate ? fabric_slot(f, slot->mate - 1) : NULL;
}

void fabric_singles_set(struct fabric *f)
{
	for (size_t i = 0; i < f->n_shapes; i++) {
		struct fabric_slot *s = sender_of(f, &f->shapes[i]);
		bool single = fabric_single(&f->shapes[i].impair);

		if (!s || s->single == single)
			continue;
		s->single = single;
		if (!s->fresh)
			set_single(s);
	}
}

/* ---- all of them ---------------------------------------------------------------------- */

int fabric_shapes_put(struct fabric *f, struct nl_req *q, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < f->n_shapes && r >= 0; i++) {
		const struct fabric_shape *s = &f->shapes[i];
		struct fabric_slot *slot = &f->slots[s->port];
		bool mates = s->from && slot->mate;
		uint32_t port = mates ? slot->mate - 1 : s->port;
		struct work w = { .f = f,
				  .q = q,
				  .shape = s,
				  .plan = plan_of(f, &s->impair),
				  .port = PORT_INDEX + port,
				  .slot = &f->slots[port],
				  .e = e };

		w.side = s->from && !mates ? &slot->from : &f->slots[port].to;
		r = w.side == &slot->from ? shape_from(&w) : shape_to(&w);
		if (r >= 0)
			r = tidy(&w);
	}
	return r;
}

void fabric_shapes_forget(struct fabric *f)
{
	for (size_t i = 0; i < f->n_shapes; i++) {
		struct fabric_slot *s = fabric_slot(f, f->shapes[i].port);

		if (s)
			s->to.root = s->from.root = ROOT_UNKNOWN;
	}
}
