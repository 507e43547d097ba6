/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"

#define DEPTH_MAX 100
#define AT_ONCE	  (1U << 30)

static int copy_dir(int from_fd, int to_fd, unsigned depth);

static int copy_content(int from, int to)
{
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, AT_ONCE);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* Opened without waiting: between a look and this somebody may have put a FIFO there. */
static int copy_file(int from_fd, int to_fd, const char *name)
{
	_cleanup_close_ int to = -1, from = openat(from_fd, name,
						   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
							   O_CLOEXEC);
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	to = openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return to < 0 ? -errno : copy_content(from, to);
}

static int copy_link(int from_fd, int to_fd, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from_fd, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlinkat(target, to_fd, name) < 0 ? -errno : 0;
}

static int copy_subdir(int from_fd, int to_fd, const char *name, unsigned depth)
{
	_cleanup_close_ int to = -1, from = openat(from_fd, name,
						   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (from < 0 || mkdirat(to_fd, name, 0700) < 0)
		return -errno;
	to = openat(to_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return to < 0 ? -errno : copy_dir(from, to, depth + 1);
}

static int copy_entry(int from_fd, int to_fd, const char *name, unsigned depth)
{
	struct stat st;
	int r = 0;

	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		r = copy_file(from_fd, to_fd, name);
	else if (S_ISDIR(st.st_mode))
		r = copy_subdir(from_fd, to_fd, name, depth);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(from_fd, to_fd, name);
	else if (S_ISFIFO(st.st_mode))
		r = mknodat(to_fd, name, S_IFIFO | 0600, 0) < 0 ? -errno : 0;
	else
		return 0;
	/* the owner first: a change of owner takes set-user-id away */
	if (r >= 0 && fchownat(to_fd, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r >= 0 && !S_ISLNK(st.st_mode) && fchmodat(to_fd, name, st.st_mode & 07777, 0) < 0)
		r = -errno;
	return r;
}

static int copy_dir(int from_fd, int to_fd, unsigned depth)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (depth > DEPTH_MAX) {
		fd_close(fd);
		return -ELOOP;
	}
	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return -errno;
	}
	for (struct dirent *de; r >= 0 && (de = dir_next(d, &r));)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			r = copy_entry(from_fd, to_fd, de->d_name, depth);
	return r;
}

int tree_copy(int from_fd, int to_fd)
{
	return copy_dir(from_fd, to_fd, 0);
}
