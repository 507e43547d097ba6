/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rootfs - the container's root file system: layers under a writable overlay,
 * one directory written through, or the host's own root behind a veil.
 *
 * Called in the child, which has its mount namespace to itself. A scratch tmpfs
 * carries what is not the image's: the upper layer, missing mount points, device
 * nodes, the empty things that masks show. It stays outside the new root.
 */
#ifndef CT_CORE_ROOTFS_H
#define CT_CORE_ROOTFS_H

#include <stdbool.h>

#include "core/trees.h"

struct ct_spec;
struct err;
struct mount_info;

struct rootfs {
	int scratch, root; /* descriptors of the two mounts */
	/* what masks show, not of scratch, which goes with the old root: detached, and in /dev */
	int empty, null;
	bool empty_shown; /* attached: from then on it can be cloned */
	int state; /* the state root, hidden from a host-root container; not owned */
	const char *cgroup; /* the container's group below each hierarchy, for who shows it */
	struct trees trees; /* those of the runner's that are to be used instead of one's own */
};

/* Builds and attaches it, over the old root. */
int rootfs_build(const struct ct_spec *spec, struct rootfs *fs, struct err *e);
/* Makes it the root of this mount namespace and lets the old one go. */
int rootfs_pivot(struct rootfs *fs, struct err *e);

/* A directory of the scratch file system, made when missing; O_PATH. */
int rootfs_scratch_dir(const struct rootfs *fs, const char *name, unsigned mode, struct err *e);

/*
 * As open(2), -1 and errno, of a directory of the host to be a layer: at path, or
 * the runner's tree of that use, which is attached in the scratch file system.
 */
int rootfs_source(const struct rootfs *fs, enum tree_use use, size_t index, const char *path);
int rootfs_place(const struct rootfs *fs, int tree_fd);

/* The two directories of the writable layer: on scratch, or those of --upper. */
int rootfs_upper(const struct ct_spec *spec, const struct rootfs *fs, int *ret_upper, int *ret_work,
		 struct err *e);
/* Fills a lowest layer with the mount points of a root that cannot be written. */
int rootfs_skeleton(const struct ct_spec *spec, int skel_fd, struct err *e);
/* rootfs_host.c: the host's root, already attached. */
int rootfs_host(const struct ct_spec *spec, struct rootfs *fs, struct err *e);
/* Whether a mount of the host is a file system that such a container has too. */
bool rootfs_host_shows(const struct mount_info *m);
/* Attaches the root mount made by either. */
int rootfs_attach(struct rootfs *fs, int mnt, struct err *e);

#endif
