/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking for containers: all of them, or one by a word that stands for it. */
#include "core/state_list.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/record.h"
#include "core/state.h"
#include "core/state_name.h"

int state_dir(int root_fd, const char *id)
{
	_cleanup_close_ int files = -1;

	if (!record_id_valid(id))
		return -EINVAL;
	if (!state_is_recorded(root_fd, id))
		return -ENOENT;
	files = dir_open_at(root_fd, "files", true);
	return files < 0 ? files : dir_open_at(files, id, true);
}

/* Every id there is, in the directory's order. */
static int ids_read(int containers_fd, struct strv *ret)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	int r = dir_names(containers_fd, &names);

	for (size_t i = 0; r >= 0 && i < names.n; i++)
		if (record_id_valid(names.v[i]))
			r = strv_add(ret, names.v[i]);
	return r;
}

int state_ids_open(int root_fd, int *ret_fd, struct strv *ret)
{
	int fd = dir_open_at(root_fd, "containers", false), r;

	if (fd < 0)
		return fd;
	r = ids_read(fd, ret);
	if (r < 0) {
		fd_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

struct info_list {
	struct ct_info *v;
	size_t n;
};

static void cleanup_list(struct info_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		ct_info_free(&l->v[i]);
	free(l->v);
}

static int by_creation(const void *a, const void *b)
{
	const struct ct_info *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	if (x->runner.start != y->runner.start)
		return x->runner.start < y->runner.start ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Records that vanish or are not written yet are passed over. */
static int list_load(int root_fd, struct info_list *ret)
{
	_cleanup_(strv_free) struct strv ids = { 0 };
	_cleanup_close_ int all = -1;
	struct record_now now;
	int r = state_ids_open(root_fd, &all, &ids);

	if (r >= 0)
		r = record_now(&now);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret->v = calloc(ids.n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < ids.n; i++) {
		r = record_load(all, ids.v[i], &now, &ret->v[ret->n]);
		if (err_is_passing(r))
			return r;
		ret->n += r >= 0;
	}
	qsort(ret->v, ret->n, sizeof(*ret->v), by_creation);
	return 0;
}

int state_list(int root_fd, state_fn *fn, void *ctx, struct err *e)
{
	_cleanup_(cleanup_list) struct info_list l = { 0 };
	int r = list_load(root_fd, &l);

	if (r < 0)
		return err_sys(e, r, "read the containers");
	for (size_t i = 0; i < l.n; i++) {
		r = fn(&l.v[i], ctx);
		if (r)
			return r;
	}
	return 0;
}

static const char *list_name(const void *ctx, size_t i)
{
	const struct info_list *l = ctx;

	return i < l->n ? l->v[i].name : NULL;
}

static int not_found(int root_fd, const char *word, struct err *e)
{
	_cleanup_(cleanup_list) struct info_list l = { 0 };
	const char *near;
	int r = err_set(e, -ENOENT, "no container %s", word);

	if (list_load(root_fd, &l) < 0)
		return r;
	near = str_nearest(word, list_name, &l);
	if (near)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "`ct ps` lists the containers");
	return r;
}

/* The id that word stands for: a name, an id, or the beginning of just one id. */
static int word_to_id(int root_fd, const char *word, char id[CT_ID_LEN + 1], struct err *e)
{
	_cleanup_(strv_free) struct strv ids = { 0 };
	_cleanup_close_ int names = dir_open_at(root_fd, "names", false), all = -1;
	const char *hit = NULL;
	size_t len = strlen(word);
	int r;

	if (name_check("container", word, NAME_MAX_CT, e) < 0)
		return -EINVAL;
	r = names < 0 ? names : state_name_holder(names, word, id);
	if (r >= 0)
		return 0;
	if (!err_is_passing(r))
		r = state_ids_open(root_fd, &all, &ids);
	if (err_is_passing(r))
		return err_sys(e, r, "look for container %s", word);
	if (len > CT_ID_LEN || r < 0)
		return not_found(root_fd, word, e);
	for (size_t i = 0; i < ids.n; i++) {
		if (strncmp(ids.v[i], word, len))
			continue;
		if (hit)
			return err_set(e, -EINVAL, "%s stands for more than one container (%s, %s)",
				       word, hit, ids.v[i]);
		hit = ids.v[i];
	}
	if (!hit)
		return not_found(root_fd, word, e);
	memcpy(id, hit, CT_ID_LEN + 1);
	return 0;
}

int state_find(int root_fd, const char *word, struct ct_info *ret, struct err *e)
{
	_cleanup_close_ int all = -1;
	char id[CT_ID_LEN + 1];
	struct record_now now;
	int r = word_to_id(root_fd, word, id, e);

	if (r < 0)
		return r;
	all = dir_open_at(root_fd, "containers", false);
	r = all < 0 ? all : record_now(&now);
	if (r >= 0)
		r = record_load(all, id, &now, ret);
	if (r == -ENOENT)
		return not_found(root_fd, word, e);
	return r < 0 ? err_sys(e, r, "read the record of %s", word) : 0;
}

int state_ready(const struct ct_info *i, struct err *e)
{
	if (!strcmp(i->status, "paused")) {
		err_hint(e, "`ct unpause %s` lets it go on", i->name);
		return err_set(e, -EBUSY, "container %s is paused", i->name);
	}
	if (i->init.pid > 0) /* who opens it will see whether it lives */
		return 0;
	return !strcmp(i->status, "exited")
		       ? err_set(e, -ESRCH, "container %s has exited (%d)", i->name, i->exit_code)
		       : err_set(e, -ESRCH, "container %s is not running", i->name);
}
