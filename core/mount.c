/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets in the image are resolved inside its root and held by descriptor;
 * targets in file systems that we have just made are plain names below their
 * mount, where nobody can have put anything else.
 */
#include "core/mount.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/dev.h"
#include "core/idmap.h"
#include "core/inroot.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/vfs.h"

#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV  MOUNT_ATTR_NODEV
#define NOEXEC MOUNT_ATTR_NOEXEC
#define RDONLY MOUNT_ATTR_RDONLY
#define SAFE   (NOSUID | NODEV | NOEXEC)

#define SHM_SIZE (64ULL << 20)

static const struct vfs_option dev_options[] = { { "mode", "0755" }, { "size", "64m" }, { NULL } };
static const struct vfs_option pts_options[] = {
	{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { NULL }
};

static const struct vfs_option pts_options_bare[] = { { "ptmxmode", "0666" },
						      { "mode", "0620" },
						      { NULL } };
#define TTY_GID 5

/* Directories of the image, and what goes over them. */
static const struct place {
	const char *dir, *fstype;
	const struct vfs_option *options;
	uint64_t attr;
} place_proc = { "/proc", "proc", NULL, SAFE }, place_dev = { "/dev", "tmpfs", dev_options, SAFE },
  place_sys = { "/sys", "sysfs", NULL, SAFE };

/* Below our own /dev. */
static const struct place dev_mounts[] = {
	{ "pts", "devpts", pts_options, NOSUID | NOEXEC },
	{ "mqueue", "mqueue", NULL, SAFE },
};

/*
 * A container in a user namespace of its own that has the host's pid or network
 * namespace may not mount what shows these, so it has the host's own.
 */
static int host_place(const char *dir, uint64_t attr, struct err *e)
{
	_cleanup_close_ int mnt = vfs_clone(AT_FDCWD, dir, true);
	int r = mnt < 0 ? mnt : vfs_attr(mnt, attr, true);

	if (r < 0)
		return err_sys(e, r, "bind the host's %s", dir);
	err_clear(e);
	return take_fd(&mnt);
}

/*
 * A mount over a directory of the image, which must be one: a symbolic link, even
 * one that stays inside, would let the image choose what we write to
 * (CVE-2019-16884, CVE-2023-27561, CVE-2026-41579).
 */
static int place_mount(const struct place *p, uint64_t attr, const struct rootfs *fs, struct err *e)
{
	const int root_fd = fs->root;
	_cleanup_close_ int dir = inroot_open_dir(root_fd, p->dir), mnt = -1;
	int r;

	if (dir == -ENOENT) {
		dir = inroot_make(root_fd, p->dir, true);
		if (dir == -EROFS)
			err_hint(e, "make an empty %s in the image", p->dir);
	}
	if (dir < 0)
		return err_sys(e, dir, "%s of the root file system", p->dir);
	mnt = vfs_new(p->fstype, p->options, attr, e);
	if (mnt == -EPERM && fs->trees.n)
		mnt = host_place(p->dir, attr, e);
	if (mnt < 0)
		return mnt;
	r = vfs_attach(mnt, dir, "");
	return r < 0 ? err_sys(e, r, "mount %s", p->dir) : take_fd(&mnt);
}

/* The clone of the host's has the scratch file system too (core/rootfs.c). */
static int uncover_driver(int proc_fd, struct err *e)
{
	char path[48];

	if (fd_self_path(path, sizeof(path), proc_fd, "driver") < 0)
		return err_sys(e, ENAMETOOLONG, "take the scratch file system away");
	return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL
		       ? err_sys(e, errno, "take the scratch file system away")
		       : 0;
}

int mount_proc(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int proc = place_mount(&place_proc, place_proc.attr, fs, e);
	int r = proc < 0 ? proc : 0;

	if (r >= 0 && fs->trees.n)
		r = uncover_driver(proc, e);
	return r < 0 ? r : mount_mask_below(spec, proc, "/proc/", fs, e);
}

int mount_sysfs(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	uint64_t attr = place_sys.attr | (spec->privileged ? 0 : RDONLY);
	_cleanup_close_ int sys = place_mount(&place_sys, attr, fs, e);

	return sys < 0 ? sys : mount_mask_below(spec, sys, "/sys/", fs, e);
}

/* /dev/shm is part of an IPC namespace in all but name: who has the host's has its files. */
static int shm_make(const struct ct_spec *spec, struct err *e)
{
	char size[24];
	struct vfs_option options[] = { { "mode", "1777" }, { "size", size }, { NULL } };
	int r;

	if (spec->ns[CT_NS_IPC].mode == CT_NS_HOST) {
		r = vfs_clone(AT_FDCWD, "/dev/shm", false);
		return r < 0 ? err_sys(e, r, "bind the host's /dev/shm") : r;
	}
	snprintf(size, sizeof(size), "%llu",
		 (unsigned long long)(spec->shm_size ? spec->shm_size : SHM_SIZE));
	return vfs_new("tmpfs", options, SAFE, e);
}

static int dev_attach(int dev, const char *dir, int mnt, struct err *e)
{
	int r;

	if (mnt < 0)
		return mnt;
	if (mkdirat(dev, dir, 0755) < 0)
		return err_sys(e, errno, "make /dev/%s", dir);
	r = vfs_attach(mnt, dev, dir);
	return r < 0 ? err_sys(e, r, "mount /dev/%s", dir) : 0;
}

/* Group 5, tty, may have no place in a user namespace; its root has then. */
static int dev_new(const struct ct_spec *spec, const struct place *p, struct err *e)
{
	bool no_tty = p->options == pts_options && spec->n_gid_maps &&
		      !idmap_has(spec->gid_maps, spec->n_gid_maps, TTY_GID);

	return vfs_new(p->fstype, no_tty ? pts_options_bare : p->options, p->attr, e);
}

static int mount_dev(const struct ct_spec *spec, struct rootfs *fs, int nodes_fd, struct err *e)
{
	uint64_t attr = place_dev.attr & ~(spec->privileged ? NODEV : 0);
	_cleanup_close_ int dev = place_mount(&place_dev, attr, fs, e), shm = -1;
	int r = dev < 0 ? dev : 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(dev_mounts); i++) {
		const struct place *p = &dev_mounts[i];
		_cleanup_close_ int mnt = dev_new(spec, p, e);

		/* a kernel without POSIX message queues; those of an IPC namespace of others */
		if (mnt == -ENODEV || (mnt == -EPERM && fs->trees.n)) {
			err_clear(e);
			continue;
		}
		r = dev_attach(dev, p->dir, mnt, e);
	}
	if (r < 0)
		return r;
	shm = shm_make(spec, e);
	r = dev_attach(dev, "shm", shm, e);
	if (r >= 0)
		r = dev_fill(dev, nodes_fd, &fs->null, e);
	if (r >= 0 && spec->privileged)
		r = dev_host(dev, e);
	return r < 0 ? r : dev_given(spec, fs, nodes_fd, e);
}

static bool may_mask(const struct ct_spec *spec)
{
	return spec->masks_given ? spec->masked.n > 0 : !spec->privileged;
}

/* Detached: the first place that is masked gets it (core/mount_mask.c). */
static int empty_make(struct rootfs *fs, struct err *e)
{
	int r = mkdirat(fs->scratch, "empty", 0555) < 0 ? -errno : 0;

	if (r >= 0)
		r = fs->empty = vfs_clone(fs->scratch, "empty", false);
	if (r >= 0)
		r = vfs_attr(fs->empty, RDONLY | SAFE, false);
	return r < 0 ? err_sys(e, r, "make an empty directory") : 0;
}

int mount_devices(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int nodes = rootfs_scratch_dir(fs, "nodes", 0755, e);
	int r = nodes < 0 ? nodes : dev_nodes(nodes, e);

	if (r >= 0 && may_mask(spec))
		r = empty_make(fs, e);
	return r < 0 ? r : mount_dev(spec, fs, nodes, e);
}

/* ---- our files ---- */

int mount_files_clone(const struct ct_spec *spec, int *trees, struct err *e)
{
	for (size_t i = 0; i < spec->n_files; i++) {
		int r;

		if (spec->files[i].text)
			continue;
		r = trees[i] = vfs_clone(spec->files[i].fd, "", false);
		if (r >= 0)
			r = vfs_attr(trees[i], RDONLY | SAFE, false);
		if (r < 0)
			return err_sys(e, r, "bind %s", spec->files[i].target);
	}
	return 0;
}

/* A text becomes a file of the scratch file system. */
static int text_bind(const char *text, size_t number, int to_fd, const struct rootfs *fs)
{
	_cleanup_close_ int fd = -1;
	char name[32] = "text0";
	int r;

	if (number < 10) /* and no printf: core/base/fd.h, fd_self_path() */
		name[4] = (char)('0' + number);
	else
		snprintf(name, sizeof(name), "text%zu", number);
	fd = openat(fs->scratch, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text, strlen(text));
	return r < 0 ? r : vfs_bind(fs->scratch, name, to_fd, "", RDONLY | SAFE);
}

int mount_files(const struct ct_spec *spec, const int *trees, const struct rootfs *fs,
		struct err *e)
{
	for (size_t i = 0; i < spec->n_files; i++) {
		const struct ct_file *f = &spec->files[i];
		_cleanup_close_ int to = inroot_make(fs->root, f->target, false);
		int r = to;

		if (r >= 0)
			r = f->text ? text_bind(f->text, i, to, fs) : vfs_attach(trees[i], to, "");
		if (r < 0)
			return err_sys(e, r, "put our file over %s", f->target);
	}
	return 0;
}
