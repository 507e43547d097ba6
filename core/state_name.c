/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/state_name.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/record.h"

int state_name_holder(int names_fd, const char *name, char id[CT_ID_LEN + 1])
{
	ssize_t n = readlinkat(names_fd, name, id, CT_ID_LEN + 1);

	if (n < 0)
		return -errno;
	if (n != CT_ID_LEN)
		return -EINVAL;
	id[n] = '\0';
	return record_id_valid(id) ? 0 : -EINVAL;
}

bool state_is_recorded(int root_fd, const char *id)
{
	char path[sizeof("containers/") + CT_ID_LEN];

	return str_fmt(path, sizeof(path), "containers/%s", id) >= 0 &&
	       faccessat(root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int taken(int root_fd, const char *name, const char *id, struct err *e)
{
	_cleanup_(record_cleanup) struct ct_info other = { 0 };
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false);
	struct record_now now;
	int r = err_set(e, -EEXIST, "name %s is taken by container %s", name, id);

	if (all < 0 || record_now(&now) < 0 || record_load(all, id, &now, &other) < 0)
		other.status[0] = '\0';
	if (!strcmp(other.status, "dead"))
		err_hint(e, "its runner died; `ctnet gc` removes what is left of it");
	else if (!strcmp(other.status, "exited"))
		err_hint(e, "it has exited; `ct rm %s` removes it", other.name);
	else
		err_hint(e, "choose another --name, or stop that container first");
	return r;
}

/* A record comes before its name and goes after it: a name without one is a leftover. */
static bool is_stale(int root_fd, const char *id)
{
	return !state_is_recorded(root_fd, id) && errno == ENOENT;
}

static void drop_locked(int names_fd, const char *name, const char *id)
{
	_cleanup_close_ int lock = state_name_lock(names_fd);

	state_name_drop(names_fd, name, id);
}

static int take(int root_fd, int names_fd, const char *name, const char *id)
{
	char holder[CT_ID_LEN + 1];

	if (symlinkat(id, names_fd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (state_name_holder(names_fd, name, holder) < 0 || !is_stale(root_fd, holder))
		return -EEXIST;
	drop_locked(names_fd, name, holder);
	return symlinkat(id, names_fd, name) < 0 ? -errno : 0;
}

void state_name_sweep(int root_fd)
{
	_cleanup_close_ int names = dir_open_at(root_fd, "names", false);
	_cleanup_(strv_free) struct strv all = { 0 };
	char holder[CT_ID_LEN + 1];

	if (names < 0)
		return;
	dir_names(names, &all);
	for (size_t i = 0; i < all.n; i++)
		if (state_name_holder(names, all.v[i], holder) >= 0 && is_stale(root_fd, holder))
			drop_locked(names, all.v[i], holder);
}

/* A container without a name of its own is found by its id: no link needed. */
int state_name_take(int root_fd, const char *name, const char *id, struct err *e)
{
	_cleanup_close_ int names = -1;
	char holder[CT_ID_LEN + 1];
	int r;

	if (!strcmp(name, id))
		return 0;
	if (record_id_valid(name) && state_is_recorded(root_fd, name))
		return taken(root_fd, name, name, e);
	names = dir_open_at(root_fd, "names", true);
	if (names < 0)
		return err_sys(e, names, "open the directory of names");
	r = take(root_fd, names, name, id);
	if (r != -EEXIST)
		return r < 0 ? err_sys(e, r, "take the name %s", name) : 0;
	if (state_name_holder(names, name, holder) < 0)
		return err_set(e, -EEXIST, "name %s is taken", name);
	return taken(root_fd, name, holder, e);
}

int state_name_lock(int names_fd)
{
	return lock_acquire_at(names_fd, ".lock");
}

static void drop_one(int names_fd, const char *name, const char *id)
{
	char holder[CT_ID_LEN + 1];

	if (state_name_holder(names_fd, name, holder) >= 0 && !strcmp(holder, id))
		unlinkat(names_fd, name, 0);
}

void state_name_drop(int names_fd, const char *name, const char *id)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd;

	if (name) {
		drop_one(names_fd, name, id);
		return;
	}
	fd = openat(names_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return;
	}
	for (struct dirent *ent; (ent = readdir(d));)
		if (ent->d_type == DT_LNK)
			drop_one(names_fd, ent->d_name, id);
}
