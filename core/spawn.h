/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn - clone3(2): the one place where the runner makes a process.
 */
#ifndef CT_CORE_SPAWN_H
#define CT_CORE_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

struct err;

struct spawn {
	uint64_t flags; /* CLONE_NEW*; CLONE_PARENT: a child of the caller's parent */
	int cgroup_fd; /* v2 directory to be born in, -1: the caller's */
	pid_t *ret_pid; /* also here, before the child runs; NULL */
};

/*
 * As fork(2): 0 in the child, the pid in the caller with a pidfd in *ret_pidfd
 * unless that is NULL. The caller must have a single thread; the child's end is
 * reported by SIGCHLD.
 */
pid_t spawn_clone(const struct spawn *s, int *ret_pidfd, struct err *e);

/* Lets a young child run beside the caller, where there is a processor for it. */
void spawn_aside(pid_t pid);

/* The pid of a pidfd's process in the caller's namespace; 0 when it is gone. */
pid_t spawn_pid(int pidfd);
/* The same as /proc has it, which may be that of another namespace. */
pid_t spawn_proc_pid(int pidfd);

/* Waits for a child's end: 0..255, or 128 + n for signal n; -errno. */
int spawn_wait(int pidfd);

#endif
