/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_layout - a topology as a graph of points: a vertex for each node and
 * each net, an edge for each link and each member, and a place for every vertex.
 * The same topology gets the same places.
 *
 * Large labs are mostly trees. What hangs on the rest like leaves and twigs on a
 * branch is packed in rows below what it hangs on (topology_pack.c); what is left,
 * and all of a small lab, is placed so that distances on paper are like distances in
 * the graph (topology_stress.c).
 */
#ifndef CT_NET_TOPOLOGY_LAYOUT_H
#define CT_NET_TOPOLOGY_LAYOUT_H

#include "net/topology.h"

struct topo_vertex {
	uint32_t node, net; /* one of them; TOPO_NONE: the other */
	uint32_t hang; /* the edge by which it is packed below another; TOPO_NONE */
	double x, y; /* pixels: the middle of its box */
	double w, h; /* of the box */
	double text_w, text_h; /* of the lines below it */
};

struct topo_edge {
	uint32_t a, b; /* vertices; of a member a is the node, b the net */
	uint32_t if_a, if_b; /* if_b TOPO_NONE: a net's side */
	const struct topo_impair *impair; /* of both directions */
	uint32_t link; /* TOPO_NONE: a member */
	/* Of one by which something hangs: down to first, across to trunk, down to bus, across. */
	double first, trunk, bus;
	int parallel, parallels; /* among the edges between the same two: 0, 1 ...; their number */
};

struct topo_layout {
	struct topo_vertex *v;
	struct topo_edge *e;
	size_t n_v, n_e;
	double width, height;
};

int layout_make(const struct topology *t, struct topo_layout *ret); /* -ENOMEM */
void layout_free(struct topo_layout *l); /* accepts { 0 } */

/* ---- the steps ---- */

/* What a vertex stands in for: itself and all that hangs on it, around a middle. */
struct layout_box {
	double x, y, w, h;
	bool placed; /* it hangs: no place of its own is looked for */
};

/*
 * Sets hang of what is packed, and sizes; b[i] is the box of vertex i. With few vertices
 * nothing is packed. pack_place: once b[i] of those that do not hang have a place.
 */
struct pack;
int pack_make(const struct topology *t, struct topo_layout *l, struct layout_box *b,
	      struct pack **ret);
void pack_place(struct pack *p, struct topo_layout *l, const struct layout_box *b);
void pack_free(struct pack **p); /* accepts a pointer to NULL */

/* Places for the boxes that are not placed, none over another. -ENOMEM. */
int stress_place(const struct topo_layout *l, struct layout_box *b);

#endif
