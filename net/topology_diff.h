/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_diff - what lies between two topologies of one lab, as changes in the
 * order in which they can be carried out. No kernel.
 */
#ifndef CT_NET_TOPOLOGY_DIFF_H
#define CT_NET_TOPOLOGY_DIFF_H

#include "net/topology.h"

enum topo_change_what {
	/* in this order: what goes, what comes, what differs */
	TOPO_DEL_LINK, /* old: link */
	TOPO_DEL_MEMBER, /* old: iface of a net */
	TOPO_DEL_NODE, /* old: node; its interfaces go with it and are not listed */
	TOPO_DEL_NET,
	TOPO_ADD_NET, /* new: net */
	TOPO_ADD_NODE, /* new: node, with its lo, commands, daemons; its wires are listed */
	TOPO_ADD_MEMBER, /* new: iface */
	TOPO_ADD_LINK, /* new: link */
	TOPO_CHANGE_NET, /* both: stp, mtu */
	TOPO_CHANGE_IMPAIR, /* both: link, or iface of a net (on says which) */
	TOPO_CHANGE_STATE, /* both: link, its state= */
	TOPO_CHANGE_NODE, /* both: node: addresses, routes, sysctls, limits in place */
	TOPO_CHANGE_DAEMON, /* both: node; num */
	TOPO_RUN_EXEC, /* new: node; num: a command that is new or differs */
	TOPO_CHANGE_TESTS, /* tests and scenarios: nothing but the file is replaced */
};

struct topo_change {
	enum topo_change_what what;
	enum topo_on on;
	uint32_t old, new; /* index in its topology; TOPO_NONE: not there */
	uint32_t num;
	const char *text; /* "link r1-r2: delay 10ms -> 20ms", for plan */
};
struct topo_diff {
	struct topo_change *v;
	size_t n;
	void *memory;
};

/*
 * A node whose root, mounts, environment, user, capabilities or kind differ is deleted
 * and added, as is a link whose ends, wire or MACs do; a node with a new interface is not.
 * Objects are the same when their names are.
 */
int topology_diff(const struct topology *o, const struct topology *n, struct topo_diff *ret);
void topology_diff_free(struct topo_diff *d); /* accepts { 0 } */

#endif
