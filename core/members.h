/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * members - the processes of a running container, as the host sees them: those
 * in its pid namespace and below, whoever started them.
 */
#ifndef CT_CORE_MEMBERS_H
#define CT_CORE_MEMBERS_H

#include <stddef.h>

#include "core/procfs.h"

struct ct_info;
struct err;

struct member {
	struct procfs_stat st;
	pid_t pid; /* the caller's */
	pid_t inside; /* in the container's pid namespace; 0: it has none of its own */
	char *command; /* its arguments, NUL-terminated each, or NULL */
	size_t command_len;
};

struct members {
	struct member *v; /* ascending by pid */
	size_t n;
	struct procfs_ids uids; /* of the container's user namespace */
};

/* commands: their arguments too. -ESRCH: it does not run. */
int members_load(const struct ct_info *ct, bool commands, struct members *ret, struct err *e);
void members_free(struct members *m); /* accepts {0} */
/*
 * What it has of memory, in bytes. What its stat file says may lack 64 pages of each
 * thread (before Linux 6.2, SPLIT_RSS_COUNTING of mm/memory.c), for a small process
 * nearly all of it; smaps_rollup counts, which takes the longer the more there is.
 */
uint64_t member_memory(const struct member *m);

#endif
