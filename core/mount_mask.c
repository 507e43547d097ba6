/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Masked: an empty directory of ours, or /dev/null, is bound over it. Read-only: it
 * is bound over itself.
 *
 * Ours are names below file systems that we have just mounted, so they are looked
 * up as plain names. Lists that are given may name any path: those are resolved
 * inside the root, once everything is mounted, and held by descriptor.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/inroot.h"
#include "core/mount.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/vfs.h"

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* What tells of, or changes, the host: as docker has them. A kernel lacks some. */
static const char *const masked[] = {
	"/proc/acpi",	     "/proc/asound",	 "/proc/interrupts",
	"/proc/kcore",	     "/proc/keys",	 "/proc/latency_stats",
	"/proc/scsi",	     "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug", "/sys/firmware",	 "/sys/devices/virtual/powercap",
};
static const char *const ro_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/*
 * The first place gets the directory itself and the others clones of it: before Linux
 * 6.15 only what is attached can be cloned, and attached elsewhere it would be seen.
 */
static int show_empty(struct rootfs *fs, int at_fd, const char *name)
{
	int r;

	if (fs->empty_shown)
		return vfs_bind(fs->empty, "", at_fd, name, 0);
	r = vfs_attach(fs->empty, at_fd, name);
	fs->empty_shown = r >= 0;
	return r;
}

static int mask_with(struct rootfs *fs, bool dir, int at_fd, const char *name)
{
	return dir ? show_empty(fs, at_fd, name) : vfs_bind(fs->null, "", at_fd, name, 0);
}

/*
 * Looked at first: a clone that finds no place is unmounted again, and that
 * waits for RCU.
 */
static int mask(int at_fd, const char *name, struct rootfs *fs)
{
	struct stat st;

	if (fstatat(at_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return mask_with(fs, S_ISDIR(st.st_mode), at_fd, name);
}

int mount_mask_below(const struct ct_spec *spec, int dir_fd, const char *where, struct rootfs *fs,
		     struct err *e)
{
	size_t len = strlen(where);
	int r = 0;

	if (spec->privileged || spec->masks_given)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(ro_paths); i++) {
		const char *name = ro_paths[i] + len;

		if (!str_starts(ro_paths[i], where))
			continue;
		r = vfs_bind(dir_fd, name, dir_fd, name, MOUNT_ATTR_RDONLY | SAFE);
		if (r < 0 && r != -ENOENT)
			return err_sys(e, r, "make %s read-only", ro_paths[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++) {
		if (str_starts(masked[i], where))
			r = mask(dir_fd, masked[i] + len, fs);
		if (r < 0 && r != -ENOENT)
			return err_sys(e, r, "mask %s", masked[i]);
	}
	return 0;
}

/* O_PATH of a path that is in a list; -ENOENT: it is not there, so nothing is to be done. */
static int open_given(const char *path, const struct rootfs *fs)
{
	int fd = inroot_open(fs->root, path, O_PATH);

	return fd == -ENOTDIR ? -ENOENT : fd;
}

static int mask_given(const char *path, struct rootfs *fs)
{
	_cleanup_close_ int fd = open_given(path, fs);
	struct stat st;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return mask_with(fs, S_ISDIR(st.st_mode), fd, "");
}

static int readonly_given(const char *path, const struct rootfs *fs)
{
	_cleanup_close_ int fd = open_given(path, fs);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return vfs_bind(fd, "", fd, "", MOUNT_ATTR_RDONLY);
}

int mount_mask_given(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	if (!spec->masks_given)
		return 0;
	for (size_t i = 0; i < spec->ro_paths.n; i++) {
		int r = readonly_given(spec->ro_paths.v[i], fs);

		if (r < 0)
			return err_sys(e, r, "make %s read-only", spec->ro_paths.v[i]);
	}
	for (size_t i = 0; i < spec->masked.n; i++) {
		int r = mask_given(spec->masked.v[i], fs);

		if (r < 0)
			return err_sys(e, r, "mask %s", spec->masked.v[i]);
	}
	return 0;
}

int mount_mask_ours(struct strv *ret_masked, struct strv *ret_ro)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(masked); i++)
		r = strv_add(ret_masked, masked[i]);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(ro_paths); i++)
		r = strv_add(ret_ro, ro_paths[i]);
	return r;
}
