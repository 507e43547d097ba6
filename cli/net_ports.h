/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_ports - published ports as they are shown: objects {host_ip, host_port,
 * port, protocol}, one a port (host_ip "": every address), and as text.
 */
#ifndef CT_CLI_NET_PORTS_H
#define CT_CLI_NET_PORTS_H

#include <jansson.h>

#include "net/port.h"

/* Adds those of one publication. */
void net_ports_add(json_t *array, const struct port_spec *s);
/* All that a container publishes. */
json_t *net_ports_json(struct net *net, const char *ct_id);
/* "8080->80/tcp", "127.0.0.1:8000-8010->8000/udp" */
#define NET_PORTS_STRLEN 96
const char *net_ports_text(const struct port_spec *s, char buf[NET_PORTS_STRLEN]);
/* All of a container, as docker writes them: "0.0.0.0:8080->80/tcp, 127.0.0.1:81->81/udp";
 * cut with "..." where they are too many. */
void net_ports_join(struct net *net, const char *ct_id, char *buf, size_t size);

#endif
