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

#include "core/account.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/order.h"
#include "core/rootfs.h"

struct ct_spec;
struct err;

struct child {
	struct ct_spec *spec; /* the guard's own, with what the runner knew at its birth */
	int sync, other; /* its end, and the runner's, which it closes */
	int state; /* the state root */
	bool tty;
	int io[3]; /* the command's standard descriptors without a tty; -1: as they are */
	bool in_netns; /* born in its network namespace, which the guard makes */
	/* the guard's, and what it hands down */
	int trees[ORDER_FILES];
	int *volumes; /* of mount_volumes_open() */
	struct cgroup cgroup;
	struct rootfs fs;
	struct strv env;
	struct account who;
	int sysctls; /* of sysctls_open() */
	int left; /* a byte: the guard has let the old root go; -1: that is for pid 1 to do */
};

/* In the guard, single-threaded: the root file system and its devices. */
int child_prepare(struct child *c, struct err *e);
/* There, with what the order told: our files, host name, environment. */
int child_settle(struct child *c, struct err *e);
/*
 * Whether pid 1 has no more need of the old root. Then the guard lets it go, beside
 * it: a third of a millisecond, most of it spent waiting for RCU.
 */
bool child_leaves_early(const struct child *c);
/* There, once pid 1 is born. */
int child_leave(struct child *c, struct err *e);
_Noreturn void child_main(struct child *c);

#endif
