/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forward - the host's switch for forwarding, per family: turned on when a
 * network needs it, remembered as ours, turned off again when the last network
 * goes. What was not forwarded before we came stays refused by the firewall,
 * which therefore must be in place first.
 */
#ifndef CT_NET_FORWARD_H
#define CT_NET_FORWARD_H

#include <stdbool.h>

struct err;
struct net;

struct forward {
	bool need4, need6; /* by the network at hand */
	bool on4, on6; /* now */
	bool ours4, ours6; /* turned on by us, or about to be */
};

/* One netlink exchange; fills on and ours from need. */
int forward_probe(struct net *net, struct forward *f, struct err *e);
/* The families (enum ruleset_refuse) that only we turned on. */
unsigned forward_refused(const struct forward *f);
/* Turns on what is needed and off. */
int forward_apply(struct net *net, const struct forward *f, struct err *e);
/* Turns off what we turned on. */
int forward_restore(struct net *net, struct err *e);

#endif
