/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolv - the text of a container's resolv.conf: whom it asks for names. No
 * search domain is ever added: it would turn a name of ours into somebody
 * else's (CVE-2025-8283).
 */
#ifndef CT_NET_RESOLV_H
#define CT_NET_RESOLV_H

#include <stdbool.h>

#include "core/base/str.h"

struct err;
struct network;

/* What the networks of a container have to offer. */
struct resolv_nets {
	struct strv
		gateways; /* where a name server of ours answers, in the order of the networks */
	bool world; /* one of these servers knows the world's names too */
	bool outside; /* some network leads out, with a name server of ours or without */
};
int resolv_add_network(struct resolv_nets *r, const struct network *n);
void resolv_nets_free(struct resolv_nets *r); /* accepts { 0 } */

/* Any of them may be NULL or empty. */
struct resolv_want {
	const struct strv *dns; /* --dns: these and no others */
	const struct resolv_nets *nets;
	const struct strv *config; /* [dns] servers */
	bool loopback_ok; /* the host's network is shared */
};

/*
 * The servers of --dns; else the gateways, and behind them, unless one of them
 * knows the world or there is no way out, [dns] servers; else in place of those
 * the host's (/etc/resolv.conf) without loopback ones; else those of the
 * resolver behind it (/run/systemd/resolve/resolv.conf). When nothing is left
 * the text holds no server and *ret_n is 0. -EINVAL: one of --dns is no address.
 */
int resolv_conf(const struct resolv_want *w, char **ret_text, unsigned *ret_n, struct err *e);
/* The same with the host's files looked up below root_fd. */
int resolv_conf_at(int root_fd, const struct resolv_want *w, char **ret_text, unsigned *ret_n,
		   struct err *e);

#endif
