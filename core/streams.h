/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * streams - the ends of a detached command's pipes or pty: what it writes goes
 * into the log and to who is attached, what they type goes to it.
 */
#ifndef CT_CORE_STREAMS_H
#define CT_CORE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attach.h"
#include "core/health.h"
#include "core/relay.h"

struct ct_info;
struct log_file;

struct streams {
	struct log_file *log; /* NULL: none is kept */
	struct attach_server attach;
	struct health health;
	bool tty, input; /* a pty; a pipe for what is typed */
	/* private */
	int in, out, err; /* our ends, -1: none */
	char *typed; /* what the command has not taken yet */
	size_t typed_len;
	bool hung_up; /* nobody has the pty open */
	bool lean; /* memory was given back */
	/* by the monitor */
	void (*started)(void *ctx);
	void (*health_changed)(void *ctx);
	void *ctx;
};

/* clang-format off */
#define STREAMS_INIT                                                                   \
	{                                                                              \
		.attach = { .listener = -1 }, .health = { .probe = -1 },               \
		.in = -1, .out = -1, .err = -1                                         \
	}
/* clang-format on */

extern const struct relay_ends streams_ends; /* relay.data: a struct streams */

/* Pipes for one start: ret has the command's ends, of a pty -1 each. */
int streams_open(struct streams *s, int ret[3], struct err *e);
/* Of one start; log and socket stay. */
void streams_close(struct streams *s);

#endif
