/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_graph - a picture of a lab, or of how it is while it runs.
 *
 * What of a running lab is another than in its file (addresses, impairments, links that
 * are cut) stands in the topology that is drawn; the rest stands here.
 */
#ifndef CT_NET_TOPOLOGY_GRAPH_H
#define CT_NET_TOPOLOGY_GRAPH_H

#include "net/topology.h"

enum graph_traffic { GRAPH_RECEIVED, GRAPH_SENT, GRAPH_WAYS };
struct graph_iface {
	bool known, carrier;
	uint64_t bytes[GRAPH_WAYS], packets[GRAPH_WAYS];
};
struct graph_live {
	const char *const *node_state; /* by node: "running" ... */
	const struct graph_iface *ifaces; /* by interface */
};

/* live NULL: it does not run. -ENOMEM. */
int topology_graph_live(const struct topology *t, const struct graph_live *live,
			enum topo_format format, FILE *f);

/* ---- parts of it ---- */

struct topo_layout;
/* The whole picture; every thing has its details as a title. */
void svg_write(FILE *f, const struct topology *t, const struct topo_layout *l,
	       const struct graph_live *live);
/* A page around it that refers to nothing outside. */
void html_write(FILE *f, const struct topology *t, const struct topo_layout *l,
		const struct graph_live *live);
/* Text between tags or in an attribute: what others wrote is no markup. */
void xml_text(FILE *f, const char *text);
/* "down", "carrier lost", "impaired", "": how it stands with the wire. */
struct topo_edge;
const char *edge_state(const struct topology *t, const struct topo_edge *e,
		       const struct graph_live *live);
/* "1.2 MB in 3400 packets" */
void traffic_write(FILE *f, uint64_t bytes, uint64_t packets);

#endif
