/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/record.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/state.h"

#define SPARE	   "spare" /* below the state root */
#define SPARE_MAX  65536
#define RECORD_MAX (1024UL * 1024) /* as json_load_at() */
#define MARK	   01600 /* mode of a marked one */

void ct_info_free(struct ct_info *i)
{
	for (size_t k = 0; i->command && i->command[k]; k++)
		free(i->command[k]);
	free(i->command);
	strv_free(&i->labels);
	strv_free(&i->env);
	strv_free(&i->groups);
	free(i->user);
	free(i->apparmor);
	free(i->selinux);
	free(i->workdir);
	free(i->cgroup);
	free(i->error);
	free(i->config);
	*i = (struct ct_info){ .exit_code = -1 };
}

void record_cleanup(struct ct_info *i)
{
	ct_info_free(i);
}

int record_now(struct record_now *ret)
{
	errno = 0;
	ret->pidns = proc_namespace();
	/* with another's, or with none, a record would never be that of somebody dead */
	return !ret->pidns && err_is_passing(-errno) ? -errno : boot_id(ret->boot);
}

/* ---- reading ---- */

/* A read that met a write half-way: once more, and the writer is through. */
static int load_json(int containers_fd, const char *id, json_t **ret)
{
	int r = json_load_at(containers_fd, id, ret);

	for (int i = 0; i < 3 && r == -EINVAL; i++)
		r = json_load_at(containers_fd, id, ret);
	return r;
}

int record_load(int containers_fd, const char *id, const struct record_now *now,
		struct ct_info *ret)
{
	_cleanup_json_ json_t *o = NULL;
	int r = load_json(containers_fd, id, &o);

	if (r >= 0)
		r = record_from_json(o, now, ret);
	if (r >= 0 && strcmp(ret->id, id)) {
		ct_info_free(ret);
		r = -EINVAL;
	}
	if (r > RECORD_LIVE)
		memcpy(ret->status, "dead", sizeof("dead"));
	return r;
}

int record_read(int fd, const struct record_now *now, struct ct_info *ret)
{
	_cleanup_json_ json_t *o = NULL;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size > RECORD_MAX)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	n = pread(fd, text, (size_t)st.st_size, 0);
	if (n < 0)
		return -errno;
	n = json_parse(text, (size_t)n, &o);
	return n < 0 ? (int)n : record_from_json(o, now, ret);
}

/* ---- writing ---- */

/*
 * On a full disk a write that makes the file longer would end half-way and leave
 * no record at all; of one that exists the room is there before it is written.
 */
static int make_room(int fd, const struct stat *st, size_t len)
{
	if (!st->st_size || len <= (size_t)st->st_blocks * 512 ||
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)len) == 0)
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? -errno : 0;
}

/* All of the file in one write, padded with line feeds where it was longer. */
static int overwrite(int fd, const char *text, size_t len)
{
	_cleanup_free_ char *buf = NULL;
	struct stat st;
	size_t size;
	ssize_t n;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = make_room(fd, &st, len);
	if (r < 0)
		return r;
	size = (size_t)st.st_size > len ? (size_t)st.st_size : len;
	buf = malloc(size + 1);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, text, len);
	memset(buf + len, '\n', size - len);
	n = pwrite(fd, buf, size, 0);
	if (n < 0)
		return -errno;
	return n == (ssize_t)size ? 0 : -ENOSPC;
}

static char *text_of(const struct ct_info *i, const struct record_now *now)
{
	_cleanup_json_ json_t *o = record_to_json(i, now);

	return o ? json_dumps(o, JSON_COMPACT) : NULL;
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
int record_create(int root_fd, int containers_fd, const struct ct_info *i,
		  const struct record_now *now)
{
	_cleanup_free_ char *text = text_of(i, now);
	int r;

	if (!text)
		return -ENOMEM;
	r = create_from_spare(root_fd, containers_fd, i->id, text);
	return r == -ENOENT ? create_new(containers_fd, i->id, text) : r;
}

/* Another's record may be in the same file by the time the lock is there. */
int record_lock(int containers_fd, const char *id, bool *ret_marked)
{
	_cleanup_close_ int fd = openat(containers_fd, id, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	if (!is_named(fd, containers_fd, id, &st))
		return -ENOENT;
	*ret_marked = st.st_mode & S_ISVTX;
	return take_fd(&fd);
}

int record_write(int fd, const struct ct_info *i, const struct record_now *now)
{
	_cleanup_free_ char *text = text_of(i, now);

	return text ? overwrite(fd, text, strlen(text)) : -ENOMEM;
}

int record_mark(int fd)
{
	return fchmod(fd, MARK) < 0 ? -errno : 0;
}

bool record_is_blank(int containers_fd, const char *id)
{
	_cleanup_free_ char *text = NULL;

	return file_read_at(containers_fd, id, SPARE_MAX, &text, NULL) >= 0 && *text &&
	       !text[strspn(text, "\n")];
}

/* Blank and under the spare's name, unless there is one already. */
static bool becomes_spare(int root_fd, int containers_fd, const char *id, int fd,
			  const struct stat *st)
{
	return st->st_size <= SPARE_MAX && !(st->st_mode & S_ISVTX) &&
	       faccessat(root_fd, SPARE, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	       /* an environment may hold secrets: nothing of it stays */
	       overwrite(fd, "", 0) >= 0 &&
	       renameat2(containers_fd, id, root_fd, SPARE, RENAME_NOREPLACE) == 0;
}

/*
 * Locked, and only while it has its name: when two sweep up after one runner,
 * the file may be the spare, or the next container's, before the second has it.
 */
int record_drop(int root_fd, int containers_fd, const char *id, bool all)
{
	_cleanup_close_ int fd = openat(containers_fd, id, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 && !all && !locked)
		return -EAGAIN;
	if (locked && is_named(fd, containers_fd, id, &st)) {
		if (!all && st.st_mode & S_ISVTX)
			return -EAGAIN;
		if (becomes_spare(root_fd, containers_fd, id, fd, &st))
			return 0;
	}
	unlinkat(containers_fd, id, 0);
	return 0;
}
