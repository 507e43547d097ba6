/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connect - networks joined and left by a namespace that is in use: a running
 * container's, or a named one that nobody holds.
 *
 * While an attachment is being made its holder is the process that makes it,
 * so whoever finds it half-done, its maker dead, undoes it. Then its record is
 * rewritten with the holder whose death shall end it.
 *
 *   connected/ID     a note, "PID START" of its init: what container ID is on
 *                    was changed since its start, so its runner looks at the
 *                    records when it ends
 */
#ifndef CT_NET_CONNECT_H
#define CT_NET_CONNECT_H

#include "net/attach.h"

struct err;

/* Whose interface it is to be. */
struct connect_target {
	const char *owner; /* container id, or connect_netns_owner() */
	struct proc_id holder; /* its init; pid 0: nobody */
	int netns_fd;
	/* lines of the container's hosts file that no network gave it; NULL: it has no
	 * file that could follow its networks */
	const char *hosts_extra;
	bool no_default; /* not even where the namespace has no default route */
};

/*
 * Attaches: owner, holder and connect of *a follow from the target, ifname NULL
 * is the first free of eth0, eth1, ... default_route moves the default route
 * here; without it, a family that has none gets it here. On failure everything
 * is as before. Takes the lock.
 */
int connect_add(struct net *net, const struct connect_target *t, const struct net_attach *a,
		struct attach_info *ret, struct err *e);

/*
 * Ends an attachment; a default route that went by it goes to another. One that
 * is gone meanwhile is success. Takes the lock.
 */
int connect_del(struct net *net, const struct connect_target *t, const struct attach_info *a,
		struct err *e);

/*
 * For the end of a container: whether the two above were used on it, by the
 * state of the caller's network namespace below the state root, of which
 * nothing need be open; and then the end of all that it is attached to.
 */
bool connect_used(int root_fd, const char *id);
void connect_end(struct net *net, const char *id);

/* The owner of what a named network namespace is attached with: "ns-NAME". */
#define CONNECT_NETNS "ns-"
int connect_netns_owner(const char *name, char *buf, size_t size, struct err *e);

/*
 * Before a sweep ends an attachment whose maker died: a default route that it
 * had taken over in a living container goes to another. The caller holds the lock.
 */
void connect_undo(struct net *net, const struct attach_info *a);

/* Notes of the dead; attachments of named namespaces that are gone. Holds the lock: the caller. */
void connect_sweep(struct net *net);

#endif
