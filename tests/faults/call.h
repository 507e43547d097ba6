/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call - the system calls: what one is called, how it may plausibly fail, and
 * which of its arguments says what it was about.
 */
#ifndef CT_FAULTS_CALL_H
#define CT_FAULTS_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct call {
	const char *name;
	int num; /* errno; 0: it cannot fail, or nobody could do anything about it */
	char about; /* '0'..'5': that argument is a string; 'f': the first is a descriptor; 0 */
	bool done; /* it is made, and only its result is taken for a failure */
};

/* Of this machine; one that is not in the table fails with EIO. */
const struct call *call_of(int nr);

/* -1: no such name */
int call_number(const char *name);

/* EMFILE and the like, or a number; 0: neither */
int call_errno(const char *word);

/* The errno for this very call, where it depends on what is asked for. */
int call_plausible(const struct call *c, const uint64_t args[6]);

#endif
