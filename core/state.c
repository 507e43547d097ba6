/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a creation: the record, under its random id, then the name. Who
 * finds a name therefore finds a record, at whatever moment a creator
 * dies. Names are taken without a
 * lock and released under one, so that a slow remover cannot unlink the name
 * of the next owner.
 */
#include "core/state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/cgroup.h"
#include "core/record.h"
#include "core/spec.h"

/* A file that is no record may, on some file systems, become one in a moment. */
#define GRACE_SECONDS 60

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

/* What the record repeats of the spec. */
static int info_fill(const struct ct_spec *spec, struct ct_info *i)
{
	struct strv cmd = { 0 };
	int r = copy_strings(spec->argv, &cmd);

	i->command = cmd.v;
	if (r >= 0)
		r = copy_strings(spec->labels.v, &i->labels);
	if (r >= 0)
		r = copy_strings(spec->env.v, &i->env);
	if (r < 0)
		return r;
	i->workdir = spec->workdir ? strdup(spec->workdir) : NULL;
	if (spec->workdir && !i->workdir)
		return -ENOMEM;
	i->exit_code = -1;
	i->created = time(NULL);
	i->caps = spec->caps;
	i->uid = spec->uid;
	i->gid = spec->gid;
	i->privileged = spec->privileged;
	i->seccomp_unconfined = spec->seccomp_unconfined;
	i->packet_sockets = spec->packet_sockets;
	memcpy(i->status, "created", sizeof("created"));
	return proc_identify(getpid(), &i->runner);
}

static int name_holder(int names_fd, const char *name, char id[CT_ID_LEN + 1])
{
	ssize_t n = readlinkat(names_fd, name, id, CT_ID_LEN + 1);

	if (n < 0)
		return -errno;
	if (n != CT_ID_LEN)
		return -EINVAL;
	id[n] = '\0';
	return record_id_valid(id) ? 0 : -EINVAL;
}

static int name_taken(int root_fd, const char *name, const char *id, struct err *e)
{
	_cleanup_(record_cleanup) struct ct_info other = { 0 };
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false);
	int r = err_set(e, -EEXIST, "name %s is taken by container %s", name, id);

	if (all >= 0 && record_load(all, id, &other) >= 0 && !strcmp(other.status, "dead"))
		err_hint(e, "its runner died; `ctnet gc` removes what is left of it");
	else
		err_hint(e, "choose another --name, or stop that container first");
	return r;
}

static bool is_recorded(int root_fd, const char *id)
{
	char path[sizeof("containers/") + CT_ID_LEN];

	return str_fmt(path, sizeof(path), "containers/%s", id) >= 0 &&
	       faccessat(root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A container without a name of its own is found by its id: no link needed. */
static int name_take(int root_fd, const struct ct_info *i, struct err *e)
{
	_cleanup_close_ int names = -1;
	char holder[CT_ID_LEN + 1];

	if (!strcmp(i->name, i->id))
		return 0;
	if (record_id_valid(i->name) && is_recorded(root_fd, i->name))
		return name_taken(root_fd, i->name, i->name, e);
	names = dir_open_at(root_fd, "names", true);
	if (names < 0)
		return err_sys(e, names, "open the directory of names");
	if (symlinkat(i->id, names, i->name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(e, -errno, "take the name %s", i->name);
	if (name_holder(names, i->name, holder) < 0)
		return err_set(e, -EEXIST, "name %s is taken", i->name);
	return name_taken(root_fd, i->name, holder, e);
}

int state_save(int root_fd, const struct ct_info *i, struct err *e)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false);
	int r = all < 0 ? all : record_save(all, i);

	return r < 0 ? err_sys(e, r, "write the record of %s", i->name) : 0;
}

/* Draws ids until one is nobody's; the record with it is the reservation. */
static int create(int root_fd, const struct ct_spec *spec, struct ct_info *i, struct err *e)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", true);
	char cgroup[sizeof(((struct cgroup *)0)->path)];
	int r;

	if (all < 0)
		return err_sys(e, all, "open the directory of containers");
	do {
		if (id_draw(i->id) < 0)
			return err_sys(e, -EIO, "draw an id");
		snprintf(i->name, sizeof(i->name), "%s", spec->name ? spec->name : i->id);
		r = cgroup_path(spec->cgroup_parent, i->id, cgroup, sizeof(cgroup), e);
		if (r < 0)
			return r;
		free(i->cgroup);
		i->cgroup = strdup(cgroup);
		r = i->cgroup ? record_create(root_fd, all, i) : -ENOMEM;
	} while (r == -EEXIST);
	return r < 0 ? err_sys(e, r, "write the record of %s", i->name) : 0;
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
	if (r >= 0)
		r = name_take(root_fd, &i, e);
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

/* ---- removal ---- */

static void name_drop(int names_fd, const char *name, const char *id)
{
	char holder[CT_ID_LEN + 1];

	if (name_holder(names_fd, name, holder) >= 0 && !strcmp(holder, id))
		unlinkat(names_fd, name, 0);
}

/* The record is gone or unreadable: whichever name points here. */
static void names_drop_all(int names_fd, const char *id)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = openat(names_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return;
	}
	for (struct dirent *ent; (ent = readdir(d));)
		if (ent->d_type == DT_LNK)
			name_drop(names_fd, ent->d_name, id);
}

/* name "": not known. */
static void name_release(int root_fd, const char *name, const char *id)
{
	_cleanup_close_ int names = -1, lock = -1;

	if (!strcmp(name, id))
		return;
	names = dir_open_at(root_fd, "names", false);
	if (names < 0)
		return;
	lock = lock_acquire_at(names, ".lock");
	if (*name)
		name_drop(names, name, id);
	else
		names_drop_all(names, id);
}

static void remove_all(int root_fd, int containers_fd, const char *name, const char *id)
{
	_cleanup_close_ int files = dir_open_at(root_fd, "files", false);

	name_release(root_fd, name, id);
	if (files >= 0)
		dir_remove_at(files, id);
	record_drop(root_fd, containers_fd, id);
}

void state_forget(int root_fd, const struct ct_info *i)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "containers", false);

	if (all >= 0)
		remove_all(root_fd, all, i->name, i->id);
}

void state_remove(int root_fd, const char *id)
{
	_cleanup_(record_cleanup) struct ct_info i = { 0 };
	_cleanup_close_ int all = -1;
	int r;

	if (!record_id_valid(id))
		return;
	all = dir_open_at(root_fd, "containers", false);
	if (all < 0)
		return;
	r = record_load(all, id, &i);
	remove_all(root_fd, all, r < 0 ? "" : i.name, id);
}

/* ---- looking ---- */

int state_dir(int root_fd, const char *id)
{
	_cleanup_close_ int files = -1;

	if (!record_id_valid(id))
		return -EINVAL;
	if (!is_recorded(root_fd, id))
		return -ENOENT;
	files = dir_open_at(root_fd, "files", true);
	return files < 0 ? files : dir_open_at(files, id, true);
}

static void cleanup_strv(struct strv *s)
{
	strv_free(s);
}

/* Every id there is, in the directory's order. */
static int ids_read(int containers_fd, struct strv *ret)
{
	_cleanup_(cleanup_strv) struct strv names = { 0 };
	int r = dir_names(containers_fd, &names);

	for (size_t i = 0; r >= 0 && i < names.n; i++)
		if (record_id_valid(names.v[i]))
			r = strv_add(ret, names.v[i]);
	return r;
}

/* Opens the directory of all containers; -ENOENT when there never was one. */
static int ids_open(int root_fd, int *ret_fd, struct strv *ret)
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
	_cleanup_(cleanup_strv) struct strv ids = { 0 };
	_cleanup_close_ int all = -1;
	int r = ids_open(root_fd, &all, &ids);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret->v = calloc(ids.n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < ids.n; i++)
		if (record_load(all, ids.v[i], &ret->v[ret->n]) >= 0)
			ret->n++;
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
	_cleanup_(cleanup_strv) struct strv ids = { 0 };
	_cleanup_close_ int names = dir_open_at(root_fd, "names", false), all = -1;
	const char *hit = NULL;
	size_t len = strlen(word);

	if (name_check("container", word, NAME_MAX_CT, e) < 0)
		return -EINVAL;
	if (names >= 0 && name_holder(names, word, id) >= 0)
		return 0;
	if (len > CT_ID_LEN || ids_open(root_fd, &all, &ids) < 0)
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
	int r = word_to_id(root_fd, word, id, e);

	if (r < 0)
		return r;
	all = dir_open_at(root_fd, "containers", false);
	r = all < 0 ? all : record_load(all, id, ret);
	if (r == -ENOENT)
		return not_found(root_fd, word, e);
	return r < 0 ? err_sys(e, r, "read the record of %s", word) : 0;
}

/* ---- rubbish ---- */

/* Without a record: rubbish when older than any creation takes. A rename counts. */
static bool is_old(int containers_fd, const char *id)
{
	struct stat st;

	return fstatat(containers_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       time(NULL) - st.st_ctim.tv_sec > GRACE_SECONDS;
}

static void gc_one(int root_fd, int containers_fd, const char *id,
		   void (*dead)(const char *id, void *ctx), void *ctx)
{
	_cleanup_(record_cleanup) struct ct_info i = { 0 };
	int r = record_load(containers_fd, id, &i);

	if (r < 0 ? !is_old(containers_fd, id) : strcmp(i.status, "dead") != 0)
		return;
	log_trace("gc: container %s", id);
	if (dead)
		dead(id, ctx);
	if (i.cgroup && *i.cgroup)
		cgroup_remove(i.cgroup);
	state_remove(root_fd, id);
}

/*
 * With a limit the start is drawn, so that repeated short visits see everything
 * however many live containers there are.
 */
int state_gc(int root_fd, unsigned max, void (*dead)(const char *id, void *ctx), void *ctx)
{
	_cleanup_(cleanup_strv) struct strv ids = { 0 };
	_cleanup_close_ int all = -1;
	uint32_t at = 0;
	int r = ids_open(root_fd, &all, &ids);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!max || max > ids.n)
		max = (unsigned)ids.n;
	else if (getrandom(&at, sizeof(at), 0) != sizeof(at))
		at = 0;
	for (unsigned i = 0; i < max; i++)
		gc_one(root_fd, all, ids.v[(at % ids.n + i) % ids.n], dead, ctx);
	return 0;
}
