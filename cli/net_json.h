/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_json - networks and attachments as the JSON objects of `ctnet ls`,
 * `ctnet inspect` and `ct ps`; keys are a contract (docs/man/ctnet.8).
 */
#ifndef CT_CLI_NET_JSON_H
#define CT_CLI_NET_JSON_H

#include <jansson.h>

struct attach_info;
struct net;
struct network;

/* The network, its leases counted and its containers listed. */
json_t *net_json(struct net *net, const struct network *n);

/* The id of whoever has an attachment: a container's, or ns:NAME. */
json_t *net_json_owner(const char *owner);

/* {network, id, name, ifname, host_ifname, mac, addresses, rate_in, rate_out} */
json_t *net_json_attachment(const struct attach_info *a);

/* [{network, ifname, mac, addresses}] of one container. */
json_t *net_json_attachments(struct net *net, const char *ct_id);
/* The same of all at once: {id: [...], ...}. */
json_t *net_json_all_attachments(struct net *net);

#endif
