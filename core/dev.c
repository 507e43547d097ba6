/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container may hold CAP_MKNOD, and mostly no devices controller stands behind
 * it: so every file system it can write is nodev, /dev too, and the nodes are
 * bound in from the scratch file system, which it cannot reach.
 */
#include "core/dev.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/inroot.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/vfs.h"

/* Identity is the number, never a name in somebody's /dev (CVE-2025-31133). */
static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 }, /* null first: dev_fill() */
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "ptmx", "pts/ptmx" },		 { "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },	 { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

/* Where nodes cannot be made (a user namespace): a clone of the host's, if it is that device. */
static int host_clone(const char *path, mode_t type, dev_t rdev)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != type || st.st_rdev != rdev)
		return -ENODEV;
	return vfs_clone(fd, "", false);
}

static int host_node(size_t i)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/%s", nodes[i].name);
	return host_clone(path, S_IFCHR, makedev(nodes[i].major, nodes[i].minor));
}

/* The same name all the same, for who binds it: here and in core/mount_mask.c. */
static int host_put(int nodes_fd, size_t i)
{
	_cleanup_close_ int mnt = host_node(i);

	if (mnt < 0)
		return mnt;
	if (mknodat(nodes_fd, nodes[i].name, S_IFREG | 0666, 0) < 0)
		return -errno;
	return vfs_attach(mnt, nodes_fd, nodes[i].name);
}

int dev_nodes(int nodes_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		int r = mknodat(nodes_fd, nodes[i].name, S_IFCHR | 0666,
				makedev(nodes[i].major, nodes[i].minor)) < 0
				? -errno
				: 0;

		if (r == -EPERM)
			r = host_put(nodes_fd, i);
		if (r < 0)
			return err_sys(e, r, "make the device %s", nodes[i].name);
	}
	return 0;
}

bool dev_usual(size_t i, uint32_t *ret_major, uint32_t *ret_minor)
{
	if (i >= ARRAY_SIZE(nodes))
		return false;
	*ret_major = nodes[i].major;
	*ret_minor = nodes[i].minor;
	return true;
}

/* Returns the mount. */
static int node_bind(int dev_fd, int nodes_fd, const char *name)
{
	_cleanup_close_ int mnt = vfs_clone(nodes_fd, name, false);
	int r = mnt;

	if (r >= 0 && mknodat(dev_fd, name, S_IFREG | 0666, 0) < 0)
		r = -errno;
	if (r >= 0)
		r = vfs_attach(mnt, dev_fd, name);
	return r < 0 ? r : take_fd(&mnt);
}

int dev_links(int dev_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev_fd, links[i].name) < 0)
			return err_sys(e, errno, "make the link /dev/%s", links[i].name);
	return 0;
}

int dev_fill(int dev_fd, int nodes_fd, int *ret_null, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		int mnt = node_bind(dev_fd, nodes_fd, nodes[i].name);

		if (mnt < 0)
			return err_sys(e, mnt, "put the device %s in place", nodes[i].name);
		if (i == 0)
			*ret_null = mnt;
		else
			close(mnt);
	}
	return dev_links(dev_fd, e);
}

/* ---- those asked for ---- */

/* A detached mount of one device, its node made as number i of those asked for. */
static int given_mount(const struct ct_device *d, size_t i, int nodes_fd)
{
	mode_t type = d->type == 'b' ? S_IFBLK : S_IFCHR;
	dev_t rdev = makedev(d->major, d->minor);
	char name[32];

	snprintf(name, sizeof(name), "given%zu", i);
	if (mknodat(nodes_fd, name, type | d->mode, rdev) < 0) {
		if (errno != EPERM || !d->source)
			return -errno;
		return host_clone(d->source, type, rdev);
	}
	if (fchownat(nodes_fd, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return vfs_clone(nodes_fd, name, false);
}

int dev_given(const struct ct_spec *spec, const struct rootfs *fs, int nodes_fd, struct err *e)
{
	for (size_t i = 0; i < spec->n_devices; i++) {
		const struct ct_device *d = &spec->devices[i];
		_cleanup_close_ int mnt = given_mount(d, i, nodes_fd), to = -1;
		int r = mnt;

		if (r >= 0)
			r = to = inroot_make(fs->root, d->target, false);
		if (r >= 0)
			r = vfs_attach(mnt, to, "");
		if (r < 0)
			return err_sys(e, r, "put the device %s in place", d->target);
	}
	return 0;
}
