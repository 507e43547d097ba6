/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dns_run - one dnsmasq: its arguments, its view of the files, its start. For
 * net/dns_server.c.
 */
#ifndef CT_NET_DNS_RUN_H
#define CT_NET_DNS_RUN_H

#include "core/base/proc.h"

struct err;
struct net;
struct network;
struct strv;

/* The path of the program, or NULL. */
const char *dns_run_program(void);
/* Its arguments from argv[0] on; config_dns ([dns] servers) may be empty. */
int dns_run_args(const struct network *n, const struct strv *config_dns, struct strv *ret);

/*
 * Starts it on the network's hosts file and that of its local names, both of
 * which exist. born gets its identity before it may run (see proc_detach).
 * Returns when it listens on every address.
 */
struct dns_run {
	struct net *net;
	const struct network *n;
	int hosts_fd, local_fd;
	int (*born)(const struct proc_id *id, void *ctx);
	void *ctx;
};
int dns_run(const struct dns_run *d, struct err *e);

#endif
