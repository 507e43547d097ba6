/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall_user - the administrator's own rules: user.nft beside the
 * configuration, a ruleset for nft(8) that fills chain `inet ctnet user`.
 */
#ifndef CT_NET_FIREWALL_USER_H
#define CT_NET_FIREWALL_USER_H

struct err;
struct net;

/* nft -f CONFDIR/user.nft, with our tables in place; 0: it is not there. */
int firewall_user_load(struct net *net, struct err *e);

#endif
