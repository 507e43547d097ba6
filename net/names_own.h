/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names_own - a hosts file of a container's own, where the shared file of one
 * network does not do: several networks, or lines of its own (--add-host). It
 * begins with what the networks' files hold and follows their joins and leaves.
 *
 *   hosts-own/ID           the file
 *   hosts-own/.ID          a note: who it is for, "PID START"
 *   follow/NETWORK/ID      a note: the file follows this network
 */
#ifndef CT_NET_NAMES_OWN_H
#define CT_NET_NAMES_OWN_H

#include "core/base/inet.h"
#include "core/base/proc.h"
#include "core/base/str.h"

struct err;
struct net;

/*
 * Makes the file and returns it open for reading. extra: lines put behind the
 * head as they are. It is removed by names_own_drop, or by a sweep when the
 * holder is dead. Takes the lock.
 */
int names_own_make(struct net *net, const char *id, const struct proc_id *holder,
		   const struct strv *networks, const char *extra, struct err *e);
/*
 * Makes the file follow exactly these networks, in place: what is mounted
 * stays. One that is not there is made, with extra. The caller holds the lock.
 */
int names_own_follow(struct net *net, const char *id, const struct proc_id *holder,
		     const struct strv *networks, const char *extra);
/* The same for a file that may be absent, which is success then. */
int names_own_refollow(struct net *net, const char *id, const struct strv *networks);
/* For reading; -ENOENT. */
int names_own_open(struct net *net, const char *id);
/* Absent: success. Takes the lock. */
void names_own_drop(struct net *net, const char *id);
/* Files of dead holders. The caller holds the lock, here and below. */
void names_own_sweep(struct net *net);

/* For names.c: the same change in every file that follows the network. */
int names_own_join(struct net *net, const char *network, const struct ip_addr *a,
		   const char *const *names, size_t n);
int names_own_leave(struct net *net, const char *network, const struct ip_addr *a);
/* The network is being removed: nobody follows it any more. */
void names_own_forget(struct net *net, const char *network);

#endif
