/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts used as overlay layers must be attached in the caller's own mount
 * namespace (clone_private_mount, until Linux 6.15), so the scratch file system
 * is, in a corner below the old root, with which it goes: every umount waits for
 * RCU, so there is one. Layers are opened here, in the child, for the same reason.
 */
#include "core/rootfs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/inroot.h"
#include "core/overlay.h"
#include "core/spec.h"
#include "core/vfs.h"

#define UPPER_SIZE (512ULL << 20)
/* a directory that every procfs has, and that nobody misses meanwhile */
#define SCRATCH_PLACE "/proc/driver"
#define SCRATCH_SIZE  (1ULL << 20) /* without an upper layer */

static int scratch_make(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	bool upper = !spec->read_only && !spec->rootfs_rw && !spec->upper;
	uint64_t bytes = !upper ? SCRATCH_SIZE : spec->upper_size ? spec->upper_size : UPPER_SIZE;
	char size[24];
	struct vfs_option options[] = { { "size", size }, { "mode", "0755" }, { NULL } };
	int r;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)bytes);
	fs->scratch = vfs_new("tmpfs", options, MOUNT_ATTR_NOSUID, e);
	if (fs->scratch < 0)
		return fs->scratch;
	r = vfs_attach(fs->scratch, AT_FDCWD, SCRATCH_PLACE);
	return r < 0 ? err_sys(e, r, "attach the scratch file system") : 0;
}

int rootfs_scratch_dir(const struct rootfs *fs, const char *name, unsigned mode, struct err *e)
{
	int fd;

	if (mkdirat(fs->scratch, name, mode) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make %s in the scratch file system", name);
	fd = openat(fs->scratch, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "open %s in the scratch file system", name) : fd;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int rootfs_skeleton(const struct ct_spec *spec, int skel_fd, struct err *e)
{
	static const char *const dirs[] = { "proc", "sys", "dev", "tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdirat(skel_fd, dirs[i], 0755) < 0)
			return err_sys(e, errno, "make the mount point /%s", dirs[i]);
	for (size_t i = 0; i < spec->n_files + spec->n_mounts; i++) {
		bool file = i < spec->n_files;
		const struct ct_mount *m = file ? NULL : &spec->mounts[i - spec->n_files];
		const char *target = file ? spec->files[i].target : m->target;
		int fd = inroot_make(skel_fd, target, m && (m->fstype || is_dir(m->source)));

		if (fd < 0)
			return err_sys(e, fd, "make the mount point %s", target);
		close(fd);
	}
	return 0;
}

/* A layer must be attached where the overlay is made: so are the runner's, out of sight. */
int rootfs_place(const struct rootfs *fs, int tree_fd)
{
	_cleanup_close_ int at = -1;
	char name[24];
	int r;

	snprintf(name, sizeof(name), "tree%d", tree_fd);
	at = mkdirat(fs->scratch, name, 0700) < 0 && errno != EEXIST
		     ? -1
		     : openat(fs->scratch, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = at < 0 ? -errno : vfs_attach(tree_fd, at, "");
	if (r < 0) {
		errno = -r;
		return -1;
	}
	return fcntl(tree_fd, F_DUPFD_CLOEXEC, 0);
}

int rootfs_source(const struct rootfs *fs, enum tree_use use, size_t index, const char *path)
{
	int tree = trees_find(&fs->trees, use, index);

	return tree < 0 ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : rootfs_place(fs, tree);
}

static int layers_open(const struct ct_spec *spec, const struct rootfs *fs, struct overlay *o,
		       struct err *e)
{
	for (size_t i = 0; i < spec->rootfs.n; i++) {
		int fd = rootfs_source(fs, TREE_LAYER, i, spec->rootfs.v[i]);

		if (fd < 0)
			return err_sys(e, errno, "open %s", spec->rootfs.v[i]);
		o->lower[o->n_lower++] = fd;
	}
	return 0;
}

int rootfs_upper(const struct ct_spec *spec, const struct rootfs *fs, int *ret_upper, int *ret_work,
		 struct err *e)
{
	_cleanup_close_ int keep = -1;
	struct rootfs at = *fs;

	if (spec->upper) {
		keep = rootfs_source(fs, TREE_UPPER, 0, spec->upper);
		if (keep < 0) {
			int r = err_sys(e, errno, "open --upper %s", spec->upper);

			if (r == -ENOENT)
				err_hint(e, "make it first: mkdir -p %s", spec->upper);
			return r;
		}
		at.scratch = keep;
	}
	*ret_upper = rootfs_scratch_dir(&at, "upper", 0755, e);
	if (*ret_upper < 0)
		return *ret_upper;
	*ret_work = rootfs_scratch_dir(&at, "work", 0700, e);
	return *ret_work < 0 ? *ret_work : 0;
}

static int layered(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	_cleanup_(overlay_close) struct overlay o = { .upper = -1, .work = -1 };
	int r;

	if (spec->rootfs.n > OVERLAY_LAYERS - 1)
		return err_set(e, -E2BIG, "more than %d layers", OVERLAY_LAYERS - 1);
	r = layers_open(spec, fs, &o, e);
	if (r >= 0 && !spec->read_only)
		r = rootfs_upper(spec, fs, &o.upper, &o.work, e);
	if (r >= 0 && spec->read_only) {
		r = rootfs_scratch_dir(fs, "skeleton", 0755, e);
		if (r >= 0) {
			o.lower[o.n_lower++] = r;
			r = rootfs_skeleton(spec, r, e);
		}
	}
	o.userxattr = fs->trees.n;
	return r < 0 ? r : overlay_mount(&o, spec->privileged, e);
}

static int written_through(const struct ct_spec *spec, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int dir = -1, mnt = -1;
	uint64_t attr = spec->privileged ? 0 : MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	int r = 0;

	if (spec->rootfs.n != 1)
		return err_set(e, -EINVAL, "only a single directory can be written through");
	mnt = trees_find(&fs->trees, TREE_LAYER, 0);
	if (mnt < 0) {
		dir = open(spec->rootfs.v[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			return err_sys(e, errno, "open %s", spec->rootfs.v[0]);
		mnt = vfs_clone(dir, "", true);
	}
	if (mnt < 0)
		return err_sys(e, mnt, "bind %s", spec->rootfs.v[0]);
	if (spec->read_only)
		attr |= MOUNT_ATTR_RDONLY;
	if (attr)
		r = vfs_attr(mnt, attr, true);
	return r < 0 ? err_sys(e, r, "bind %s", spec->rootfs.v[0]) : take_fd(&mnt);
}

int rootfs_attach(struct rootfs *fs, int mnt, struct err *e)
{
	int r;

	if (mnt < 0)
		return mnt;
	fs->root = mnt;
	r = vfs_attach(mnt, AT_FDCWD, "/");
	return r < 0 ? err_sys(e, r, "attach the root file system") : 0;
}

int rootfs_build(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	int r = scratch_make(spec, fs, e);

	if (r < 0)
		return r;
	if (!spec->rootfs.n)
		return rootfs_host(spec, fs, e);
	return rootfs_attach(
		fs, spec->rootfs_rw ? written_through(spec, fs, e) : layered(spec, fs, e), e);
}

/*
 * pivot_root(".", ".") puts the old root over the new one, without a directory
 * for it; "." is then the old root, and scratch goes with it. Were anything
 * stacked on the old root's own "/", that alone would go, and "/.." lead to the host.
 */
int rootfs_pivot(struct rootfs *fs, struct err *e)
{
	if (fchdir(fs->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) {
		int r = err_sys(e, errno, "pivot_root");

		if (r == -EINVAL)
			err_hint(e, "the runner's own root must be a mount (no chroot, no "
				    "initramfs)");
		return r;
	}
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_sys(e, errno, "let the old root go");
	return 0;
}
