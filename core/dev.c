/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container may hold CAP_MKNOD, and no device cgroup stands behind it: so
 * every file system it can write is nodev, /dev too, and the nodes are bound in
 * from the scratch file system, which it cannot reach.
 */
#include "core/dev.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/vfs.h"

/* Identity is the number, never a name in somebody's /dev (CVE-2025-31133). */
static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "ptmx", "pts/ptmx" },		 { "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },	 { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

int dev_nodes(int nodes_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		if (mknodat(nodes_fd, nodes[i].name, S_IFCHR | 0666,
			    makedev(nodes[i].major, nodes[i].minor)) < 0 &&
		    errno != EPERM)
			return err_sys(e, errno, "make the device %s", nodes[i].name);
	return 0;
}

/* In a user namespace nodes cannot be made: then the host's own, when it is that device. */
static int host_node(size_t i)
{
	_cleanup_close_ int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (dev >= 0)
		fd = openat(dev, nodes[i].name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(nodes[i].major, nodes[i].minor))
		return -ENODEV;
	return vfs_clone(fd, "", false);
}

static int node_bind(int dev_fd, int nodes_fd, size_t i)
{
	_cleanup_close_ int mnt = -1;
	int r;

	if (mknodat(dev_fd, nodes[i].name, S_IFREG | 0666, 0) < 0)
		return -errno;
	r = vfs_bind_plain(nodes_fd, nodes[i].name, dev_fd, nodes[i].name);
	if (r != -ENOENT)
		return r;
	mnt = host_node(i);
	return mnt < 0 ? mnt : vfs_attach(mnt, dev_fd, nodes[i].name);
}

int dev_fill(int dev_fd, int nodes_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		int r = node_bind(dev_fd, nodes_fd, i);

		if (r < 0)
			return err_sys(e, r, "put the device %s in place", nodes[i].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev_fd, links[i].name) < 0)
			return err_sys(e, errno, "make the link /dev/%s", links[i].name);
	return 0;
}
