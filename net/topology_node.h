/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_node - a node of a lab as a value: all that its file, its kind and
 * the defaults say of it. Used by topology.h, which tells who owns what.
 */
#ifndef CT_NET_TOPOLOGY_NODE_H
#define CT_NET_TOPOLOGY_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/parse.h"
#include "net/topology_impair.h"

enum topo_kind { TOPO_HOST, TOPO_ROUTER, TOPO_SWITCH, TOPO_NAT };

/* exec.N, daemon.N, stop.N, env.N (K=V), tmpfs.N */
struct topo_text {
	uint32_t num;
	const char *text;
};
/* sysctl.N: key=value; mount.N: source:target[:options]; phys.N: hostif:if[,move-virtual] */
#define TOPO_MOVE_VIRTUAL "move-virtual"
struct topo_pair {
	uint32_t num;
	const char *left, *right;
	const char *opts; /* of a mount: "ro,exec"; of phys: "move-virtual"; or NULL */
};

struct topo_hop {
	struct ip_addr via; /* unset: on the link itself */
	const char *dev; /* NULL: by via */
	uint32_t weight; /* 0: 1 */
};
struct topo_route {
	uint32_t num;
	bool implied; /* by the gateway of a net; expand does not print it */
	bool blackhole;
	struct ip_prefix dst; /* length 0: default */
	struct ip_addr src;
	uint32_t metric;
	struct topo_hop *hops;
	size_t n_hops; /* 0: blackhole */
};

/* publish.N on a node that is reached from outside */
struct topo_publish {
	uint32_t num;
	struct port_spec port;
	const char *to_name; /* NULL: the node itself */
	uint32_t to;
	const char *text;
};

struct topo_mac {
	const char *ifname;
	struct mac_addr mac;
	struct topo_pos at;
};

struct topo_node {
	const char *name;
	enum topo_kind kind;
	const char *kind_name; /* as the file has it: "router", or a kind of its own */
	struct topo_pos at;
	bool generated;
	uint32_t *ifaces; /* in file order */
	size_t n_ifaces;

	const char *rootfs, *user, *caps, *hostname; /* NULL: as the runner has it */
	struct topo_pair *mounts, *sysctls, *phys;
	size_t n_mounts, n_sysctls, n_phys;
	struct topo_text *tmpfs, *env, *execs, *daemons, *stops;
	size_t n_tmpfs, n_env, n_execs, n_daemons, n_stops;
	uint32_t cpus_milli, pids; /* 0: no limit */
	const char *cpuset;
	uint64_t memory; /* bytes; 0: no limit */

	struct ip_prefix *lo;
	size_t n_lo;
	struct topo_route *routes;
	size_t n_routes;
	struct topo_publish *publish;
	size_t n_publish;
	struct topo_mac *macs; /* those the file gives */
	size_t n_macs;

	const char *ready; /* command */
	uint64_t ready_wait; /* ns, 0: not given */
	const char **after_names;
	uint32_t *after; /* nodes */
	size_t n_after;

	const char *uplink; /* nat: "host" or a network of ctnet; NULL */
	struct ip_prefix *masquerade;
	size_t n_masquerade;
	bool stp; /* switch */
	uint32_t mtu; /* 0: of the lab; a switch's bridge, a node's interfaces */
};

#endif
