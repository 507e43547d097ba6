/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a creation: the record, under its random id, then the name. Who
 * finds a name therefore finds a record, at whatever moment a creator dies.
 *
 * A record is its runner's: it writes what it has in memory and reads nothing.
 * Others change it under its lock and leave a mark (core/record.h). A runner
 * that meets the mark keeps what is theirs: the name, the wish that it ends,
 * and what was asked for.
 */
#include "core/state.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/cgroup.h"
#include "core/record.h"
#include "core/spec.h"
#include "core/spec_json.h"
#include "core/state_name.h"

static int cannot_write(const char *name, int num, struct err *e)
{
	if (num == -ENOSPC || num == -EDQUOT)
		err_hint(e, "the file system of the state is full: make room, or use another "
			    "--root");
	return err_sys(e, num, "write the record of %s", name);
}

/* ---- creation ---- */

static int id_draw(char id[CT_ID_LEN + 1])
{
	uint8_t b[CT_ID_LEN / 2];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	for (size_t i = 0; i < sizeof(b); i++)
		snprintf(id + 2 * i, 3, "%02x", b[i]);
	return 0;
}

static int copy_strings(char *const *v, struct strv *ret)
{
	int r = 0;

	for (; r >= 0 && v && *v; v++)
		r = strv_add(ret, *v);
	return r;
}

static int copy_text(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

/* Text of the configuration, NULL when there is nothing to say. */
static int config_of(const struct ct_spec *spec, char **ret)
{
	_cleanup_json_ json_t *o = spec_to_json(spec);

	if (!o)
		return -ENOMEM;
	*ret = json_object_size(o) ? json_dumps(o, JSON_COMPACT) : NULL;
	return json_object_size(o) && !*ret ? -ENOMEM : 0;
}

static int copy_texts(const struct ct_spec *spec, struct ct_info *i)
{
	struct strv cmd = { 0 };
	int r = copy_strings(spec->argv, &cmd);

	i->command = cmd.v;
	if (r >= 0)
		r = copy_strings(spec->labels.v, &i->labels);
	if (r >= 0)
		r = copy_strings(spec->env.v, &i->env);
	if (r >= 0)
		r = config_of(spec, &i->config);
	if (r >= 0)
		r = copy_strings(spec->groups.v, &i->groups);
	if (r >= 0)
		r = copy_text(spec->user, &i->user);
	if (r >= 0)
		r = copy_text(spec->apparmor, &i->apparmor);
	if (r >= 0)
		r = copy_text(spec->selinux, &i->selinux);
	return r < 0 ? r : copy_text(spec->workdir, &i->workdir);
}

/* What the record repeats of the spec. */
static int info_fill(const struct ct_spec *spec, struct ct_info *i)
{
	int r = copy_texts(spec, i);

	if (r < 0)
		return r;
	i->exit_code = -1;
	i->created = time(NULL);
	i->caps = spec->caps;
	i->uid = spec->uid;
	i->gid = spec->gid;
	i->privileged = spec->privileged;
	i->seccomp_unconfined = spec->seccomp_unconfined;
	i->packet_sockets = spec->packet_sockets;
	i->new_privs = spec->new_privs;
	i->ambient = spec->ambient;
	i->filter = spec->filter != NULL;
	i->detached = spec->detach;
	i->auto_remove = spec->remove;
	i->stop_signal = spec->stop_signal;
	i->stop_timeout = spec->stop_timeout;
	memcpy(i->status, "created", sizeof("created"));
	return proc_identify(getpid(), &i->runner);
}

/* Draws ids until one is nobody's; the record with it is the reservation. */
static int create(int root_fd, const struct ct_spec *spec, struct ct_info *i, struct err *e)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", true);
	char cgroup[sizeof(((struct cgroup *)0)->path)];
	struct record_now now;
	int r = record_now(&now);

	if (all < 0)
		return err_sys(e, all, "open the directory of containers");
	if (r < 0)
		return cannot_write(spec->name ? spec->name : "a container", r, e);
	memcpy(i->boot, now.boot, sizeof(i->boot));
	i->pidns = now.pidns;
	do {
		if (id_draw(i->id) < 0)
			return err_sys(e, -EIO, "draw an id");
		snprintf(i->name, sizeof(i->name), "%s", spec->name ? spec->name : i->id);
		r = cgroup_path(spec->cgroup_parent, i->id, cgroup, sizeof(cgroup), e);
		if (r < 0)
			return r;
		free(i->cgroup);
		i->cgroup = strdup(cgroup);
		r = i->cgroup ? record_create(root_fd, all, i, &now) : -ENOMEM;
	} while (r == -EEXIST);
	return r < 0 ? cannot_write(i->name, r, e) : 0;
}

int state_create(int root_fd, struct ct_spec *spec, struct ct_info *ret, struct err *e)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	int r;

	if (spec->name) {
		r = name_check("container", spec->name, NAME_MAX_CT, e);
		if (r < 0)
			return r;
	}
	r = info_fill(spec, &i);
	if (r < 0)
		return err_sys(e, r, "prepare the record");
	r = create(root_fd, spec, &i, e);
	crash_point("state", "record");
	if (r >= 0)
		r = state_name_take(root_fd, i.name, i.id, e);
	crash_point("state", "name");
	if (r < 0) {
		state_remove(root_fd, i.id);
		return r;
	}
	*ret = i;
	i = (struct ct_info){ 0 };
	spec->id = ret->id;
	spec->name = ret->name;
	return 0;
}

/* ---- change ---- */

/* What others may have written meanwhile stays; the texts are borrowed. */
static int save_marked(int fd, const struct ct_info *i, const struct record_now *now)
{
	_cleanup_(record_cleanup) struct ct_info there = { 0 };
	struct ct_info both = *i;
	int r = record_read(fd, now, &there);

	if (r < 0)
		return r;
	memcpy(both.name, there.name, sizeof(both.name));
	both.stopping |= there.stopping;
	both.config = there.config;
	return record_write(fd, &both, now);
}

static int now_of(const struct ct_info *i, struct record_now *ret)
{
	if (!i->boot[0])
		return record_now(ret);
	memcpy(ret->boot, i->boot, sizeof(ret->boot));
	ret->pidns = i->pidns;
	return 0;
}

int state_save(int root_fd, const struct ct_info *i, struct err *e)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false), fd = -1;
	struct record_now now;
	bool marked = false;
	int r = all < 0 ? all : now_of(i, &now);

	if (r >= 0)
		r = fd = record_lock(all, i->id, &marked);
	if (r >= 0)
		r = marked ? save_marked(fd, i, &now) : record_write(fd, i, &now);
	return r < 0 ? cannot_write(i->name, r, e) : 0;
}

/* The record as it is now, under its lock, which *ret_fd holds. -ENOENT: gone, or dead. */
static int open_living(int root_fd, const char *id, const struct record_now *now,
		       struct ct_info *ret, int *ret_fd)
{
	_cleanup_close_ int all = -1, fd = -1;
	bool marked;
	int r;

	if (!record_id_valid(id))
		return -EINVAL;
	all = dir_open_at(root_fd, "containers", false);
	r = all < 0 ? all : record_lock(all, id, &marked);
	if (r < 0)
		return r;
	fd = r;
	r = record_read(fd, now, ret);
	if (r < 0)
		return r;
	if (r > RECORD_LIVE || strcmp(ret->id, id))
		return -ENOENT;
	/* before anything is written: a mark too many costs a file, one too few a change */
	r = marked ? 0 : record_mark(fd);
	crash_point("state", "marked");
	if (r >= 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int state_change(int root_fd, const char *id, int (*fn)(struct ct_info *i, void *ctx), void *ctx,
		 struct err *e)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	_cleanup_close_ int fd = -1;
	struct record_now now;
	int r = record_now(&now), n;

	if (r >= 0)
		r = open_living(root_fd, id, &now, &i, &fd);
	if (r == -ENOENT)
		return err_set(e, r, "container %s is gone", id);
	if (r < 0)
		return err_sys(e, r, "read the record of %s", id);
	n = fn(&i, ctx);
	if (n < 0)
		return n;
	r = record_write(fd, &i, &now);
	crash_point("state", "changed");
	return r < 0 ? cannot_write(i.name, r, e) : n;
}

/* The names' lock and the record's are held: nobody removes either. */
static int change_name(int root_fd, int fd, struct ct_info *i, const struct record_now *now,
		       const char *name, struct err *e)
{
	int r;

	if (!strcmp(i->name, name))
		return err_set(e, -EINVAL, "%s is its name already", name);
	r = state_name_take(root_fd, name, i->id, e);
	if (r < 0)
		return r;
	crash_point("rename", "name taken");
	str_fmt(i->name, sizeof(i->name), "%s", name);
	r = record_write(fd, i, now);
	crash_point("rename", "record");
	return r < 0 ? cannot_write(name, r, e) : 0;
}

int state_rename(int root_fd, const char *id, const char *name, struct err *e)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	_cleanup_close_ int names = -1, lock = -1, fd = -1;
	char old[sizeof(i.name)];
	struct record_now now;
	int r = name_check("container", name, NAME_MAX_CT, e);

	if (r < 0)
		return r;
	names = dir_open_at(root_fd, "names", true);
	lock = names < 0 ? names : state_name_lock(names);
	if (lock < 0)
		return err_sys(e, lock, "lock the names");
	r = record_now(&now);
	if (r >= 0)
		r = open_living(root_fd, id, &now, &i, &fd);
	if (r < 0)
		return r == -ENOENT ? err_set(e, r, "container %s is gone", id)
				    : err_sys(e, r, "read the record of %s", id);
	memcpy(old, i.name, sizeof(old));
	r = change_name(root_fd, fd, &i, &now, name, e);
	if (r >= 0)
		state_name_drop(names, old, id);
	else if (strcmp(old, name) != 0)
		state_name_drop(names, name, id);
	crash_point("rename", "name dropped");
	return r;
}

/* ---- removal ---- */

/*
 * Everything that others may have done meanwhile: names, while nothing is
 * renamed, and control groups of new limits, which the runner does not know of.
 */
static void remove_marked(int root_fd, int containers_fd, const struct ct_info *i)
{
	_cleanup_close_ int names = dir_open_at(root_fd, "names", false), lock = -1;

	if (i->cgroup && *i->cgroup)
		cgroup_remove(i->cgroup);
	crash_point("remove", "cgroup");
	if (names >= 0) {
		lock = state_name_lock(names);
		state_name_drop(names, NULL, i->id);
	}
	crash_point("remove", "names");
	record_drop(root_fd, containers_fd, i->id, true);
}

static void name_release(int root_fd, const char *name, const char *id)
{
	_cleanup_close_ int names = -1, lock = -1;

	if (!strcmp(name, id))
		return;
	names = dir_open_at(root_fd, "names", false);
	if (names < 0)
		return;
	lock = state_name_lock(names);
	state_name_drop(names, *name ? name : NULL, id);
}

/* A name "" is not known. */
static void remove_all(int root_fd, int containers_fd, const struct ct_info *i)
{
	_cleanup_close_ int files = dir_open_at(root_fd, "files", false);

	name_release(root_fd, i->name, i->id);
	crash_point("remove", "name");
	if (files >= 0)
		dir_remove_at(files, i->id);
	crash_point("remove", "files");
	if (record_drop(root_fd, containers_fd, i->id, false) == -EAGAIN)
		remove_marked(root_fd, containers_fd, i);
	crash_point("remove", "record");
}

void state_forget(int root_fd, const struct ct_info *i)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false);

	if (all >= 0)
		remove_all(root_fd, all, i);
}

int state_remove(int root_fd, const char *id)
{
	_cleanup_(record_cleanup) struct ct_info i = { 0 };
	_cleanup_close_ int all = -1;
	struct record_now now;

	if (!record_id_valid(id))
		return -EINVAL;
	all = dir_open_at(root_fd, "containers", false);
	if (all < 0)
		return all == -ENOENT ? 0 : all;
	if (record_now(&now) < 0 || record_load(all, id, &now, &i) < 0)
		str_fmt(i.id, sizeof(i.id), "%s", id);
	remove_all(root_fd, all, &i);
	return 0;
}
