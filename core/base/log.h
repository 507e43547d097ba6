/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log - the two things a library may say without returning an error: a trace
 * line (--trace: every netlink message and every step) and a notice (a change
 * of the host the user should know of, such as ip_forward turned on).
 *
 * Both go to stderr. This module and cli hold the only mutable globals of the
 * program.
 */
#ifndef CT_BASE_LOG_H
#define CT_BASE_LOG_H

#include <stdbool.h>

/* prog is the name put in front of every line ("ctnet"); not copied. */
void log_setup(const char *prog, bool trace, bool quiet);

bool log_tracing(void);

/* One line, only under --trace; the time since start stands in front. */
void log_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One "PROG: note: ..." line, unless quiet. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
