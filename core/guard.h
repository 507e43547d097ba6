/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard - the process between runner and container: it dies with the runner
 * and takes the container along, builds the container's root, makes its first
 * process and tells how that ended.
 *
 * It is pid 1 of an outer pid namespace in which the container's own is nested.
 * Whatever a payload does to its PDEATHSIG, signals or parents: when the guard
 * ends, the kernel kills everything below.
 *
 * A container in the pid namespace of the host or of another has no such root:
 * there the guard, when the first process has ended or the runner has, kills the
 * control group and whatever became its child. Only a SIGKILL of guard and runner
 * at once leaves processes to the next command's sweep.
 */
#ifndef CT_CORE_GUARD_H
#define CT_CORE_GUARD_H

#include <sys/types.h>

struct cgroup;
struct child;
struct ct_spec;
struct err;
struct userns;

struct guard {
	pid_t pid;
	int pidfd;
	int line; /* while it is open the guard lives; readable at the end */
};

#define GUARD_INIT                      \
	{                               \
		.pidfd = -1, .line = -1 \
	}

/* Starts it; it begins with its namespaces, then child_prepare(). */
int guard_start(struct guard *g, struct child *child, struct err *e);
/*
 * Gives it what it cannot have by itself: ids of its user namespace, clones of the
 * host's mounts. Nothing for most. -ECHILD as guard_order().
 */
int guard_admit(const struct guard *g, const struct ct_spec *spec, const struct userns *ids,
		struct err *e);
/*
 * Hands over what it does not know yet (core/order.h), for the files it provides.
 * -ECHILD when it failed before, which is told on the child's socket.
 */
int guard_order(const struct guard *g, const struct ct_spec *spec, const int *trees, struct err *e);
/* And the groups, with which it makes the first process. -ECHILD as guard_order(). */
int guard_go(const struct guard *g, const struct cgroup *cgroup, struct err *e);
/* With child->in_netns: a descriptor of the network namespace; waits for it. */
int guard_netns(const struct guard *g, struct err *e);
/* A pidfd of the first process; waits for it. -ECHILD as above. */
int guard_first(const struct guard *g, struct err *e);
/* How the first process ended, once the line is readable: 0..255, 128 + n. */
int guard_status(const struct guard *g);

/* Kills it with everything below. Does not wait. */
void guard_kill(const struct guard *g);
/* Lets go, with the same result once it watches the first process. */
void guard_release(struct guard *g);
/* Waits for its end, with which nothing below is left; also of one never started. */
void guard_end(struct guard *g);

#endif
