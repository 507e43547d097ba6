/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_host - what of a lab is on the host: uplinks of nat nodes through ctnet's
 * networks, published ports, interfaces lent to nodes and nets. Done by the command that
 * asked, in the host's namespaces; ended by down, or by the sweep when the lab is dead.
 */
#ifndef CT_CLI_LAB_HOST_H
#define CT_CLI_LAB_HOST_H

#include "cli/lab.h"

/*
 * Everything a node (all: node TOPO_NONE) has of the host, once its namespaces are there: an
 * attachment with interface INSIDE_UPLINK to the network it names, or of uplink = host to one
 * of the lab's own, made when missing; its published ports; its physical interfaces.
 * holder: the node's first process. On failure of one nothing of that one is left.
 */
int lab_host_node(struct app *app, const struct lab_record *rec, const struct topology *t,
		  uint32_t node, const struct proc_id *holder, struct err *e);
/* uplink = HOSTIF of a net: the interface goes to the fabric, under its own name. */
int lab_host_net(struct app *app, const struct lab_record *rec, const struct topology *t,
		 uint32_t net, const struct proc_id *supervisor, struct err *e);
/* Ends what is the host's of a node, of all the lab; accepts what is not there. */
int lab_host_node_end(struct app *app, const struct lab_record *rec, const char *node,
		      struct err *e);
int lab_host_end(struct app *app, const struct lab_record *rec, struct err *e);

#endif
