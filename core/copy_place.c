/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last name of a path is not left to openat2(2): where it is missing it is
 * to be made, and where it is a link whose target is missing, the target is.
 * So that link is read and what it says looked up again, in the same root.
 */
#include "core/copy_place.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/copy.h"
#include "core/inroot.h"

#define LINKS_MAX 40 /* as the kernel: path_resolution(7) */

void copy_place_close(struct copy_place *p)
{
	fd_close(take_fd(&p->dir_fd));
	fd_close(take_fd(&p->fd));
}

static int open_end(const struct copy_end *end, const char *path, int flags)
{
	int fd;

	if (end->root_fd >= 0)
		return inroot_open(end->root_fd, *path ? path : "/", flags);
	fd = open(*path ? path : ".", flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Cuts the slashes and the lone dot at the end of a path. */
static void cut_end(char *path, struct copy_place *ret)
{
	for (size_t len = strlen(path); len; path[--len] = '\0') {
		bool dot = path[len - 1] == '.' && (len == 1 || path[len - 2] == '/');

		if (path[len - 1] != '/' && !dot)
			break;
		ret->slash = true;
		ret->contents |= dot;
		if (len == 1 && path[0] == '/')
			break;
	}
}

/* Cuts the last name off a path; false when it has none of its own. */
static bool split(char *path, char name[NAME_MAX + 1])
{
	char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	if (!*last || !strcmp(last, "..") || str_fmt(name, NAME_MAX + 1, "%s", last) < 0)
		return false;
	*last = '\0';
	return true;
}

/* path becomes what the link says, seen from where it stands. */
static int read_link(int fd, char path[PATH_MAX])
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);
	int r;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	r = str_fmt(joined, sizeof(joined), "%s%s", target[0] == '/' ? "" : path, target);
	if (r >= 0)
		memcpy(path, joined, sizeof(joined));
	return r;
}

static int look(struct copy_place *p)
{
	p->fd = openat(p->dir_fd, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (p->fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return fstat(p->fd, &p->st) < 0 ? -errno : 0;
}

/* One round: path is what is still to be looked up. 1: a link, path is where it leads. */
static int step(const struct copy_end *end, bool follow, char path[PATH_MAX],
		struct copy_place *ret)
{
	int r;

	cut_end(path, ret);
	if (!split(path, ret->name)) {
		memcpy(ret->name, ".", sizeof("."));
		ret->contents = true;
	}
	ret->dir_fd = open_end(end, path, O_PATH | O_DIRECTORY);
	if (ret->dir_fd < 0)
		return ret->dir_fd;
	r = look(ret);
	if (r < 0 || ret->fd < 0 || !S_ISLNK(ret->st.st_mode) || (!follow && !ret->slash))
		return r;
	r = read_link(ret->fd, path);
	copy_place_close(ret);
	return r < 0 ? r : 1;
}

int copy_place_find(const struct copy_end *end, bool follow, struct copy_place *ret, struct err *e)
{
	struct copy_place p = COPY_PLACE_INIT;
	char path[PATH_MAX];
	int r = str_fmt(path, sizeof(path), "%s", end->path), links = 0;

	if (r >= 0 && !path[0])
		r = -ENOENT;
	while (r >= 0) {
		r = step(end, follow, path, &p);
		if (links == 0)
			memcpy(p.given, p.name, sizeof(p.given));
		if (r == 1 && ++links > LINKS_MAX)
			r = -ELOOP;
		if (r != 1)
			break;
	}
	if (r >= 0 && p.slash && p.fd >= 0 && !S_ISDIR(p.st.st_mode))
		r = -ENOTDIR;
	if (r < 0) {
		copy_place_close(&p);
		return err_sys(e, r, "%s", end->path);
	}
	*ret = p;
	return 0;
}
