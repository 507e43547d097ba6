/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store - where the network side keeps what it knows, and the lock over it.
 *
 *   CONFDIR/networks/NAME.conf      definitions, INI, durable
 *   ROOT/net/INODE/                 runtime state of one network namespace
 *       lock                        held around every change
 *       boot                        boot id and namespace cookie this belongs to
 *       forward                     what we turned on of the host's forwarding
 *       generation                  of the nftables ruleset when it was last seen intact
 *       unfinished/NETWORK          a network whose making or removal has begun and not ended
 *       realised/NETWORK            the networks that stand in this namespace
 *       leases/NETWORK/ADDRESS      the attachment that holds it
 *       drain/NETWORK/ADDRESS       the host link that must vanish first, and its index
 *       cursor/NETWORK/SUBNET       the address last chosen there
 *       attach/CTID.IFNAME          intent and record of an attachment, JSON
 *       links/HOSTLINK              the attachment whose host link has that name
 *       phys/NAME                   an interface of the host that is lent, JSON (net/phys.h)
 *       ports/CTID/                 what it publishes (net/port_record.h), and who keeps it
 *       taken/NETWORK/LINK          a link of the host that is a port of the bridge: "up" or "down"
 *       stale/ADDRESS               connections of it are to be forgotten (net/flows.h)
 *       hosts/NETWORK               the shared hosts file
 *       dns/, dns-local/            name servers of networks (net/dns_server.h)
 *       hosts-own/, follow/         hosts files of single containers (net/names_own.h)
 *
 * Values of one word are symbolic links (net/note.h). An inode number is used
 * again once its namespace is gone; its cookie is not, so state that carries
 * another cookie, or another boot id, is wiped.
 *
 * Everything is reached through directory descriptors opened once.
 */
#ifndef CT_NET_STORE_H
#define CT_NET_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "core/base/str.h"
#include "net/nl.h"

/* One network namespace being managed: what every verb of network and attach needs. */
struct net {
	struct nl rt, nft; /* NETLINK_ROUTE, NETLINK_NETFILTER */
	int defs_fd; /* definitions directory */
	int state_fd; /* ROOT/net/INODE */
	const struct net_config *config;
};

#define NET_INIT                                                             \
	{                                                                    \
		.rt = NL_INIT, .nft = NL_INIT, .defs_fd = -1, .state_fd = -1 \
	}

/* From ctnet.conf; the cli fills it. */
struct net_config {
	struct ip_prefix pools[16]; /* [ipam] pools; default 10.88.0.0/13 */
	size_t n_pools;
	const char *defs_dir; /* CONFDIR/networks */
	struct strv dns_servers; /* [dns] servers, for resolv.conf */
};

/* root_fd: the state root (dir_open_private). Creates what is missing. config is not copied. */
int net_open(struct net *net, int root_fd, const struct net_config *config, struct err *e);
void net_close(struct net *net); /* accepts NET_INIT */
#define _cleanup_net_ __attribute__((cleanup(net_close)))

/* The lock over this namespace's networks; close the descriptor to release it. */
int net_lock(struct net *net, struct err *e);

/* A directory below state_fd ("leases/bridge0"); -ENOENT unless create. */
int net_dir(struct net *net, const char *path, bool create);
/* The same for what is kept per network: WHAT/NETWORK. */
int net_dir_of(struct net *net, const char *what, const char *network, bool create);

/* The index of a link, dying ones included; 0: there is none. */
uint32_t net_link_index(struct net *net, const char *name);

#endif
