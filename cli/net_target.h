/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_target - a word that names who joins or leaves a network: a running
 * container, by name, id or prefix of the id, or ns:NAME, a named network
 * namespace.
 */
#ifndef CT_CLI_NET_TARGET_H
#define CT_CLI_NET_TARGET_H

#include "core/state.h"
#include "net/connect.h"

struct app;
struct err;

struct net_target {
	struct connect_target to; /* for net/connect.h */
	struct ct_info ct; /* of a container; else empty */
	char owner[NAME_MAX_CT + 1], name[NAME_MAX_CT + 1]; /* name: as it resolves */
	char *hosts; /* owned: to.hosts_extra */
};

#define NET_TARGET_INIT                                            \
	{                                                          \
		.to = { .netns_fd = -1 }, .ct = {.exit_code = -1 } \
	}

int net_target_open(struct app *app, const char *word, struct net_target *t, struct err *e);
/* The same for the owner of an attachment. -ENOENT: nothing that lives. */
int net_target_open_owner(struct app *app, const char *owner, struct net_target *t, struct err *e);
void net_target_close(struct net_target *t); /* accepts NET_TARGET_INIT and closed ones */

/* After a change: /etc/hosts of the container is the file that follows its networks. */
int net_target_hosts(struct net *net, const struct net_target *t, struct err *e);

#endif
