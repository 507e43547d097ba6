/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_layout - a topology as a graph of points: a vertex for each node and
 * each net, an edge for each link and each member, and a place for every vertex.
 * The same topology gets the same places.
 */
#ifndef CT_NET_TOPOLOGY_LAYOUT_H
#define CT_NET_TOPOLOGY_LAYOUT_H

#include "net/topology.h"

struct topo_vertex {
	uint32_t node, net; /* one of them; TOPO_NONE: the other */
	double x, y; /* pixels */
};

struct topo_edge {
	uint32_t a, b; /* vertices; of a member a is the node, b the net */
	uint32_t if_a, if_b; /* if_b TOPO_NONE: a net's side */
	const struct topo_impair *impair; /* of both directions */
	uint32_t link; /* TOPO_NONE: a member */
};

struct topo_layout {
	struct topo_vertex *v;
	struct topo_edge *e;
	size_t n_v, n_e;
	double width, height;
};

int layout_make(const struct topology *t, struct topo_layout *ret); /* -ENOMEM */
void layout_free(struct topo_layout *l); /* accepts { 0 } */

#endif
