/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ending - the end of containers that somebody else runs: asked for, enforced,
 * awaited. Processes are held by pidfd and known by their start time, so no
 * signal ever reaches whoever got a pid next.
 *
 * A container has ended when its runner has: then its network, control groups
 * and record are what they will be.
 */
#ifndef CT_CORE_ENDING_H
#define CT_CORE_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/state.h"

struct ending {
	struct ct_info ct; /* as it was when this was opened */
	int runner; /* pidfd; -1: it has ended */
	bool killed; /* so was the runner: gc cleans up after it */
	bool lives; /* ending_await() could not end it */
	/* private */
	int stage;
	int64_t deadline;
};

/* clang-format off */
#define ENDING_INIT { .ct = { .exit_code = -1 }, .runner = -1 }
/* clang-format on */

/* Takes *ct over, also when it fails; then x is as ENDING_INIT. */
int ending_open(struct ct_info *ct, struct ending *x, struct err *e);
void ending_close(struct ending *x);

/*
 * Sends sig the way it takes effect: to the runner, which carries out what pid 1
 * would drop, or (KILL, STOP, CONT, and what does nothing by default) to the
 * first process. last: the container is not to be started again.
 * -ESRCH: it does not run.
 */
int ending_signal(int root_fd, struct ending *x, int sig, bool last, struct err *e);

/*
 * Asks for the end: with sig (0: the container's own), and with SIGKILL after
 * `grace` nanoseconds (NULL: the container's own; 300 years: never). One that
 * has ended is no error. One that is paused goes on first.
 */
int ending_ask(int root_fd, struct ending *x, int sig, const uint64_t *grace, struct err *e);
/* Of one that has ended but for its runner, which cleans up. */
void ending_expect(struct ending *x);
/*
 * Waits until all that were asked have ended, and enforces it. -ETIMEDOUT names
 * one that not even SIGKILL ends.
 */
int ending_await(int root_fd, struct ending *v, size_t n, struct err *e);

/*
 * Waits for one that was asked nothing, and returns its exit status. The record
 * of a foreground container is gone then: its runner's own status is told by
 * kernels from 6.15 on (PIDFD_INFO_EXIT); -ENODATA: by this one not. gc is called
 * when the runner was killed, and is to clean up after it.
 */
int ending_status(int root_fd, struct ending *x, void (*gc)(void *ctx), void *ctx, struct err *e);

#endif
