/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/dir.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/cgroup_tree.h"

#define PROCS_MAX (4u << 20)
#define DEPTH_MAX 32 /* of groups that a container made in its own */

struct pids {
	pid_t *v;
	size_t n, room;
};

static int add(struct pids *p, pid_t pid)
{
	if (p->n == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		pid_t *more = realloc(p->v, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		p->v = more;
		p->room = room;
	}
	p->v[p->n++] = pid;
	return 0;
}

/* A group of threads tells no processes (EOPNOTSUPP); those are in the one above. */
static int read_procs(int group_fd, struct pids *p)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	uint32_t pid;
	int r = file_read_at(group_fd, "cgroup.procs", PROCS_MAX, &text, NULL);

	if (r < 0)
		return r == -EOPNOTSUPP || r == -ENODEV ? 0 : r;
	/* 0: one whose pid namespace is not below the caller's */
	for (at = text; r >= 0 && cur_u32(&at, 0, INT32_MAX, &pid) && cur_lit(&at, "\n");)
		if (pid)
			r = add(p, (pid_t)pid);
	return r;
}

static int read_group(int group_fd, unsigned depth, struct pids *p)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd, r = read_procs(group_fd, p);

	if (r < 0 || depth == DEPTH_MAX)
		return r;
	fd = openat(group_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = -errno;
		fd_close(fd);
		return r;
	}
	for (struct dirent *ent; r >= 0 && (ent = dir_next(d, &r));) {
		_cleanup_close_ int below = -1;

		if (ent->d_type != DT_DIR || ent->d_name[0] == '.')
			continue;
		below = openat(fd, ent->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			r = read_group(below, depth + 1, p);
	}
	return r == -ENOENT ? 0 : r;
}

int cgroup_pids(const char *path, pid_t **ret, size_t *ret_n)
{
	_cleanup_(cg_trees_free) struct cg_trees trees = { .n = 0 };
	_cleanup_close_ int group = -1;
	const struct cg_tree *held;
	struct pids p = { .n = 0 };
	int r;

	if (!*path)
		return -ENOENT;
	r = cg_trees_load(&trees, NULL);
	held = r < 0 ? NULL : cg_tree_held(&trees);
	if (!held)
		return r < 0 ? r : -ENOENT;
	group = cg_group_open(held, path);
	r = group < 0 ? group : read_group(group, 0, &p);
	if (r < 0) {
		free(p.v);
		return r;
	}
	*ret = p.v;
	*ret_n = p.n;
	return 0;
}
