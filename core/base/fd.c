/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/fd.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMP_PREFIX ".tmp."
#define TEMP_TRIES  64 /* for a name that nobody has */
#define TEMP_AGE    5 /* seconds */

int fd_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t fd_read_all(int fd, void *buf, size_t len)
{
	char *p = buf;
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, p + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/*
 * Reads with a buffer that doubles, one byte more than max at most: that byte
 * tells a file of max bytes from a longer one. procfs hands out its content by
 * pages, so only an empty read means the end.
 */
int file_read_at(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	_cleanup_close_ int fd = -1;
	size_t cap = 0, len = 0;

	if (max >= SSIZE_MAX)
		return -EINVAL;
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while (len == cap) {
		char *p;
		ssize_t n;

		if (cap > max)
			return -EFBIG;
		cap = cap ? cap * 2 : 4096;
		if (cap > max)
			cap = max + 1;
		p = realloc(buf, cap + 1);
		if (!p)
			return -ENOMEM;
		buf = p;
		n = fd_read_all(fd, buf + len, cap - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
	}
	buf[len] = '\0';
	*ret = take_ptr(buf);
	if (ret_len)
		*ret_len = len;
	return 0;
}

/* The kernel takes each write(2) to such a file as one request: a cut one is an error. */
int file_write_at(int dirfd, const char *path, const char *text)
{
	_cleanup_close_ int fd = -1;
	size_t len = strlen(text);
	ssize_t n;

	fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/*
 * ".tmp.XXXX" in the directory of name; the time makes it unlike others': no getrandom(2),
 * no getpid(2).
 */
static int temp_name(const char *name, char *buf, size_t size)
{
	const char *slash = strrchr(name, '/');
	int dir_len = slash ? (int)(slash - name) + 1 : 0;
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return str_fmt(buf, size, "%.*s" TEMP_PREFIX "%llx.%lx", dir_len, name,
		       (long long)ts.tv_sec, ts.tv_nsec);
}

/* Between a name's making and its end there is a rename, or the writing of a small file. */
bool file_is_stale_temp(const char *name)
{
	unsigned long long made;
	struct timespec ts;
	char dot, *end;

	if (!str_starts(name, TEMP_PREFIX))
		return false;
	made = strtoull(name + strlen(TEMP_PREFIX), &end, 16);
	dot = *end;
	clock_gettime(CLOCK_REALTIME, &ts);
	return dot == '.' && end[1 + strspn(end + 1, "0123456789abcdef")] == '\0' &&
	       made + TEMP_AGE < (unsigned long long)ts.tv_sec;
}

/* O_EXCL makes it ours. */
static int temp_create(int dirfd, const char *name, mode_t mode, char *buf, size_t size)
{
	for (int tries = 0; tries < TEMP_TRIES; tries++) {
		int fd, r = temp_name(name, buf, size);

		if (r < 0)
			return r;
		fd = openat(dirfd, buf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
	}
	return -EEXIST;
}

/* openat(2) of the directory of name */
static int open_parent(int dirfd, const char *name, int flags, mode_t mode)
{
	const char *slash = strrchr(name, '/');
	char dir[PATH_MAX] = ".";
	int r = slash ? str_fmt(dir, sizeof(dir), "%.*s", (int)(slash - name) + 1, name) : 0;

	if (r < 0)
		return r;
	r = openat(dirfd, dir, flags | O_CLOEXEC, mode);
	return r < 0 ? -errno : r;
}

/* The rename itself is durable only when the directory was written, too. */
static int sync_parent(int dirfd, const char *name)
{
	_cleanup_close_ int fd = open_parent(dirfd, name, O_RDONLY | O_DIRECTORY, 0);

	return fd < 0 ? fd : fsync(fd) < 0 ? -errno : 0;
}

static int temp_fill(int fd, const void *buf, size_t len, mode_t mode, bool durable)
{
	int r = fd_write_all(fd, buf, len);

	if (r < 0)
		return r;
	/* the umask can only have taken bits of group and others away */
	if ((mode & 077) && fchmod(fd, mode) < 0)
		return -errno;
	return durable && fsync(fd) < 0 ? -errno : 0;
}

/* It has a name when it is whole: who is killed before leaves nothing. */
static int fill_new(int dirfd, const char *name, const void *buf, size_t len, mode_t mode,
		    bool durable)
{
	_cleanup_close_ int fd = open_parent(dirfd, name, O_TMPFILE | O_WRONLY, mode);
	int r = fd < 0 ? fd : temp_fill(fd, buf, len, mode, durable);

	return r == 0 && linkat(fd, "", dirfd, name, AT_EMPTY_PATH) < 0 ? -errno : r;
}

/* Where none without a name can be made. */
static int fill_temp(int dirfd, const char *name, const void *buf, size_t len, mode_t mode,
		     bool durable, char *temp, size_t size)
{
	_cleanup_close_ int fd = temp_create(dirfd, name, mode, temp, size);
	int r = fd < 0 ? fd : temp_fill(fd, buf, len, mode, durable);

	if (fd >= 0 && r < 0)
		unlinkat(dirfd, temp, 0);
	return r;
}

/*
 * Where there is a file of that name: by another, which has its own name for the moment
 * between link and rename alone.
 */
static int fill_and_rename(int dirfd, const char *name, const void *buf, size_t len, mode_t mode,
			   bool durable)
{
	char temp[PATH_MAX];
	int r = -EEXIST;

	for (int tries = 0; r == -EEXIST && tries < TEMP_TRIES; tries++) {
		r = temp_name(name, temp, sizeof(temp));
		if (r >= 0)
			r = fill_new(dirfd, temp, buf, len, mode, durable);
	}
	if (r < 0 && !err_is_passing(r))
		r = fill_temp(dirfd, name, buf, len, mode, durable, temp, sizeof(temp));
	if (r < 0)
		return r;
	if (renameat(dirfd, temp, dirfd, name) == 0)
		return 0;
	r = -errno;
	unlinkat(dirfd, temp, 0);
	return r;
}

int file_replace_at(int dirfd, const char *name, const void *buf, size_t len, mode_t mode,
		    bool durable)
{
	int r = faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : 0;

	if (r == 0)
		r = fill_new(dirfd, name, buf, len, mode, durable);
	if (r < 0 && !err_is_passing(r))
		r = fill_and_rename(dirfd, name, buf, len, mode, durable);
	if (r < 0)
		return r;
	return durable ? sync_parent(dirfd, name) : 0;
}

/*
 * Whoever removes a state directory removes its lock as well, so a lock that
 * was waited for may belong to no name any more; then the new file is tried.
 */
static int lock_at(int dirfd, const char *name, int op)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		struct stat st;
		int r;

		fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
			    0600);
		if (fd < 0)
			return -errno;
		do {
			r = flock(fd, op);
		} while (r < 0 && errno == EINTR);
		if (r < 0 || fstat(fd, &st) < 0)
			return -errno;
		if (st.st_nlink > 0)
			return take_fd(&fd);
	}
}

int lock_acquire_at(int dirfd, const char *name)
{
	return lock_at(dirfd, name, LOCK_EX);
}

int lock_try_at(int dirfd, const char *name)
{
	return lock_at(dirfd, name, LOCK_EX | LOCK_NB);
}

#define FDS_MAX 16

union fds_control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

/* len is at least 1: on a stream, descriptors travel only along with a byte. */
int fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n)
{
	union fds_control control = { .buf = { 0 } };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (!len || n > FDS_MAX)
		return -EINVAL;
	if (n) {
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
	}
	do {
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return (size_t)sent == len ? 0 : -EMSGSIZE;
}

/* Collects the descriptors of a message, all of them; returns how many. */
static size_t collect_fds(struct msghdr *msg, int fds[FDS_MAX])
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t k;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		k = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (k > FDS_MAX - n)
			k = FDS_MAX - n;
		memcpy(fds + n, CMSG_DATA(c), k * sizeof(int));
		n += k;
	}
	return n;
}

ssize_t fd_recv(int sock, void *buf, size_t len, int *fds, size_t max, size_t *ret_n)
{
	union fds_control control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	int got[FDS_MAX];
	ssize_t r;
	size_t n;

	do {
		r = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	n = collect_fds(&msg, got);
	if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || n > max) {
		for (size_t i = 0; i < n; i++)
			close(got[i]);
		return -EMSGSIZE;
	}
	if (n)
		memcpy(fds, got, n * sizeof(int));
	if (ret_n)
		*ret_n = n;
	return r;
}

/* No printf: see the declaration. */
int fd_self_path(char *buf, size_t size, int fd, const char *name)
{
	static const char dir[] = "/proc/self/fd/";
	char digits[12];
	size_t n = 0, at = sizeof(dir) - 1, len = name ? strlen(name) : 0;

	do
		digits[n++] = (char)('0' + fd % 10);
	while (fd /= 10);
	if (at + n + (name ? 1 : 0) + len >= size)
		return -ENAMETOOLONG;
	memcpy(buf, dir, at);
	while (n)
		buf[at++] = digits[--n];
	if (name)
		buf[at++] = '/';
	if (len)
		memcpy(buf + at, name, len);
	buf[at + len] = '\0';
	return 0;
}

/*
 * A unix socket in flight to itself is unreachable once its descriptors are
 * closed, and what travels with it is too. The kernel's collector finds that
 * when the next unix socket is closed, the peer here, and since 6.10 it closes
 * everything in a worker of its own (net/unix/garbage.c). Before that, and where
 * the limit of descriptors in flight is reached, it is closed here and now.
 */
void fd_abandon(int fd)
{
	int sv[2];

	if (fd < 0)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0) {
		fd_close(fd);
		return;
	}
	fd_send(sv[0], "", 1, (const int[]){ sv[1], fd }, 2);
	fd_close(fd);
	fd_close(sv[1]);
	fd_close(sv[0]);
}

int fd_close_others(unsigned from, const int *keep, size_t n)
{
	for (;;) {
		unsigned next = ~0U;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from && close_range(from, next == ~0U ? next : next - 1, 0) < 0)
			return -errno;
		if (next == ~0U)
			return 0;
		from = next + 1;
	}
}
