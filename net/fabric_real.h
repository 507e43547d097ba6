/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fabric_real - what the files of the fabric share: what is known of each port,
 * what was put and not yet sent. For fabric*.c only.
 *
 * Links get their ifindex from us, made of their number, so that one batch can make
 * a link and refer to it; the kernel's own numbers begin at 1 and stay below.
 */
#ifndef CT_NET_FABRIC_REAL_H
#define CT_NET_FABRIC_REAL_H

#include "net/fabric.h"
#include "net/filter.h"

#define BRIDGE_INDEX 0x10000000u
#define PORT_INDEX   0x20000000u
#define IFB_INDEX    0x30000000u

/* What stands at one direction of a port. */
enum fabric_root { ROOT_UNKNOWN, ROOT_NONE, ROOT_TBF, ROOT_NETEM };
struct fabric_side {
	uint8_t root; /* enum fabric_root */
	bool loss; /* a filter */
	bool through; /* from the node: the ifb is there */
};

/* Of a port, as far as this struct fabric made it; else all zero. */
struct fabric_slot {
	pid_t pid; /* of the node, 0: none */
	uint32_t mate; /* the port it is stitched to, plus one; 0: none */
	char ifname[16]; /* in the node */
	char name[48]; /* for errors: node:if, cut off; of a switch's the port */
	bool down;
	bool fresh; /* put, not yet flushed */
	bool unsettled; /* its node raises the other end yet */
	bool single; /* what the node sends comes frame by frame */
	bool clsact; /* put for filters of ours, of which there may be none any more */
	struct fabric_side to, from;
};

struct fabric_trunk {
	uint32_t port[2], bridge[2], mtu;
};
struct fabric_direct {
	struct fabric_end end[2];
};
struct fabric_pair {
	uint32_t port[2];
};
struct fabric_shape {
	uint32_t port, mtu;
	bool from;
	struct topo_impair impair;
};
struct fabric_set {
	uint32_t port, mtu; /* mtu 0: up or down */
	bool up;
};

struct fabric {
	struct nl nl;
	char *lab;
	uint64_t seed;
	int error; /* of a put */
	bool netem_known, netem;
	bool all_known; /* by what everything is redirected */
	enum filter_all all;
	struct fabric_slot *slots;
	size_t n_slots;

	struct fabric_bridge *bridges;
	struct fabric_port *ports;
	struct fabric_trunk *trunks;
	struct fabric_direct *directs;
	struct fabric_pair *pairs;
	struct fabric_shape *shapes;
	struct fabric_set *sets;
	size_t n_bridges, n_ports, n_trunks, n_directs, n_pairs, n_shapes, n_sets;
};

/* NULL: no memory, or not a number; the flush tells. */
struct fabric_slot *fabric_slot(struct fabric *f, uint32_t port);

/* r; the link of an error is called by its name. */
int fabric_failed(const struct fabric *f, int r, struct err *e);

/* Links as messages. */
void fabric_links_put(struct fabric *f, struct nl_req *q);

void fabric_ifb_name(uint32_t port, char buf[16]); /* "i7" */

/* Whether its packets have to come one by one, as far as that is affordable. */
bool fabric_single(const struct topo_impair *i);
/* Of the nodes that send what is shaped: those of new ports are born so, the others are told. */
void fabric_singles_set(struct fabric *f);
/* All the shapes, after the links; what has to be taken away is taken at once. */
int fabric_shapes_put(struct fabric *f, struct nl_req *q, struct err *e);
/* Nothing is known of the ports that were to be shaped. */
void fabric_shapes_forget(struct fabric *f);

#endif
