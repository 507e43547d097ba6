/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of containers whose runner died without cleaning up. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cgroup.h"
#include "core/record.h"
#include "core/state.h"
#include "core/state_list.h"
#include "core/state_name.h"

/* A file that is no record may, on some file systems, become one in a moment. */
#define GRACE_SECONDS 60

struct sweep {
	int root_fd, containers_fd;
	struct record_now now;
	void (*dead)(const char *id, void *ctx);
	void *ctx;
};

/* Without a record: rubbish when older than any creation takes. A rename counts. */
static bool is_old(int containers_fd, const char *id)
{
	struct stat st;

	return fstatat(containers_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       time(NULL) - st.st_ctim.tv_sec > GRACE_SECONDS;
}

/* Of a detached one that was there for its user: not of one that never ran. */
static bool is_kept(const struct ct_info *i, enum record_life life)
{
	return life == RECORD_DEAD && i->detached && !i->auto_remove && (i->started || i->init.pid);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Another sweep may have been here between the look and the lock. */
static int bury(const struct sweep *s, const char *id)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	_cleanup_close_ int fd = -1;
	bool marked;
	int r = fd = record_lock(s->containers_fd, id, &marked);

	if (r >= 0)
		r = record_read(fd, &s->now, &i);
	if (r < 0 || r == RECORD_LIVE)
		return r;
	memcpy(i.status, "exited", sizeof("exited"));
	i.exit_code = 128 + SIGKILL;
	i.init = i.runner = (struct proc_id){ 0 };
	i.finished = now_ns();
	i.health[0] = '\0';
	free(i.error);
	i.error = strdup("its monitor was killed");
	return record_write(fd, &i, &s->now);
}

static bool nameless(const struct sweep *s, const struct ct_info *i)
{
	_cleanup_close_ int names = -1;
	char holder[CT_ID_LEN + 1];
	int r;

	if (strcmp(i->status, "exited") != 0 || !strcmp(i->name, i->id))
		return false;
	r = names = dir_open_at(s->root_fd, "names", false);
	if (r >= 0)
		r = state_name_holder(names, i->name, holder);
	return r < 0 ? !err_is_passing(r) : strcmp(holder, i->id) != 0;
}

/*
 * Of one that has exited the name goes first: what has none is left by a removal
 * that was killed. Who renames holds the lock.
 */
static bool half_removed(const struct sweep *s, const struct ct_info *i)
{
	_cleanup_(record_cleanup) struct ct_info now = { .exit_code = -1 };
	_cleanup_close_ int fd = -1;
	bool marked;

	if (!nameless(s, i))
		return false;
	fd = record_lock(s->containers_fd, i->id, &marked);
	return fd >= 0 && record_read(fd, &s->now, &now) == RECORD_LIVE && nameless(s, &now);
}

static void visit(const struct sweep *s, const char *id)
{
	_cleanup_(record_cleanup) struct ct_info i = { 0 };
	int life = record_load(s->containers_fd, id, &s->now, &i);

	if (life == RECORD_LIVE && half_removed(s, &i))
		state_remove(s->root_fd, id);
	if (err_is_passing(life))
		return;
	if (life == RECORD_LIVE)
		return;
	if (life < 0 && !record_is_blank(s->containers_fd, id) && !is_old(s->containers_fd, id))
		return;
	log_trace("gc: container %s", id);
	if (s->dead)
		s->dead(id, s->ctx);
	if (i.cgroup && *i.cgroup)
		cgroup_remove(i.cgroup);
	crash_point("gc", "cgroup");
	if (life < 0 || !is_kept(&i, (enum record_life)life))
		state_remove(s->root_fd, id);
	else if (bury(s, id) < 0)
		log_trace("gc: the record of %s cannot be written", id);
	crash_point("gc", "record");
}

/* What a removal that could not be finished left of a container without a record. */
static void sweep_files(int root_fd)
{
	_cleanup_(strv_free) struct strv ids = { 0 };
	_cleanup_close_ int files = dir_open_at(root_fd, "files", false);

	if (files < 0)
		return;
	dir_names(files, &ids);
	for (size_t i = 0; i < ids.n; i++)
		if (record_id_valid(ids.v[i]) && !state_is_recorded(root_fd, ids.v[i]) &&
		    errno == ENOENT)
			dir_remove_at(files, ids.v[i]);
}

/*
 * With a limit the start is drawn, so that repeated short visits see everything
 * however many live containers there are.
 */
int state_gc(int root_fd, unsigned max, void (*dead)(const char *id, void *ctx), void *ctx)
{
	_cleanup_(strv_free) struct strv ids = { 0 };
	_cleanup_close_ int all = -1;
	struct sweep s = { .root_fd = root_fd, .dead = dead, .ctx = ctx };
	const bool whole = !max;
	uint32_t at = 0;
	int r = state_ids_open(root_fd, &all, &ids);

	if (r >= 0 && ids.n)
		r = record_now(&s.now);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	s.containers_fd = all;
	if (!max || max > ids.n)
		max = (unsigned)ids.n;
	else if (getrandom(&at, sizeof(at), 0) != sizeof(at))
		at = 0;
	for (unsigned i = 0; i < max; i++)
		visit(&s, ids.v[(at % ids.n + i) % ids.n]);
	if (whole) {
		state_name_sweep(root_fd);
		sweep_files(root_fd);
	}
	return 0;
}
