/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err - the error that travels from the leaf that met it to the user.
 *
 * A struct err lives on the stack of whoever will print it, holds no pointer
 * and is smaller than PIPE_BUF, so a child process sends it to its parent in
 * one write. The leaf sets it once; a layer above wraps it at most once,
 * naming its own object. Only cli prints it. Every function here accepts a
 * NULL struct err, which means "best effort, nobody will read this".
 */
#ifndef CT_BASE_ERR_H
#define CT_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

struct err {
	int num; /* negative errno of the leaf, 0 when unset */
	char msg[480]; /* one line, outermost context first */
	char hint[160]; /* at most one line of advice, may be empty */
};

/* clang-format off */
#define ERR_INIT { .num = 0 }
/* clang-format on */

/* Set by the leaf. num may be positive or negative; returns it negative. */
int err_set(struct err *e, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_set, with ": strerror(num)" appended. */
int err_sys(struct err *e, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "fmt: " in front of the message; returns r unchanged. */
int err_wrap(struct err *e, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Sets the advice, unless a deeper layer already gave one. */
void err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *e);

/*
 * Whether -errno is of the machine, at this moment (no descriptors, no memory), and says
 * nothing of what was looked at: what could not be read is not gone, nor broken.
 */
bool err_is_passing(int r);

/* One that came from another process, which is not believed: its strings end, on one line. */
void err_receive(struct err *e);

#endif
