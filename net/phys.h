/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phys - an interface of the host lent to a network namespace, and given back.
 *
 * A move takes an interface down and with it its addresses and routes; these
 * are gone, as with lxc and docker. Given back it has its name, MAC, MTU, alias
 * and whether it was up, as the record has them: ROOT/net/INODE/phys/NAME,
 * written before the interface is touched. On its way it carries our mark in
 * its alias, so it is found under whatever name it comes back.
 *
 * When a namespace ends, the kernel puts what has no link kind, and only that,
 * into the first namespace (default_device_exit_net); so the runner takes it
 * out while it still holds the namespace, and links with a kind are lent only
 * with move_virtual: if the runner is killed they are gone.
 */
#ifndef CT_NET_PHYS_H
#define CT_NET_PHYS_H

#include "core/base/inet.h"
#include "core/base/proc.h"
#include "net/store.h"

struct err;

struct phys_spec {
	const char *name; /* on the host */
	const char *inside; /* NULL: the same */
	const char *owner; /* container id */
	struct proc_id holder; /* whose death ends it */
	bool move_virtual; /* one that the kernel destroys with its namespace, too */
	const char *cure; /* how that is asked for, for the hint; NULL: as ctrun has it */
};

struct phys_info {
	char name[16], inside[16], owner[64], kind[16], alias[256];
	struct mac_addr mac;
	uint32_t mtu;
	bool up;
	struct proc_id holder;
};

/*
 * Lends it: there it is up. -ENODEV; -EBUSY when it is lent or a port of
 * something; -EINVAL for lo, links of ours, and links with a kind without
 * move_virtual; -EEXIST when the name is taken there. On failure it is back as
 * it was. Takes the lock.
 */
int phys_take(struct net *net, const struct phys_spec *s, int netns_fd, struct phys_info *ret,
	      struct err *e);
/*
 * Gives it back, from the namespace or, netns_fd -1, from where the kernel has
 * put it; accepts what was half taken. Under another name where its own is
 * taken meanwhile (and tells). Takes the lock.
 */
int phys_return(struct net *net, const struct phys_info *p, int netns_fd, struct err *e);
/* Those that are lent; stops at the first r < 0 of fn. */
typedef int phys_fn(const struct phys_info *p, void *ctx);
int phys_list(struct net *net, phys_fn *fn, void *ctx);
/* Those of dead holders that are back, or gone; the caller holds the lock. */
int phys_gc(struct net *net, struct err *e);

#endif
