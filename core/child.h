/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child - the container's side of a start: pid 1, from its birth in new
 * namespaces until it is the command.
 */
#ifndef CT_CORE_CHILD_H
#define CT_CORE_CHILD_H

#include <stdbool.h>

struct cgroup;
struct ct_spec;

struct child {
	const struct ct_spec *spec;
	const struct cgroup *cgroup;
	const int *files; /* trees of mount_files_clone() */
	int sync, other; /* its end, and the runner's, which it closes */
	int state; /* the state root */
	bool tty;
};

_Noreturn void child_main(const struct child *in);

#endif
