/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_label - the words of a picture: what stands at a node, at the end of a
 * wire, beside a wire, and how much room it takes.
 */
#ifndef CT_NET_TOPOLOGY_LABEL_H
#define CT_NET_TOPOLOGY_LABEL_H

#include "net/topology_layout.h"

#define LABEL_LINES 8
#define LABEL_WIDTH 56
struct label {
	char line[LABEL_LINES][LABEL_WIDTH];
	bool impair[LABEL_LINES]; /* of the wire: another colour */
	size_t n;
};

/* Heights and widths in pixels of what topology_svg.c writes. */
#define LABEL_LINE 11.0
double label_width(const struct label *l);
double label_name_width(const char *name);

/* Addresses of lo, subnets of a net; of one that hangs also what its wire has. */
void label_vertex(const struct topology *t, const struct topo_layout *l, size_t v,
		  struct label *ret);
/* Name and addresses of an interface; empty for a net's side. */
void label_end(const struct topology *t, uint32_t iface, struct label *ret);
/* Impairments; empty: none. Directions that differ are told apart by the ends' names. */
void label_impair(const struct topology *t, const struct topo_layout *l, const struct topo_edge *e,
		  struct label *ret);

const char *vertex_name(const struct topology *t, const struct topo_vertex *v);

#endif
