/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall - the ruleset as the state directory knows it: which networks,
 * attachments and published ports it must speak of, and the changes to it.
 *
 * What ought to be there follows from the records alone (marks of realised
 * networks, records of attachments and of published ports), so each change
 * writes its record first, and firewall_sync can always make the kernel match.
 * While nobody else touched a rule (the noted generation is the kernel's), a
 * change is one small transaction of elements and nothing is read.
 *
 * The caller of everything here holds the lock.
 */
#ifndef CT_NET_FIREWALL_H
#define CT_NET_FIREWALL_H

#include "net/attach.h"
#include "net/forward.h"
#include "net/network.h"
#include "net/port.h"

struct err;

/* A network that stands: its elements, and all of the ruleset with the first one. */
int firewall_add_net(struct net *net, const struct network *n, const struct forward *f,
		     struct err *e);
/* The last one takes the ruleset along. n: NULL when its definition cannot be read. */
int firewall_del_net(struct net *net, const char *name, const struct network *n, struct err *e);

/*
 * What an attachment may send (spoof guard) and, on a ptp network, the place
 * of its own host link among the networks. Before the link is there; its
 * record is written and says whether there is anything to do. Deleting accepts
 * what is gone, and asks for the record to be dropped next.
 */
void firewall_mark_attach(const struct network *n, struct attach_info *a); /* for the record */
int firewall_add_attach(struct net *net, const struct network *n, const struct attach_info *a,
			struct err *e);
int firewall_del_attach(struct net *net, const struct attach_info *a, struct err *e);

/* Published ports, all in one transaction; their records are written (gone) already. */
int firewall_add_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e);
int firewall_del_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e);

/* Makes the kernel match the records, whatever the noted generation says: a full comparison,
 * and a load where something differs; force: a load in any case, of the
 * administrator's user.nft too, which else is read when our tables are made, and
 * with the ports guarded that the definitions now want to be. */
int firewall_sync(struct net *net, bool force, struct err *e);

#endif
