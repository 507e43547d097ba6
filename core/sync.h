/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync - the conversation of runner and child over one SEQPACKET pair, in
 * records of one fixed size; whatever else arrives is an error of the child's.
 *
 *	runner				child
 *	NET (fd, when it joins one)
 *					MADE (its namespaces; when one is kept)
 *					TTY (fd of the pty's master, with a tty)
 *	GO (limits, network, record are there)
 *					EXEC ("about to"; fd of the filter's
 *					listener, or with a reaper of the
 *					command's pidfd), then end of file; or
 *					FAILED, at any time, with the error
 */
#ifndef CT_CORE_SYNC_H
#define CT_CORE_SYNC_H

#include <stdint.h>

#include "core/base/err.h"

enum sync_type { SYNC_NET = 1, SYNC_MADE, SYNC_TTY, SYNC_GO, SYNC_EXEC, SYNC_FAILED };

struct sync_msg {
	uint32_t type;
	int32_t status; /* of FAILED: 126, 127, or 0 for a failure of ours */
	struct err err;
};

/* Both ends close-on-exec. */
int sync_pair(int ret[2], struct err *e);
/* fd -1: none. -EPIPE when the other side is gone. */
int sync_send(int sock, enum sync_type type, int fd);
int sync_send_failed(int sock, int status, const struct err *e);
/* 1: a record (with *ret_fd, else -1), 0: end of file, -errno. */
int sync_recv(int sock, struct sync_msg *ret, int *ret_fd);

#endif
