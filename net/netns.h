/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns - network namespaces: open, enter for one step, name, list.
 *
 * The only place of net that calls setns. A namespace is entered only to open
 * a socket or to write a sysctl; the caller's own is always restored, and a
 * failure to restore it aborts the process, since nothing could be trusted
 * afterwards. Named ones live in /run/netns, as `ip netns` has them
 * (ip-netns(8): bind mounts of /proc/PID/ns/net on a shared mount).
 */
#ifndef CT_NET_NETNS_H
#define CT_NET_NETNS_H

#include <sys/types.h>

struct err;
struct nl;

#define NETNS_RUN_DIR "/run/netns"

int netns_open_self(void); /* descriptor or -errno */
int netns_open_name(const char *name, struct err *e);
/* Checks with NS_GET_NSTYPE that it is one: -EINVAL. */
int netns_open_path(const char *path, struct err *e);
ino_t netns_inode(int netns_fd); /* 0 when it cannot be read */

/* Runs fn inside the namespace, then returns to the caller's; fn's result. */
int netns_do(int netns_fd, int (*fn)(void *ctx), void *ctx);
/* A netlink socket that belongs to the namespace. */
int netns_nl_open(int netns_fd, struct nl *nl, int family, struct err *e);

/*
 * The process enters for good and sees it: a mount namespace of its own with
 * /sys of the namespace and the files of /etc/netns/NAME over those in /etc,
 * as `ip netns exec` does. For a process that is about to exec.
 */
int netns_enter(int netns_fd, const char *name, struct err *e);

/* A namespace without a name, for a question or two; a descriptor, and gone with the last one. */
int netns_scratch(struct err *e);

/* ip netns add, del, list; in a new one lo is up */
int netns_add(const char *name, struct err *e); /* -EEXIST */
int netns_del(const char *name, struct err *e); /* absent: -ENOENT */
typedef int netns_fn(const char *name, int netns_fd, void *ctx);
int netns_list(netns_fn *fn, void *ctx, struct err *e);

#endif
