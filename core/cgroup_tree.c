/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three shapes of hosts are known by their mounts alone:
 *
 *   v2      one cgroup2, normally at /sys/fs/cgroup
 *   v1      one cgroup mount per controller (or a few controllers together)
 *   hybrid  v1 mounts with the controllers, and a cgroup2 without any
 *
 * A controller belongs to one hierarchy at a time, so one that a v1 mount
 * carries is looked for there and every other in the v2 tree. Groups are made
 * below the mount point: a mount that shows only a part of a hierarchy (a
 * container without its own cgroup namespace) is respected by that, and the
 * paths in /proc/self/cgroup do not matter. What it says of the hierarchies does:
 * where each is at its usual place, the mount table is not read. Named v1
 * hierarchies (name=systemd) control nothing and are left alone.
 */
#include "core/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/mountinfo.h"

#define USUAL	      "/sys/fs/cgroup"
#define USUAL_MAX     (64u << 10)
#define MOUNTINFO_MAX (32u << 20)
#define PROCS_MAX     (4u << 20)
/* Processes killed at a time: each holds a descriptor until its death is seen. */
#define KILL_BATCH 64

static const struct {
	const char *v1, *v2; /* NULL: v2 has no such controller */
} controllers[CG_N_CONTROLLERS] = {
	[CG_CPU] = { "cpu", "cpu" },	      [CG_CPUACCT] = { "cpuacct", NULL },
	[CG_CPUSET] = { "cpuset", "cpuset" }, [CG_DEVICES] = { "devices", NULL },
	[CG_FREEZER] = { "freezer", NULL },   [CG_HUGETLB] = { "hugetlb", "hugetlb" },
	[CG_IO] = { "blkio", "io" },	      [CG_MEMORY] = { "memory", "memory" },
	[CG_MISC] = { "misc", "misc" },	      [CG_PIDS] = { "pids", "pids" },
	[CG_RDMA] = { "rdma", "rdma" },
};

const char *cg_controller_name(enum cg_controller c, const struct cg_ops *ops)
{
	return ops == &cg_v2 ? controllers[c].v2 : controllers[c].v1;
}

/* names: joined by commas, others among them. */
static uint32_t v1_controllers(const char *names)
{
	uint32_t bits = 0;

	for (unsigned c = 0; c < CG_N_CONTROLLERS; c++)
		if (mount_has_option(names, controllers[c].v1))
			bits |= 1u << c;
	return bits;
}

/* The first mount of a hierarchy counts, unless a later one shows more of it. */
static int keep(struct cg_trees *t, const struct cg_tree *new)
{
	for (size_t i = 0; i < t->n; i++) {
		struct cg_tree *old = &t->v[i];

		if (old->major != new->major || old->minor != new->minor)
			continue;
		if (new->whole && !old->whole)
			*old = *new;
		return 0;
	}
	if (t->n == CG_TREES_MAX)
		return -E2BIG;
	t->v[t->n++] = *new;
	return 0;
}

/*
 * Finds the hierarchies in the text of a mountinfo, whose strings the result
 * borrows (ret->text stays NULL). -EBADMSG, -E2BIG.
 */
int cg_trees_parse(char *text, struct cg_trees *ret)
{
	struct cg_trees t = { .n = 0 };
	struct mount_info m;
	char *pos = text;
	int r;

	while ((r = mountinfo_next(&pos, &m)) > 0) {
		struct cg_tree new = {
			.mount = m.target,
			.major = m.major,
			.minor = m.minor,
			.whole = strcmp(m.root, "/") == 0,
		};

		if (strcmp(m.fstype, "cgroup2") == 0) {
			new.ops = &cg_v2;
		} else if (strcmp(m.fstype, "cgroup") == 0) {
			new.ops = &cg_v1;
			new.controllers = v1_controllers(m.super_options);
			if (!new.controllers)
				continue;
		} else {
			continue;
		}
		r = keep(&t, &new);
		if (r < 0)
			return r;
	}
	if (r == 0)
		*ret = t;
	return r;
}

static bool is_mounted(const char *place, const struct cg_ops *ops)
{
	struct statfs fs;

	return statfs(place, &fs) == 0 && (long)fs.f_type == ops->magic;
}

/*
 * Only the v2 tree, and only where systemd and everybody else mounts it: one or
 * two statfs(2) instead of the whole mount table, which is a third of what
 * making and removing a group costs. False: ask the mount table.
 */
bool cg_trees_v2_at_usual_place(struct cg_trees *ret)
{
	static const char *const places[] = { USUAL "/unified", USUAL };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!is_mounted(places[i], &cg_v2))
			continue;
		*ret = (struct cg_trees){ .n = 1 };
		ret->v[0] = (struct cg_tree){ .ops = &cg_v2, .mount = places[i] };
		return true;
	}
	return false;
}

/*
 * The hierarchy of one line, "4:memory:/path": whoever mounts it does so at a directory
 * named after its controllers. 1: there it is, its path at *at, which moves on;
 * 0: it is none of ours; -ENOENT: it is not there; -EBADMSG.
 */
static int usual_tree(const char *line, char **at, struct cg_tree *ret)
{
	struct cg_tree t = { .ops = &cg_v1, .mount = *at, .whole = true };
	const char *names = line + strspn(line, "0123456789");
	size_t len = *names == ':' ? strcspn(++names, ":\n") : 0;

	if (names == line || names[len] != ':')
		return -EBADMSG;
	if (!len || strncmp(names, "name=", strlen("name=")) == 0)
		return 0; /* v2, or one that controls nothing */
	snprintf(*at, sizeof(USUAL "/") + len, USUAL "/%.*s", (int)len, names);
	t.controllers = v1_controllers(*at + strlen(USUAL "/"));
	if (!t.controllers)
		return 0;
	if (!is_mounted(*at, &cg_v1))
		return -ENOENT;
	*at += strlen(*at) + 1;
	*ret = t;
	return 1;
}

bool cg_trees_at_usual_places(const char *text, struct cg_trees *ret)
{
	_cleanup_free_ char *places = NULL;
	struct cg_trees t = { .n = 0 }, v2;
	size_t lines = 1;
	char *at;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	at = places = malloc(strlen(text) + lines * sizeof(USUAL "/"));
	if (!places || !cg_trees_v2_at_usual_place(&v2))
		return false;
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p != '\0') {
		int r = t.n < CG_TREES_MAX - 1 ? usual_tree(p, &at, &t.v[t.n]) : -E2BIG;

		if (r < 0)
			return false;
		t.n += (size_t)r;
	}
	t.v[t.n++] = v2.v[0];
	t.text = take_ptr(places);
	*ret = t;
	return true;
}

/*
 * The hierarchies this process sees; to be released with cg_trees_free(). Where all are
 * at their usual places that is a fraction of what reading the mount table costs.
 */
int cg_trees_load(struct cg_trees *ret, struct err *e)
{
	static const char path[] = "/proc/self/mountinfo";
	_cleanup_free_ char *text = NULL, *usual = NULL;
	struct cg_trees t;
	int r;

	if (file_read_at(AT_FDCWD, "/proc/self/cgroup", USUAL_MAX, &usual, NULL) >= 0 &&
	    cg_trees_at_usual_places(usual, ret))
		return 0;
	r = file_read_at(AT_FDCWD, path, MOUNTINFO_MAX, &text, NULL);
	if (r < 0)
		return err_sys(e, r, "read %s", path);
	r = cg_trees_parse(text, &t);
	if (r < 0)
		return err_sys(e, r, "find the cgroup hierarchies in %s", path);
	t.text = take_ptr(text);
	*ret = t;
	return 0;
}

void cg_trees_free(struct cg_trees *t)
{
	free(t->text);
	*t = (struct cg_trees){ .n = 0 };
}

const struct cg_tree *cg_tree_v2(const struct cg_trees *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].ops == &cg_v2)
			return &t->v[i];
	return NULL;
}

/* Where a container is held, which is where it is frozen: v2, else the freezer. */
const struct cg_tree *cg_tree_held(const struct cg_trees *t)
{
	const struct cg_tree *v2 = cg_tree_v2(t);

	return v2 ? v2 : cg_tree_of(t, CG_FREEZER);
}

const struct cg_tree *cg_tree_of(const struct cg_trees *t, enum cg_controller c)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].controllers & 1u << c)
			return &t->v[i];
	return controllers[c].v2 ? cg_tree_v2(t) : NULL;
}

/* A v2 tree counts cpu time without a controller: see cgroup_stats.c. */
uint32_t cg_counted_in(const struct cg_trees *trees, const struct cg_tree *t)
{
	static const enum cg_controller counting[] = { CG_MEMORY, CG_PIDS, CG_IO, CG_CPUACCT };
	uint32_t bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counting); i++)
		if (cg_tree_of(trees, counting[i]) == t &&
		    (counting[i] != CG_CPUACCT || !cg_tree_v2(trees)))
			bits |= 1u << counting[i];
	return bits;
}

int64_t cg_now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

/* Whether the text of a cgroup.procs lists pid. */
static bool lists(const char *text, long pid)
{
	char *end;

	for (const char *p = text; *p; p = *end ? end + 1 : end)
		if (strtol(p, &end, 10) == pid)
			return true;
	return false;
}

/* Opens the next members at *pos; a pid may be gone or another's by the time it is opened. */
static size_t open_members(const char **pos, pid_t *pids, struct pollfd *fds)
{
	size_t n = 0;

	while (**pos && n < KILL_BATCH) {
		char *end;
		long pid = strtol(*pos, &end, 10);
		int fd = pid > 0 && pid != getpid() ? pidfd_open((pid_t)pid, 0) : -1;

		*pos = *end ? end + 1 : end;
		if (fd < 0)
			continue;
		pids[n] = (pid_t)pid;
		fds[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return n;
}

/*
 * One batch, waited for until deadline. A pid read from cgroup.procs may die
 * and be reused before it is opened: only one that the file still lists after
 * it was opened is the member's, and the descriptor keeps it so.
 */
static int kill_batch(int group_fd, const char **pos, int64_t deadline)
{
	_cleanup_free_ char *now = NULL;
	struct pollfd fds[KILL_BATCH];
	pid_t pids[KILL_BATCH];
	size_t n = open_members(pos, pids, fds);
	int r = n ? file_read_at(group_fd, "cgroup.procs", PROCS_MAX, &now, NULL) : 0;
	int killed = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		if (lists(now, pids[i]) && pidfd_send_signal(fds[i].fd, SIGKILL, NULL, 0) == 0)
			killed++;
	for (size_t i = 0; i < n; i++) {
		int64_t left = deadline - cg_now_ms();

		if (r >= 0 && left > 0)
			poll(&fds[i], 1, (int)left);
		close(fds[i].fd);
	}
	return r < 0 ? r : killed;
}

/*
 * Kills the members of one group, not of those below, and waits up to wait_ms
 * for their end; returns how many were killed. What they forked meanwhile is
 * for the next call.
 */
int cg_kill_members(int group_fd, int wait_ms)
{
	_cleanup_free_ char *list = NULL;
	int64_t deadline = cg_now_ms() + wait_ms;
	int killed = 0, r = file_read_at(group_fd, "cgroup.procs", PROCS_MAX, &list, NULL);

	if (r < 0)
		return r;
	for (const char *pos = list; *pos;) {
		r = kill_batch(group_fd, &pos, deadline);
		if (r < 0)
			return r;
		killed += r;
	}
	return killed;
}
