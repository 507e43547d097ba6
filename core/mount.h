/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount - everything that is mounted into a container's root, as tables: the
 * kernel's file systems, masked and read-only paths, our own files, volumes.
 */
#ifndef CT_CORE_MOUNT_H
#define CT_CORE_MOUNT_H

struct ct_spec;
struct err;
struct rootfs;
struct strv;

/* /dev with what belongs in it; and what masks show: fs->null, fs->empty. */
int mount_devices(const struct ct_spec *spec, struct rootfs *fs, struct err *e);
/* /proc: of the pid namespace the caller is in. */
int mount_proc(const struct ct_spec *spec, struct rootfs *fs, struct err *e);
/* /sys: of the network namespace the caller is in. */
int mount_sysfs(const struct ct_spec *spec, struct rootfs *fs, struct err *e);

/* A detached read-only clone of every spec->files[i].fd; made by the runner, whose
 * mount namespace the files belong to. */
int mount_files_clone(const struct ct_spec *spec, int *trees, struct err *e);
int mount_files(const struct ct_spec *spec, const int *trees, const struct rootfs *fs,
		struct err *e);

/*
 * mount_volume.c. First, while the mounts of the caller's namespace are still
 * peers of the host's: clones of those sources whose mounts are to come and go
 * on both sides, -1 for the others. *ret, for the caller to free, stays NULL
 * when there are none.
 */
int mount_volumes_open(const struct ct_spec *spec, int **ret, struct err *e);
/* Then all of them, in the order of the spec, over what is mounted already. */
int mount_volumes(const struct ct_spec *spec, const int *opened, struct rootfs *fs, struct err *e);

/*
 * mount_mask.c: what nobody is to read or write. Ours, below a file system that
 * dir_fd holds and that is mounted at where ("/proc/"), unless spec has lists of its own.
 */
int mount_mask_below(const struct ct_spec *spec, int dir_fd, const char *where, struct rootfs *fs,
		     struct err *e);
/* spec's own lists, over all that is mounted; a path that does not exist needs nothing. */
int mount_mask_given(const struct ct_spec *spec, struct rootfs *fs, struct err *e);
/* Adds the paths of ours to lists that are to be changed and given. */
int mount_mask_ours(struct strv *masked, struct strv *ro_paths);

/* The control groups below group ("": none) over the directory to_fd; see mount_cgroup.c. */
int mount_cgroups(const char *group, int to_fd, struct err *e);

#endif
