/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard - the process that dies with the runner and takes the container along.
 *
 * It is pid 1 of an outer pid namespace in which the container's own pid
 * namespace is nested. Whatever a payload does to its own PDEATHSIG, signals or
 * parents: when the guard ends, the kernel kills everything below.
 */
#ifndef CT_CORE_GUARD_H
#define CT_CORE_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

struct guard {
	pid_t pid;
	int pidfd, line;	/* line: while it is open the guard lives */
	int own_pidns;		/* the way back from guard_enter() */
};

#define GUARD_INIT { .pid = 0, .pidfd = -1, .line = -1, .own_pidns = -1 }

/*
 * Starts it. With new_net it makes a network namespace meanwhile, lo up: 0.5 ms
 * of work beside the runner's own.
 */
int guard_start(struct guard *g, bool new_net, struct err *e);
/* The network namespace the guard made; waits for it. Returns a descriptor. */
int guard_netns(const struct guard *g, struct err *e);

/* Children made between these two are born below the guard. */
int guard_enter(struct guard *g, struct err *e);
int guard_leave(struct guard *g, struct err *e);

/* Lets go: everything below is killed. Does not wait. */
void guard_release(struct guard *g);
/* Waits for its end and closes what is left; also of one that never started. */
void guard_end(struct guard *g);

#endif
