/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parent - one start of a container with all that it takes, from the guard to the
 * end of its first process: what the runner in the foreground (core/run.h) does
 * once, and the monitor each time. Private to the two.
 */
#ifndef CT_CORE_PARENT_H
#define CT_CORE_PARENT_H

#include <stdbool.h>

#include "core/base/proc.h"
#include "core/cgroup.h"
#include "core/child.h"
#include "core/guard.h"
#include "core/relay.h"
#include "core/run.h"
#include "core/state.h"
#include "core/userns.h"

struct run {
	int root_fd;
	struct ct_spec *spec;
	struct ct_info *info;
	const struct ct_hooks *hooks;
	bool tty;
	int io[3]; /* the child's, closed once the guard has them; -1: as they are */
	int caller; /* readable when who asked for a detached container is gone; -1: none */
	bool again; /* the record is there */
	int (*on_plan)(struct run *r, struct err *e); /* behind the hook; may be NULL */
	void *owner; /* of on_plan */
	struct relay relay;
	/* private */
	struct guard guard;
	struct proc_id holder; /* the guard */
	struct child child;
	struct cgroup cgroup;
	struct userns ids; /* of a new user namespace */
	bool planned, recorded, cgroup_made, attached, pidfile_made;
	int *files; /* clones of spec->files */
	struct ct_device_rule *rules; /* of the devices controller */
};

/* clang-format off */
#define RUN_INIT                                                    \
	{                                                           \
		.io = { -1, -1, -1 }, .caller = -1,                 \
		.relay = RELAY_INIT, .guard = GUARD_INIT,           \
		.cgroup = CGROUP_INIT, .ids = USERNS_INIT           \
	}
/* clang-format on */

/* Starts it and waits for its end; as ct_run(). */
int run_once(struct run *r, struct err *e);
/*
 * Gives up what it had, whatever became of the start: processes, network, groups,
 * plan, but not the record. info has what the kernel counted.
 */
void run_release(struct run *r);
/* The rest; signals are as before. */
void run_close(struct run *r);

#endif
