/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings are reached from a /proc that is shown to be the root of a procfs,
 * by a walk that crosses no mount and follows no link: what was mounted over
 * any part of it is refused, at the cost of a few cheap calls. Where something
 * lies over it (docker mounts /proc/sys again, read-only), a procfs of our own
 * that nobody else can reach serves instead; making one costs five times as
 * much (47 us against 10).
 *
 * What /proc/sys/net shows belongs to the network namespace of the task that
 * looks it up, so everything is opened inside the namespace.
 */
#include "net/sysctl.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/netns.h"

/* The inode number of the root of any procfs (include/linux/proc_ns.h). */
#define PROC_ROOT_INO 1
#define VALUE_MAX     512

static int open_safe(int dirfd, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* /proc, if it is one: a bind mount of a directory inside a procfs is not. */
static int host_proc(void)
{
	_cleanup_close_ int fd = -1;
	struct statfs fs;
	struct stat st;

	fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INO)
		return -EXDEV;
	return take_fd(&fd);
}

static int own_proc(void)
{
	_cleanup_close_ int fs = -1;
	int fd;

	fs = fsopen("proc", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* The directory /proc/sys/net of the namespace we are in, for openat2 only. */
static int net_dir(struct err *e)
{
	_cleanup_close_ int proc = -1, own = -1;
	int fd;

	proc = host_proc();
	fd = proc < 0 ? proc : open_safe(proc, "sys/net", O_PATH | O_DIRECTORY);
	if (fd >= 0)
		return fd;
	own = own_proc();
	if (own >= 0)
		fd = open_safe(own, "sys/net", O_PATH | O_DIRECTORY);
	if (fd >= 0)
		return fd;
	err_sys(e, fd, "open /proc/sys/net");
	if (fd == -EXDEV)
		err_hint(e, "something is mounted over /proc or /proc/sys; unmount it");
	return fd;
}

static int read_value(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1); /* all of it, or nothing: proc_sys_call_handler() */

	if (n < 0)
		return -errno;
	while (n > 0 && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return 0;
}

/* "0\t100" and "0 100" say the same. */
static bool same_value(const char *a, const char *b)
{
	while (*a && *b) {
		bool space = isspace((unsigned char)*a);

		if (space != !!isspace((unsigned char)*b) || (!space && *a != *b))
			return false;
		if (!space) {
			a++;
			b++;
			continue;
		}
		a += strspn(a, " \t\n");
		b += strspn(b, " \t\n");
	}
	a += strspn(a, " \t\n");
	b += strspn(b, " \t\n");
	return !*a && !*b;
}

/* *ret_fd is open for writing unless that is refused, then its errno is in *ret_refused. */
static int open_setting(int dir, const char *path, int *ret_fd, int *ret_refused)
{
	int fd = open_safe(dir, path, O_RDWR);

	*ret_refused = 0;
	if (fd == -EACCES || fd == -EPERM || fd == -EROFS) {
		*ret_refused = fd;
		fd = open_safe(dir, path, O_RDONLY);
	}
	if (fd < 0)
		return *ret_refused ? *ret_refused : fd;
	*ret_fd = fd;
	return 0;
}

static int set_at(int dir, const char *path, const char *value, struct err *e)
{
	_cleanup_close_ int fd = -1;
	char now[VALUE_MAX];
	int r, refused;

	r = open_setting(dir, path, &fd, &refused);
	if (r == -EXDEV)
		err_hint(e, "something is mounted over it; unmount it");
	if (r < 0)
		return err_sys(e, r, "sysctl net/%s", path);
	if (read_value(fd, now, sizeof(now)) == 0 && same_value(now, value))
		return 0;
	if (refused)
		return err_sys(e, refused, "set sysctl net/%s to %s", path, value);
	/* at position 0: kernel.sysctl_writes_strict */
	if (pwrite(fd, value, strlen(value), 0) < 0)
		return err_sys(e, errno, "set sysctl net/%s to %s", path, value);
	return 0;
}

int sysctl_get(const char *path, char *buf, size_t size, struct err *e)
{
	_cleanup_close_ int dir = -1, fd = -1;
	int r;

	dir = net_dir(e);
	if (dir < 0)
		return dir;
	fd = open_safe(dir, path, O_RDONLY);
	r = fd < 0 ? fd : read_value(fd, buf, size);
	return r < 0 ? err_sys(e, r, "sysctl net/%s", path) : 0;
}

int sysctl_set(const char *path, const char *value, struct err *e)
{
	_cleanup_close_ int dir = -1;

	dir = net_dir(e);
	return dir < 0 ? dir : set_at(dir, path, value, e);
}

struct apply {
	const struct sysctl *table;
	size_t n;
	struct err *e;
	bool entered;
};

static int apply_inside(void *ctx)
{
	struct apply *a = ctx;
	_cleanup_close_ int dir = -1;
	int r;

	a->entered = true;
	dir = net_dir(a->e);
	if (dir < 0)
		return dir;
	for (size_t i = 0; i < a->n; i++) {
		struct err own = ERR_INIT;

		r = set_at(dir, a->table[i].path, a->table[i].value, &own);
		if (r == -ENOENT)
			continue;
		if (r < 0 && a->e)
			*a->e = own;
		if (r < 0)
			return r;
	}
	return 0;
}

int sysctl_apply(int netns_fd, const struct sysctl *table, size_t n, struct err *e)
{
	struct apply a = { .table = table, .n = n, .e = e };
	int r;

	if (netns_fd < 0)
		return apply_inside(&a);
	r = netns_do(netns_fd, apply_inside, &a);
	if (r < 0 && !a.entered)
		return err_sys(e, r, "enter the network namespace");
	return r;
}

bool sysctl_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}
