/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/copy_file.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <sys/xattr.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/copy.h"

#define CHUNK	  (256u << 10)
#define SIZELESS  (64LL << 20) /* of a file that says it is empty: those of /proc */
#define XATTR_MAX 65536

/* ---- owner, mode, attributes, times ---- */

static uint32_t translate(const struct procfs_ids *from, const struct procfs_ids *to, uint32_t id)
{
	uint32_t inside = procfs_id_inside(from, id);

	return inside == UINT32_MAX ? UINT32_MAX : procfs_id_outside(to, inside);
}

/* Without archive all is root's in a container, and the caller's outside. */
static void owner_of(const struct copy_spec *s, const struct stat *st, uint32_t *ret_uid,
		     uint32_t *ret_gid)
{
	if (s->archive) {
		*ret_uid = translate(&s->from.uids, &s->to.uids, st->st_uid);
		*ret_gid = translate(&s->from.gids, &s->to.gids, st->st_gid);
	} else if (s->to.root_fd >= 0) {
		*ret_uid = procfs_id_outside(&s->to.uids, 0);
		*ret_gid = procfs_id_outside(&s->to.gids, 0);
	} else {
		*ret_uid = geteuid();
		*ret_gid = getegid();
	}
}

/* path "" for fd itself */
static int set_owner(const struct copy_spec *s, const struct stat *st, int fd, const char *path)
{
	struct stat now;
	uint32_t uid, gid;
	int flags = *path ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;

	owner_of(s, st, &uid, &gid);
	if (uid == UINT32_MAX || gid == UINT32_MAX)
		return -EOVERFLOW;
	if (fstatat(fd, path, &now, flags) < 0)
		return -errno;
	if (now.st_uid == uid && now.st_gid == gid)
		return 0;
	return fchownat(fd, path, uid, gid, flags) < 0 ? -errno : 0;
}

/* What the copy of a file should not have is what would be trusted of a host's file. */
static mode_t mode_of(const struct copy_spec *s, const struct stat *st)
{
	if (s->archive)
		return st->st_mode & 07777;
	return st->st_mode & (S_ISDIR(st->st_mode) ? 01777 : 0777);
}

static bool xattr_wanted(const char *name)
{
	return str_starts(name, "user.") || !strcmp(name, "security.capability") ||
	       str_starts(name, "system.posix_acl_");
}

/* Where the file system of the copy has none such, they are left out. */
static int copy_xattrs(int from_fd, int fd)
{
	_cleanup_free_ char *names = malloc(XATTR_MAX), *value = malloc(XATTR_MAX);
	ssize_t len, n;

	if (!names || !value)
		return -ENOMEM;
	len = flistxattr(from_fd, names, XATTR_MAX);
	for (const char *at = names; at < names + len; at += strlen(at) + 1) {
		if (!xattr_wanted(at))
			continue;
		n = fgetxattr(from_fd, at, value, XATTR_MAX);
		if (n >= 0 && fsetxattr(fd, at, value, (size_t)n, 0) < 0 && errno != EOPNOTSUPP)
			return -errno;
	}
	return 0;
}

/* In this order: a change of owner takes set-id bits and capabilities away. */
int copy_attributes(const struct copy_spec *s, int from_fd, const struct stat *st, int fd)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };
	int r = set_owner(s, st, fd, "");

	if (r >= 0 && fchmod(fd, mode_of(s, st)) < 0)
		r = -errno;
	if (r >= 0 && s->archive)
		r = copy_xattrs(from_fd, fd);
	if (r >= 0 && futimens(fd, times) < 0)
		r = -errno;
	return r;
}

/* ---- the new thing gets its name ---- */

static int draw_name(char buf[32])
{
	uint64_t x;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x))
		return -EIO;
	snprintf(buf, 32, ".ct-cp-%016llx", (unsigned long long)x);
	return 0;
}

/* In place of what is there, in one step. */
static int put_in_place(int dir_fd, const char *made, const char *name)
{
	int r = renameat(dir_fd, made, dir_fd, name) < 0 ? -errno : 0;

	if (r < 0)
		unlinkat(dir_fd, made, 0);
	return r;
}

/* A file that had no name takes one; one that had (made) changes it. */
static int name_it(int fd, int dir_fd, char made[32], const char *name)
{
	char self[32];
	int r;

	if (made[0])
		return put_in_place(dir_fd, made, name);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, dir_fd, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	r = draw_name(made);
	if (r >= 0 && linkat(AT_FDCWD, self, dir_fd, made, AT_SYMLINK_FOLLOW) < 0)
		r = -errno;
	return r < 0 ? r : put_in_place(dir_fd, made, name);
}

/* made: its name for now; "" where the file system has files without one. */
static int open_new(int dir_fd, char made[32])
{
	int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), r;

	made[0] = '\0';
	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
		return -errno;
	r = draw_name(made);
	if (r < 0)
		return r;
	fd = openat(dir_fd, made, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

/* ---- contents ---- */

static int copy_by_buffer(int in, int out, off_t at, off_t end)
{
	_cleanup_free_ char *buf = malloc(CHUNK);

	while (buf && at < end) {
		size_t want = end - at < (off_t)CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = pread(in, buf, want, at);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (lseek(out, at, SEEK_SET) < 0)
			return -errno;
		r = fd_write_all(out, buf, (size_t)n);
		if (r < 0)
			return r;
		at += n;
	}
	return buf ? 0 : -ENOMEM;
}

/* One stretch of data; what the kernel does not copy by itself goes through a buffer. */
static int copy_extent(int in, int out, off_t at, off_t end)
{
	off_t to = at;

	while (at < end) {
		ssize_t n = copy_file_range(in, &at, out, &to, (size_t)(end - at), 0);

		if (n < 0 && errno == ENOSPC)
			return -ENOSPC;
		if (n <= 0)
			return copy_by_buffer(in, out, at, end);
	}
	return 0;
}

/*
 * As much as the file had when it was looked at, so that one who goes on writing
 * does not keep us; holes stay holes.
 */
static int copy_data(int in, int out, off_t size)
{
	off_t at = 0;

	if (size == 0)
		return copy_by_buffer(in, out, 0, SIZELESS);
	while (at < size) {
		off_t data = lseek(in, at, SEEK_DATA), hole;
		int r;

		if (data < 0 && errno == ENXIO)
			break; /* a hole to the end */
		if (data < 0 || data >= size)
			return data < 0 ? copy_extent(in, out, at, size) : 0;
		hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0 || hole > size)
			hole = size;
		r = copy_extent(in, out, data, hole);
		if (r < 0)
			return r;
		at = hole;
	}
	return ftruncate(out, size) < 0 ? -errno : 0;
}

static int copy_regular(const struct copy_spec *s, int from_fd, const struct stat *st, int dir_fd,
			const char *name)
{
	_cleanup_close_ int in = -1, out = -1;
	char path[32], made[32];
	int r;

	/* held already as a regular file: nothing that would block or act */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", from_fd);
	in = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	out = open_new(dir_fd, made);
	if (out < 0)
		return out;
	r = copy_data(in, out, st->st_size);
	if (r >= 0)
		r = copy_attributes(s, in, st, out);
	if (r >= 0)
		return name_it(out, dir_fd, made, name);
	if (made[0])
		unlinkat(dir_fd, made, 0);
	return r;
}

static int make_link(int from_fd, int dir_fd, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from_fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlinkat(target, dir_fd, name) < 0 ? -errno : 0;
}

/* What has no contents: a link or a FIFO. */
static int copy_node(const struct copy_spec *s, int from_fd, const struct stat *st, int dir_fd,
		     const char *name)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };
	bool link = S_ISLNK(st->st_mode);
	char made[32];
	int r = draw_name(made);

	if (r < 0)
		return r;
	if (link)
		r = make_link(from_fd, dir_fd, made);
	else if (mkfifoat(dir_fd, made, mode_of(s, st)) < 0)
		r = -errno;
	if (r < 0)
		return r;
	r = set_owner(s, st, dir_fd, made);
	if (r >= 0 && utimensat(dir_fd, made, times, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r >= 0)
		return put_in_place(dir_fd, made, name);
	unlinkat(dir_fd, made, 0);
	return r;
}

/*
 * Somebody else's mount on the name would go with it, unasked: the kernel refuses
 * a rename only over those of the caller's own namespace (is_local_mountpoint).
 */
static bool is_mounted_over(int dir_fd, const char *name)
{
	struct statx st;

	return statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st) == 0 &&
	       st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

int copy_file(const struct copy_spec *s, int from_fd, const struct stat *st, int dir_fd,
	      const char *name)
{
	if (is_mounted_over(dir_fd, name))
		return -EBUSY;
	return S_ISREG(st->st_mode) ? copy_regular(s, from_fd, st, dir_fd, name)
				    : copy_node(s, from_fd, st, dir_fd, name);
}
