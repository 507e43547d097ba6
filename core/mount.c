/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets in the image are resolved inside its root and held by descriptor;
 * targets in file systems that we have just made are plain names below their
 * mount, where nobody can have put anything else.
 */
#include "core/mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/dev.h"
#include "core/inroot.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/vfs.h"

#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV  MOUNT_ATTR_NODEV
#define NOEXEC MOUNT_ATTR_NOEXEC
#define RDONLY MOUNT_ATTR_RDONLY
#define SAFE   (NOSUID | NODEV | NOEXEC)

static const struct vfs_option dev_options[] = { { "mode", "0755" }, { "size", "64m" }, { NULL } };
static const struct vfs_option shm_options[] = { { "mode", "1777" }, { "size", "64m" }, { NULL } };
static const struct vfs_option pts_options[] = {
	{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { NULL }
};

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
	{ "shm", "tmpfs", shm_options, SAFE },
	{ "mqueue", "mqueue", NULL, SAFE },
};

/* What tells of, or changes, the host: as docker has them. A kernel lacks some. */
static const char *const proc_masked[] = {
	"acpi", "asound",	 "interrupts", "kcore",	      "keys",
	"scsi", "latency_stats", "timer_list", "timer_stats", "sched_debug",
};
static const char *const proc_readonly[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };
static const char *const sys_masked[] = { "firmware", "devices/virtual/powercap" };

/*
 * A mount over a directory of the image, which must be one: a symbolic link, even
 * one that stays inside, would let the image choose what we write to
 * (CVE-2019-16884, CVE-2023-27561, CVE-2026-41579).
 */
static int place_mount(const struct place *p, uint64_t attr, int root_fd, struct err *e)
{
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
	if (mnt < 0)
		return err_wrap(e, mnt, "%s", p->dir);
	r = vfs_attach(mnt, dir, "");
	return r < 0 ? err_sys(e, r, "mount %s", p->dir) : take_fd(&mnt);
}

/*
 * Binds an empty file or directory over what is to be hidden. Looked at first:
 * a clone that finds no place is unmounted again, and that waits for RCU.
 */
static int mask(int at_fd, const char *name, const struct rootfs *fs)
{
	struct stat st;

	if (fstatat(at_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return vfs_bind(fs->scratch, "empty", at_fd, name, RDONLY | SAFE);
	return vfs_bind_plain(fs->scratch, "nodes/null", at_fd, name);
}

static int mask_all(int at_fd, const char *const *names, size_t n, const struct rootfs *fs,
		    struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		int r = mask(at_fd, names[i], fs);

		if (r < 0)
			return err_sys(e, r, "mask %s", names[i]);
	}
	return 0;
}

int mount_proc(const struct ct_spec *spec, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int proc = place_mount(&place_proc, place_proc.attr, fs->root, e);
	int r = proc < 0 ? proc : 0;

	if (r < 0 || spec->privileged)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(proc_readonly); i++) {
		r = vfs_bind(proc, proc_readonly[i], proc, proc_readonly[i], RDONLY | SAFE);
		if (r < 0 && r != -ENOENT)
			return err_sys(e, r, "make /proc/%s read-only", proc_readonly[i]);
	}
	return mask_all(proc, proc_masked, ARRAY_SIZE(proc_masked), fs, e);
}

int mount_sysfs(const struct ct_spec *spec, const struct rootfs *fs, struct err *e)
{
	uint64_t attr = place_sys.attr | (spec->privileged ? 0 : RDONLY);
	_cleanup_close_ int sys = place_mount(&place_sys, attr, fs->root, e);

	if (sys < 0 || spec->privileged)
		return sys < 0 ? sys : 0;
	return mask_all(sys, sys_masked, ARRAY_SIZE(sys_masked), fs, e);
}

static int mount_dev(const struct rootfs *fs, int nodes_fd, struct err *e)
{
	_cleanup_close_ int dev = place_mount(&place_dev, place_dev.attr, fs->root, e);
	int r = dev;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(dev_mounts); i++) {
		const struct place *p = &dev_mounts[i];
		_cleanup_close_ int mnt = vfs_new(p->fstype, p->options, p->attr, e);

		if (mnt == -ENODEV)
			continue; /* a kernel without POSIX message queues */
		if (mnt < 0)
			return mnt;
		if (mkdirat(dev, p->dir, 0755) < 0)
			return err_sys(e, errno, "make /dev/%s", p->dir);
		r = vfs_attach(mnt, dev, p->dir);
		if (r < 0)
			return err_sys(e, r, "mount /dev/%s", p->dir);
	}
	return r < 0 ? r : dev_fill(dev, nodes_fd, e);
}

int mount_devices(const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int nodes = rootfs_scratch_dir(fs, "nodes", 0755, e);
	int r = nodes < 0 ? nodes : dev_nodes(nodes, e);

	if (r >= 0 && mkdirat(fs->scratch, "empty", 0555) < 0)
		r = err_sys(e, errno, "make an empty directory");
	return r < 0 ? r : mount_dev(fs, nodes, e);
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
	char name[32];
	int r;

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

/* ---- volumes ---- */

static int volume_tmpfs(const struct ct_mount *m, struct err *e)
{
	char size[24], mode[12];
	struct vfs_option options[3] = { { "mode", mode } };

	snprintf(mode, sizeof(mode), "%o", m->mode ? m->mode : 01777U);
	snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
	if (m->size)
		options[1] = (struct vfs_option){ "size", size };
	return vfs_new("tmpfs", options,
		       NOSUID | NODEV | (m->exec ? 0 : NOEXEC) | (m->read_only ? RDONLY : 0), e);
}

static int volume_bind(const struct ct_mount *m, uint64_t attr, bool *ret_dir, struct err *e)
{
	_cleanup_close_ int from = open(m->source, O_PATH | O_CLOEXEC), mnt = -1;
	struct stat st;
	int r = 0;

	if (from < 0 || fstat(from, &st) < 0) {
		r = err_sys(e, errno, "open %s", m->source);
		if (r == -ENOENT)
			err_hint(e, "a volume's source must exist");
		return r;
	}
	*ret_dir = S_ISDIR(st.st_mode);
	mnt = vfs_clone(from, "", true);
	if (mnt < 0)
		return err_sys(e, mnt, "bind %s", m->source);
	if (attr || m->recursive_ro)
		r = vfs_attr(mnt, attr | (m->recursive_ro ? RDONLY : 0), true);
	if (r >= 0 && m->read_only && !m->recursive_ro)
		r = vfs_attr(mnt, RDONLY, false);
	return r < 0 ? err_sys(e, r, "set the options of %s", m->source) : take_fd(&mnt);
}

/* Opens a volume's target; /proc is no place for one (CVE-2019-19921). */
static int target_open(const char *target, bool dir, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int fd = inroot_make(fs->root, target, dir);
	struct statfs st;
	struct stat in, root;

	if (fd == -EROFS)
		err_hint(e, "the mount point does not exist in a read-only root");
	else if (fd == -EINVAL)
		err_hint(e, "a target is an absolute path without \"..\"");
	if (fd < 0)
		return err_sys(e, fd, "mount point %s", target);
	if (fstatfs(fd, &st) < 0 || fstat(fd, &in) < 0 || fstat(fs->root, &root) < 0)
		return err_sys(e, errno, "look at %s", target);
	if (st.f_type == PROC_SUPER_MAGIC)
		return err_set(e, -EINVAL, "%s: nothing can be mounted over /proc", target);
	if (in.st_ino == root.st_ino && in.st_dev == root.st_dev)
		return err_set(e, -EINVAL, "%s: nothing can be mounted over the root", target);
	return take_fd(&fd);
}

static int volume(const struct ct_spec *spec, const struct ct_mount *m, const struct rootfs *fs,
		  struct err *e)
{
	bool dir = true;
	_cleanup_close_ int mnt =
		m->fstype ? volume_tmpfs(m, e)
			  : volume_bind(m, spec->privileged ? 0 : NOSUID | NODEV, &dir, e);
	_cleanup_close_ int to = mnt < 0 ? mnt : target_open(m->target, dir, fs, e);
	int r = to < 0 ? to : vfs_attach(mnt, to, "");

	if (mnt < 0 || to < 0)
		return r;
	if (r == -ENOTDIR)
		return err_set(e, r, "%s is a %s, its mount point %s is not", m->source,
			       dir ? "directory" : "file", m->target);
	return r < 0 ? err_sys(e, r, "mount %s", m->target) : 0;
}

int mount_volumes(const struct ct_spec *spec, const struct rootfs *fs, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->n_mounts; i++)
		r = volume(spec, &spec->mounts[i], fs, e);
	return r;
}
