/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flows - what connection tracking remembers of addresses that nobody has any
 * more. Who gets such an address next would inherit it: what was established
 * stays allowed, what was translated stays so.
 *
 * A look through the table costs milliseconds however little is in it (it has
 * a bucket for each of some hundred thousand connections), so a container that
 * leaves only notes its addresses, and a process of its own looks once for all
 * that were noted. Before a noted address is given out again the look is done
 * at once. Where nothing is tracked nothing is noted.
 *
 *   stale/ADDRESS    a note, since when: entries of this address must go
 *   stale/.lock      held by who looks
 */
#ifndef CT_NET_FLOWS_H
#define CT_NET_FLOWS_H

#include "core/base/inet.h"
#include "net/store.h"

struct err;

/* Notes these addresses and starts the look; what fails is left to a sweep. The caller holds
 * the lock. */
void flows_leave(struct net *net, const struct ip_prefix *addrs, size_t n);
/* Whether entries of the address may still be there. */
bool flows_noted(struct net *net, const struct ip_addr *a);
/* Forgets all that is noted, or waits until another process has. */
int flows_sweep(struct net *net, struct err *e);

#endif
