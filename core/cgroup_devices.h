/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_devices - which devices the processes of a container may open or make:
 * a list of the v1 controller, else a program at the v2 group. Who has no rules
 * has neither. Private to the cgroup modules.
 */
#ifndef CT_CORE_CGROUP_DEVICES_H
#define CT_CORE_CGROUP_DEVICES_H

#include <stdbool.h>

struct cg_tree;
struct cg_trees;
struct ct_limits;
struct err;

#define CG_DEVICES_OPTION "--device" /* for messages */

/* The v1 hierarchy, if it is mounted and can say what the rules do; NULL: a program. */
const struct cg_tree *cg_devices_tree(const struct cg_trees *trees, const struct ct_limits *l);
/* Writes the list of a v1 group. */
int cg_devices_list(const struct cg_tree *t, const char *path, int group_fd,
		    const struct ct_limits *l, struct err *e);
/* Attaches a program to a v2 group, which has it as long as it is there. */
int cg_devices_program(int v2_fd, const struct ct_limits *l, struct err *e);

#endif
