/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay - the runner while the command runs: signals go to it, with a pty also
 * the bytes, until it has ended and everything it wrote is out.
 */
#ifndef CT_CORE_RELAY_H
#define CT_CORE_RELAY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/pty.h"
#include "core/sync.h"
#include "core/target.h"

struct relay {
	struct target target;
	int sync; /* with the child; -1 once the command started */
	int master; /* of its pty, -1: none */
	int listener; /* of its system call filter, -1: none */
	bool started; /* the command runs */
	struct sync_msg failed; /* what the child sent when it could not, type 0: nothing */
	/* private */
	int signals;
	sigset_t saved_mask;
	struct sigaction saved_chld;
	struct terminal terminal;
	bool background; /* the terminal is another job's */
	bool in_eof, out_broken, hung_up, exec_seen, blocked;
	char in[1024], out[16384];
	size_t in_len, out_len;
};

#define RELAY_INIT                                                                                 \
	{                                                                                          \
		.target = { .pidfd = -1 }, .sync = -1, .master = -1, .listener = -1, .signals = -1 \
	}

/* Blocks all signals; from here on they are read. Before anything is cloned. */
int relay_open(struct relay *r, struct err *e);
/* Terminal, signal mask and descriptors as before; also of one half open. */
void relay_close(struct relay *r);

/*
 * Before there is a first process: until fd is readable, or a signal has ended
 * the guard (-EINTR, with target.ended_by).
 */
int relay_await(struct relay *r, int fd, struct err *e);
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
