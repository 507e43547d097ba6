/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology - a lab as a value: what a lab file means once defaults, kinds,
 * profiles and generators are applied and every interface has its MAC and
 * addresses. No kernel is asked and nothing is made here.
 *
 * Objects refer to each other by index into the arrays of struct topology
 * (TOPO_NONE: nothing). All memory belongs to the topology; strings and arrays
 * live until topology_free.
 */
#ifndef CT_NET_TOPOLOGY_H
#define CT_NET_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/ini.h"
#include "net/topology_impair.h"
#include "net/topology_node.h"
#include "net/topology_test.h"

#define TOPO_NONE UINT32_MAX

/* ---- wires ------------------------------------------------------------------ */

enum topo_on { TOPO_ON_LINK, TOPO_ON_NET, TOPO_ON_PHYS };

/* One end of a wire at a node, or a port of a switch (no MAC, no address). */
struct topo_iface {
	uint32_t node;
	const char *name;
	enum topo_on on;
	uint32_t wire; /* the link or the net; of phys: index into the node's phys */
	enum topo_dir end; /* of a link: TOPO_AB is end a */
	struct topo_pos at;
	struct mac_addr mac;
	bool mac_given;
	uint32_t mtu; /* 0: the kernel's */
	struct ip_prefix *addrs; /* in file order; host bits kept */
	size_t n_addrs;
	uint32_t segment; /* number of the broadcast domain */
};

enum topo_wire { TOPO_WIRE_AUTO, TOPO_WIRE_DIRECT, TOPO_WIRE_STITCHED };

struct topo_link {
	const char *name;
	struct topo_pos at;
	bool generated;
	uint32_t ifaces[2]; /* a, b */
	struct ip_prefix *subnets; /* asked for; the addresses are at the interfaces */
	size_t n_subnets;
	bool no_subnet; /* subnet = none */
	bool down, state_given;
	bool addressed; /* ip or subnet was given */
	struct topo_impair impair[TOPO_DIRS];
	enum topo_wire wire;
	bool stitched; /* what wire = auto means here */
};

struct topo_net {
	const char *name;
	struct topo_pos at;
	struct ip_prefix *subnets;
	size_t n_subnets;
	bool no_subnet;
	uint32_t *members; /* interfaces */
	size_t n_members;
	uint32_t gateway; /* node */
	bool stp;
	uint32_t mtu;
	struct topo_impair impair[TOPO_DIRS]; /* of each member's wire; ab: to the net */
	const char *uplink; /* a host interface; NULL */
	bool uplink_virtual; /* ",move-virtual": also one that ends with the lab */
};

struct topo_profile {
	const char *name;
	struct topo_pos at;
	struct topo_impair impair[TOPO_DIRS];
};

/* ---- the lab ------------------------------------------------------------------ */

struct topo_kind_own {
	const char *name;
	enum topo_kind kind;
};

struct topology {
	const char *name;
	uint64_t seed;
	struct ip_prefix pool4, pool6; /* family 0: none */
	uint32_t mtu; /* 0: the kernel's */
	bool warn_unsupported, no_hosts_file;
	uint64_t wait; /* ns, 0: not given */

	struct topo_node *nodes;
	struct topo_iface *ifaces;
	struct topo_link *links;
	struct topo_net *nets;
	struct topo_profile *profiles;
	struct topo_kind_own *kinds;
	struct topo_test *tests;
	struct topo_scenario *scenarios;
	size_t n_nodes, n_ifaces, n_links, n_nets, n_profiles, n_kinds, n_tests, n_scenarios;
	uint32_t n_segments;

	struct topo_data *data; /* memory and look-ups; the file, which values point into */
};

/* What is wrong with a file, or only remarkable, in file order. */
struct topo_problem {
	unsigned line, col; /* 0: of the file as a whole */
	bool warning;
	char *msg; /* "FILE:LINE:COL: ..." */
	char *hint; /* NULL: none */
};
struct topo_problems {
	struct topo_problem *v;
	size_t n, errors;
	bool cut; /* there were too many to keep */
};
void topo_problems_free(struct topo_problems *p);
/* One more, whose message has "FILE:LINE:COL: " already. -ENOMEM. */
int topo_problem_add(struct topo_problems *p, bool warning, struct topo_pos at,
		     const struct err *e);

/*
 * Reads a lab file. -EINVAL: p tells why, everything at once; warnings stand
 * there after a success, too. Another errno is one of reading, and in p as well.
 * *ret is untouched on failure.
 */
int topology_load(int dirfd, const char *path, struct topology *ret, struct topo_problems *p);
int topology_parse(const char *file, const char *text, size_t len, struct topology *ret,
		   struct topo_problems *p);
void topology_free(struct topology *t); /* accepts { 0 } */
#define _cleanup_topology_ __attribute__((cleanup(topology_free)))

/* Index by name, TOPO_NONE: there is none. */
uint32_t topology_node(const struct topology *t, const char *name);
uint32_t topology_link(const struct topology *t, const char *name);
uint32_t topology_net(const struct topology *t, const char *name);
uint32_t topology_profile(const struct topology *t, const char *name);
/* An interface of a node. */
uint32_t topology_iface(const struct topology *t, uint32_t node, const char *ifname);

/*
 * The address that a target stands for: of a node its first lo address of that
 * family, else the first of its first interface that has one. family 0: either,
 * IPv4 first. False: none.
 */
bool topology_target_addr(const struct topology *t, const struct topo_target *to, uint8_t family,
			  struct ip_addr *ret);
/* How many neighbour entries the lab may need at once: LANs squared, wires times two. */
uint64_t topology_neighbours(const struct topology *t);

/* The MAC of an interface of that name: the same for the same seed, lab and names. */
struct mac_addr topology_mac(const struct topology *t, const char *node, const char *ifname,
			     unsigned attempt);

/* ---- written in other forms ---- */

/* A lab file without generators, defaults and kinds' keys that parses to the same. */
void topology_expand(const struct topology *t, FILE *f);
/* Parts of it: the value of a route, the section of a test, of a scenario. */
void topology_write_route(FILE *f, const struct topo_route *r);
void topology_write_test(FILE *f, const struct topology *t, const struct topo_test *x);
void topology_write_scenario(FILE *f, const struct topo_scenario *s);

enum topo_format { TOPO_DOT, TOPO_MERMAID, TOPO_SVG, TOPO_HTML };
int topology_graph(const struct topology *t, enum topo_format format, FILE *f);

/* ---- made from other forms: a lab file written to f ---- */

/* GraphML as the Internet Topology Zoo has it; delays from coordinates. */
int topology_from_graphml(const char *file, const char *text, size_t len, const char *name, FILE *f,
			  struct err *e);
/* "tree,2,8", "linear,4", "single,3", "torus,3,3", "minimal", as mn --topo has them. */
int topology_from_mininet(const char *words, const char *name, FILE *f, struct err *e);

#endif
