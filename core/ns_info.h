/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ns_info - the namespaces of a process, told apart as the kernel does: by inode and
 * device (namespaces(7), ioctl_ns(2)).
 */
#ifndef CT_CORE_NS_INFO_H
#define CT_CORE_NS_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ns_id {
	dev_t dev;
	ino_t ino; /* 0: not known */
};

struct ns_info {
	const char *type; /* "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" */
	struct ns_id id;
	struct ns_id owner; /* user namespace it belongs to; unknown: one above the caller's */
	struct ns_id parent; /* of pid and user; likewise */
	uid_t owner_uid; /* of user: who made it; else (uid_t)-1 */
	bool is_own; /* the caller is in it too */
};

#define NS_INFO_TYPES 8

/* In that order; proc_fd: of procfs_open(). A kernel without a type: id.ino 0. -errno. */
int ns_info_read(int proc_fd, struct ns_info ret[NS_INFO_TYPES]);
/* The same of the ids alone: a stat(2) each. */
int ns_info_ids(int proc_fd, struct ns_id ret[NS_INFO_TYPES]);
/* As in ns_info.type. */
const char *ns_info_type(unsigned i);
bool ns_id_eq(const struct ns_id *a, const struct ns_id *b); /* unknown ones are not equal */

#endif
