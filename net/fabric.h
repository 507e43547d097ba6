/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fabric - what joins the nodes of a lab: a network namespace with bridges, and the
 * wires between nodes and through it. Objects have numbers that the caller gives;
 * names in the fabric follow from them ("p7" of port 7, "b3" of bridge 3) and the
 * alias says whose it is (LAB.NODE.IF, LAB.NET).
 *
 *	port	one veth pair: an end in a node, an end here
 *	bridge	a switch or a LAN; ports are put on it
 *	stitch	two ports joined by clsact and mirred redirect both ways: a wire
 *		whose middle is here, where it is shaped, cut and listened to
 *	direct	one veth pair between two nodes, of which nothing is here
 *
 * The _put verbs collect; fabric_flush sends what was collected in few, fat
 * requests and is where errors come from: what is put is borrowed, strings and
 * descriptors included, until then. The order of puts does not matter: links are
 * made first, then joined, then shaped. Everything a flush could not make is
 * undone by the end of the namespaces or by fabric_*_del.
 *
 * Numbers are small and dense, below FABRIC_IDS: they index a table, and the
 * kernel's own numbers of our links are made of them.
 */
#ifndef CT_NET_FABRIC_H
#define CT_NET_FABRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "net/link.h"
#include "net/nl.h"
#include "net/topology_impair.h"

struct err;

struct fabric; /* a socket in the namespace, what is collected, what stands */

/*
 * netns_fd: the namespace, borrowed; -1: the caller's own. It becomes a fabric: links
 * made from now on have no IPv6 of their own, and bridged frames pass no firewall.
 */
int fabric_open(int netns_fd, const char *lab, struct fabric **ret, struct err *e);
void fabric_close(struct fabric *f); /* the socket only; accepts NULL */
/* Of the lab: the same random events at each port (netem of Linux 6.7). */
void fabric_seed(struct fabric *f, uint64_t seed);

/* An end of a wire inside a node. */
struct fabric_end {
	int netns_fd; /* 0, -1: by pid */
	/* As the caller sees it; kept, to reach a port's end when the wire changes. 0: by fd. */
	pid_t pid;
	const char *node, *ifname;
	struct mac_addr mac;
	uint32_t mtu; /* 0: the kernel's */
};

struct fabric_port {
	uint32_t id;
	struct fabric_end end;
	uint32_t bridge; /* FABRIC_NONE: none, to be stitched */
	uint32_t mtu; /* of our end; 0: as in the node */
};
#define FABRIC_NONE UINT32_MAX
#define FABRIC_IDS  (1U << 20)

struct fabric_bridge {
	uint32_t id;
	const char *name; /* of the net or switch, for the alias */
	bool stp;
	uint32_t mtu;
	struct mac_addr mac;
};

void fabric_bridge_put(struct fabric *f, const struct fabric_bridge *b);
void fabric_port_put(struct fabric *f, const struct fabric_port *p);
void fabric_direct_put(struct fabric *f, const struct fabric_end *a, const struct fabric_end *b);
/* A wire between two bridges (a link of two switches): ports a and b both are here. */
void fabric_trunk_put(struct fabric *f, uint32_t a, uint32_t bridge_a, uint32_t b,
		      uint32_t bridge_b, uint32_t mtu);
/* Joins two ports that stand. */
void fabric_stitch_put(struct fabric *f, uint32_t a, uint32_t b);
/*
 * What happens to packets that leave by this port towards its node (or its
 * bridge's other side); all of it, whatever was there: nothing given is
 * nothing done. Parameters of one kind of qdisc change without loss. mtu: of the wire.
 * The kernel must have it: net/fabric_need.h.
 */
void fabric_impair_put(struct fabric *f, uint32_t port, const struct topo_impair *i, uint32_t mtu);
/*
 * The same for what comes from the node, of a port on a bridge (of a stitched wire it
 * is what leaves by the other port): through an ifb, "i7" of port 7, unless a filter will do.
 */
void fabric_impair_from_put(struct fabric *f, uint32_t port, const struct topo_impair *i,
			    uint32_t mtu);
/*
 * A cable cut: our end goes down, the node's loses its carrier and keeps what it has.
 * A stitched wire is cut at both its ports. A port put with it in one flush is born down.
 */
void fabric_carrier_put(struct fabric *f, uint32_t port, bool up);
void fabric_port_mtu_put(struct fabric *f, uint32_t port, uint32_t mtu);

int fabric_flush(struct fabric *f, struct err *e);
/*
 * When nodes have raised their ends: ours learn of their carriers now. By itself the kernel
 * tells them from a work queue, 200 a second when there are many, and until then
 * they drop what they are to send. Before Linux 6.8 it waits for that, a second at most.
 */
int fabric_settle(struct fabric *f, struct err *e);

/* Absent: success. Deleting a port takes the end in the node along. */
int fabric_port_del(struct fabric *f, uint32_t port, struct err *e);
/* Many in the time of one. */
int fabric_ports_del(struct fabric *f, const uint32_t *ports, size_t n, struct err *e);
int fabric_bridge_del(struct fabric *f, uint32_t bridge, struct err *e);
/* Its STP and MTU as they are in b from now on; its ports stay. */
int fabric_bridge_set(struct fabric *f, const struct fabric_bridge *b, struct err *e);
int fabric_unstitch(struct fabric *f, uint32_t a, uint32_t b, struct err *e);
/* A physical or other interface that is in the namespace becomes a port of a bridge. */
int fabric_bridge_take(struct fabric *f, uint32_t bridge, const char *ifname, struct err *e);

/* "p7" */
void fabric_port_name(uint32_t port, char buf[16]);
void fabric_bridge_name(uint32_t bridge, char buf[16]);

/* As the kernel has it now: packets, bytes, drops, carrier, by port. */
struct fabric_state {
	uint32_t port;
	bool up, carrier; /* of our end */
	uint64_t to_node_bytes, to_node_packets, from_node_bytes, from_node_packets, drops;
};
typedef int fabric_state_fn(const struct fabric_state *s, void *ctx);
int fabric_states(struct fabric *f, fabric_state_fn *fn, void *ctx, struct err *e);

#endif
