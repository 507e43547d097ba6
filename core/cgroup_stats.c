/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel counted, as one table: a member of struct cgroup_stats, the
 * controller that counts it, and the file and key of either version.
 *
 * The cpu time of a group is counted by every v2 tree, without any controller
 * (cgroup_base_stat_cputime_show() of kernel/cgroup/rstat.c), so a container
 * that is held there needs no cpuacct.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/cgroup_stats.h"
#include "core/cgroup_tree.h"

#define STAT_MAX (1u << 20)
/* v1 says "no limit" as the largest multiple of a page that fits a signed word */
#define NO_LIMIT ((uint64_t)INT64_MAX - (1u << 20))

struct counter_file {
	const char *name;
	const char *key; /* NULL: the file is the number */
	uint32_t scale;
};

struct counter {
	size_t offset; /* in struct cgroup_stats */
	enum cg_extent extent; /* the least that it is part of */
	enum cg_controller controller;
	struct counter_file v1, v2;
};

/* clang-format off */
#define MEMBER(m) offsetof(struct cgroup_stats, m)

/* Neighbours of one file stand together: it is read once for them. */
static const struct counter counters[] = {
	{ MEMBER(cpu_ns), CG_STATS_RECORDED, CG_CPUACCT,
	  { "cpuacct.usage", NULL, 1 }, { "cpu.stat", "usage_usec", 1000 } },
	{ MEMBER(cpu_user_ns), CG_STATS_ALL, CG_CPUACCT,
	  { "cpuacct.usage_user", NULL, 1 }, { "cpu.stat", "user_usec", 1000 } },
	{ MEMBER(cpu_system_ns), CG_STATS_ALL, CG_CPUACCT,
	  { "cpuacct.usage_sys", NULL, 1 }, { "cpu.stat", "system_usec", 1000 } },
	{ MEMBER(throttled_ns), CG_STATS_ALL, CG_CPU,
	  { "cpu.stat", "throttled_time", 1 }, { "cpu.stat", "throttled_usec", 1000 } },
	{ MEMBER(memory), CG_STATS_ALL, CG_MEMORY,
	  { "memory.usage_in_bytes", NULL, 1 }, { "memory.current", NULL, 1 } },
	{ MEMBER(memory_peak), CG_STATS_RECORDED, CG_MEMORY,
	  { "memory.max_usage_in_bytes", NULL, 1 }, { "memory.peak", NULL, 1 } },
	{ MEMBER(memory_limit), CG_STATS_ALL, CG_MEMORY,
	  { "memory.limit_in_bytes", NULL, 1 }, { "memory.max", NULL, 1 } },
	{ MEMBER(memory_cache), CG_STATS_ALL, CG_MEMORY,
	  { "memory.stat", "total_inactive_file", 1 }, { "memory.stat", "inactive_file", 1 } },
	{ MEMBER(oom_kills), CG_STATS_OOMS, CG_MEMORY,
	  { "memory.oom_control", "oom_kill", 1 }, { "memory.events", "oom_kill", 1 } },
	{ MEMBER(pids), CG_STATS_ALL, CG_PIDS,
	  { "pids.current", NULL, 1 }, { "pids.current", NULL, 1 } },
	{ MEMBER(pids_limit), CG_STATS_ALL, CG_PIDS,
	  { "pids.max", NULL, 1 }, { "pids.max", NULL, 1 } },
};
/* clang-format on */

/* ---- texts ---- */

uint64_t cg_stat_number(const char *text, const char *key)
{
	size_t len = key ? strlen(key) : 0;
	uint64_t v;

	for (const char *p = text; key && (strncmp(p, key, len) != 0 || p[len] != ' ');) {
		p = strchr(p, '\n');
		if (!p)
			return UINT64_MAX;
		text = ++p;
	}
	text += key ? len + 1 : 0;
	if (!cur_u64(&text, 0, UINT64_MAX, &v) || (*text && *text != '\n') || v > NO_LIMIT)
		return UINT64_MAX;
	return v;
}

/* The number behind word in the line that begins at p; 0 where there is none. */
static uint64_t number_behind(const char *p, const char *word)
{
	size_t line = strcspn(p, "\n");
	const char *at = strstr(p, word);
	uint64_t v;

	if (!at || at >= p + line)
		return 0;
	at += strlen(word);
	return cur_u64(&at, 0, UINT64_MAX, &v) ? v : 0;
}

/*
 * v1: "254:0 Read 4096", a line for each kind of operation; v2:
 * "254:0 rbytes=4096 wbytes=0 ...". A device that was never used has no line.
 */
void cg_stat_io(const char *text, bool v2, uint64_t *ret_read, uint64_t *ret_write)
{
	const char *read = v2 ? " rbytes=" : " Read ", *write = v2 ? " wbytes=" : " Write ";

	*ret_read = *ret_write = 0;
	for (const char *p = text; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		*ret_read += number_behind(p, read);
		*ret_write += number_behind(p, write);
	}
}

/* ---- files ---- */

/* The file that was read last. */
struct reader {
	int fd;
	const char *name;
	char *text;
};

static const char *reader_text(struct reader *r, int fd, const char *name)
{
	if (r->text && r->fd == fd && strcmp(r->name, name) == 0)
		return r->text;
	free(r->text);
	r->text = NULL;
	r->fd = fd;
	r->name = name;
	return file_read_at(fd, name, STAT_MAX, &r->text, NULL) < 0 ? NULL : r->text;
}

static int group_of(const struct cg_trees *trees, const int *fds, const struct cg_tree *t)
{
	return t ? fds[t - trees->v] : -1;
}

static uint64_t count(const struct cg_trees *trees, const int *fds, const struct counter *c,
		      struct reader *reader)
{
	const struct cg_tree *t = cg_tree_of(trees, c->controller);
	const struct counter_file *f;
	const char *text;
	uint64_t v;

	/* what is not counted in v1 may be in the tree where the container is held */
	if (group_of(trees, fds, t) < 0)
		t = cg_tree_v2(trees);
	if (group_of(trees, fds, t) < 0)
		return UINT64_MAX;
	f = t->ops == &cg_v2 ? &c->v2 : &c->v1;
	text = reader_text(reader, group_of(trees, fds, t), f->name);
	v = text ? cg_stat_number(text, f->key) : UINT64_MAX;
	return v > UINT64_MAX / f->scale ? UINT64_MAX : v * f->scale;
}

static void count_io(const struct cg_trees *trees, const int *fds, struct cgroup_stats *s,
		     struct reader *reader)
{
	static const char *const v1[] = { "blkio.throttle.io_service_bytes_recursive",
					  "blkio.throttle.io_service_bytes" };
	const struct cg_tree *t = cg_tree_of(trees, CG_IO);
	int fd = group_of(trees, fds, t);
	const char *text = NULL;

	if (fd < 0)
		return;
	if (t->ops == &cg_v2)
		text = reader_text(reader, fd, "io.stat");
	for (size_t i = 0; t->ops == &cg_v1 && !text && i < ARRAY_SIZE(v1); i++)
		text = reader_text(reader, fd, v1[i]);
	if (text)
		cg_stat_io(text, t->ops == &cg_v2, &s->io_read, &s->io_write);
}

void cg_stats_read(const struct cg_trees *trees, const int *fds, enum cg_extent extent,
		   struct cgroup_stats *ret)
{
	struct reader reader = { .fd = -1 };

	memset(ret, 0xff, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t v;

		if (counters[i].extent < extent)
			continue;
		v = count(trees, fds, &counters[i], &reader);
		memcpy((char *)ret + counters[i].offset, &v, sizeof(v));
	}
	if (extent == CG_STATS_ALL)
		count_io(trees, fds, ret, &reader);
	free(reader.text);
}

/* Whether a counter that is wanted may be there. */
static bool counts(const struct cg_trees *trees, const struct cg_tree *t, enum cg_extent extent)
{
	if (extent == CG_STATS_ALL || t->ops == &cg_v2)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (counters[i].extent >= extent && cg_tree_of(trees, counters[i].controller) == t)
			return true;
	return false;
}

/* -ENOENT: it has no group. */
static int read_groups(const struct cg_trees *trees, const char *path, enum cg_extent extent,
		       struct cgroup_stats *ret)
{
	int fds[CG_TREES_MAX];
	bool any = false;

	for (size_t i = 0; i < trees->n; i++) {
		const struct cg_tree *t = &trees->v[i];

		fds[i] = counts(trees, t, extent) ? cg_group_open(t, path) : -ENOENT;
		any |= fds[i] >= 0;
	}
	if (any)
		cg_stats_read(trees, fds, extent, ret);
	for (size_t i = 0; i < trees->n; i++)
		fd_close(fds[i]);
	return any ? 0 : -ENOENT;
}

int cgroup_stats(const char *path, struct cgroup_stats *ret, struct err *e)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	int r = *path ? cg_trees_load(&trees, e) : 0;

	if (r < 0)
		return r;
	r = read_groups(&trees, path, CG_STATS_ALL, ret);
	return r < 0 ? err_sys(e, r, "cgroup %s", path) : 0;
}

/* Where it made them. */
static int read_own(const struct cgroup *cg, enum cg_extent extent, struct cgroup_stats *ret)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	int r = !cg->path[0] ? -ENOENT : cg->trees ? 0 : cg_trees_load(&trees, NULL);

	return r < 0 ? r : read_groups(cg->trees ? cg->trees : &trees, cg->path, extent, ret);
}

int cgroup_stats_recorded(const struct cgroup *cg, struct cgroup_stats *ret)
{
	return read_own(cg, CG_STATS_RECORDED, ret);
}

int cgroup_stats_ooms(const struct cgroup *cg, struct cgroup_stats *ret)
{
	return read_own(cg, CG_STATS_OOMS, ret);
}

/* ---- want of memory ---- */

/* Kernel: Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control". */
static int oom_fd_v1(int group_fd)
{
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	_cleanup_close_ int control = openat(group_fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	char text[32];
	int r;

	if (event < 0 || control < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d %d", event, control);
	r = file_write_at(group_fd, "cgroup.event_control", text);
	return r < 0 ? r : take_fd(&event);
}

/* The file's own path, through the descriptor: inotify takes no other. */
static int oom_fd_v2(int group_fd)
{
	_cleanup_close_ int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[64];

	if (watch < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/memory.events", group_fd);
	if (inotify_add_watch(watch, path, IN_MODIFY) < 0)
		return errno == ENOENT ? -ENOTSUP : -errno;
	return take_fd(&watch);
}

int cgroup_oom_fd(const char *path)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	_cleanup_close_ int fd = -1;
	const struct cg_tree *t;
	int r = *path ? cg_trees_load(&trees, NULL) : 0;

	if (r < 0)
		return r;
	t = cg_tree_of(&trees, CG_MEMORY);
	fd = t ? cg_group_open(t, path) : -ENOENT;
	if (fd == -ENOENT)
		return -ENOTSUP;
	if (fd < 0)
		return fd;
	return t->ops == &cg_v2 ? oom_fd_v2(fd) : oom_fd_v1(fd);
}
