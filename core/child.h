/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child - the container's side of a start, in two halves. What needs no cgroup
 * and no pid namespace is built by the guard, in the mount namespace that it
 * shares with the container, while the runner still writes records and makes
 * groups; pid 1 does the rest, from its birth until it is the command.
 */
#ifndef CT_CORE_CHILD_H
#define CT_CORE_CHILD_H

#include <stdbool.h>

#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/rootfs.h"

struct ct_spec;
struct err;

struct child {
	const struct ct_spec *spec;
	const int *files; /* trees of mount_files_clone() */
	int sync, other; /* its end, and the runner's, which it closes */
	int state; /* the state root */
	bool tty;
	/* the guard's, and what it hands down */
	struct cgroup cgroup;
	struct rootfs fs;
	struct strv env;
};

/* In the guard, single-threaded: the root file system and what does not wait for pid 1. */
int child_prepare(struct child *c, struct err *e);
_Noreturn void child_main(struct child *c);

#endif
