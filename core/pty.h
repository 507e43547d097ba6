/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pty - the container's side of a terminal, and the state of the user's own.
 */
#ifndef CT_CORE_PTY_H
#define CT_CORE_PTY_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "core/keeper.h"
#include "core/spec.h"

struct err;

/*
 * In the container's root, as session leader: a pair from its own devpts whose
 * slave becomes the controlling terminal and descriptors 0 to 2, owned by uid.
 * Returns the master.
 */
int pty_open(uint32_t uid, struct err *e);
/* Shows the slave, which is descriptor 0, as /dev/console. */
int pty_console(struct err *e);

/* Whether one is to be made: TTY_AUTO, where input and output are terminals. */
bool pty_wanted(enum ct_tty tty);

/* The user's terminal. {0, -1} is none. */
struct terminal {
	bool raw;
	int fd;
	struct termios saved;
	struct keeper keeper; /* while it is raw */
};

/* Whether fd is our terminal and another job is in its foreground. */
bool terminal_is_anothers(int fd);
/*
 * Raw mode on fd, when it is a terminal; a background process stops here. Should
 * the caller be killed, it is set back all the same.
 */
int terminal_raw(struct terminal *t, int fd);
/* Back to how it was; harmless when nothing was changed. */
void terminal_restore(struct terminal *t);
/* Another has set it as it wants it: nothing is to be set back. */
void terminal_forget(struct terminal *t);
/* Gives master the size of the first terminal among the descriptors 0 to 2. */
void terminal_size_copy(int master);

#endif
