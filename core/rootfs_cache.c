/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	DIR/.lock		held by who unpacks or sweeps
 *	DIR/KEY/root		what the archive has
 *	DIR/KEY/source		a link to the archive
 *	DIR/tmp.N/		being unpacked, becomes KEY by one rename
 *
 * KEY is device, inode, size and times of the archive: whoever writes to it gets a
 * new one. No content is read, so a start with an archive that is there costs a
 * few calls. A lock shared by those who use KEY keeps the sweep from it. With
 * .lock in hand there is no unpacker, so every tmp.N is one that died.
 */
#include "core/rootfs_cache.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/archive.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"

#define LOCK	".lock"
#define TMP	"tmp."
#define KEY_MAX 128

bool rootfs_cache_wanted(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void key_of(const struct stat *st, char buf[KEY_MAX])
{
	snprintf(buf, KEY_MAX, "%jx-%jx-%jx-%jx.%lx-%jx.%lx", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino, (uintmax_t)st->st_size, (uintmax_t)st->st_mtim.tv_sec,
		 (unsigned long)st->st_mtim.tv_nsec, (uintmax_t)st->st_ctim.tv_sec,
		 (unsigned long)st->st_ctim.tv_nsec);
}

/* KEY, with a shared lock on it; -ENOENT when it is not there, or is being removed. */
static int use(int dir_fd, const char *key)
{
	_cleanup_close_ int fd =
		openat(dir_fd, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat held, named;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -ENOENT : -errno;
	if (fstat(fd, &held) < 0 || fstatat(dir_fd, key, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    held.st_ino != named.st_ino)
		return -ENOENT;
	return take_fd(&fd);
}

/* ---- sweeping, with .lock in hand ---- */

/* Whether the archive that an entry came from is still as it was then. */
static bool current(int dir_fd, const char *key)
{
	char link[KEY_MAX + 16], source[PATH_MAX], now[KEY_MAX];
	struct stat st;
	ssize_t n;

	if (str_fmt(link, sizeof(link), "%s/source", key) < 0)
		return false;
	n = readlinkat(dir_fd, link, source, sizeof(source) - 1);
	if (n <= 0)
		return false;
	source[n] = '\0';
	if (stat(source, &st) < 0)
		return false;
	key_of(&st, now);
	return !strcmp(now, key);
}

/* First by rename to what every sweep removes: one that is killed half way leaves no KEY. */
static void entry_remove(int dir_fd, const char *key)
{
	_cleanup_close_ int fd =
		openat(dir_fd, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char gone[KEY_MAX + 16];

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    str_fmt(gone, sizeof(gone), TMP "%s", key) < 0)
		return;
	if (renameat(dir_fd, key, dir_fd, gone) < 0)
		return;
	crash_point("cache", "to be removed");
	dir_remove_at(dir_fd, gone);
	crash_point("cache", "removed");
}

static void sweep(int dir_fd)
{
	_cleanup_(strv_free) struct strv names = { 0 };

	if (dir_names(dir_fd, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		if (str_starts(names.v[i], TMP))
			dir_remove_at(dir_fd, names.v[i]);
		else if (!current(dir_fd, names.v[i]))
			entry_remove(dir_fd, names.v[i]);
}

void rootfs_cache_sweep(const char *dir)
{
	_cleanup_close_ int fd = -1, lock = -1;

	if (dir_open_private(dir, false, &fd, NULL) < 0)
		return;
	lock = lock_try_at(fd, LOCK);
	if (lock >= 0)
		sweep(fd);
}

/* ---- unpacking, with .lock in hand ---- */

/* All of it in tmp_fd, on disk. */
static int fill(int archive_fd, const char *path, int tmp_fd, struct err *e)
{
	_cleanup_free_ char *full = realpath(path, NULL);
	_cleanup_close_ int root = -1;

	if (!full || symlinkat(full, tmp_fd, "source") < 0 || mkdirat(tmp_fd, "root", 0755) < 0)
		return err_sys(e, errno, "prepare");
	root = openat(tmp_fd, "root", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* the archive may say otherwise of its "."; it is others who go through it */
	if (root < 0 || fchmod(root, 0755) < 0)
		return err_sys(e, errno, "prepare");
	return archive_unpack(archive_fd, root, e);
}

static int unpack_as(int dir_fd, const char *tmp, int archive_fd, const char *path, const char *key,
		     struct err *e)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (mkdirat(dir_fd, tmp, 0700) < 0)
		return err_sys(e, errno, "make a directory in the cache");
	fd = openat(dir_fd, tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "open a directory of the cache");
	crash_point("cache", "directory");
	r = fill(archive_fd, path, fd, e);
	crash_point("cache", "unpacked");
	/* it outlives a boot: a name without the content behind it must not */
	if (r >= 0 && (syncfs(fd) < 0 || renameat(dir_fd, tmp, dir_fd, key) < 0))
		r = err_sys(e, errno, "keep what was unpacked");
	return r;
}

static int unpack(int dir_fd, int archive_fd, const char *path, const char *key, struct err *e)
{
	char tmp[32];
	int r;

	snprintf(tmp, sizeof(tmp), TMP "%d", (int)getpid());
	r = unpack_as(dir_fd, tmp, archive_fd, path, key, e);
	crash_point("cache", "named");
	if (r < 0)
		dir_remove_at(dir_fd, tmp);
	return r;
}

/* A lock on KEY, which is unpacked when nobody has done that yet. */
static int use_or_unpack(int dir_fd, int archive_fd, const char *path, const char *key,
			 struct err *e)
{
	_cleanup_close_ int lock = -1;
	int r = use(dir_fd, key);

	if (r != -ENOENT)
		return r;
	lock = lock_acquire_at(dir_fd, LOCK);
	if (lock < 0)
		return err_sys(e, lock, "lock the cache");
	r = use(dir_fd, key);
	if (r != -ENOENT)
		return r;
	sweep(dir_fd);
	log_trace("unpacking %s", path);
	r = unpack(dir_fd, archive_fd, path, key, e);
	return r < 0 ? r : use(dir_fd, key);
}

int rootfs_cache_get(const char *dir, const char *path, char **ret, int *ret_lock, struct err *e)
{
	_cleanup_close_ int archive = open(path, O_RDONLY | O_CLOEXEC), dir_fd = -1, lock = -1;
	char key[KEY_MAX];
	struct stat st;
	int r;

	if (archive < 0 || fstat(archive, &st) < 0)
		return err_sys(e, errno, "open %s", path);
	r = dir_open_private(dir, true, &dir_fd, e);
	if (r < 0)
		return err_wrap(e, r, "cache of root file systems");
	key_of(&st, key);
	lock = use_or_unpack(dir_fd, archive, path, key, e);
	if (lock == -ENOSPC)
		err_hint(e, "%s is on a file system that is full", dir);
	if (lock < 0)
		return err_wrap(e, lock, "unpack %s", path);
	*ret = str_printf("%s/%s/root", dir, key);
	if (!*ret)
		return err_sys(e, -ENOMEM, "unpack %s", path);
	*ret_lock = take_fd(&lock);
	return 0;
}
