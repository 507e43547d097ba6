/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_host - what of a lab is on the host: uplinks of nat nodes through ctnet's
 * networks, published ports, interfaces lent to nodes and nets. Done by the command that
 * asked, in the host's namespaces; ended by down, or by the sweep when the lab is dead.
 *
 *	ROOT/labs/NAME/host	there is, or may be, something of the host
 *	ROOT/labs/NAME/lent	and lent interfaces
 *	network labID		what uplink = host leads to, made with the first such node;
 *				labels lab=NAME and lab-root=ROOT
 *	owner lab-ID-HASH	of a node's attachment, ports and lent interfaces, of a
 *				net's lent interface; the holder is the process given here
 */
#ifndef CT_CLI_LAB_HOST_H
#define CT_CLI_LAB_HOST_H

#include "cli/lab.h"

/*
 * Everything a node has of the host, once its namespaces are there: an attachment with
 * interface INSIDE_UPLINK to the network it names, or of uplink = host to one of the lab's
 * own, made when missing; its published ports; its physical interfaces.
 * holder: the node's first process. On failure nothing is left.
 */
int lab_host_node(struct app *app, const struct lab_record *rec, const struct topology *t,
		  uint32_t node, const struct proc_id *holder, struct err *e);
/* uplink = HOSTIF of a net: the interface goes to the fabric, under its own name. */
int lab_host_net(struct app *app, const struct lab_record *rec, const struct topology *t,
		 uint32_t net, const struct proc_id *supervisor, struct err *e);
/* Ends what is the host's of a node, of all the lab; accepts what is not there. */
int lab_host_node_end(struct app *app, const struct lab_record *rec, const char *node,
		      struct err *e);
int lab_host_net_end(struct app *app, const struct lab_record *rec, const char *net, struct err *e);
int lab_host_end(struct app *app, const struct lab_record *rec, struct err *e);

/*
 * Before a node or the supervisor ends: keeps the namespaces of lent interfaces, with which
 * the kernel would destroy those that are virtual. *l is NULL at first and grows by what was
 * lent since; it stays NULL, and nothing is opened, where nothing is lent. When the processes
 * are gone lab_host_back takes the interfaces home; what fails is told.
 */
struct lab_lent;
void lab_host_keep(struct app *app, const struct lab_record *rec, struct lab_lent **l);
void lab_host_back(struct app *app, struct lab_lent *l); /* frees; accepts NULL */
void lab_host_let(struct lab_lent *l); /* lets them be; frees; accepts NULL */

/* Networks of the lab's own whose lab is no more: after a reboot there is nothing else of it. */
void lab_host_gc(struct app *app);

#endif
