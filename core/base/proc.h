/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc - processes as state files know them: who is this, is it still there.
 *
 * A pid alone means nothing after its process died: an identity is boot id,
 * pid and start time, and a record counts only while all three match.
 */
#ifndef CT_BASE_PROC_H
#define CT_BASE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct proc_id {
	pid_t pid;
	uint64_t start; /* field 22 of /proc/PID/stat, clock ticks */
};

/* The kernel's boot id, 36 characters and a NUL; -errno. */
int boot_id(char buf[37]);

/* The identity of a living process (zombies count as dead: -ESRCH). */
int proc_identify(pid_t pid, struct proc_id *ret);
/* Of the caller. */
int proc_identify_self(struct proc_id *ret, struct err *e);
/* One of whom nothing can be told (EMFILE, ENOMEM) lives: what is dead is taken apart. */
bool proc_alive(const struct proc_id *id);
/* The pid namespace of the caller, in which its identities mean something; 0: not known. */
uint64_t proc_namespace(void);

/* pidfd of exactly that process, or -ESRCH when it is gone or the pid was reused. */
int proc_open(const struct proc_id *id);
/* Whether the process of a pidfd ends within so many milliseconds. */
bool proc_await_end(int pidfd, int ms);

/*
 * Whether a signal is in one of these sets of /proc/PID/status (proc(5): "SigBlk", "ShdPnd"),
 * which NULL ends: 1 or 0; -errno: it cannot be read, as that of one that is gone.
 */
int proc_signal_is_in(pid_t pid, int sig, const char *const sets[]);
/*
 * Whether a signal sent to a process as a whole (proc_signal_await: within so many
 * milliseconds) has come to it: its handler runs before the process does anything
 * more. Also of one that is gone.
 */
bool proc_signal_arrived(pid_t pid, int sig);
bool proc_signal_await(pid_t pid, int sig, int ms);

/* Runs a helper program, stdin from /dev/null, output discarded; returns its wait status. */
int proc_run(const char *const argv[], int *ret_status);

/*
 * A process that outlives the caller and is nobody's child: in a session of its
 * own, with the default action for every signal. born gets its identity while
 * it waits; if that fails, or the caller dies before born has returned, the
 * process ends without having done anything. Then run is called in it, which
 * execs or returns -errno. Returns when run has done either, the error of both.
 */
struct proc_detached {
	int unshare; /* CLONE_NEW*: the namespaces it has of its own */
	int (*born)(const struct proc_id *id, void *ctx); /* in the caller */
	int (*run)(void *ctx); /* in the process */
	void *ctx;
};
int proc_detach(const struct proc_detached *d);

#endif
