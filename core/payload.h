/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload - the last steps of every process we start in a container, first
 * command or later one: give up descriptors, privileges and the rest of the
 * kernel's interface, then become the command.
 */
#ifndef CT_CORE_PAYLOAD_H
#define CT_CORE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct strv;

struct payload {
	int sync; /* close-on-exec; moved to 3 */
	char *const *argv;
	const struct strv *env;
	const char *workdir; /* NULL: / */
	uint32_t uid, gid;
	uint64_t caps;
	bool privileged, seccomp_unconfined, packet_sockets;
	bool notify; /* signals to pid 1 are for the runner (core/notify.h) */
	int listener; /* private: of the filter, sent with SYNC_EXEC */
};

/*
 * Does not return when the command started. Else 126 or 127 (the command), or a
 * negative errno (a failure of ours), with e set; the process must then end.
 */
int payload_start(struct payload *p, struct err *e);

/* At birth, in a child: own session, and it dies with its parent. */
void payload_detach(void);
/* There, or in its parent: nothing of the runner's signal handling. */
void payload_reset_signals(void);

#endif
