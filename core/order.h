/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order - what the runner learns while the guard already builds, handed over as soon
 * as it is known: who the container is and the contents of the files we provide, then
 * the groups its first process is to be born in.
 */
#ifndef CT_CORE_ORDER_H
#define CT_CORE_ORDER_H

struct cgroup;
struct ct_spec;
struct err;

/* How many files of ours a container may have. */
#define ORDER_FILES 4

/*
 * trees: those of mount_files_clone(). -EPIPE when the guard is gone, which has
 * said why elsewhere.
 */
int order_send(int line, const struct ct_spec *spec, const int *trees, struct err *e);
/*
 * Waits for it; fills in what of spec was not known, which lives until the
 * process ends, and the caller's trees. -EPIPE when the runner is gone.
 */
int order_take(int line, struct ct_spec *spec, int trees[ORDER_FILES]);

/* Behind it, the same of groups. What comes out belongs to the caller (cgroup_close()). */
int order_send_groups(int line, const struct cgroup *cg, struct err *e);
int order_take_groups(int line, struct cgroup *ret);

#endif
