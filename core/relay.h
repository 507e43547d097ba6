/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay - the runner while the command runs: one loop over signals, which go to
 * the command, what its first process reports, what the filter asks, and the ends
 * to which its bytes go, until it has ended and everything it wrote is out.
 */
#ifndef CT_CORE_RELAY_H
#define CT_CORE_RELAY_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sync.h"
#include "core/target.h"

struct relay;

/* How many descriptors the ends may wait for. */
#define RELAY_ENDS_MAX 28

/*
 * Where the command's bytes come from and go to: the user's terminal
 * (core/console.h), or log and attached terminals (core/streams.h).
 */
struct relay_ends {
	void (*opened)(struct relay *r); /* r->master, its pty, has come; may be NULL */
	void (*started)(struct relay *r); /* the command runs */
	bool (*hear)(struct relay *r, int sig); /* true: it is not for the command */
	void (*suspend)(struct relay *r, bool by_key); /* stop, with what the command has */
	/* What to poll for, and for how many milliseconds at most (-1: for ever). */
	size_t (*wait_for)(struct relay *r, struct pollfd *p, int *timeout);
	void (*ready)(struct relay *r, const struct pollfd *p); /* after each turn */
	void (*drain)(struct relay *r); /* it has ended: what it left in pipes or pty */
	void (*close)(struct relay *r); /* also of what was never opened, or twice */
};

struct relay {
	struct target target;
	int sync; /* with the child; -1 once the command started */
	int master; /* of its pty, -1: none */
	int listener; /* of its system call filter, -1: none */
	bool started; /* the command runs */
	bool timed_out; /* killed at the deadline */
	uint64_t deadline; /* CLOCK_MONOTONIC, nanoseconds; 0: none */
	struct sync_msg failed; /* what the child sent when it could not, type 0: nothing */
	const struct relay_ends *ends; /* NULL: the user's terminal */
	void *data; /* of the ends */
	/* private */
	int signals;
	sigset_t saved_mask;
	struct sigaction saved_chld;
	bool exec_seen, blocked;
};

#define RELAY_INIT                                                                                 \
	{                                                                                          \
		.target = { .pidfd = -1 }, .sync = -1, .master = -1, .listener = -1, .signals = -1 \
	}

/* Blocks all signals; from here on they are read. Before anything is cloned. */
int relay_open(struct relay *r, struct err *e);
/* The command is killed when it has not ended in so many nanoseconds; 0: none. */
void relay_limit(struct relay *r, uint64_t ns);
/* The user's terminal as it was before: as early as possible. */
void relay_restore(struct relay *r);
/* Terminal, signal mask and descriptors as before; also of one half open. */
void relay_close(struct relay *r);

/*
 * Before there is a first process: until fd is readable, or a signal has ended
 * the guard (-EINTR, with target.ended_by).
 */
int relay_await(struct relay *r, int fd, struct err *e);
/*
 * Without a process: until a signal that ends one arrives (-EINTR), or timeout_ms
 * have passed (0).
 */
int relay_sleep(struct relay *r, int timeout_ms);
/*
 * Until the target's end. Returns its status for the shell, -ECANCELED when it
 * never started (failed is set then), -errno.
 */
int relay_run(struct relay *r, struct err *e);
/* Whether the child has already said why it cannot; does not wait. */
bool relay_has_failure(struct relay *r);
/* After -ECANCELED: 126 or 127 or a negative errno, with the child's own words. */
int relay_failure(const struct relay *r, struct err *e);

#endif
