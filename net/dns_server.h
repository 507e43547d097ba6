/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dns_server - a dnsmasq on the gateway addresses of a network that asks for
 * one (dns-server = yes). It answers from the network's hosts file, starts with
 * the first attachment and ends with the last; no daemon of ours watches it:
 * whoever attaches next, or heals, finds a dead one and starts it again.
 *
 *   dns/NETWORK         who it is: pid and start time, written before it runs
 *   dns-local/NETWORK   the names with a dot that it must not ask others for
 *
 * The caller of everything here holds the lock, except of the check.
 */
#ifndef CT_NET_DNS_SERVER_H
#define CT_NET_DNS_SERVER_H

struct err;
struct net;
struct network;

/* Whether dnsmasq is installed; -ENOENT, with the cure. */
int dns_server_check(struct err *e);

/*
 * After a join: starts the server of a network that wants one, or tells it to
 * read the names again. When this returns it answers with what the hosts file
 * holds now. The gateway addresses stand. Without n->dns_server: nothing.
 */
int dns_server_joined(struct net *net, const struct network *n, struct err *e);
/*
 * After a leave, while the record of the attachment of that key still stands:
 * ends the server when no other living one is on the network.
 */
int dns_server_left(struct net *net, const char *network, const char *key);
/* Running where it is wanted and used, ended where it is not. */
int dns_server_heal(struct net *net, const struct network *n, struct err *e);
/* Ends those that nobody living uses. */
void dns_server_sweep(struct net *net);
/* The network is being removed. Absent: success. */
int dns_server_stop(struct net *net, const char *network);

#endif
