/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload - the last steps of every process we start in a container, first
 * command or later one: give up descriptors, privileges and the rest of the
 * kernel's interface, then become the command.
 */
#ifndef CT_CORE_PAYLOAD_H
#define CT_CORE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account.h"

struct ct_info;
struct ct_spec;
struct err;
struct sock_filter;
struct strv;

struct payload {
	int sync; /* close-on-exec; moved to 3 */
	char *const *argv;
	const struct strv *env;
	const char *workdir; /* NULL: / */
	uint32_t umask; /* when umask_set; else 022 */
	bool umask_set;
	struct account who; /* borrowed groups */
	uint64_t caps, ambient;
	bool new_privs; /* no_new_privs is left alone */
	bool unfiltered, packet_sockets;
	const struct sock_filter *filter; /* a profile's, or NULL: the default one */
	uint16_t n_filter;
	uint32_t filter_flags;
	const char *apparmor, *selinux;
	bool init; /* the caller becomes a reaper (core/init.h), its child the command */
	bool outlives; /* the command does not die with the caller's parent */
	bool tty; /* the caller leads a session on a terminal, its descriptor 0 */
	bool notify; /* signals to pid 1 are for the runner (core/notify.h) */
	/* private */
	int listener; /* of the filter, sent with SYNC_EXEC; with init the command's pidfd */
	struct sock_filter *loaded; /* filter, when it is owned */
};

/* What a container's first command, and a later one, has of it: all but sync, argv, env, who. */
void payload_from_spec(struct payload *p, const struct ct_spec *spec);
/* Loads a profile's program from beside the record; for payload_free(). */
int payload_from_info(struct payload *p, const struct ct_info *ct, int root_fd, struct err *e);
void payload_free(struct payload *p);

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
