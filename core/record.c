/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/record.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"

#define SPARE	  "spare" /* below the state root */
#define SPARE_MAX 65536

void ct_info_free(struct ct_info *i)
{
	for (size_t k = 0; i->command && i->command[k]; k++)
		free(i->command[k]);
	free(i->command);
	strv_free(&i->labels);
	strv_free(&i->env);
	free(i->workdir);
	free(i->cgroup);
	*i = (struct ct_info){ .exit_code = -1 };
}

void record_cleanup(struct ct_info *i)
{
	ct_info_free(i);
}

bool record_id_valid(const char *s)
{
	return strlen(s) == CT_ID_LEN && strspn(s, "0123456789abcdef") == CT_ID_LEN;
}

static json_t *strings_to_json(char *const *v)
{
	json_t *a = json_array();

	for (; v && *v; v++)
		/* bytes that are not UTF-8 have no JSON form; they are left out */
		json_array_append_new(a, json_string(*v));
	return a;
}

static int strings_from_json(const json_t *a, struct strv *ret)
{
	size_t i;
	json_t *s;

	json_array_foreach(a, i, s)
	{
		int r = json_is_string(s) ? strv_add(ret, json_string_value(s)) : -EINVAL;

		if (r < 0)
			return r;
	}
	return 0;
}

static json_t *proc_to_json(const struct proc_id *p)
{
	return json_pack("{s:i, s:I}", "pid", (int)p->pid, "start", (json_int_t)p->start);
}

static void proc_from_json(const json_t *o, struct proc_id *ret)
{
	ret->pid = (pid_t)json_int(o, "pid", 0);
	ret->start = (uint64_t)json_int(o, "start", 0);
}

static json_t *info_to_json(const struct ct_info *i, const char *boot)
{
	_cleanup_json_ json_t *o =
		json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:i, s:I}", "id", i->id, "name",
			  i->name, "status", i->status, "boot", boot, "pidns",
			  (json_int_t)proc_namespace(), "runner", proc_to_json(&i->runner), "init",
			  proc_to_json(&i->init), "exit_code", i->exit_code, "created",
			  (json_int_t)i->created);

	if (!o || json_object_set_new(o, "command", strings_to_json(i->command)) ||
	    json_object_set_new(o, "labels", strings_to_json(i->labels.v)) ||
	    json_object_set_new(o, "env", strings_to_json(i->env.v)) ||
	    json_object_set_new(o, "caps", json_integer((json_int_t)i->caps)) ||
	    json_object_set_new(o, "uid", json_integer(i->uid)) ||
	    json_object_set_new(o, "gid", json_integer(i->gid)) ||
	    json_object_set_new(o, "privileged", json_boolean(i->privileged)) ||
	    json_object_set_new(o, "seccomp_unconfined", json_boolean(i->seccomp_unconfined)) ||
	    json_object_set_new(o, "packet_sockets", json_boolean(i->packet_sockets)) ||
	    (i->workdir && json_object_set_new(o, "workdir", json_string(i->workdir))) ||
	    (i->cgroup && json_object_set_new(o, "cgroup", json_string(i->cgroup))))
		return NULL;
	return take_ptr(o);
}

static int text_from_json(const json_t *o, const char *key, char **ret)
{
	const char *s = json_str(o, key, NULL);

	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

static int lists_from_json(const json_t *o, struct ct_info *ret)
{
	struct strv cmd = { 0 };
	int r = strings_from_json(json_object_get(o, "command"), &cmd);

	ret->command = cmd.v; /* the same shape: NULL-terminated and owned */
	if (r >= 0)
		r = strings_from_json(json_object_get(o, "labels"), &ret->labels);
	if (r >= 0)
		r = strings_from_json(json_object_get(o, "env"), &ret->env);
	if (r >= 0)
		r = text_from_json(o, "workdir", &ret->workdir);
	if (r >= 0)
		r = text_from_json(o, "cgroup", &ret->cgroup);
	return r;
}

/* Of a runner in another pid namespace nothing is known: it is taken for alive. */
static bool is_dead(const json_t *o, const char *boot, const struct proc_id *runner)
{
	int64_t here;

	if (strcmp(json_str(o, "boot", ""), boot))
		return true;
	if (proc_alive(runner))
		return false;
	here = (int64_t)proc_namespace();
	return json_int(o, "pidns", here) == here;
}

static int info_from_json(const json_t *o, const char *boot, struct ct_info *ret)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	int r;

	if (str_fmt(i.id, sizeof(i.id), "%s", json_str(o, "id", "")) < 0 ||
	    !record_id_valid(i.id) ||
	    str_fmt(i.name, sizeof(i.name), "%s", json_str(o, "name", "")) < 0 ||
	    name_check("container", i.name, NAME_MAX_CT, NULL) < 0 ||
	    str_fmt(i.status, sizeof(i.status), "%s", json_str(o, "status", "")) < 0)
		return -EINVAL;
	r = lists_from_json(o, &i);
	if (r < 0)
		return r;
	proc_from_json(json_object_get(o, "runner"), &i.runner);
	proc_from_json(json_object_get(o, "init"), &i.init);
	i.exit_code = (int)json_int(o, "exit_code", -1);
	i.created = json_int(o, "created", 0);
	i.caps = (uint64_t)json_int(o, "caps", 0);
	i.uid = (uint32_t)json_int(o, "uid", 0);
	i.gid = (uint32_t)json_int(o, "gid", 0);
	i.privileged = json_flag(o, "privileged", false);
	i.seccomp_unconfined = json_flag(o, "seccomp_unconfined", false);
	i.packet_sockets = json_flag(o, "packet_sockets", false);
	if (strcmp(i.status, "exited") && is_dead(o, boot, &i.runner))
		memcpy(i.status, "dead", sizeof("dead"));
	*ret = i;
	i = (struct ct_info){ 0 };
	return 0;
}

/* A read that met a write half-way: once more, and the writer is through. */
static int load_json(int containers_fd, const char *id, json_t **ret)
{
	int r = json_load_at(containers_fd, id, ret);

	for (int i = 0; i < 3 && r == -EINVAL; i++)
		r = json_load_at(containers_fd, id, ret);
	return r;
}

/* -ENOENT: no such container; -EINVAL: a file that is no record. */
int record_load(int containers_fd, const char *id, struct ct_info *ret)
{
	_cleanup_json_ json_t *o = NULL;
	char boot[37];
	int r = boot_id(boot);

	if (r >= 0)
		r = load_json(containers_fd, id, &o);
	if (r >= 0)
		r = info_from_json(o, boot, ret);
	if (r >= 0 && strcmp(ret->id, id)) {
		ct_info_free(ret);
		r = -EINVAL;
	}
	return r;
}

/* All of the file in one write, padded with line feeds where it was longer. */
static int overwrite(int fd, const char *text, size_t len)
{
	_cleanup_free_ char *buf = NULL;
	struct stat st;
	size_t size;

	if (fstat(fd, &st) < 0)
		return -errno;
	size = (size_t)st.st_size > len ? (size_t)st.st_size : len;
	buf = malloc(size + 1);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, text, len);
	memset(buf + len, '\n', size - len);
	return pwrite(fd, buf, size, 0) == (ssize_t)size ? 0 : -EIO;
}

static int text_of(const struct ct_info *i, char **ret)
{
	_cleanup_json_ json_t *o = NULL;
	char boot[37];
	int r = boot_id(boot);

	if (r < 0)
		return r;
	o = info_to_json(i, boot);
	*ret = o ? json_dumps(o, JSON_COMPACT) : NULL;
	return *ret ? 0 : -ENOMEM;
}

/* A file without a name yet; where the file system has none such, the name at once. */
static int create_new(int containers_fd, const char *id, const char *text)
{
	_cleanup_close_ int fd = openat(containers_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	int r;

	if (fd < 0) {
		fd = openat(containers_fd, id, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		return fd < 0 ? -errno : overwrite(fd, text, strlen(text));
	}
	r = overwrite(fd, text, strlen(text));
	if (r >= 0 && linkat(fd, "", containers_fd, id, AT_EMPTY_PATH) < 0)
		r = -errno;
	return r;
}

/* Whether fd is the regular file of that name; *ret is what it is. */
static bool is_named(int fd, int dirfd, const char *name, struct stat *ret)
{
	struct stat there;

	return fstat(fd, ret) == 0 && S_ISREG(ret->st_mode) &&
	       fstatat(dirfd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ret->st_ino == there.st_ino && ret->st_dev == there.st_dev;
}

/*
 * Making and deleting a file costs a disk file system 0.2 ms each, as much as a
 * process. So the file of the container that ended last is kept, blank, for the
 * next one: a rename is a twentieth of that. Who holds its lock may take it away.
 */
static int create_from_spare(int root_fd, int containers_fd, const char *id, const char *text)
{
	_cleanup_close_ int fd = openat(root_fd, SPARE, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_named(fd, root_fd, SPARE, &st))
		return -ENOENT;
	r = overwrite(fd, text, strlen(text));
	if (r >= 0 && renameat2(root_fd, SPARE, containers_fd, id, RENAME_NOREPLACE) < 0)
		r = -errno;
	return r;
}

/* The record is there with its name, whole, or not at all. */
int record_create(int root_fd, int containers_fd, const struct ct_info *i)
{
	_cleanup_free_ char *text = NULL;
	int r = text_of(i, &text);

	if (r < 0)
		return r;
	r = create_from_spare(root_fd, containers_fd, i->id, text);
	return r == -ENOENT ? create_new(containers_fd, i->id, text) : r;
}

/*
 * Locked, and only while it has its name: when two sweep up after one runner,
 * the file may be the spare, or the next container's, before the second has it.
 */
void record_drop(int root_fd, int containers_fd, const char *id)
{
	_cleanup_close_ int fd = openat(containers_fd, id, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	/* an environment may hold secrets: nothing of it stays */
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_named(fd, containers_fd, id, &st) ||
	    st.st_size > SPARE_MAX || faccessat(root_fd, SPARE, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    overwrite(fd, "", 0) < 0 ||
	    renameat2(containers_fd, id, root_fd, SPARE, RENAME_NOREPLACE) < 0)
		unlinkat(containers_fd, id, 0);
}

int record_save(int containers_fd, const struct ct_info *i)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	int r = text_of(i, &text);

	if (r < 0)
		return r;
	fd = openat(containers_fd, i->id, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : overwrite(fd, text, strlen(text));
}
