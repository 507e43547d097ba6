/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vfs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"

/* What the file system itself says about a refusal: "e overlay: ...". */
static void context_read(int fs_fd, char *buf, size_t size)
{
	ssize_t n = read(fs_fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
}

static int refused(int fs_fd, const char *fstype, const char *key, struct err *e)
{
	int num = errno;
	char said[160];

	context_read(fs_fd, said, sizeof(said));
	if (said[0] && said[1] == ' ')
		return err_sys(e, num, "make the %s (kernel: \"%s\")", fstype, said + 2);
	if (key)
		return err_sys(e, num, "make the %s: option %s", fstype, key);
	return err_sys(e, num, "make the %s", fstype);
}

int vfs_new(const char *fstype, const struct vfs_option *options, uint64_t attr, struct err *e)
{
	_cleanup_close_ int fs = fsopen(fstype, FSOPEN_CLOEXEC);
	int mnt;

	if (fs < 0)
		return err_sys(e, errno, errno == ENODEV ? "this kernel has no %s" : "open a %s",
			       fstype);
	for (const struct vfs_option *o = options; o && o->key; o++)
		if (fsconfig(fs, o->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, o->key,
			     o->value, 0) < 0)
			return refused(fs, fstype, o->key, e);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return refused(fs, fstype, NULL, e);
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attr);
	return mnt < 0 ? refused(fs, fstype, NULL, e) : mnt;
}

int vfs_clone(int dirfd, const char *path, bool recursive)
{
	int fd = open_tree(dirfd, path,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW |
				   (*path ? 0 : AT_EMPTY_PATH) | (recursive ? AT_RECURSIVE : 0));

	return fd < 0 ? -errno : fd;
}

int vfs_setattr(int mnt_fd, const struct mount_attr *a, bool recursive)
{
	struct mount_attr copy = *a; /* glibc's prototype has no const */

	return mount_setattr(mnt_fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &copy,
			     sizeof(copy)) < 0
		       ? -errno
		       : 0;
}

int vfs_attr(int mnt_fd, uint64_t set, bool recursive)
{
	return vfs_setattr(mnt_fd, &(struct mount_attr){ .attr_set = set }, recursive);
}

int vfs_attach(int mnt_fd, int dirfd, const char *path)
{
	return move_mount(mnt_fd, "", dirfd, path,
			  MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH)) < 0
		       ? -errno
		       : 0;
}

int vfs_bind(int from_fd, const char *from, int to_fd, const char *to, uint64_t attr)
{
	_cleanup_close_ int mnt = vfs_clone(from_fd, from, false);
	int r = mnt < 0 ? mnt : 0;

	if (r >= 0 && attr)
		r = vfs_attr(mnt, attr, false);
	return r < 0 ? r : vfs_attach(mnt, to_fd, to);
}
