/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container has one group where it is held (the v2 tree, or the freezer on
 * a host with v1 alone) and one in every v1 hierarchy that a limit of it needs:
 *
 *            v2               hybrid                      v1
 *   held     MOUNT/P/ctnet/ID UNIFIED/P/ctnet/ID          freezer/P/ctnet/ID
 *   limits   the same group   memory/P/ctnet/ID, ...      memory/P/ctnet/ID, ...
 *
 * P is [cgroup] parent and may be left out. Groups are made below the mount
 * point of each hierarchy, not below the group of the caller: a container must
 * not depend on the session it was started from. P is the administrator's: it
 * is made when it lacks and never removed. "ctnet" goes with the last
 * container, so a creator must expect it to vanish under its hands.
 *
 * A host without any writable hierarchy can still run containers that ask for
 * no limit: their path is "" and nothing here has anything to do.
 */
#include "core/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/cgroup_devices.h"
#include "core/cgroup_settings.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

#define FREEZE_MS 10000
/* mkdir against others that remove the empty "ctnet" again and again */
#define MKDIR_TRIES 100

/* ---- paths ---- */

/* [cgroup] parent: names joined by '/', none of them "." or "..". */
static int parent_check(const char *parent, struct err *e)
{
	for (const char *p = parent; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 0 || n > NAME_MAX || (n == 1 && p[0] == '.') ||
		    (n == 2 && strncmp(p, "..", 2) == 0) || (p[n] && !p[n + 1]))
			return err_set(e, -EINVAL,
				       "cgroup parent '%s': want names joined by '/', "
				       "without '.' and '..'",
				       parent);
		p += n + (p[n] == '/');
	}
	return 0;
}

/*
 * parent may be NULL or "", and id NULL for the directory of them all.
 * -EINVAL, -ENAMETOOLONG.
 */
int cgroup_path(const char *parent, const char *id, char *buf, size_t size, struct err *e)
{
	int r;

	while (parent && *parent == '/')
		parent++;
	if (!parent)
		parent = "";
	r = parent_check(parent, e);
	if (r == 0 && id)
		r = name_check("container", id, NAME_MAX_CT, e);
	if (r < 0)
		return r;
	r = str_fmt(buf, size, "%s%s" CG_GROUP "%s%s", parent, *parent ? "/" : "", id ? "/" : "",
		    id ? id : "");
	return r < 0 ? err_sys(e, r, "cgroup parent '%s'", parent) : 0;
}

int cg_full_path(const struct cg_tree *t, const char *path, char *buf)
{
	int r = str_fmt(buf, PATH_MAX, "%s/%s", t->mount, path);

	return r < 0 ? r : 0;
}

/* The group's directory, and only when it is one of that kind (nothing mounted over it). */
int cg_group_open(const struct cg_tree *t, const char *path)
{
	_cleanup_close_ int fd = -1;
	char full[PATH_MAX];
	struct statfs fs;
	int r = cg_full_path(t, path, full);

	if (r < 0)
		return r;
	fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if ((long)fs.f_type != t->ops->magic)
		return -ENOENT;
	return take_fd(&fd);
}

/* ---- creation ---- */

/* mkdir -p of everything above the last name of full, below the mount. */
static int make_parents(char *full, size_t mount_len)
{
	for (char *p = strchr(full + mount_len + 1, '/'); p; p = strchr(p + 1, '/')) {
		int r;

		*p = '\0';
		r = mkdir(full, 0755) < 0 && errno != EEXIST ? -errno : 0;
		*p = '/';
		if (r < 0)
			return r;
	}
	return 0;
}

/* A new group is ready for processes, but in v1 cpuset, where it has neither CPUs nor memory. */
static int opened(const struct cg_tree *t, const char *path)
{
	_cleanup_close_ int fd = cg_group_open(t, path);
	int r = fd >= 0 && t->controllers & 1u << CG_CPUSET ? cg_v1_cpuset_inherit(t, path) : 0;

	if (r < 0) {
		cg_tree_remove(t, path);
		return r;
	}
	return take_fd(&fd);
}

/*
 * A new directory, never one that is there: what is left of a container with
 * this id may have had its cgroup.kill written, which kills whatever is born
 * into it, so it is removed and made again.
 */
int cg_tree_make(const struct cg_tree *t, const char *path)
{
	char full[PATH_MAX];
	bool removed = false;
	int r = cg_full_path(t, path, full);

	for (int i = 0; r == 0 && i < MKDIR_TRIES; i++) {
		if (mkdir(full, 0755) == 0) {
			crash_point("cgroup", "made");
			return opened(t, path);
		}
		if (errno == ENOENT)
			r = make_parents(full, strlen(t->mount));
		else if (errno != EEXIST || removed)
			return -errno;
		else
			removed = (r = cg_tree_remove(t, path)) >= 0;
		if (removed || r == -ENOENT) /* a parent was removed just then */
			r = 0;
	}
	return r < 0 ? r : -ENOENT;
}

/* Takes the group's descriptor into cg: v2 itself, of v1 the `tasks` file. */
static int hold(const struct cg_tree *t, int *fd, struct cgroup *cg)
{
	int tasks;

	if (t->ops == &cg_v2) {
		cg->v2_fd = take_fd(fd);
		return 0;
	}
	if (cg->n_tasks == CGROUP_V1_MAX)
		return -E2BIG;
	tasks = openat(*fd, "tasks", O_WRONLY | O_CLOEXEC);
	if (tasks < 0)
		return -errno;
	cg->tasks_fds[cg->n_tasks++] = tasks;
	return 0;
}

/* A hierarchy that cannot be written matters only to those who want a limit (option). */
static int cannot_make(const struct cg_tree *t, const char *path, int num, const char *option,
		       struct err *e)
{
	bool read_only = num == -EROFS || num == -EACCES || num == -EPERM;
	int r;

	if (read_only && !option) {
		log_trace("cgroup: %s/%s: %s; running without", t->mount, path, strerror(-num));
		return 0;
	}
	if (num == -EAGAIN)
		err_hint(e, "cgroup.max.descendants or cgroup.max.depth of a group above is "
			    "reached");
	if (!read_only)
		return err_sys(e, num, "make cgroup %s/%s", t->mount, path);
	r = err_set(e, -ENOTSUP, "%s: make cgroup %s/%s: %s", option, t->mount, path,
		    strerror(-num));
	err_hint(e, "%s must be writable: remount it rw, or run without limits", t->mount);
	return r;
}

/* What one container's groups are made from. */
struct plan {
	const struct cg_trees *trees;
	const struct ct_limits *limits;
	struct cg_settings settings;
	const struct cg_tree *devices; /* v1: where the rules for devices go */
};

static const char *option_of(const struct plan *p, const struct cg_tree *t)
{
	const char *option = cg_settings_option(&p->settings, t);

	return !option && t == p->devices ? CG_DEVICES_OPTION : option;
}

/* Into a group that was just made. */
static int set_up(const struct plan *p, const struct cg_tree *t, const char *path, int fd,
		  uint32_t counted, struct err *e)
{
	int r = cg_settings_write(&p->settings, t, path, fd, e);

	/* counting is as good as it gets: a controller that lacks is no error */
	for (uint32_t left = counted; left && t->ops == &cg_v2; left &= left - 1)
		cg_v2_enable(t, path, fd, left & -left, NULL);
	if (r >= 0 && t == p->devices)
		r = cg_devices_list(t, path, fd, p->limits, e);
	return r;
}

/* 1: there is a group now, 0: not needed, or not to be had. */
static int make_one(const struct plan *p, const struct cg_tree *t, struct cgroup *cg, struct err *e)
{
	uint32_t counted = p->limits->accounting ? cg_counted_in(p->trees, t) : 0;
	const char *option = option_of(p, t);
	_cleanup_close_ int fd = -1;
	int r;

	if (!option && !counted && t != cg_tree_held(p->trees))
		return 0;
	fd = cg_tree_make(t, cg->path);
	if (fd < 0)
		return cannot_make(t, cg->path, fd, option, e);
	r = set_up(p, t, cg->path, fd, counted, e);
	crash_point("cgroup", "limits");
	if (r < 0)
		return r;
	r = hold(t, &fd, cg);
	return r < 0 ? err_sys(e, r, "open cgroup %s/%s", t->mount, cg->path) : 1;
}

static int make_all(const struct plan *p, struct cgroup *cg, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < p->trees->n; i++) {
		int r = make_one(p, &p->trees->v[i], cg, e);

		if (r < 0)
			return r;
		any |= r;
	}
	if (p->limits->n_devices && !p->devices) {
		int r = cg_devices_program(cg->v2_fd, p->limits, e);

		if (r < 0)
			return r;
	}
	if (!any)
		cg->path[0] = '\0';
	return 0;
}

/* As make_all, or without a trace. */
static int make_or_remove(const struct plan *p, struct cgroup *cg, struct err *e)
{
	int r = make_all(p, cg, e);

	if (r < 0) {
		cgroup_close(cg);
		cg_trees_remove(p->trees, cg->path);
	}
	return r;
}

/*
 * *ret is written only on success and released with cgroup_destroy(), or with
 * cgroup_close() where the groups are to stay until cgroup_remove(ret->path). -EINVAL
 * (parent, id), -ENOTSUP (a limit that cannot be enforced here), -EBUSY (v2, processes in
 * a group above).
 */
int cgroup_create(const char *parent, const char *id, const struct ct_limits *limits,
		  struct cgroup *ret, struct err *e)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	struct plan p = { .trees = &trees, .limits = limits };
	struct cgroup cg = CGROUP_INIT;
	int r = cgroup_path(parent, id, cg.path, sizeof(cg.path), e);

	if (r < 0)
		return r;
	if (cg_limits_any(limits) || limits->accounting || !cg_trees_v2_at_usual_place(&trees))
		r = cg_trees_load(&trees, e);
	if (r >= 0)
		r = cg_settings_make(&trees, limits, &p.settings, e);
	if (r < 0)
		return r;
	p.devices = cg_devices_tree(&trees, limits);
	r = make_or_remove(&p, &cg, e);
	cg_settings_free(&p.settings);
	if (r < 0)
		return r;
	cg.trees = malloc(sizeof(*cg.trees)); /* without it they are looked for again */
	if (cg.trees) {
		*cg.trees = trees;
		trees = (struct cg_trees){ .n = 0 };
	}
	*ret = cg;
	return 0;
}

/* ---- members ---- */

/* A group of the cpu controller has no time for it: sched_rt_can_attach() of kernel/sched/rt.c. */
static bool is_real_time(void)
{
	int policy = sched_getscheduler(0);

	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/*
 * Writes "0" to each `tasks` file: the calling thread, which must be the only
 * one. A numeric pid would cost an RCU grace period per hierarchy.
 */
int cgroup_join(const struct cgroup *cg, struct err *e)
{
	for (unsigned i = 0; i < cg->n_tasks; i++) {
		int r = fd_write_all(cg->tasks_fds[i], "0", 1);

		if (r == -EINVAL && is_real_time())
			err_hint(e, "this kernel takes no real-time process into a group that "
				    "limits cpu time: chrt --other 0 ctrun ...");
		if (r < 0)
			return err_sys(e, r, "join cgroup %s", cg->path);
	}
	return 0;
}

/*
 * path as cgroup_create gave it. Opens whatever groups of that path exist;
 * -ENOENT when none does. "" succeeds with nothing to join.
 */
int cgroup_open(const char *path, struct cgroup *ret, struct err *e)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	struct cgroup cg __attribute__((cleanup(cgroup_close))) = CGROUP_INIT;
	int r = str_fmt(cg.path, sizeof(cg.path), "%s", path);

	if (r < 0)
		return err_sys(e, r, "cgroup %s", path);
	r = *path ? cg_trees_load(&trees, e) : 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < trees.n; i++) {
		_cleanup_close_ int fd = cg_group_open(&trees.v[i], path);

		if (fd == -ENOENT)
			continue;
		r = fd < 0 ? fd : hold(&trees.v[i], &fd, &cg);
		if (r < 0)
			return err_sys(e, r, "open cgroup %s/%s", trees.v[i].mount, path);
	}
	if (*path && cg.v2_fd < 0 && !cg.n_tasks)
		return err_sys(e, -ENOENT, "cgroup %s", path);
	*ret = cg;
	cg = (struct cgroup)CGROUP_INIT;
	return 0;
}

void cgroup_close(struct cgroup *cg)
{
	fd_close(take_fd(&cg->v2_fd));
	for (unsigned i = 0; i < cg->n_tasks; i++)
		fd_close(cg->tasks_fds[i]);
	cg->n_tasks = 0;
	if (cg->trees)
		cg_trees_free(cg->trees);
	free(take_ptr(cg->trees));
}

/*
 * -ENOENT: no such group, -ENOTSUP: nothing to freeze with, -ETIMEDOUT: not
 * everything stopped within 10 s (a process in the kernel's hands); then all
 * of it goes on as before.
 */
int cgroup_freeze(const char *path, bool freeze)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	_cleanup_close_ int fd = -1;
	const struct cg_tree *t;
	int r = *path ? cg_trees_load(&trees, NULL) : -ENOTSUP;

	if (r < 0)
		return r;
	t = cg_tree_held(&trees);
	if (!t)
		return -ENOTSUP;
	fd = cg_group_open(t, path);
	return fd < 0 ? fd : t->ops->freeze(fd, freeze, FREEZE_MS);
}
