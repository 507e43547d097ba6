/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_diff - what lies between two topologies of one lab, as changes in the
 * order in which they can be carried out. No kernel.
 *
 * Objects are the same when their names are. A node whose root, mounts, environment,
 * user, capabilities or kind differ is replaced: its processes end, it starts with the
 * new description, and its stitched wires are joined again, so that its neighbours keep
 * theirs. A link whose ends, MACs or wire differ is deleted and added.
 */
#ifndef CT_NET_TOPOLOGY_DIFF_H
#define CT_NET_TOPOLOGY_DIFF_H

#include "net/topology.h"

enum topo_change_what {
	/* in this order: what goes, what comes, what differs */
	TOPO_DEL_LINK, /* old: link */
	TOPO_DEL_MEMBER, /* old: iface of a net; of a node that goes, a switch aside: not listed */
	TOPO_DEL_NODE, /* old: node */
	TOPO_DEL_NET,
	TOPO_ADD_NET, /* new: net; its members are listed */
	TOPO_ADD_NODE, /* new: node, with its commands and daemons; its wires are listed */
	TOPO_REPLACE_NODE, /* both: node; its wires are listed only if they are others */
	TOPO_ADD_MEMBER, /* new: iface */
	TOPO_ADD_LINK, /* new: link */
	TOPO_CHANGE_BRIDGE, /* both: stp, mtu: of a net, or (on: TOPO_ON_LINK) a node: a switch */
	TOPO_CHANGE_MTU, /* both: iface */
	TOPO_CHANGE_IMPAIR, /* both: link, or net: of every member's wire */
	TOPO_CHANGE_STATE, /* both: link: cut or plugged */
	TOPO_CHANGE_LIMITS, /* both: node */
	TOPO_CHANGE_NODE, /* both: node: addresses, routes, sysctls, masquerade: net/inside.h */
	TOPO_CHANGE_HOST, /* both: node: uplink, publish, phys; or net: uplink */
	TOPO_CHANGE_NAMES, /* none: the text of /etc/hosts */
	TOPO_CHANGE_STOP, /* both: node; num: stop.N */
	TOPO_RUN_EXEC, /* both: node; num: a command that is new or differs */
	TOPO_CHANGE_DAEMON, /* both: node; num: new, other, or gone from new */
	TOPO_CHANGE_FILE, /* nothing is done: what is read from the file when it is needed */
	TOPO_CHANGES,
};

struct topo_change {
	enum topo_change_what what;
	enum topo_on on; /* of what can be a link or a net */
	uint32_t old, new; /* index in its topology; TOPO_NONE: not there */
	uint32_t num;
	char *text; /* "link r1-r2: delay 10ms -> 20ms", for plan */
};
struct topo_diff {
	struct topo_change *v;
	size_t n;
};

/* What of the old topology does not stand as it is described, by index. */
enum topo_stands { TOPO_STANDS, TOPO_STOPPED, TOPO_BROKEN };
struct topo_standing {
	const uint8_t *nodes, *links, *nets, *ifaces; /* enum topo_stands; NULL: all do */
};

/* s NULL: all of it stands. -ENOMEM. */
int topology_diff(const struct topology *o, const struct topo_standing *s, const struct topology *n,
		  struct topo_diff *ret);
void topology_diff_free(struct topo_diff *d); /* accepts { 0 } */

/* "add-link", NULL past the end; '+', '-' or '~'. */
const char *topo_change_word(enum topo_change_what what);
char topo_change_sign(enum topo_change_what what);

#endif
