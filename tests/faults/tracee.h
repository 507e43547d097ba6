/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracee - the processes that are followed, each with a name that is the same in
 * each run, whatever the pids and whoever was faster: 0 is the program, 0.1 the
 * first process that it makes, 0.1.2 the second of that one's.
 */
#ifndef CT_FAULTS_TRACEE_H
#define CT_FAULTS_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tracee_range {
	uint64_t from, to;
	bool counted;
};

struct tracee {
	struct tracee *next;
	pid_t pid;
	char path[64];
	unsigned children;
	unsigned points; /* of it, so far */
	bool stopped; /* it came before its maker's word of it, */
	bool gone; /* or came and went */
	bool counted; /* it is the program, and not yet, or no longer, another's */
	bool loading; /* the C library's start of a static program, up to its last call */
	int result; /* what the call that it is in will seem to give, unless 0 */
	bool again; /* its last call is to be made again (ERESTARTNOINTR), */
	uint64_t call; /* which was this one */
	uint64_t argument; /* to be given back at its end, unless 0 */
	struct tracee_range ranges[16]; /* of its memory, as far as asked for */
	size_t n_ranges;
};

struct tracees {
	struct tracee *first;
	uint64_t dev, ino; /* the program's file */
};

/* NULL: nobody of ours, or not yet */
struct tracee *tracee_find(const struct tracees *all, pid_t pid);

/* maker NULL: of one that is not known yet, or of the program itself */
struct tracee *tracee_add(struct tracees *all, struct tracee *maker, pid_t pid);
void tracee_remove(struct tracees *all, pid_t pid);

/* That file is the program; false: it is not there. */
bool tracee_program(struct tracees *all, const char *file);

/* It runs another file now; the first one's is the program, unless that is said. False: not it. */
bool tracee_exec(struct tracees *all, struct tracee *t);

/*
 * Whether what is at this address counts: neither the dynamic loader, which ends the
 * program in its own way, nor its like in a static program, nor a sanitizer.
 */
bool tracee_counts(struct tracee *t, uint64_t ip);

/* It comes back from the call t->call. */
void tracee_returns(struct tracee *t);

/* "?" when it is gone */
void tracee_comm(const struct tracee *t, char buf[32]);

#endif
