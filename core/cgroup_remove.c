/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups go away with whatever is in them: killed, waited for, removed deepest
 * first. Serves the end of a container, a creation that failed halfway, and
 * the collection of what dead runners left.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_tree.h"

#define KILL_MS 5000
/* cgroups of a container's own making that are removed with it; 128 open at once */
#define REMOVE_DEPTH 128
#define GC_AGE	     30 /* seconds */

/* Removes the groups below an emptied one, deepest first. */
static int remove_children(int fd, int depth)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *de;
	int dup_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = dup_fd < 0 ? NULL : fdopendir(dup_fd);
	if (!d)
		return fd_close(dup_fd), -errno;
	while ((de = readdir(d))) {
		_cleanup_close_ int child = -1;

		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		if (unlinkat(fd, de->d_name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		child = openat(fd, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0 || depth >= REMOVE_DEPTH)
			continue;
		remove_children(child, depth + 1);
		unlinkat(fd, de->d_name, AT_REMOVEDIR);
	}
	return 0;
}

/* Version 1 has no kill of a whole subtree. */
static void kill_tree(const struct cg_tree *t, int fd, int depth, int timeout_ms)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *de;
	int dup_fd;

	t->ops->kill(fd, timeout_ms);
	if (t->ops == &cg_v2 || depth >= REMOVE_DEPTH)
		return;
	dup_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = dup_fd < 0 ? NULL : fdopendir(dup_fd);
	while (d && (de = readdir(d))) {
		_cleanup_close_ int child = -1;

		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		child = openat(fd, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			kill_tree(t, child, depth + 1, timeout_ms);
	}
	if (!d)
		fd_close(dup_fd);
}

/*
 * An empty group costs one rmdir. Else everything inside is killed and the
 * rmdir tried again while the processes finish dying: the kernel counts them
 * until late in their exit, and there is no event for that in v1. 1: there was one.
 */
int cg_tree_remove(const struct cg_tree *t, const char *path)
{
	_cleanup_close_ int fd = -1;
	int64_t deadline;
	char full[PATH_MAX];
	int nap = 1, saved, r = cg_full_path(t, path, full);

	if (r < 0)
		return r;
	if (rmdir(full) == 0) {
		crash_point("cgroup", "removed");
		return 1;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	saved = errno;
	fd = cg_group_open(t, path);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	/* a read-only mount says so before it looks whether there is anything */
	if (saved != EBUSY && saved != ENOTEMPTY)
		return -saved;
	deadline = cg_now_ms() + KILL_MS;
	do {
		kill_tree(t, fd, 0, (int)(deadline - cg_now_ms()));
		remove_children(fd, 0);
		if (rmdir(full) == 0 || errno == ENOENT)
			return 1;
		if (errno != EBUSY && errno != ENOTEMPTY)
			return -errno;
		poll(NULL, 0, nap);
		if (nap < 32)
			nap *= 2;
	} while (cg_now_ms() < deadline);
	return -EBUSY;
}

/* "ctnet" itself, once nobody is in it; the next creator makes it again. */
static void tree_remove_top(const struct cg_tree *t, const char *top)
{
	char full[PATH_MAX];

	if (cg_full_path(t, top, full) == 0)
		rmdir(full);
}

/* PARENT/ctnet of PARENT/ctnet/ID; false when path is nothing of ours. */
static bool top_of(const char *path, char *buf, size_t size)
{
	size_t len = strlen(CG_GROUP);
	char *slash;

	if (str_fmt(buf, size, "%s", path) < 0)
		return false;
	slash = strrchr(buf, '/');
	if (!slash || (size_t)(slash - buf) < len || strncmp(slash - len, CG_GROUP, len) != 0)
		return false;
	*slash = '\0';
	slash -= len;
	return slash == buf || slash[-1] == '/';
}

/*
 * Where the container is held comes first: the kill there takes the members of
 * the other groups with it, and a frozen v1 process dies nowhere else. tops: "ctnet"
 * goes also where there was no group in it. -EINVAL for a path that cgroup_create
 * would not make: nothing else is ever killed.
 */
static int remove_all(const struct cg_trees *trees, const char *path, bool tops)
{
	const struct cg_tree *held = cg_tree_held(trees);
	char top[PATH_MAX];
	int was, first = 0;

	if (!top_of(path, top, sizeof(top)))
		return -EINVAL;
	was = held ? cg_tree_remove(held, path) : 0;
	for (size_t i = 0; i < trees->n; i++) {
		const struct cg_tree *t = &trees->v[i];
		int r = t == held ? was : cg_tree_remove(t, path);

		if (r > 0 || tops)
			tree_remove_top(t, top);
		if (first == 0 && r < 0)
			first = r;
	}
	return first;
}

int cg_trees_remove(const struct cg_trees *trees, const char *path)
{
	return remove_all(trees, path, true);
}

/*
 * Accepts half of the groups, none of them, and "". -EBUSY when something
 * inside would not die within 5 s.
 */
int cgroup_remove(const char *path)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	int r;

	if (!*path)
		return 0;
	r = cg_trees_load(&trees, NULL);
	return r < 0 ? r : cg_trees_remove(&trees, path);
}

/*
 * Who made them knows where; another command may have added some (ct update). What
 * failed is tried once more: the caller's record goes next, and without it a group
 * waits for GC_AGE.
 */
int cgroup_destroy(struct cgroup *cg)
{
	int r = cg->trees && cg->path[0] ? remove_all(cg->trees, cg->path, false)
					 : cgroup_remove(cg->path);

	if (r < 0 && r != -EBUSY && r != -EINVAL)
		r = cgroup_remove(cg->path);
	cgroup_close(cg);
	return r;
}

/* An rmdir refuses what has processes; a young group may be about to get its first. */
static void gc_one(int top_fd, const char *id)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fstatat(top_fd, id, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_mtime > time(NULL) - GC_AGE)
		return;
	if (unlinkat(top_fd, id, AT_REMOVEDIR) == 0)
		return;
	fd = openat(top_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		remove_children(fd, 0);
	unlinkat(top_fd, id, AT_REMOVEDIR);
}

static int tree_gc(const struct cg_tree *t, const char *top,
		   bool (*alive)(const char *id, void *ctx), void *ctx)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = cg_group_open(t, top), r = 0;
	struct dirent *de;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (!d)
		return fd_close(fd), -errno;
	while ((de = dir_next(d, &r)))
		if (de->d_type == DT_DIR && name_check("", de->d_name, NAME_MAX_CT, NULL) == 0 &&
		    !alive(de->d_name, ctx))
			gc_one(fd, de->d_name);
	return r;
}

/*
 * Never kills: the groups of one parent serve every state root, and alive()
 * knows only its own. Goes on after a failure and returns the first one.
 */
int cgroup_gc(const char *parent, bool (*alive)(const char *id, void *ctx), void *ctx)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	char top[PATH_MAX];
	int first = 0, r = cgroup_path(parent, NULL, top, sizeof(top), NULL);

	if (r < 0)
		return r;
	r = cg_trees_load(&trees, NULL);
	if (r < 0)
		return r;
	for (size_t i = 0; i < trees.n; i++) {
		r = tree_gc(&trees.v[i], top, alive, ctx);
		if (first == 0)
			first = r;
		tree_remove_top(&trees.v[i], top);
	}
	return first;
}
