/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port - published ports: which port of the host leads to which port of whom.
 *
 * A port of the host belongs to one publication: the rules over all addresses,
 * ranges and both families are decided here under the lock, since the maps in
 * the kernel would take 0.0.0.0 beside one address, or a port beside a range.
 */
#ifndef CT_NET_PORT_H
#define CT_NET_PORT_H

#include "core/base/inet.h"
#include "core/base/parse.h"
#include "net/store.h"

struct err;

/* One publication in one family, as the maps of the firewall have it. */
struct port_map {
	char owner[64]; /* container id */
	uint8_t proto; /* IPPROTO_TCP, UDP, SCTP */
	uint8_t family; /* of the host's side and of `to` */
	struct ip_addr host_ip; /* unset: every address of the host in that family */
	uint16_t first, last; /* ports of the host, inclusive */
	struct ip_addr to; /* the container's address */
	uint16_t to_port; /* of the first one; first == to_port: an identity range */
};

/* All publications recorded in this namespace, in an allocated array (free it). */
int port_maps(struct net *net, struct port_map **ret, size_t *ret_n, struct err *e);

#endif
