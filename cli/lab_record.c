/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/json.h"

#define LOCK "lock"

/* ---- the record ---- */

void lab_record_free(struct lab_record *r)
{
	free(r->file);
	strv_free(&r->unapplied);
	*r = (struct lab_record){ 0 };
}

int lab_record_init(struct lab_record *r, const char *name, const char *file)
{
	uint8_t b[6];

	/* first of all: by its name it is undone */
	if (str_fmt(r->name, sizeof(r->name), "%s", name) < 0)
		return -ENAMETOOLONG;
	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	for (size_t i = 0; i < sizeof(b); i++)
		snprintf(r->id + 2 * i, 3, "%02x", b[i]);
	r->file = file ? realpath(file, NULL) : NULL;
	r->created = time(NULL);
	return 0;
}

static json_t *proc_json(const struct proc_id *p)
{
	return json_pack("{s:i, s:I}", "pid", (int)p->pid, "start", (json_int_t)p->start);
}

static struct proc_id proc_of(const json_t *o, const char *key)
{
	const json_t *p = json_object_get(o, key);

	return (struct proc_id){ .pid = (pid_t)json_int(p, "pid", 0),
				 .start = (uint64_t)json_int(p, "start", 0) };
}

/*
 * Of which boot and pid namespace its processes are. What cannot be told is no answer: a lab
 * whose processes are taken for those of another time is taken for dead.
 */
static int here_and_now(char boot[37], uint64_t *ret_ns)
{
	int r = boot_id(boot);

	*ret_ns = proc_namespace();
	return r < 0 ? r : *ret_ns ? 0 : -EIO;
}

int lab_record_load(int dir_fd, struct lab_record *ret)
{
	_cleanup_json_ json_t *o = NULL;
	const char *file;
	const json_t *list;
	char boot[37];
	uint64_t ns;
	int r = json_load_at(dir_fd, LAB_RECORD, &o);

	if (r >= 0)
		r = here_and_now(boot, &ns);
	if (r < 0)
		return r;
	if (str_fmt(ret->name, sizeof(ret->name), "%s", json_str(o, "name", "")) < 0 ||
	    str_fmt(ret->id, sizeof(ret->id), "%s", json_str(o, "id", "")) < 0 || !ret->name[0] ||
	    !ret->id[0])
		return -EINVAL;
	list = json_object_get(o, "unapplied");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)))
			strv_add(&ret->unapplied, json_string_value(json_array_get(list, i)));
	file = json_str(o, "file", NULL);
	ret->file = file ? strdup(file) : NULL;
	ret->created = json_int(o, "created", 0);
	ret->nodes = (uint32_t)json_int(o, "nodes", 0);
	ret->stops = json_flag(o, "stops", false);
	ret->ready = json_flag(o, "ready", false);
	if (strcmp(boot, json_str(o, "boot", "")) || (uint64_t)json_int(o, "pidns", 0) != ns)
		return 0;
	ret->supervisor = proc_of(o, "supervisor");
	ret->maker = proc_of(o, "maker");
	return 0;
}

int lab_record_save(int dir_fd, const struct lab_record *r)
{
	_cleanup_json_ json_t *o = NULL;
	json_t *list = json_array();
	char boot[37];
	uint64_t ns;
	int n = here_and_now(boot, &ns);

	if (n < 0) {
		json_decref(list);
		return n;
	}
	for (size_t i = 0; i < r->unapplied.n; i++)
		json_array_append_new(list, json_string(r->unapplied.v[i]));
	o = json_pack("{s:s, s:s, s:s*, s:o, s:o, s:I, s:i, s:b, s:b, s:o, s:s, s:I}", "name",
		      r->name, "id", r->id, "file", r->file, "supervisor",
		      proc_json(&r->supervisor), "maker", proc_json(&r->maker), "created",
		      (json_int_t)r->created, "nodes", (int)r->nodes, "stops", r->stops, "ready",
		      r->ready, "unapplied", list, "boot", boot, "pidns", (json_int_t)ns);
	return o ? json_save_at(dir_fd, LAB_RECORD, o) : -ENOMEM;
}

enum lab_life lab_record_life(const struct lab_record *r)
{
	if (r->supervisor.pid && proc_alive(&r->supervisor))
		return r->ready ? LAB_RUNNING : LAB_STARTING;
	/* one whose supervisor is yet to be made, or was just seen to fail */
	return !r->ready && r->maker.pid && proc_alive(&r->maker) ? LAB_STARTING : LAB_DEAD;
}

/* ---- the directory ---- */

int lab_labs_fd(struct app *app, bool create)
{
	return dir_open_at(app->root_fd, "labs", create);
}

void lab_dir_close(struct lab_dir *d)
{
	fd_close(take_fd(&d->fd));
	fd_close(take_fd(&d->lock));
}

/* Whether nobody has removed or exchanged it since it was opened. */
static bool is_there(int labs_fd, const char *name, int dir_fd)
{
	struct stat now, ours;

	return fstatat(labs_fd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(dir_fd, &ours) == 0 && now.st_ino == ours.st_ino && now.st_dev == ours.st_dev;
}

/* 1: it went away meanwhile, and another may be there: a new one is nobody's until it is locked. */
static int lock_once(int labs_fd, const char *name, unsigned how, struct lab_dir *ret)
{
	_cleanup_lab_dir_ struct lab_dir d = LAB_DIR_INIT;

	d.fd = dir_open_at(labs_fd, name, how & LAB_DIR_MAKE);
	if (d.fd < 0)
		return d.fd == -ENOENT && how & LAB_DIR_MAKE ? 1 : d.fd;
	d.lock = how & LAB_DIR_TRY ? lock_try_at(d.fd, LOCK) : lock_acquire_at(d.fd, LOCK);
	if (d.lock < 0)
		return d.lock == -ENOENT ? 1 : d.lock;
	if (!is_there(labs_fd, name, d.fd))
		return 1;
	ret->fd = take_fd(&d.fd);
	ret->lock = take_fd(&d.lock);
	return 0;
}

int lab_dir_lock(struct app *app, const char *name, unsigned how, struct lab_dir *ret)
{
	int r;

	do {
		_cleanup_close_ int labs = lab_labs_fd(app, how & LAB_DIR_MAKE);

		r = labs < 0 ? labs : lock_once(labs, name, how, ret);
	} while (r > 0);
	return r;
}

/* Of one that cannot be read nobody knows. */
static bool may_be_of(int labs_fd, const char *name, const char *cgroup_id)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	_cleanup_close_ int fd = dir_open_at(labs_fd, name, false);
	int r = fd < 0 ? fd : lab_record_load(fd, &rec);

	if (r < 0)
		return r != -ENOENT;
	return str_starts(cgroup_id, rec.id) && cgroup_id[strlen(rec.id)] == '-';
}

bool lab_record_has(struct app *app, const char *cgroup_id)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	_cleanup_close_ int labs = lab_labs_fd(app, false);
	bool found = false;

	if (labs < 0 || dir_names(labs, &names) < 0)
		return labs != -ENOENT;
	for (size_t i = 0; !found && i < names.n; i++)
		found = may_be_of(labs, names.v[i], cgroup_id);
	return found;
}
