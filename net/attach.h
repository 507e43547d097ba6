/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach - one interface of a network namespace on a network: lease, veth
 * pair, addresses, routes, name in the hosts file; and one teardown for the
 * normal, the failed and the half-done.
 *
 * Order: lock, network realised, leases, intent on disk, line in the hosts
 * file, unlock; link, alias; then inside the namespace sysctls and one batch of
 * lo up, addresses, interface up, routes. Whatever fails, attach_down undoes it
 * from the record.
 */
#ifndef CT_NET_ATTACH_H
#define CT_NET_ATTACH_H

#include "core/base/inet.h"
#include "core/base/proc.h"
#include "core/base/str.h"
#include "net/store.h"

struct err;

struct net_attach {
	const char *network;
	const struct network *definition; /* its, as it was just read; NULL: it is read */
	const char *owner; /* container id, 12 hex digits, or another word of ours */
	const char *name; /* resolves on the network; may be NULL */
	const char *hostname; /* resolves too, when it differs */
	const struct strv *aliases; /* may be NULL */
	const char *ifname; /* NULL: eth0 */
	struct ip_addr ip, ip6; /* unset: chosen */
	struct mac_addr mac; /* unset: chosen */
	bool default_route;
	uint32_t metric; /* of its routes; 0: the kernel's default */
	uint64_t rate_in,
		rate_out; /* bits per second towards and from the container; 0: no limit */
	bool connect; /* the namespace is in use: its settings and lo are left alone */
	struct proc_id holder; /* whose death ends the attachment; pid 0: nobody's */
};

struct attach_info {
	char owner[64], network[16], ifname[16], host_ifname[16], name[64];
	struct mac_addr mac;
	struct ip_prefix addrs[8];
	size_t n_addrs;
	uint64_t rate_in, rate_out; /* bits per second */
	bool filtered; /* has elements of its own in the firewall */
	bool routed; /* those of a ptp network's link */
	struct proc_id holder;
};

/* netns_fd: the container's namespace. On failure nothing is left. Takes the lock. */
int attach_up(struct net *net, const struct net_attach *a, int netns_fd, struct attach_info *ret,
	      struct err *e);

/*
 * The same in two halves, so that the first runs while the namespace is being
 * made: what needs no namespace (addresses, names, the record; takes the
 * lock), and the rest. *a and what it points to must outlive *ret, which attach_free releases. When
 * attach_build fails, attach_down of what was reserved undoes both.
 */
struct attach;
int attach_reserve(struct net *net, const struct net_attach *a, struct attach **ret, struct err *e);
const struct attach_info *attach_reserved(const struct attach *at);
int attach_build(struct attach *at, int netns_fd, struct err *e);
void attach_free(struct attach *at); /* accepts NULL */

/*
 * Undoes an attachment by its record; accepts half-built and already-gone
 * ones. netns_dead: the namespace is gone or about to be, so the link dies by
 * itself and is not waited for.
 */
int attach_down(struct net *net, const struct attach_info *a, bool netns_dead, struct err *e);
/* The same for a caller that holds the lock. */
int attach_down_locked(struct net *net, const struct attach_info *a, bool netns_dead,
		       struct err *e);

/* A new namespace without a network: our sysctls, not the host's, and lo up. */
int attach_lo(int netns_fd, struct err *e);

/* The record of one; -ENOENT. */
int attach_find(struct net *net, const char *owner, const char *ifname, struct attach_info *ret);
/* owner NULL: every attachment; network NULL: any. */
typedef int attach_fn(const struct attach_info *a, void *ctx);
int attach_list(struct net *net, const char *owner, const char *network, attach_fn *fn, void *ctx);

/* Whether the holder lives. */
bool attach_alive(const struct attach_info *a);

/* Tears down attachments of dead holders and links with our mark that no
 * record explains; max attachments looked at (from a random one on), and then
 * only records; 0: all. Takes the lock. */
int attach_gc(struct net *net, unsigned max, struct err *e);

#endif
