/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge_nf - whether bridged frames pass the firewall (br_netfilter), and what
 * the ports of bridges are set to for that.
 */
#ifndef CT_NET_BRIDGE_NF_H
#define CT_NET_BRIDGE_NF_H

#include <stdbool.h>

struct err;
struct net;

/* net.bridge.bridge-nf-call-iptables, -ip6tables; off where the module is not loaded. */
bool bridge_nf_ip(void);
bool bridge_nf_ip6(void);

/*
 * Sets the ports of living containers as they would be set if they started now:
 * a start looks at the sysctls, and who changes them afterwards opens a network
 * without icc, or closes published ports to the container itself, until then. Who
 * changes a definition's spoof guard has it from firewall_sync on, and then here.
 * Takes the lock. The first error; the rest is tried all the same.
 */
int bridge_nf_follow(struct net *net, struct err *e);

#endif
