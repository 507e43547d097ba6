/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "net/link.h"
#include "net/nl.h"

/* The calling thread's: setns and unshare change one thread only. */
#define SELF "/proc/thread-self/ns/net"

static bool is_netns(int fd)
{
	return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

/* O_NONBLOCK: a FIFO that lies there must not hang us. */
static int open_netns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (!is_netns(fd)) {
		fd_close(fd);
		return -EINVAL;
	}
	return fd;
}

int netns_open_self(void)
{
	return open_netns(SELF);
}

int netns_open_path(const char *path, struct err *e)
{
	int fd = open_netns(path);

	if (fd == -EINVAL)
		return err_set(e, EINVAL, "%s is not a network namespace", path);
	if (fd < 0)
		return err_sys(e, fd, "open network namespace %s", path);
	return fd;
}

/* What ip-netns(8) accepts: one file name. */
static int ns_path(const char *name, char *buf, size_t size, struct err *e)
{
	if (!name[0] || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) {
		err_hint(e, "it is the name of a file in " NETNS_RUN_DIR ", as in blue");
		return err_set(e, EINVAL, "\"%s\" cannot name a network namespace", name);
	}
	if (str_fmt(buf, size, NETNS_RUN_DIR "/%s", name) < 0)
		return err_set(e, ENAMETOOLONG, "network namespace name too long: %s", name);
	return 0;
}

static int no_ns(int r, const char *name, struct err *e)
{
	if (r == -ENOENT)
		err_hint(e, "list them with: ctnet ns ls");
	return err_sys(e, r, "network namespace %s", name);
}

int netns_open_name(const char *name, struct err *e)
{
	char path[sizeof(NETNS_RUN_DIR) + NAME_MAX + 1];
	int fd;

	fd = ns_path(name, path, sizeof(path), e);
	if (fd < 0)
		return fd;
	fd = open_netns(path);
	if (fd == -EINVAL)
		return err_set(e, EINVAL, "%s is not a network namespace", path);
	return fd < 0 ? no_ns(fd, name, e) : fd;
}

ino_t netns_inode(int netns_fd)
{
	struct stat st;

	return fstat(netns_fd, &st) == 0 ? st.st_ino : 0;
}

#define RETURN_TRIES	100
#define RETURN_PAUSE_US 1000

/*
 * Back to where the caller was. The kernel may lack memory for a moment. Were it to
 * fail for good, every later step would change the wrong namespace: there is nothing
 * left to do but to stop.
 */
static void return_to(int self)
{
	for (int i = 0; i < RETURN_TRIES; i++) {
		if (setns(self, CLONE_NEWNET) == 0)
			return;
		usleep(RETURN_PAUSE_US);
	}
	abort();
}

int netns_do(int netns_fd, int (*fn)(void *ctx), void *ctx)
{
	_cleanup_close_ int self = -1;
	int r;

	self = netns_open_self();
	if (self < 0)
		return self;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return -errno;
	r = fn(ctx);
	return_to(self);
	return r;
}

struct open_args {
	struct nl *nl;
	int family;
	struct err *e;
	bool entered;
};

static int open_inside(void *ctx)
{
	struct open_args *a = ctx;

	a->entered = true;
	return nl_open(a->nl, a->family, a->e);
}

int netns_nl_open(int netns_fd, struct nl *nl, int family, struct err *e)
{
	struct open_args a = { .nl = nl, .family = family, .e = e };
	int r = netns_do(netns_fd, open_inside, &a);

	if (r < 0 && !a.entered)
		return err_sys(e, r, "enter the network namespace");
	return r;
}

/* ip link set lo up, in the calling thread's namespace */
static int raise_lo(struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r;

	r = nl_open(&nl, NETLINK_ROUTE, e);
	if (r < 0)
		return r;
	return link_set(&nl, 0, "lo", &(struct link_change){ .up = ON }, e);
}

/* lo is up in it, and the caller is back in the old one. */
int netns_scratch(struct err *e)
{
	_cleanup_close_ int self = -1, fd = -1;
	int r;

	self = netns_open_self();
	if (self < 0)
		return err_sys(e, self, "open %s", SELF);
	if (unshare(CLONE_NEWNET) < 0)
		return err_sys(e, errno, "make a network namespace");
	fd = netns_open_self();
	r = fd < 0 ? err_sys(e, fd, "open %s", SELF) : raise_lo(e);
	return_to(self);
	return r < 0 ? r : take_fd(&fd);
}

/*
 * The directory as ip-netns(8) makes it: a shared mount, so that a namespace
 * named or unnamed in one mount namespace is so in all. Returns it locked:
 * two at once would mount it twice, one over the names of the other.
 */
static int run_dir_open(struct err *e)
{
	_cleanup_close_ int dir = -1;
	int tries;

	if (mkdir(NETNS_RUN_DIR, 0755) < 0 && errno != EEXIST)
		return err_sys(e, errno, "create " NETNS_RUN_DIR);
	dir = open(NETNS_RUN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || flock(dir, LOCK_EX) < 0)
		return err_sys(e, errno, "open " NETNS_RUN_DIR);
	for (tries = 0; tries < 2; tries++) {
		if (mount("", NETNS_RUN_DIR, "none", MS_SHARED | MS_REC, NULL) == 0)
			return take_fd(&dir);
		/* EINVAL: not a mount yet */
		if (errno != EINVAL ||
		    mount(NETNS_RUN_DIR, NETNS_RUN_DIR, "none", MS_BIND | MS_REC, NULL) < 0)
			break;
	}
	return err_sys(e, errno, "make " NETNS_RUN_DIR " a shared mount");
}

/* ip netns add NAME; ip -n NAME link set lo up */
int netns_add(const char *name, struct err *e)
{
	char path[sizeof(NETNS_RUN_DIR) + NAME_MAX + 1], source[32];
	_cleanup_close_ int dir = -1, file = -1, fd = -1;
	int r;

	r = ns_path(name, path, sizeof(path), e);
	if (r < 0)
		return r;
	dir = run_dir_open(e);
	if (dir < 0)
		return dir;
	file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (file < 0)
		return err_sys(e, errno, "network namespace %s", name);
	fd = netns_scratch(e);
	if (fd < 0) {
		unlink(path);
		return fd;
	}
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (mount(source, path, "none", MS_BIND, NULL) < 0) {
		r = err_sys(e, errno, "mount network namespace %s", name);
		unlink(path);
		return r;
	}
	return 0;
}

/* ip netns del NAME; a stale file that no namespace is mounted on goes too. */
int netns_del(const char *name, struct err *e)
{
	char path[sizeof(NETNS_RUN_DIR) + NAME_MAX + 1];
	int r;

	r = ns_path(name, path, sizeof(path), e);
	if (r < 0)
		return r;
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
		return no_ns(-errno, name, e);
	if (unlink(path) < 0)
		return err_sys(e, errno, "remove %s", path);
	return 0;
}

/* /sys of the namespace: what it shows depends on who mounts it. */
static int remount_sys(struct err *e)
{
	struct statvfs st;
	unsigned long flags = 0;

	if (umount2("/sys", MNT_DETACH) < 0 && statvfs("/sys", &st) == 0 && st.f_flag & ST_RDONLY)
		flags = MS_RDONLY;
	if (mount("sysfs", "/sys", "sysfs", flags, NULL) < 0)
		return err_sys(e, errno, "mount /sys");
	return 0;
}

/* Each file of /etc/netns/NAME over the one of that name in /etc. */
static void bind_files(const char *name)
{
	char dir[PATH_MAX];
	struct dirent *ent;
	_cleanup_closedir_ DIR *d = NULL;

	if (str_fmt(dir, sizeof(dir), "/etc/netns/%s", name) < 0 || !(d = opendir(dir)))
		return;
	while ((ent = readdir(d))) {
		char from[PATH_MAX], to[PATH_MAX];

		if (ent->d_name[0] == '.' ||
		    str_fmt(from, sizeof(from), "%s/%s", dir, ent->d_name) < 0 ||
		    str_fmt(to, sizeof(to), "/etc/%s", ent->d_name) < 0)
			continue;
		if (mount(from, to, "none", MS_BIND, NULL) < 0)
			log_note("%s is not shown: bind to %s: %s", from, to, strerror(errno));
	}
}

int netns_enter(int netns_fd, const char *name, struct err *e)
{
	int r;

	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return err_sys(e, errno, "enter network namespace %s", name);
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys(e, errno, "make a mount namespace");
	r = remount_sys(e);
	if (r >= 0)
		bind_files(name);
	return r;
}

struct names {
	struct dirent **list;
	int n;
};

static void cleanup_names(struct names *names)
{
	for (int i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
}

/* In order of name; what is no namespace is passed over. */
int netns_list(netns_fn *fn, void *ctx, struct err *e)
{
	_cleanup_(cleanup_names) struct names names = { 0 };
	int r = 0;

	names.n = scandir(NETNS_RUN_DIR, &names.list, NULL, alphasort);
	if (names.n < 0) {
		names.n = 0;
		return errno == ENOENT ? 0 : err_sys(e, errno, "list " NETNS_RUN_DIR);
	}
	for (int i = 0; i < names.n && r >= 0; i++) {
		_cleanup_close_ int fd = -1;
		char path[sizeof(NETNS_RUN_DIR) + NAME_MAX + 1];

		if (ns_path(names.list[i]->d_name, path, sizeof(path), NULL) < 0)
			continue;
		fd = open_netns(path);
		if (fd >= 0)
			r = fn(names.list[i]->d_name, fd, ctx);
	}
	return r < 0 ? r : 0;
}
