/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store - where the network side keeps what it knows, and the lock over it.
 *
 *   CONFDIR/networks/NAME.conf      definitions, INI, durable
 *   ROOT/net/INODE/                 runtime state of one network namespace
 *       lock                        held around every change
 *       boot                        boot id this state belongs to; another: wiped
 *       forward, generation         what we turned on; last nftables generation seen
 *       leases/NETWORK/ADDRESS      symlink to the attachment that holds it
 *       drain/NETWORK/ADDRESS       symlink to the host link that must vanish first
 *       cursor/NETWORK              where the next automatic choice starts
 *       attach/CTID.IFNAME          intent and record of an attachment, JSON
 *       hosts/NETWORK               the shared hosts file
 *
 * Everything is reached through directory descriptors opened once.
 */
#ifndef CT_NET_STORE_H
#define CT_NET_STORE_H

#include "core/base/inet.h"
#include "core/base/str.h"
#include "net/nl.h"

/* One network namespace being managed: what every verb of network and attach needs. */
struct net {
	struct nl rt, nft;		/* NETLINK_ROUTE, NETLINK_NETFILTER */
	int defs_fd;			/* definitions directory */
	int state_fd;			/* ROOT/net/INODE */
	char boot[37];
	const struct net_config *config;
};

#define NET_INIT { .rt = NL_INIT, .nft = NL_INIT, .defs_fd = -1, .state_fd = -1 }

/* From ctnet.conf; the cli fills it. */
struct net_config {
	struct ip_prefix pools[16];	/* [ipam] pools; default 10.88.0.0/13 */
	size_t n_pools;
	const char *defs_dir;		/* CONFDIR/networks */
	struct strv dns_servers;	/* [dns] servers, for resolv.conf */
};

/* root_fd: the state root (dir_open_private). Creates what is missing. */
int net_open(struct net *net, int root_fd, const struct net_config *config, struct err *e);
void net_close(struct net *net);	/* accepts NET_INIT */
#define _cleanup_net_ __attribute__((cleanup(net_close)))

/* The lock over this namespace's networks; close the descriptor to release it. */
int net_lock(struct net *net, struct err *e);

#endif
