/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy - files and trees from one root to another, one of them a container's,
 * whose processes may exchange anything at any moment.
 *
 * What a path names is looked up once, inside the root (core/inroot.h), and held;
 * below it everything goes by one name in a directory that is held, never
 * through a link. A file is copied into a new one without a name, which then
 * takes the place of the old: nothing that exists is opened for writing, so that
 * no device, no pipe and no file of /proc is written to. A source is opened only
 * when it is a regular file or a directory.
 */
#ifndef CT_CORE_COPY_H
#define CT_CORE_COPY_H

#include <stdbool.h>

#include "core/procfs.h"

struct err;

struct copy_end {
	int root_fd; /* of a container; -1: the caller's files */
	const char *path; /* of a container: from its root, with or without a slash */
	struct procfs_ids uids, gids; /* owners are those of this user namespace */
};

struct copy_spec {
	struct copy_end from, to;
	bool archive; /* owners, set-id bits and extended attributes too */
	bool follow; /* a source that is a symbolic link: what it points to */
};

/*
 * As docker cp has it: into `to` where that is a directory; what `from` holds
 * when it ends in "/."; a missing `to` is made, but not one that ends in "/".
 * Modes and times are kept. Sockets and devices below are left out, with a note;
 * file systems of the kernel's (proc, sysfs, ...) below are empty. -ENOENT,
 * -ENOTDIR, -EISDIR; when a copy fails what was copied before stays.
 */
int copy_run(const struct copy_spec *s, struct err *e);

#endif
