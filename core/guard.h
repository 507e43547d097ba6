/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard - the process between runner and container: it dies with the runner
 * and takes the container along, makes the container's first process and tells
 * how that ended.
 *
 * It is pid 1 of an outer pid namespace in which the container's own is nested.
 * Whatever a payload does to its PDEATHSIG, signals or parents: when the guard
 * ends, the kernel kills everything below.
 */
#ifndef CT_CORE_GUARD_H
#define CT_CORE_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

struct child;
struct err;

struct guard {
	int pidfd;
	int line; /* while it is open the guard lives; readable at the end */
};

#define GUARD_INIT                      \
	{                               \
		.pidfd = -1, .line = -1 \
	}

/*
 * Starts guard and first process, born in the v2 group cgroup_fd (-1: none).
 * With new_net the guard makes a network namespace, lo up, while the first
 * process builds its mounts. Returns a pidfd of the first process.
 */
int guard_start(struct guard *g, const struct child *child, int cgroup_fd, bool new_net,
		struct err *e);
/* The network namespace the guard made; waits for it. Returns a descriptor. */
int guard_netns(const struct guard *g, struct err *e);
/* How the first process ended, once the line is readable: 0..255, 128 + n. */
int guard_status(const struct guard *g);

/* Lets go: everything below is killed. Does not wait. */
void guard_release(struct guard *g);
/* Waits for its end, with which nothing below is left; also of one never started. */
void guard_end(struct guard *g);

#endif
