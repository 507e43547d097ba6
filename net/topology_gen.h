/* SPDX-License-Identifier: GPL-2.0-or-later */
/* topology_gen - a generator at work: its keys, and how far it is. Used by topology_gen*.c. */
#ifndef CT_NET_TOPOLOGY_GEN_H
#define CT_NET_TOPOLOGY_GEN_H

#include "net/topology_build.h"

#define GEN_NODES_MAX	100000
#define GEN_SUBNETS_MAX 2

struct gen_type;

struct gen {
	struct topo_build *b;
	const struct topo_section *s;
	enum topo_pass pass;

	const struct gen_type *type;
	uint32_t n, depth, fanout, k, w, h, per_switch;
	const char *prefix;
	struct ip_prefix *subnets;
	size_t n_subnets;
	bool no_subnet;

	bool l2; /* hosts on switches, in one subnet */
	uint32_t switches, hosts, routers[3]; /* so many made */
	uint32_t made;
	uint32_t *ports; /* next interface, by node */
	struct ip_addr next[GEN_SUBNETS_MAX]; /* of each subnet */
	uint64_t random;
	bool failed;
};

struct gen_type {
	const char *name; /* NULL: the end */
	bool switches; /* always; else only with hosts-per-switch */
	bool routers; /* always, with LANs behind */
	unsigned needs, may;
	bool loops; /* as switches it needs STP */
	uint32_t (*count)(const struct gen *g); /* nodes without hosts */
	void (*make)(struct gen *g);
};

/* Keys that are counts. */
enum {
	GEN_N = 1,
	GEN_DEPTH = 2,
	GEN_FANOUT = 4,
	GEN_K = 8,
	GEN_W = 16,
	GEN_H = 32,
	GEN_PER_SWITCH = 64
};

extern const struct gen_type gen_types[];
/* Where switches are in loops they must agree on a tree. */
void gen_set_stp(struct gen *g);

#endif
