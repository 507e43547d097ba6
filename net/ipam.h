/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipam - which address is whose: a free subnet for a network, a free address
 * for an attachment. No netlink: what the host uses is passed in.
 *
 * A lease is a symbolic link named as the address, pointing to the attachment
 * that holds it: taking one is one atomic symlinkat, whatever the number of
 * leases. Automatic choice goes round from where the last one ended, so an
 * address rests as long as possible. An address released while its link still
 * dies is drained: taken, until the link is gone. The caller holds the lock.
 */
#ifndef CT_NET_IPAM_H
#define CT_NET_IPAM_H

#include <stdbool.h>

#include "core/base/inet.h"

struct err;
struct net;

/*
 * The first free subnet of /24 (or the pool itself, when smaller) in the
 * pools that overlaps none of used[]. -ENOSPC.
 */
int ipam_choose_subnet(const struct ip_prefix *pools, size_t n_pools, const struct ip_prefix *used,
		       size_t n_used, struct ip_prefix *ret, struct err *e);
/* A random ULA /64 (RFC 4193) that overlaps none of used[]. */
int ipam_choose_ula(const struct ip_prefix *used, size_t n_used, struct ip_prefix *ret,
		    struct err *e);

/* What may be leased of one subnet. */
struct ipam_pool {
	const char *network;
	struct ip_prefix subnet;
	struct ip_addr gateway; /* never leased */
	const struct ip_range *ranges; /* --ip-range; n 0: every host address */
	size_t n_ranges;
	const struct ip_range *excludes;
	size_t n_excludes;
};

/*
 * Leases an address to owner ("CTID.IFNAME"). want unset: the next free one.
 * -EADDRINUSE (named, with its holder), -EAGAIN (its link still dies) or
 * -EADDRNOTAVAIL for a wanted one, -ENOSPC when the pool is used up.
 */
int ipam_lease(struct net *net, const struct ipam_pool *pool, const struct ip_addr *want,
	       const char *owner, struct ip_addr *ret, struct err *e);

/* Gives it back; with link, only once the host link of that name is gone. Absent: success. */
int ipam_release(struct net *net, const char *network, const struct ip_addr *a, const char *owner,
		 const char *link);

/*
 * Frees drained addresses whose link is gone, at most max looked at (0: all):
 * the number freed. *ret_left, which may be NULL: those that still drain.
 */
int ipam_sweep(struct net *net, const char *network, unsigned max, unsigned *ret_left);
/* The link an address waits for: 1, or 0 when it does not drain. */
int ipam_draining(struct net *net, const char *network, const struct ip_addr *a, char link[16]);
/* The link that any address of the network waits for: 1, or 0. */
int ipam_any_draining(struct net *net, const char *network, char link[16]);
/* Who holds an address; -ENOENT. */
int ipam_holder(struct net *net, const char *network, const struct ip_addr *a, char *buf,
		size_t size);

/* The number of leases of a subnet; reads them all. */
int ipam_count(struct net *net, const struct ipam_pool *pool);
/* Calls fn for every lease of a network that does not drain; stops at the first r < 0. */
typedef int ipam_fn(const struct ip_addr *a, const char *owner, void *ctx);
int ipam_list(struct net *net, const char *network, ipam_fn *fn, void *ctx);
/* Forgets all leases of a network that is being removed. */
int ipam_drop(struct net *net, const char *network);

#endif
