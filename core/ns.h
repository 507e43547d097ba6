/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ns - namespaces: entering those of others, making new ones, and which of them
 * a container has.
 */
#ifndef CT_CORE_NS_H
#define CT_CORE_NS_H

#include <stdbool.h>

#include "core/spec.h"

struct err;

/* Of every kind of core/spec.h: its file in /proc/PID/ns, its CLONE_NEW* flag. */
struct ns_kind {
	const char *name;
	int flag;
};
extern const struct ns_kind ns_kinds[CT_NS_KINDS];

/* Whether a container has a namespace of that kind that nobody had before. */
bool ns_is_new(const struct ct_spec *spec, enum ct_ns_kind kind);
/* Its user namespace is not the caller's: a new one or another's. */
bool ns_has_user(const struct ct_spec *spec);

/* Whether one of them is to outlive its processes. */
bool ns_persists(const struct ct_spec *spec);

/* The network namespace of a living process. */
int ns_open_net(int pidfd);
/* One of /proc/PID/ns of a process that the caller knows to live. */
int ns_open(pid_t pid, const char *name);
/* Whether two processes share it; negative errno when one cannot be looked at. */
int ns_shared(pid_t a, pid_t b, const char *name);
/*
 * A file that is a namespace of this kind (a bind mount of one, /proc/PID/ns/X), to
 * be joined: its type, and that its owner is no stranger, are looked at. Absent,
 * hidden and not the caller's are one answer, -ENOENT, so that nobody learns by it
 * what is there. Returns a descriptor. Source: ioctl_nsfs(2).
 */
int ns_open_path(const char *path, enum ct_ns_kind kind, struct err *e);
/*
 * setns(2): fd is a pidfd with flags CLONE_NEW*, or one namespace. The pid
 * namespace is that of children made afterwards.
 */
int ns_enter(int fd, int flags, const char *what, struct err *e);
int ns_unshare(int flags, const char *what, struct err *e);
/* In a user namespace: its root, for good, without other groups. Not dumpable. */
int ns_become_root(struct err *e);
/*
 * A time namespace for the children the caller makes from now on, in nanoseconds
 * off the clocks of its own. After the first child nothing can be changed any
 * more (time_namespaces(7)).
 */
int ns_unshare_time(int64_t monotonic, int64_t boottime, struct err *e);

#endif
