/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the host has, as its /dev shows them. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/dev.h"
#include "core/vfs.h"

#define DEPTH_MAX 16

struct walk {
	char path[PATH_MAX]; /* of the entry, below where it began */
	dev_t dev; /* the file system it stays on */
	dev_found_fn *fn;
	void *ctx;
};

static int walk_dir(struct walk *w, int fd, size_t len, unsigned depth);

static int walk_entry(struct walk *w, int dir_fd, const char *name, size_t len, unsigned depth)
{
	size_t add = strlen(name) + (len ? 1 : 0);
	struct stat st;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (len + add >= sizeof(w->path))
		return -ENAMETOOLONG;
	snprintf(w->path + len, sizeof(w->path) - len, "%s%s", len ? "/" : "", name);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return w->fn(&(struct dev_found){ w->path, st.st_mode, st.st_rdev, st.st_uid,
						  st.st_gid },
			     w->ctx);
	if (!S_ISDIR(st.st_mode) || st.st_dev != w->dev || depth == DEPTH_MAX)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return walk_dir(w, fd, len + add, depth + 1);
}

/* Owns fd. */
static int walk_dir(struct walk *w, int fd, size_t len, unsigned depth)
{
	_cleanup_closedir_ DIR *d = fdopendir(fd);
	int r = 0;

	if (!d) {
		fd_close(fd);
		return -errno;
	}
	for (struct dirent *de; r >= 0 && (de = dir_next(d, &r));)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			r = walk_entry(w, dirfd(d), de->d_name, len, depth);
	return r;
}

int dev_walk(int dir_fd, dev_found_fn *fn, void *ctx)
{
	struct walk w = { .fn = fn, .ctx = ctx };
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		fd_close(fd);
		return -errno;
	}
	w.dev = st.st_dev;
	return walk_dir(&w, fd, 0, 0);
}

/* ---- into a container ---- */

struct into {
	int host_fd, dev_fd;
};

static int bind_one(const struct into *in, const char *path)
{
	_cleanup_close_ int mnt = vfs_clone(in->host_fd, path, false);

	if (mnt < 0)
		return mnt;
	if (mknodat(in->dev_fd, path, S_IFREG | 0600, 0) < 0)
		return -errno;
	return vfs_attach(mnt, in->dev_fd, path);
}

/* What is there already is one of the usual ones, or the container's console. */
static int node_make(const struct dev_found *d, void *ctx)
{
	const struct into *in = ctx;
	const char *slash = strrchr(d->path, '/');
	int r;

	if (!strcmp(d->path, "console") || !strcmp(d->path, "ptmx"))
		return 0;
	if (slash) {
		_cleanup_free_ char *dir = strndup(d->path, (size_t)(slash - d->path));

		r = dir ? dir_make_at(in->dev_fd, dir, 0755) : -ENOMEM;
		if (r < 0 && r != -EEXIST)
			return r;
	}
	if (mknodat(in->dev_fd, d->path, d->mode, d->rdev) < 0) {
		if (errno == EEXIST)
			return 0;
		return errno == EPERM ? bind_one(in, d->path) : -errno;
	}
	return fchownat(in->dev_fd, d->path, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int dev_host(int dev_fd, struct err *e)
{
	_cleanup_close_ int host = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct into in = { .host_fd = host, .dev_fd = dev_fd };
	int r = host < 0 ? -errno : dev_walk(host, node_make, &in);

	return r < 0 ? err_sys(e, r, "make the host's devices") : 0;
}
