/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_view - a running lab as it is now: what its supervisor says of nodes, daemons and
 * links, what the kernel says of interfaces, addresses and counters.
 */
#ifndef CT_CLI_LAB_VIEW_H
#define CT_CLI_LAB_VIEW_H

#include "cli/lab.h"
#include "core/node.h"
#include "net/link_stats.h"

/* An interface in a node, of the file or not. */
struct view_iface {
	struct link_stats stats;
	struct ip_prefix *addrs;
	size_t n_addrs;
};

struct view_daemon {
	uint32_t num, restarts;
	char state[12];
	pid_t pid; /* in the node; 0: none */
	int status; /* of its last end, -1: none */
};

struct view_node {
	char state[16]; /* live_state_name() */
	char *why; /* of one that failed; NULL */
	struct proc_id host; /* pid 0: it does not run */
	struct view_iface *ifaces;
	size_t n_ifaces;
	struct view_daemon *daemons;
	size_t n_daemons;
};

/* One direction of a link: what arrived, and what was dropped on the way. */
struct view_way {
	uint64_t bytes, packets, dropped;
	uint64_t bps; /* by view_rates() */
};
struct view_link {
	bool stands;
	struct view_way ways[TOPO_DIRS];
};

struct lab_view {
	struct lab *lab; /* its topology gets the state and the impairments that are in force */
	struct view_node *nodes;
	struct view_link *links;
	uint32_t *ports; /* of the fabric, by interface of the topology; FABRIC_NONE */
};

/* lab_load() was called. */
int view_open(struct app *app, struct lab *lab, struct lab_view *ret, struct err *e);
void view_close(struct lab_view *v); /* accepts { 0 } */
/* Waits so long (nanoseconds), counts again, and sets bps. */
int view_rates(struct lab_view *v, uint64_t ns, struct err *e);

/* An interface of the topology as it is in its node; NULL: it is not there. */
const struct view_iface *view_iface(const struct lab_view *v, uint32_t iface);
bool view_has_carrier(const struct view_iface *i);
/* "up", "down" (cut), "no carrier", "absent" (a node is stopped) */
const char *view_link_state(const struct lab_view *v, uint32_t link);

#endif
