/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - how containers resolve names with no daemon: hosts files kept by
 * joins and leaves.
 *
 * A hosts file is mounted read-only into containers, and a bind mount keeps
 * the inode, so it is never replaced: a join appends one line in one write, a
 * leave overwrites its line with blanks, which the next join of fitting length
 * uses again. The caller holds the lock for both.
 */
#ifndef CT_NET_NAMES_H
#define CT_NET_NAMES_H

#include "core/base/inet.h"
#include "core/base/str.h"

struct err;
struct net;

/* The shared hosts file of a network, created with the localhost lines; read-only fd. */
int names_open_hosts(struct net *net, const char *network, struct err *e);

/* names[0] is the canonical one; a line that the address had is replaced. -EINVAL. */
int names_join(struct net *net, const char *network, const struct ip_addr *a,
	       const char *const *names, size_t n);
/* Absent: success. */
int names_leave(struct net *net, const char *network, const struct ip_addr *a);
/* What may stand in a hosts file: labels of letters, digits, - and _, with dots. */
int names_check(const char *what, const char *name, struct err *e);
/* The network is being removed. */
void names_drop(struct net *net, const char *network);

/* "127.0.0.1 localhost" and the IPv6 ones of hosts(5), for files of one's own. */
extern const char names_hosts_head[];

#endif
