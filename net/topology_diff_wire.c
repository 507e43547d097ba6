/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, nets and the wires of their members compared, and the bridges between. */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/topology_diff_build.h"

static const char *node_name(const struct topology *t, uint32_t iface)
{
	return t->nodes[t->ifaces[iface].node].name;
}

static bool is_switch(const struct topology *t, uint32_t iface)
{
	return t->nodes[t->ifaces[iface].node].kind == TOPO_SWITCH;
}

static bool same_mac(const struct topo_differ *d, uint32_t o, uint32_t n)
{
	return !memcmp(&d->o->ifaces[o].mac, &d->n->ifaces[n].mac, sizeof(struct mac_addr));
}

static void stays(struct topo_differ *d, uint32_t o, uint32_t n)
{
	d->iface_old[n] = o;
	d->iface_stays[o] = true;
}

/* ---- impairments ---- */

static void write_param(FILE *f, enum topo_param p, const char *suffix, const struct topo_impair *o,
			const struct topo_impair *n)
{
	char a[IMPAIR_STRLEN], b[IMPAIR_STRLEN];

	fprintf(f, "%s%s%s %s -> %s", ftell(f) ? ", " : "", impair_name(p), suffix,
		o->v[p] ? impair_value(o, p, a) : "none", n->v[p] ? impair_value(n, p, b) : "none");
}

static bool same_param(const struct topo_impair *o, const struct topo_impair *n, enum topo_param p)
{
	return o->v[p] == n->v[p] &&
	       (p != TOPO_QUEUE || !o->v[p] || o->queue_unit == n->queue_unit);
}

/* "delay 10ms -> 20ms, loss.ab none -> 1%"; "" when they do the same, NULL without memory. */
static char *impair_change(const struct topo_impair o[TOPO_DIRS],
			   const struct topo_impair n[TOPO_DIRS])
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (unsigned p = 0; f && p < TOPO_PARAMS; p++) {
		bool ab = !same_param(&o[0], &n[0], p), ba = !same_param(&o[1], &n[1], p);

		if (ab && ba && same_param(&o[0], &o[1], p) && same_param(&n[0], &n[1], p)) {
			write_param(f, p, "", &o[0], &n[0]);
			continue;
		}
		if (ab)
			write_param(f, p, ".ab", &o[0], &n[0]);
		if (ba)
			write_param(f, p, ".ba", &o[1], &n[1]);
	}
	if (f)
		fclose(f);
	return text;
}

static void compare_impair(struct topo_differ *d, struct topo_change c, const char *name,
			   const struct topo_impair *o, const struct topo_impair *n)
{
	_cleanup_free_ char *text = impair_change(o, n);

	c.what = TOPO_CHANGE_IMPAIR;
	d->oom |= !text;
	if (text && *text)
		topo_differ_add(d, c, "%s %s: %s", c.on == TOPO_ON_NET ? "net" : "link", name,
				text);
}

/* ---- what stays but differs ---- */

static void mtu_text(uint32_t mtu, char buf[16])
{
	snprintf(buf, 16, mtu ? "%u" : "default", mtu);
}

static void compare_mtu(struct topo_differ *d, uint32_t o, uint32_t n)
{
	struct topo_change c = { .what = TOPO_CHANGE_MTU, .old = o, .new = n };
	const struct topo_iface *x = &d->n->ifaces[n];
	char was[16], is[16];

	if (d->o->ifaces[o].mtu == x->mtu)
		return;
	mtu_text(d->o->ifaces[o].mtu, was);
	mtu_text(x->mtu, is);
	c.on = x->on;
	topo_differ_add(d, c, "%s:%s: mtu %s -> %s", node_name(d->n, n), x->name, was, is);
}

static void compare_link(struct topo_differ *d, uint32_t o, uint32_t n)
{
	const struct topo_link *a = &d->o->links[o], *b = &d->n->links[n];
	struct topo_change c = { .on = TOPO_ON_LINK, .old = o, .new = n };

	for (unsigned end = 0; end < 2; end++) {
		stays(d, a->ifaces[end], b->ifaces[end]);
		compare_mtu(d, a->ifaces[end], b->ifaces[end]);
	}
	compare_impair(d, c, b->name, a->impair, b->impair);
	c.what = TOPO_CHANGE_STATE;
	if (a->down != b->down)
		topo_differ_add(d, c, "link %s: %s -> %s", b->name, a->down ? "down" : "up",
				b->down ? "down" : "up");
	c.what = TOPO_CHANGE_FILE;
	if (a->wire != b->wire) {
		static const char *const wires[] = { "auto", "direct", "stitched" };

		topo_differ_add(d, c, "link %s: wire %s -> %s, which it is", b->name,
				wires[a->wire], wires[b->wire]);
	}
}

/* ---- links ---- */

/* NULL: it stays; else why not. */
static const char *why_anew(const struct topo_differ *d, uint32_t o, uint32_t n)
{
	const struct topo_link *a = &d->o->links[o], *b = &d->n->links[n];
	bool direct =
		!b->stitched && !is_switch(d->n, b->ifaces[0]) && !is_switch(d->n, b->ifaces[1]);

	if (topo_stands(d->s->links, o) != TOPO_STANDS)
		return "it is not what it should be";
	if (a->stitched != b->stitched)
		return b->stitched ? "direct -> stitched" : "stitched -> direct";
	for (unsigned end = 0; end < 2; end++) {
		const struct topo_iface *x = &d->o->ifaces[a->ifaces[end]];
		const struct topo_iface *y = &d->n->ifaces[b->ifaces[end]];

		if (d->old_of[y->node] != x->node || strcmp(x->name, y->name) != 0)
			return "other ends";
		if (!same_mac(d, a->ifaces[end], b->ifaces[end]))
			return "another MAC";
		if (direct && d->anew[y->node])
			return "a node of a direct wire starts anew";
	}
	return NULL;
}

static void add_link(struct topo_differ *d, uint32_t n, const char *why)
{
	struct topo_change c = {
		.what = TOPO_ADD_LINK, .on = TOPO_ON_LINK, .old = TOPO_NONE, .new = n
	};
	const struct topo_link *l = &d->n->links[n];
	const uint32_t *i = l->ifaces;

	topo_differ_add(d, c, "link %s: %s:%s %s:%s%s%s", l->name, node_name(d->n, i[0]),
			d->n->ifaces[i[0]].name, node_name(d->n, i[1]), d->n->ifaces[i[1]].name,
			why ? ", anew: " : "", why ? why : "");
}

static void del_link(struct topo_differ *d, uint32_t o, const char *why)
{
	struct topo_change c = {
		.what = TOPO_DEL_LINK, .on = TOPO_ON_LINK, .old = o, .new = TOPO_NONE
	};

	topo_differ_add(d, c, "link %s%s%s", d->o->links[o].name, why ? ": " : "", why ? why : "");
}

static void diff_links(struct topo_differ *d)
{
	for (uint32_t n = 0; n < d->n->n_links; n++) {
		uint32_t o = topology_link(d->o, d->n->links[n].name);
		const char *why = o == TOPO_NONE ? NULL : why_anew(d, o, n);

		if (o != TOPO_NONE && !why) {
			compare_link(d, o, n);
			continue;
		}
		if (o != TOPO_NONE)
			del_link(d, o, why);
		add_link(d, n, why);
	}
	for (uint32_t o = 0; o < d->o->n_links; o++)
		if (topology_link(d->n, d->o->links[o].name) == TOPO_NONE)
			del_link(d, o, NULL);
}

/* ---- nets ---- */

/* The same interface in the old net; TOPO_NONE. */
static uint32_t old_member(const struct topo_differ *d, uint32_t old_net, uint32_t n)
{
	const struct topo_iface *y = &d->n->ifaces[n];
	uint32_t node = d->old_of[y->node];
	uint32_t o = node == TOPO_NONE ? TOPO_NONE : topology_iface(d->o, node, y->name);
	const struct topo_iface *x = o == TOPO_NONE ? NULL : &d->o->ifaces[o];

	if (!x || x->on != TOPO_ON_NET || x->wire != old_net || !same_mac(d, o, n) ||
	    topo_stands(d->s->ifaces, o) != TOPO_STANDS)
		return TOPO_NONE;
	return o;
}

static void add_member(struct topo_differ *d, uint32_t i, const char *net)
{
	struct topo_change c = {
		.what = TOPO_ADD_MEMBER, .on = TOPO_ON_NET, .old = TOPO_NONE, .new = i
	};

	topo_differ_add(d, c, "member %s:%s of net %s", node_name(d->n, i), d->n->ifaces[i].name,
			net);
}

static void diff_members(struct topo_differ *d, uint32_t old_net, const struct topo_net *net)
{
	for (size_t m = 0; m < net->n_members; m++) {
		uint32_t n = net->members[m];
		uint32_t o = old_net == TOPO_NONE ? TOPO_NONE : old_member(d, old_net, n);

		if (o == TOPO_NONE) {
			add_member(d, n, net->name);
			continue;
		}
		stays(d, o, n);
		compare_mtu(d, o, n);
	}
}

/* Those of a node that goes vanish with its namespace; a switch has none. */
static void del_members(struct topo_differ *d)
{
	for (uint32_t i = 0; i < d->o->n_ifaces; i++) {
		const struct topo_iface *x = &d->o->ifaces[i];
		struct topo_change c = {
			.what = TOPO_DEL_MEMBER, .on = TOPO_ON_NET, .old = i, .new = TOPO_NONE
		};

		if (x->on != TOPO_ON_NET || d->iface_stays[i] ||
		    (d->new_of[x->node] == TOPO_NONE && !is_switch(d->o, i)))
			continue;
		topo_differ_add(d, c, "member %s:%s of net %s", node_name(d->o, i), x->name,
				d->o->nets[x->wire].name);
	}
}

/* ---- bridges: of a net, of a switch ---- */

struct bridge {
	const char *what, *name;
	bool stp;
	uint32_t mtu;
};

static void compare_bridge(struct topo_differ *d, struct topo_change c, const struct bridge *o,
			   const struct bridge *n)
{
	char was[16], is[16];

	c.what = TOPO_CHANGE_BRIDGE;
	if (o->stp != n->stp)
		topo_differ_add(d, c, "%s %s: stp %s -> %s", n->what, n->name,
				o->stp ? "yes" : "no", n->stp ? "yes" : "no");
	if (o->mtu == n->mtu)
		return;
	mtu_text(o->mtu, was);
	mtu_text(n->mtu, is);
	topo_differ_add(d, c, "%s %s: mtu %s -> %s", n->what, n->name, was, is);
}

static void compare_word(struct topo_differ *d, struct topo_change c, const char *key,
			 const char *o, const char *n)
{
	if (!o != !n || (o && strcmp(o, n) != 0))
		topo_differ_add(d, c, "net %s: %s %s -> %s", d->n->nets[c.new].name, key,
				o ? o : "none", n ? n : "none");
}

static const char *gateway_name(const struct topology *t, const struct topo_net *net)
{
	return net->gateway == TOPO_NONE ? NULL : t->nodes[net->gateway].name;
}

static const char *uplink(const struct topo_net *net)
{
	return net->uplink ? net->uplink : "none";
}

static void compare_net(struct topo_differ *d, uint32_t o, uint32_t n)
{
	const struct topo_net *a = &d->o->nets[o], *b = &d->n->nets[n];
	struct topo_change c = { .on = TOPO_ON_NET, .old = o, .new = n };

	compare_bridge(d, c, &(struct bridge){ "net", a->name, a->stp, a->mtu },
		       &(struct bridge){ "net", b->name, b->stp, b->mtu });
	compare_impair(d, c, b->name, a->impair, b->impair);
	c.what = TOPO_CHANGE_HOST;
	if (a->uplink_virtual != b->uplink_virtual || !a->uplink != !b->uplink ||
	    (a->uplink && strcmp(a->uplink, b->uplink) != 0))
		topo_differ_add(d, c, "net %s: uplink %s%s -> %s%s", b->name, uplink(a),
				a->uplink_virtual ? "," TOPO_MOVE_VIRTUAL : "", uplink(b),
				b->uplink_virtual ? "," TOPO_MOVE_VIRTUAL : "");
	c.what = TOPO_CHANGE_FILE;
	compare_word(d, c, "gateway", gateway_name(d->o, a), gateway_name(d->n, b));
}

static void diff_nets(struct topo_differ *d)
{
	for (uint32_t n = 0; n < d->n->n_nets; n++) {
		const struct topo_net *net = &d->n->nets[n];
		uint32_t o = topology_net(d->o, net->name);

		if (o != TOPO_NONE && topo_stands(d->s->nets, o) != TOPO_STANDS)
			o = TOPO_NONE;
		if (o == TOPO_NONE)
			topo_differ_add(d,
					(struct topo_change){ .what = TOPO_ADD_NET,
							      .on = TOPO_ON_NET,
							      .old = TOPO_NONE,
							      .new = n },
					"net %s", net->name);
		else
			compare_net(d, o, n);
		diff_members(d, o, net);
	}
	for (uint32_t o = 0; o < d->o->n_nets; o++)
		if (topology_net(d->n, d->o->nets[o].name) == TOPO_NONE ||
		    topo_stands(d->s->nets, o) != TOPO_STANDS)
			topo_differ_add(d,
					(struct topo_change){ .what = TOPO_DEL_NET,
							      .on = TOPO_ON_NET,
							      .old = o,
							      .new = TOPO_NONE },
					"net %s", d->o->nets[o].name);
	del_members(d);
}

static void diff_switches(struct topo_differ *d)
{
	for (uint32_t n = 0; n < d->n->n_nodes; n++) {
		const struct topo_node *b = &d->n->nodes[n];
		struct topo_change c = { .on = TOPO_ON_LINK, .old = d->old_of[n], .new = n };
		const struct topo_node *a;

		if (b->kind != TOPO_SWITCH || c.old == TOPO_NONE)
			continue;
		a = &d->o->nodes[c.old];
		compare_bridge(d, c, &(struct bridge){ "node", a->name, a->stp, a->mtu },
			       &(struct bridge){ "node", b->name, b->stp, b->mtu });
	}
}

void topo_diff_wires(struct topo_differ *d)
{
	diff_nets(d);
	diff_links(d);
	diff_switches(d);
}
