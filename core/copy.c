/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/copy.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/copy_file.h"
#include "core/copy_place.h"

#define DEPTH_MAX 256 /* two descriptors each */

struct copy {
	const struct copy_spec *spec;
	dev_t made_dev; /* the first directory made, which may be inside what is copied */
	ino_t made_ino;
	unsigned depth;
	char path[PATH_MAX]; /* of what is being copied, below the source */
};

static void cleanup_place(struct copy_place *p)
{
	copy_place_close(p);
}

static int failed(const struct copy *c, int r, struct err *e)
{
	err_sys(e, r, "copy %s", c->path);
	if (r == -EBUSY)
		err_hint(e, "it is a mount of its own: write into it with `ct exec`");
	else if (r == -EOVERFLOW)
		err_hint(e, "its owner has no id in the user namespace; copy without --archive");
	return r;
}

/* Views of the kernel's, not files: they would not end, or not be the same elsewhere. */
static bool is_kernels(int fd)
{
	static const unsigned magics[] = { PROC_SUPER_MAGIC,   SYSFS_MAGIC,
					   CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
					   DEVPTS_SUPER_MAGIC, 0x19800202, /* mqueue */
					   DEBUGFS_MAGIC,      TRACEFS_MAGIC,
					   SECURITYFS_MAGIC,   BPF_FS_MAGIC,
					   0x62656570 /* configfs */ };
	struct statfs fs;

	for (size_t i = 0; fstatfs(fd, &fs) == 0 && i < ARRAY_SIZE(magics); i++)
		if ((unsigned)fs.f_type == magics[i])
			return true;
	return false;
}

static int copy_any(struct copy *c, int from_fd, const struct stat *st, int dir_fd,
		    const char *name, struct err *e);

/* One name of a directory; what vanished meanwhile is not there. */
static int copy_entry(struct copy *c, int in, const char *name, int out, struct err *e)
{
	_cleanup_close_ int fd = openat(in, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(c->path);
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (str_fmt(c->path + len, sizeof(c->path) - len, "/%s", name) < 0)
		return failed(c, -ENAMETOOLONG, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(c, -errno, e);
	r = copy_any(c, fd, &st, out, name, e);
	c->path[len] = '\0';
	return r;
}

static int copy_entries(struct copy *c, int from_fd, int out, struct err *e)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = failed(c, -errno, e);
		fd_close(fd);
		return r;
	}
	while (r >= 0) {
		struct dirent *ent;

		errno = 0;
		ent = readdir(d);
		if (!ent)
			return errno ? failed(c, -errno, e) : 0;
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			r = copy_entry(c, fd, ent->d_name, out, e);
	}
	return r;
}

/* Opens a directory to copy into, made when it is missing: closed to others until it is done. */
static int open_out(struct copy *c, int dir_fd, const char *name, bool *ret_made)
{
	struct stat st;
	int fd;

	*ret_made = mkdirat(dir_fd, name, 0700) == 0;
	if (!*ret_made && errno != EEXIST)
		return -errno;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? -ENOTDIR : -errno;
	if (*ret_made && !c->made_ino && fstat(fd, &st) == 0) {
		c->made_dev = st.st_dev;
		c->made_ino = st.st_ino;
	}
	return fd;
}

static int copy_dir(struct copy *c, int from_fd, const struct stat *st, int dir_fd,
		    const char *name, struct err *e)
{
	_cleanup_close_ int in = -1, out = -1;
	bool made = false, kernels = c->depth && is_kernels(from_fd);
	int r;

	if (c->made_ino && st->st_ino == c->made_ino && st->st_dev == c->made_dev)
		return 0;
	if (c->depth == DEPTH_MAX)
		return err_set(e, -ELOOP, "copy %.64s...: directories more than %u deep", c->path,
			       DEPTH_MAX);
	in = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	out = in < 0 ? -errno : open_out(c, dir_fd, name, &made);
	if (out < 0)
		return failed(c, out, e);
	c->depth++;
	r = kernels ? 0 : copy_entries(c, in, out, e);
	c->depth--;
	if (r < 0 || !made)
		return r;
	r = copy_attributes(c->spec, in, st, out);
	return r < 0 ? failed(c, r, e) : 0;
}

static int copy_any(struct copy *c, int from_fd, const struct stat *st, int dir_fd,
		    const char *name, struct err *e)
{
	int r;

	if (S_ISDIR(st->st_mode))
		return copy_dir(c, from_fd, st, dir_fd, name, e);
	if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode) && !S_ISFIFO(st->st_mode)) {
		if (!c->depth)
			return err_set(e, -EINVAL, "copy %s: it is a %s", c->path,
				       S_ISSOCK(st->st_mode) ? "socket" : "device");
		log_note("%s is left out: it is a %s", c->path,
			 S_ISSOCK(st->st_mode) ? "socket" : "device");
		return 0;
	}
	r = copy_file(c->spec, from_fd, st, dir_fd, name);
	return r < 0 ? failed(c, r, e) : 0;
}

/* Into a directory that is there: under the source's name, or what the source holds. */
static int copy_into(struct copy *c, const struct copy_place *from, const struct copy_place *to,
		     struct err *e)
{
	_cleanup_close_ int out = openat(to->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (out < 0)
		return err_sys(e, -errno, "%s", c->spec->to.path);
	if (!S_ISDIR(from->st.st_mode) || !from->contents)
		return copy_any(c, from->fd, &from->st, out, from->given, e);
	c->depth = 1;
	return copy_entries(c, from->fd, out, e);
}

static int copy_between(struct copy *c, const struct copy_place *from, const struct copy_place *to,
			struct err *e)
{
	const char *path = c->spec->to.path;
	bool dir = S_ISDIR(from->st.st_mode);

	if (to->fd >= 0 && S_ISDIR(to->st.st_mode))
		return copy_into(c, from, to, e);
	if (to->fd >= 0 && dir)
		return err_set(e, -ENOTDIR, "%s: a directory is not copied over a file", path);
	if (to->fd < 0 && !dir && to->slash)
		return err_set(e, -ENOENT, "%s: there is no such directory", path);
	return copy_any(c, from->fd, &from->st, to->dir_fd, to->name, e);
}

int copy_run(const struct copy_spec *s, struct err *e)
{
	_cleanup_(cleanup_place) struct copy_place from = COPY_PLACE_INIT, to = COPY_PLACE_INIT;
	struct copy c = { .spec = s };
	int r = copy_place_find(&s->from, s->follow, &from, e);

	if (r >= 0 && from.fd < 0)
		r = err_sys(e, -ENOENT, "%s", s->from.path);
	if (r >= 0)
		r = copy_place_find(&s->to, true, &to, e);
	if (r >= 0)
		r = str_fmt(c.path, sizeof(c.path), "%s", s->from.path);
	return r < 0 ? r : copy_between(&c, &from, &to, e);
}
