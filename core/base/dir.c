/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/dir.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SWEEP_DEPTH 8
#define DIR_FLAGS   (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* With O_DIRECTORY a link gives ENOTDIR like any file; the caller wants to know which. */
static int open_nofollow(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, DIR_FLAGS | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0)
		return fd;
	if (errno != ENOTDIR)
		return -errno;
	if (!fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
		return -ELOOP;
	return -ENOTDIR;
}

/* Opens name, creating it when absent; another process may be first, both get it. */
static int open_or_make(int dirfd, const char *name, mode_t mode, bool follow)
{
	int fd;

	if (mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
		return -errno;
	if (!follow)
		return open_nofollow(dirfd, name);
	fd = openat(dirfd, name, DIR_FLAGS);
	return fd < 0 ? -errno : fd;
}

/*
 * Walks path, making what is missing, and returns the last directory. follow:
 * links on the way are walked through (a path of the administrator, such as one
 * below /var/run), the last part never is.
 */
static int walk_make(int dirfd, const char *path, mode_t parents, mode_t last, bool follow)
{
	_cleanup_close_ int fd = -1;
	char part[NAME_MAX + 1];
	size_t len;

	fd = openat(dirfd, *path == '/' ? "/" : ".", DIR_FLAGS);
	if (fd < 0)
		return -errno;
	while (*(path += strspn(path, "/"))) {
		bool is_last;
		int next;

		len = strcspn(path, "/");
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(part, path, len);
		part[len] = '\0';
		path += len;
		is_last = !path[strspn(path, "/")];
		next = open_or_make(fd, part, is_last ? last : parents, follow && !is_last);
		if (next < 0)
			return next;
		close(fd);
		fd = next;
	}
	return take_fd(&fd);
}

int dir_make_at(int dirfd, const char *path, mode_t mode)
{
	int fd;

	if (!*path)
		return -ENOENT;
	if (!strchr(path, '/') && !mkdirat(dirfd, path, mode))
		return 0;
	fd = walk_make(dirfd, path, mode, mode, false);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int check_private(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "%s", path);
	if (st.st_uid != geteuid())
		return err_set(e, EPERM, "%s belongs to uid %u, not to %u", path, st.st_uid,
			       geteuid());
	if (st.st_mode & 022) {
		err_set(e, EPERM, "%s is writable by others (mode %04o)", path, st.st_mode & 07777);
		if (st.st_mode & S_ISVTX)
			err_hint(e, "use a directory of its own below it");
		else
			err_hint(e, "chmod go-w %s", path);
		return -EPERM;
	}
	return 0;
}

int dir_open_private(const char *path, bool create, int *ret_fd, struct err *e)
{
	_cleanup_close_ int fd = -1;
	char clean[PATH_MAX];
	size_t len = strlen(path);
	int r;

	/* a trailing slash would have the kernel follow a link in spite of O_NOFOLLOW */
	while (len > 1 && path[len - 1] == '/')
		len--;
	r = str_fmt(clean, sizeof(clean), "%.*s", (int)len, path);
	if (r < 0)
		return err_sys(e, r, "%.100s...", path);
	fd = open_nofollow(AT_FDCWD, clean);
	if (fd == -ENOENT && create && *clean)
		fd = walk_make(AT_FDCWD, clean, 0755, 0700, true);
	if (fd == -ELOOP)
		return err_set(e, ELOOP, "%s is a symbolic link", clean);
	if (fd < 0)
		return err_sys(e, fd, "%s", clean);
	r = check_private(fd, clean, e);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

int dir_open_at(int dirfd, const char *name, bool create)
{
	int fd = open_nofollow(dirfd, name);

	return fd == -ENOENT && create ? open_or_make(dirfd, name, 0700, false) : fd;
}

struct dirent *dir_next(DIR *d, int *ret_r)
{
	struct dirent *ent;

	errno = 0;
	ent = readdir(d);
	if (!ent && errno)
		*ret_r = -errno;
	return ent;
}

/* dirfd keeps its position. What was added before a failure stays in *ret. */
int dir_names(int dirfd, struct strv *ret)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = openat(dirfd, ".", DIR_FLAGS), r = 0;

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		fd_close(fd);
		return r;
	}
	for (struct dirent *ent; r >= 0 && (ent = dir_next(d, &r));)
		if (ent->d_name[0] != '.')
			r = strv_add(ret, ent->d_name);
	return r;
}

/* A mount below, even a bind mount of the same file system, is -EXDEV here. */
static int open_same_mount(int dirfd, const char *name)
{
	struct open_how how = {
		.flags = DIR_FLAGS | O_NOFOLLOW,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	int fd;

	do {
		fd = (int)syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : fd;
}

static void sweep_below(int dirfd, const char *name, unsigned depth,
			bool (*is_one)(const char *name))
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = open_same_mount(dirfd, name), r = 0;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return;
	}
	for (struct dirent *ent; (ent = dir_next(d, &r));)
		if (ent->d_type != DT_DIR && is_one(ent->d_name))
			unlinkat(fd, ent->d_name, 0);
		else if (ent->d_type == DT_DIR && depth < SWEEP_DEPTH && strcmp(ent->d_name, ".") &&
			 strcmp(ent->d_name, ".."))
			sweep_below(fd, ent->d_name, depth + 1, is_one);
}

void dir_sweep_at(int dirfd, bool (*is_one)(const char *name))
{
	sweep_below(dirfd, ".", 0, is_one);
}

/*
 * Removal. A tree that a container wrote may be deeper than we have
 * descriptors or stack: what lies below DEPTH_MAX is moved up into the top
 * directory, and that is emptied again until nothing had to be moved.
 *
 * One failure does not end the removal; the first error is what is returned.
 */
#define DEPTH_MAX 32

struct removal {
	int top;
	unsigned long moved;
	int err;
};

static void removal_fail(struct removal *rm, int r)
{
	if (!rm->err)
		rm->err = r;
}

static void move_up(struct removal *rm, int dirfd, const char *name)
{
	char to[32];

	int r;

	do {
		str_fmt(to, sizeof(to), ".deep.%lu", rm->moved++);
		r = renameat2(dirfd, name, rm->top, to, RENAME_NOREPLACE);
	} while (r < 0 && errno == EEXIST);
	if (r < 0 && errno != ENOENT)
		removal_fail(rm, -errno);
}

static void empty_dir(struct removal *rm, int fd, unsigned depth);

static void remove_entry(struct removal *rm, int dirfd, const char *name, unsigned depth)
{
	int fd;

	if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
		return;
	if (errno != EISDIR) {
		removal_fail(rm, -errno);
		return;
	}
	if (!unlinkat(dirfd, name, AT_REMOVEDIR) || errno == ENOENT)
		return;
	if (errno != ENOTEMPTY && errno != EEXIST) {
		removal_fail(rm, -errno);
		return;
	}
	if (depth >= DEPTH_MAX) {
		move_up(rm, dirfd, name);
		return;
	}
	fd = open_same_mount(dirfd, name);
	if (fd < 0) {
		removal_fail(rm, fd == -EXDEV ? -EBUSY : fd);
		return;
	}
	empty_dir(rm, fd, depth + 1);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		removal_fail(rm, -errno);
}

/* Owns fd. */
static void empty_dir(struct removal *rm, int fd, unsigned depth)
{
	_cleanup_closedir_ DIR *d = fdopendir(fd);
	struct dirent *de;
	int r = 0;

	if (!d) {
		removal_fail(rm, -errno);
		fd_close(fd);
		return;
	}
	while ((de = dir_next(d, &r)))
		if (strcmp(de->d_name, ".") && strcmp(de->d_name, ".."))
			remove_entry(rm, dirfd(d), de->d_name, depth);
	if (r < 0)
		removal_fail(rm, r);
}

int dir_remove_at(int dirfd, const char *name)
{
	struct removal rm = { .top = -1 };
	unsigned long moved;
	int fd;

	if (!unlinkat(dirfd, name, AT_REMOVEDIR) || errno == ENOENT)
		return 0;
	if (errno == ENOTDIR)
		return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	do {
		_cleanup_close_ int top = open_nofollow(dirfd, name);

		if (top < 0)
			return top == -ENOENT ? 0 : top;
		fd = fcntl(top, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return -errno;
		rm.top = top;
		moved = rm.moved;
		empty_dir(&rm, fd, 0);
	} while (rm.moved != moved && !rm.err);
	if (rm.err)
		return rm.err;
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}
