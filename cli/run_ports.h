/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_ports - ports of the host for a container: the words that ask for them,
 * and ctrun's two steps. `ctnet publish` takes the same words.
 */
#ifndef CT_CLI_RUN_PORTS_H
#define CT_CLI_RUN_PORTS_H

#include "cli/run_net.h"
#include "net/port.h"

struct app;

/* As they were asked for; owned. */
struct run_ports {
	struct port_spec *v;
	size_t n;
};

/* Parses one [HOSTIP:]HOSTPORT[-END]:PORT[/tcp|udp|sctp] into the list. */
int run_ports_add(struct run_ports *p, const char *value, struct err *e);
void run_ports_free(struct run_ports *p);
/* Without a host address, those of [publish] address; the configuration is read. A
 * family that the target has not is left out where there is another one. */
int run_ports_default(const struct app *app, struct run_ports *p, const struct port_target *t,
		      struct err *e);

/*
 * Before anything of the container is made: a network that can publish is
 * among its networks, and the ports are free and from here on taken. *ret_net:
 * which of the networks; *ret stays NULL when none is asked for.
 */
int run_ports_claim(struct app *app, struct net *net, const struct run_nets *nets,
		    struct run_ports *p, const struct ct_spec *spec, size_t *ret_net,
		    struct port_claim **ret, struct err *e);
/* The attachment to that network is there: the ports lead to it. */
int run_ports_publish(struct net *net, struct port_claim *c, const struct attach_info *a,
		      const struct proc_id *init, struct err *e);

#endif
