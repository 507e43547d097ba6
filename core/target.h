/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target - the process that stands for a run: signals reach it, or are carried
 * out on it.
 *
 * The kernel drops a signal for pid 1 of a pid namespace when its action there
 * is the default, so a plain `sleep` would ignore Ctrl-C. What the signal would
 * have done to an ordinary process is then done by the runner.
 */
#ifndef CT_CORE_TARGET_H
#define CT_CORE_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

struct guard;

struct target {
	int pidfd;
	pid_t pid;
	struct guard *guard; /* whose child it is; NULL: the caller's own */
	bool is_init; /* pid 1 of its namespace */
	bool reaper; /* which passes signals on to the command, another process (core/init.h) */
	pid_t command; /* of a reaper, once it is about to start */
	const char *cgroup; /* frozen to suspend; NULL: only the process is stopped */
	bool frozen; /* how it was suspended */
	bool ended;
	int ended_by; /* signal carried out with SIGKILL, 0: none */
};

enum target_result {
	TARGET_SENT, /* the process deals with it */
	TARGET_ENDED, /* it was killed in the signal's place */
	TARGET_SUSPEND, /* the caller stops, between these two functions: */
};

enum target_result target_signal(struct target *t, int sig);
/* Carries out a signal that would end the process and that the kernel drops; else false. */
bool target_end(struct target *t, int sig);
void target_suspend(struct target *t);
void target_resume(struct target *t);

/* The process that is the command. */
pid_t target_command(const struct target *t);
/* Whether the kernel would drop sig, so that it is for us to carry out. */
bool target_drops(const struct target *t, int sig);
/* Readable when it has ended, and then how: 0..255, 128 + n. */
int target_end_fd(const struct target *t);
int target_wait(struct target *t);
/* Kills and waits: a start that failed half-way. Harmless without a process. */
void target_kill(struct target *t);

#endif
