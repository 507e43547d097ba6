/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logs - the log of a container, or of a node's daemon, printed: for commands with
 * logs_opts (cli/cmd.h).
 */
#ifndef CT_CLI_LOGS_H
#define CT_CLI_LOGS_H

#include "core/log_file.h"

struct app;
struct err;

/* The command sets the reader's dir_fd and, to follow, its end_fd. */
struct logs_args {
	bool follow, timestamps;
	struct log_reader reader;
};
#define LOGS_ARGS_INIT                                                                    \
	{                                                                                 \
		.reader = {.dir_fd = -1, .tail = UINT64_MAX, .end_fd = -1, .out_fd = -1 } \
	}

int logs_print(struct app *app, struct logs_args *a, struct err *e);
void logs_close(struct logs_args *a); /* the reader's descriptors */

#endif
