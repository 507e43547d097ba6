/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ns - namespaces: entering those of others, making new ones.
 */
#ifndef CT_CORE_NS_H
#define CT_CORE_NS_H

struct err;

/* The network namespace of a living process. */
int ns_open_net(int pidfd);
/*
 * setns(2): fd is a pidfd with flags CLONE_NEW*, or one namespace. The pid
 * namespace is that of children made afterwards.
 */
int ns_enter(int fd, int flags, const char *what, struct err *e);
int ns_unshare(int flags, const char *what, struct err *e);

#endif
