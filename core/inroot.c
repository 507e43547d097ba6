/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/inroot.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"

/*
 * RESOLVE_IN_ROOT answers EAGAIN when a rename anywhere races with a ".." on
 * the way: a bounded number of tries, since a container may go on renaming.
 */
static int open_how(int root_fd, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };

	for (int i = 0; i < 128; i++) {
		long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

int inroot_open(int root_fd, const char *path, int flags)
{
	return open_how(root_fd, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int inroot_open_dir(int root_fd, const char *path)
{
	int fd = open_how(root_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW,
			  RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);

	return fd == -ELOOP ? -ENOTDIR : fd;
}

/* One missing component below a directory that is inside. */
static int make_one(int parent_fd, const char *name, bool dir)
{
	int fd;

	if (dir && mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = dir ? openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)
		 : openat(parent_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno == EEXIST || errno == ENOTDIR ? -ELOOP : -errno;
	return fd;
}

/* Cuts path after its component number n (from 1) into buf; false past the end. */
static bool prefix_cut(const char *path, unsigned n, char *buf, size_t size)
{
	const char *p = path;
	size_t len;

	while (n--) {
		p += strspn(p, "/");
		if (!*p)
			return false;
		p += strcspn(p, "/");
	}
	len = (size_t)(p - path);
	if (len >= size)
		return false;
	memcpy(buf, path, len);
	buf[len] = '\0';
	return true;
}

static bool has_dotdot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p += 2)
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	return false;
}

/* The usual case, in which only the last name of a path is missing. -ENOENT: it is not. */
static int make_last(int root_fd, const char *path, bool dir)
{
	_cleanup_close_ int parent = -1;
	const char *slash = strrchr(path, '/');
	char above[PATH_MAX];

	if (!slash || slash == path || !slash[1])
		return -ENOENT;
	memcpy(above, path, (size_t)(slash - path));
	above[slash - path] = '\0';
	parent = inroot_open(root_fd, above, O_PATH | O_DIRECTORY);
	return parent < 0 ? parent : make_one(parent, slash + 1, dir);
}

int inroot_make(int root_fd, const char *path, bool dir)
{
	_cleanup_close_ int parent = -1;
	char prefix[PATH_MAX], next[PATH_MAX];
	int fd = inroot_open(root_fd, path, O_PATH);

	if (fd != -ENOENT)
		return fd;
	if (has_dotdot(path) || strlen(path) >= sizeof(prefix))
		return -EINVAL;
	fd = make_last(root_fd, path, dir);
	if (fd != -ENOENT)
		return fd;
	parent = inroot_open(root_fd, ".", O_PATH | O_DIRECTORY);
	for (unsigned n = 1; parent >= 0 && prefix_cut(path, n, prefix, sizeof(prefix)); n++) {
		bool last = !prefix_cut(path, n + 1, next, sizeof(next));

		fd = inroot_open(root_fd, prefix, O_PATH);
		if (fd == -ENOENT)
			fd = make_one(parent,
				      strrchr(prefix, '/') ? strrchr(prefix, '/') + 1 : prefix,
				      dir || !last);
		if (fd < 0)
			return fd;
		close(parent);
		parent = fd;
	}
	return take_fd(&parent);
}

int inroot_read(int root_fd, const char *path, char *buf, size_t size)
{
	/* non-blocking: the image may have put a FIFO there */
	_cleanup_close_ int fd = inroot_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	n = fd_read_all(fd, buf, size - 1);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	return 0;
}
