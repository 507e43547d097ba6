/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lsm - the label that a security module gives the command: an AppArmor
 * profile, an SELinux process label.
 */
#ifndef CT_CORE_LSM_H
#define CT_CORE_LSM_H

struct err;

struct lsm_labels {
	const char *apparmor, *selinux; /* NULL: none */
};

/*
 * In the runner: whether the kernel has the modules that are asked for. -ENOTSUP
 * names the one it lacks and what would provide it.
 */
int lsm_check(const struct lsm_labels *l, struct err *e);
/*
 * For the next exec of the calling thread, which needs SYS_ADMIN to have a procfs of
 * its own: what the container has at /proc is never written to (CVE-2019-16884).
 */
int lsm_apply(const struct lsm_labels *l, struct err *e);

#endif
