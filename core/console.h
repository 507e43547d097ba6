/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console - the user's terminal as the other end of a command's pty. Without a
 * pty the command has the runner's own descriptors and there is nothing to move.
 */
#ifndef CT_CORE_CONSOLE_H
#define CT_CORE_CONSOLE_H

#include "core/relay.h"

extern const struct relay_ends console_ends;

/*
 * Bytes typed into a pty have become signals of its foreground group. When that is
 * pid 1's own, and the kernel dropped the signal there, it is carried out here.
 */
void console_keys(struct relay *r, const char *buf, size_t len);

#endif
