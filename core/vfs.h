/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfs - mounts as descriptors: make a file system, clone a tree, change its
 * attributes, put it somewhere. A mount made here is detached until it is
 * attached, and is attached to a descriptor, so nothing is looked up twice.
 */
#ifndef CT_CORE_VFS_H
#define CT_CORE_VFS_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct mount_attr;

/* One option of a file system; value NULL for a flag. A table ends with { NULL }. */
struct vfs_option {
	const char *key, *value;
};

/* mount -t FSTYPE -o options, detached; attr: MOUNT_ATTR_*. Returns a descriptor. */
int vfs_new(const char *fstype, const struct vfs_option *options, uint64_t attr, struct err *e);

/* mount --bind / --rbind of path below dirfd ("" for dirfd itself), detached. */
int vfs_clone(int dirfd, const char *path, bool recursive);
int vfs_attr(int mnt_fd, uint64_t set, bool recursive);
/* The same for all that mount_setattr(2) can do. */
int vfs_setattr(int mnt_fd, const struct mount_attr *a, bool recursive);
/* Puts a detached mount over path below dirfd ("" for dirfd itself). */
int vfs_attach(int mnt_fd, int dirfd, const char *path);

/* A clone with attributes put over a path: the bind mounts of the tables. */
int vfs_bind(int from_fd, const char *from, int to_fd, const char *to, uint64_t attr);

#endif
