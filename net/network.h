/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network - a network: its definition (an INI file that survives a reboot)
 * and what stands for it in the kernel (a bridge, its addresses, its place in
 * the firewall), made on creation and made again whenever something of it is
 * missing.
 */
#ifndef CT_NET_NETWORK_H
#define CT_NET_NETWORK_H

#include <stdbool.h>

#include "core/base/inet.h"
#include "core/base/str.h"
#include "net/link.h"
#include "net/store.h"

struct err;

#define NETWORK_SUBNETS_MAX 8
#define NETWORK_RANGES_MAX  16
#define NETWORK_PORTS_MAX   4
#define NETWORK_PEERS_MAX   32

struct network_subnet {
	struct ip_prefix subnet;
	struct ip_addr gateway;
};

/*
 * What `ctnet create` was told, and what a definition file says. On the way
 * in, zero or empty means "choose": network_create fills in the rest.
 */
struct network {
	char name[NAME_MAX_IF + 1];
	char driver[16]; /* "bridge", "macvlan", "ipvlan", "ptp", "vxlan" */
	struct network_subnet subnets[NETWORK_SUBNETS_MAX];
	size_t n_subnets;
	struct ip_range ranges[NETWORK_RANGES_MAX], excludes[NETWORK_RANGES_MAX];
	size_t n_ranges, n_excludes;
	uint32_t mtu; /* 0: of the default-route device, at each realisation */
	struct mac_addr mac;
	bool ipv6; /* choose a ULA /64 when no v6 subnet is given */
	bool internal, open, no_icc, no_masquerade, stp;
	bool no_host; /* nothing on the host is reached but DNS, DHCP, ICMP; part of internal */
	bool no_spoof_guard;
	bool dns_server; /* a dnsmasq on the gateway addresses */
	char parent[NAME_MAX_IF + 1]; /* macvlan, ipvlan, vxlan */
	char mode[12]; /* macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s */
	char ports[NETWORK_PORTS_MAX][NAME_MAX_IF + 1]; /* host links on the bridge; "": end */
	uint32_t vni; /* vxlan, 24 bits */
	uint16_t vlan; /* bridge: containers are untagged members of it; 0: no filtering */
	struct ip_addr peers[NETWORK_PEERS_MAX]; /* vxlan: static, learning off */
	struct ip_addr group; /* vxlan: a multicast group instead of peers */
	size_t n_peers;
	struct strv labels; /* "k=v" */
	/* not part of the definition: a subnet that is chosen keeps away from these; borrowed */
	const struct ip_prefix *avoid;
	size_t n_avoid;
};

void network_free(struct network *n); /* accepts { 0 } and freed ones */
#define _cleanup_network_ __attribute__((cleanup(network_free)))

/* Whether it has a subnet of that family, AF_INET or AF_INET6. */
bool network_has_family(const struct network *n, uint8_t family);

/* Letters, digits, "_.-", at most 15 bytes, no word that means something else to --net. */
int network_check_name(const char *name, struct err *e);
/*
 * Whether all parts fit together, whoever wrote them: known driver, subnets
 * apart from each other, gateways, ranges and exclusions inside them, MTU, MAC,
 * labels. What is still to be chosen passes.
 */
int network_check(const struct network *n, struct err *e);

/*
 * Validates, chooses what was left open, writes the definition and realises
 * it; on failure nothing is left. -EEXIST when the network or a link of that
 * name is there, -EADDRINUSE when a subnet is used by something else. *n is
 * completed. Takes the lock.
 */
int network_create(struct net *net, struct network *n, struct err *e);

/* -ENOENT; -EINVAL with the position of what is wrong. */
int network_load(struct net *net, const char *name, struct network *ret, struct err *e);
/*
 * 1: as network_load(); 0: there is none, or nothing that means a network, and who wants
 * all there are passes over it; -errno: it could not be read now, which says nothing of it.
 */
int network_load_any(struct net *net, const char *name, struct network *ret, struct err *e);
/* Names of all defined networks, sorted. */
int network_names(struct net *net, struct strv *ret, struct err *e);

/*
 * Makes the kernel match the definition where something is missing (link,
 * address, forwarding, firewall); cheap when nothing is. *ret, which may be NULL:
 * the bridge, or the parent of macvlan and ipvlan, or nothing (index 0), with
 * the MTU of the containers' links. The caller holds the lock.
 */
int network_realise(struct net *net, const struct network *n, struct link_info *ret, struct err *e);

/* Realises every network that is defined and was realised in this namespace before
 * (it has state here); the healing step of each ctnet command. Takes the lock. */
int network_heal(struct net *net, struct err *e);

/*
 * Removes link, firewall elements, state and definition. -EBUSY while
 * containers are attached, unless force disconnects them. -ENOENT. Takes the lock.
 */
int network_remove(struct net *net, const char *name, bool force, struct err *e);

/* The definition file, for the network_*.c. */
int network_file_of(const char *name, char *buf, size_t size); /* "NAME.conf" */
/* One item of a key of the file (not gateway, which needs its subnet), as the option has it. */
int network_set(struct network *n, const char *key, const char *value, struct err *e);
int network_store(struct net *net, const struct network *n, struct err *e);
int network_may_forget(struct net *net, const char *name, struct err *e);
int network_forget(struct net *net, const char *name, struct err *e); /* absent: success */
bool network_defined(struct net *net, const char *name);
/* -ENOENT, with the name that may have been meant. */
int network_unknown(struct net *net, const char *name, struct err *e);

#endif
