/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper - a process that makes a terminal usable again when the one that made
 * it raw is killed by SIGKILL and cannot do it itself.
 */
#ifndef CT_CORE_KEEPER_H
#define CT_CORE_KEEPER_H

#include <stdbool.h>
#include <termios.h>

/* {0} is none. */
struct keeper {
	bool runs;
	int pidfd, line;
};

/*
 * tty was given the attributes `raw` and had `saved` before: from now on the
 * caller's death gives it those back, unless somebody else changed them since.
 * Without a process to be had for it, nothing happens. The caller must have a
 * single thread.
 */
void keeper_start(struct keeper *k, int tty, const struct termios *raw,
		  const struct termios *saved);
/* The terminal is no longer its business; harmless when there is none. */
void keeper_end(struct keeper *k);

#endif
