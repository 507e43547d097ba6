/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of a running container, changed one by one; a failure changes them back
 * in the opposite order. A v1 group that is not there yet gets its limits first
 * and then the processes, so that nobody ever runs in it without.
 *
 * A process is moved by its number, which costs an RCU grace period each. What
 * they make meanwhile is where they were: moving goes on until nobody is left over.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_settings.h"
#include "core/cgroup_stats.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

#define PROCS_MAX  (4u << 20)
#define MOVE_TRIES 50

struct update {
	const struct cg_trees *trees;
	const char *path;
	const struct ct_limits *limits;
	struct cg_settings settings;
	int fds[CG_TREES_MAX]; /* of the group in each tree; -1: none */
	bool made[CG_TREES_MAX];
	char *back[CG_TREES_MAX]; /* of those made: where the processes came from */
	size_t changed; /* settings */
};

/* ---- memory and swap: what is there says what a new value means ---- */

/* A file that the kernel lacks (swap is not counted) says what is given instead. */
static uint64_t number_at(int fd, const char *file, uint64_t instead)
{
	_cleanup_free_ char *text = NULL;

	return file_read_at(fd, file, 64, &text, NULL) < 0 ? instead : cg_stat_number(text, NULL);
}

struct memory {
	uint64_t memory, both; /* UINT64_MAX: no limit */
};

static struct memory memory_now(const struct update *u)
{
	struct memory m = { UINT64_MAX, UINT64_MAX };
	const struct cg_tree *t = cg_tree_of(u->trees, CG_MEMORY);
	int fd = t ? u->fds[t - u->trees->v] : -1;
	uint64_t swap;

	if (fd < 0)
		return m;
	if (t->ops == &cg_v1) {
		m.memory = number_at(fd, "memory.limit_in_bytes", UINT64_MAX);
		m.both = number_at(fd, "memory.memsw.limit_in_bytes", m.memory);
		return m;
	}
	m.memory = number_at(fd, "memory.max", UINT64_MAX);
	swap = number_at(fd, "memory.swap.max", 0);
	if (m.memory != UINT64_MAX && swap != UINT64_MAX)
		m.both = m.memory + swap;
	return m;
}

/*
 * With a new limit of memory alone, swap besides stays what it is; with one of both
 * together alone, memory does. Who had none gets what a start would give.
 */
static void complete(struct ct_limits *l, const struct memory *now)
{
	if (l->memory && !l->memory_swap && now->memory != UINT64_MAX) {
		if (now->both == UINT64_MAX)
			l->memory_swap = -1;
		else if (now->both > now->memory)
			l->memory_swap = (int64_t)(l->memory + now->both - now->memory);
	}
	if (l->memory_swap && !l->memory && now->memory != UINT64_MAX)
		l->memory = now->memory;
}

/* v1 refuses a limit of memory above that of both: a growing one comes second. */
static void put_in_order(struct cg_settings *s, const struct ct_limits *l, const struct memory *now)
{
	struct cg_setting *memory = NULL, *both = NULL, swap;

	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].file, "memory.limit_in_bytes") == 0)
			memory = &s->v[i];
		if (strcmp(s->v[i].file, "memory.memsw.limit_in_bytes") == 0)
			both = &s->v[i];
	}
	if (!memory || !both || now->both == UINT64_MAX || l->memory <= now->both)
		return;
	swap = *memory;
	*memory = *both;
	*both = swap;
}

/* ---- processes ---- */

static bool has_pid(const char *list, uint64_t pid)
{
	uint64_t v;

	for (const char *p = list; cur_u64(&p, 0, UINT64_MAX, &v); p += *p == '\n')
		if (v == pid)
			return true;
	return false;
}

/* Where a process is in a v1 hierarchy: "/x" of "5:cpu,cpuacct:/x" in its cgroup file. */
static char *place_of(uint64_t pid, const char *controller)
{
	_cleanup_free_ char *text = NULL;
	char path[48];
	size_t n = strlen(controller);

	snprintf(path, sizeof(path), "/proc/%llu/cgroup", (unsigned long long)pid);
	if (file_read_at(AT_FDCWD, path, PROCS_MAX, &text, NULL) < 0)
		return NULL;
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		char *names, *place, *at;

		line += *line == '\n';
		names = strchr(line, ':');
		place = names ? strchr(names + 1, ':') : NULL;
		for (at = names; place && at && at < place; at = strchr(at + 1, ','))
			if (strncmp(at + 1, controller, n) == 0 && strchr(",:", at[1 + n]))
				return strndup(place + 1, strcspn(place + 1, "\n"));
	}
	return NULL;
}

/* One that died meanwhile needs no move. */
static int move_one(int group_fd, uint64_t pid)
{
	char text[24];
	int r;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)pid);
	r = file_write_at(group_fd, "cgroup.procs", text);
	return r == -ESRCH ? 0 : r;
}

/* Whoever is in the container and not in the group yet goes there; how many did. */
static int move_others(struct update *u, size_t tree)
{
	const struct cg_tree *t = &u->trees->v[tree];
	unsigned controller = (unsigned)__builtin_ctz(t->controllers);
	_cleanup_free_ char *there = NULL;
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;
	int moved = 0, r = file_read_at(u->fds[tree], "cgroup.procs", PROCS_MAX, &there, NULL);

	if (r >= 0)
		r = cgroup_pids(u->path, &pids, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (has_pid(there, (uint64_t)pids[i]))
			continue;
		if (!u->back[tree])
			u->back[tree] =
				place_of((uint64_t)pids[i], cg_controller_name(controller, &cg_v1));
		r = move_one(u->fds[tree], (uint64_t)pids[i]);
		moved++;
	}
	return r < 0 ? r : moved;
}

static int move_all(struct update *u, size_t tree, struct err *e)
{
	const struct cg_tree *t = &u->trees->v[tree];
	int r = 1;

	for (int i = 0; r > 0 && i < MOVE_TRIES; i++)
		r = move_others(u, tree);
	return r < 0 ? err_sys(e, r, "%s: move the processes to %s/%s",
			       cg_settings_option(&u->settings, t), t->mount, u->path)
		     : 0;
}

/* ---- there and back ---- */

static void move_back(const struct update *u, size_t tree)
{
	const struct cg_tree *t = &u->trees->v[tree];
	const char *place = u->back[tree];
	_cleanup_free_ char *list = NULL;
	_cleanup_close_ int fd = -1;
	char full[PATH_MAX];
	uint64_t pid;

	if (file_read_at(u->fds[tree], "cgroup.procs", PROCS_MAX, &list, NULL) < 0 || !*list)
		return;
	/* a place that this mount does not show: its root is as near as one gets */
	if (str_fmt(full, sizeof(full), "%s%s", t->mount, place ? place : "") < 0)
		return;
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = open(t->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (const char *p = list; fd >= 0 && cur_u64(&p, 0, UINT64_MAX, &pid); p += *p == '\n')
		if (pid)
			move_one(fd, pid);
}

static void undo(struct update *u)
{
	for (size_t i = 0; i < u->trees->n; i++)
		if (u->made[i])
			move_back(u, i);
	while (u->changed > 0) {
		const struct cg_setting *s = &u->settings.v[--u->changed];

		cg_setting_undo(s, u->fds[s->tree - u->trees->v]);
	}
	/* by rmdir alone: cg_tree_remove() would kill who could not be moved back */
	for (size_t i = 0; i < u->trees->n; i++) {
		char full[PATH_MAX];

		if (u->made[i] && cg_full_path(&u->trees->v[i], u->path, full) == 0)
			rmdir(full);
	}
}

/* The groups that are there, and those that must be. */
static int open_groups(struct update *u, struct err *e)
{
	for (size_t i = 0; i < u->trees->n; i++) {
		u->fds[i] = cg_group_open(&u->trees->v[i], u->path);
		if (u->fds[i] < 0 && u->fds[i] != -ENOENT)
			return err_sys(e, u->fds[i], "open cgroup %s/%s", u->trees->v[i].mount,
				       u->path);
	}
	return 0;
}

static int make_groups(struct update *u, struct err *e)
{
	for (size_t i = 0; i < u->trees->n; i++) {
		const struct cg_tree *t = &u->trees->v[i];
		const char *option = cg_settings_option(&u->settings, t);

		if (!option || u->fds[i] >= 0)
			continue;
		u->fds[i] = cg_tree_make(t, u->path);
		if (u->fds[i] < 0)
			return err_sys(e, u->fds[i], "%s: make cgroup %s/%s", option, t->mount,
				       u->path);
		u->made[i] = true;
		/* before Linux 6.13 what they hold of memory can come along */
		if (t->controllers & 1u << CG_MEMORY)
			file_write_at(u->fds[i], "memory.move_charge_at_immigrate", "3");
	}
	return 0;
}

static int enable(struct update *u, struct err *e)
{
	const struct cg_tree *t = cg_tree_v2(u->trees);
	uint32_t bits = t ? cg_settings_controllers(&u->settings, t) : 0;
	int r = bits ? cg_v2_enable(t, u->path, u->fds[t - u->trees->v], bits, e) : 0;

	return r < 0 ? err_wrap(e, r, "%s", cg_settings_option(&u->settings, t)) : 0;
}

static int change(struct update *u, struct err *e)
{
	bool said = false;

	for (; u->changed < u->settings.n; u->changed++) {
		struct cg_setting *s = &u->settings.v[u->changed];
		int r = said ? 0 : cg_setting_change(s, u->path, u->fds[s->tree - u->trees->v], e);

		if (r < 0)
			return r;
		said = s->missing == CG_ELSE && r > 0;
	}
	return 0;
}

static int move(struct update *u, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < u->trees->n; i++)
		if (u->made[i])
			r = move_all(u, i, e);
	return r;
}

static int carry_out(struct update *u, struct err *e)
{
	const struct cg_tree *held = cg_tree_held(u->trees);
	struct ct_limits limits = *u->limits;
	struct memory now;
	int r = open_groups(u, e);

	if (r >= 0 && (!held || u->fds[held - u->trees->v] < 0))
		r = err_sys(e, -ENOENT, "cgroup %s", u->path);
	if (r < 0)
		return r;
	now = memory_now(u);
	complete(&limits, &now);
	r = cg_settings_make(u->trees, &limits, &u->settings, e);
	if (r < 0)
		return r;
	put_in_order(&u->settings, &limits, &now);
	r = make_groups(u, e);
	if (r >= 0)
		r = enable(u, e);
	if (r >= 0)
		r = change(u, e);
	return r < 0 ? r : move(u, e);
}

int cgroup_update(const char *path, const struct ct_limits *limits, struct err *e)
{
	struct cg_trees trees __attribute__((cleanup(cg_trees_free))) = { .n = 0 };
	struct update u = { .trees = &trees, .path = path, .limits = limits };
	int r;

	if (!*path)
		return err_set(e, -ENOTSUP, "the container has no control group");
	for (size_t i = 0; i < CG_TREES_MAX; i++)
		u.fds[i] = -1;
	r = cg_trees_load(&trees, e);
	if (r >= 0)
		r = carry_out(&u, e);
	if (r < 0)
		undo(&u);
	for (size_t i = 0; i < trees.n; i++) {
		fd_close(u.fds[i]);
		free(u.back[i]);
	}
	cg_settings_free(&u.settings);
	return r;
}
