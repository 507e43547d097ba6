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

/* /dev with what belongs in it; and what masks show, which the two below need. */
int mount_devices(const struct rootfs *fs, struct err *e);
/* /proc: of the pid namespace the caller is in. */
int mount_proc(const struct ct_spec *spec, const struct rootfs *fs, struct err *e);
/* /sys: of the network namespace the caller is in. */
int mount_sysfs(const struct ct_spec *spec, const struct rootfs *fs, struct err *e);

/* A detached read-only clone of every spec->files[i].fd; made by the runner, whose
 * mount namespace the files belong to. */
int mount_files_clone(const struct ct_spec *spec, int *trees, struct err *e);
int mount_files(const struct ct_spec *spec, const int *trees, const struct rootfs *fs,
		struct err *e);
int mount_volumes(const struct ct_spec *spec, const struct rootfs *fs, struct err *e);

#endif
