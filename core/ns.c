/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/ns.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/spawn.h"

/* linux/pidfd.h, since Linux 6.11; younger than the headers this may be built with */
#ifndef PIDFD_GET_NET_NAMESPACE
#define PIDFD_GET_NET_NAMESPACE _IO(0xFF, 4)
#endif

#define NS_PER_S 1000000000LL

const struct ns_kind ns_kinds[CT_NS_KINDS] = {
	[CT_NS_MNT] = { "mnt", CLONE_NEWNS },		[CT_NS_PID] = { "pid", CLONE_NEWPID },
	[CT_NS_UTS] = { "uts", CLONE_NEWUTS },		[CT_NS_IPC] = { "ipc", CLONE_NEWIPC },
	[CT_NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP }, [CT_NS_USER] = { "user", CLONE_NEWUSER },
	[CT_NS_TIME] = { "time", CLONE_NEWTIME },
};

bool ns_is_new(const struct ct_spec *spec, enum ct_ns_kind kind)
{
	bool by_default = kind != CT_NS_USER && kind != CT_NS_TIME;

	return spec->ns[kind].mode == CT_NS_NEW ||
	       (spec->ns[kind].mode == CT_NS_DEFAULT && by_default);
}

bool ns_has_user(const struct ct_spec *spec)
{
	return spec->ns[CT_NS_USER].mode == CT_NS_NEW || spec->ns[CT_NS_USER].mode == CT_NS_JOIN;
}

bool ns_persists(const struct ct_spec *spec)
{
	for (size_t i = 0; i < CT_NS_KINDS; i++)
		if (spec->ns[i].persist)
			return true;
	return spec->netns_persist;
}

int ns_open_net(int pidfd)
{
	int fd = ioctl(pidfd, PIDFD_GET_NET_NAMESPACE, 0);

	return fd >= 0 ? fd : ns_open(spawn_pid(pidfd), "net");
}

static void path_of(pid_t pid, const char *name, char buf[48])
{
	snprintf(buf, 48, "/proc/%d/ns/%s", (int)pid, name);
}

int ns_open(pid_t pid, const char *name)
{
	char path[48];
	int fd;

	path_of(pid, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int ns_shared(pid_t a, pid_t b, const char *name)
{
	char one[48], other[48];
	struct stat x, y;

	path_of(a, name, one);
	path_of(b, name, other);
	if (stat(one, &x) < 0 || stat(other, &y) < 0)
		return -errno;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A namespace whose owner is no user namespace below the caller's is a stranger's. */
static bool is_strangers(int fd)
{
	int owner = ioctl(fd, NS_GET_USERNS);

	fd_close(owner);
	return owner < 0;
}

int ns_open_path(const char *path, enum ct_ns_kind kind, struct err *e)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int type = fd < 0 ? -1 : ioctl(fd, NS_GET_NSTYPE);

	if (type < 0 || is_strangers(fd))
		return err_set(e, -ENOENT, "%s: no namespace that you may join", path);
	if (type == ns_kinds[kind].flag)
		return take_fd(&fd);
	for (size_t i = 0; i < CT_NS_KINDS; i++)
		if (type == ns_kinds[i].flag)
			return err_set(e, -EINVAL, "%s is a namespace of kind %s, not %s", path,
				       ns_kinds[i].name, ns_kinds[kind].name);
	return err_set(e, -EINVAL, "%s is no namespace of kind %s", path, ns_kinds[kind].name);
}

int ns_enter(int fd, int flags, const char *what, struct err *e)
{
	int r;

	if (setns(fd, flags) == 0)
		return 0;
	r = err_sys(e, errno, "enter %s", what);
	if (r == -EPERM)
		err_hint(e, "run as root");
	return r;
}

/*
 * A failing unshare can leave the working directory on a mount that is not in
 * any namespace (CVE-2026-43472): callers end the process when this fails.
 */
int ns_unshare(int flags, const char *what, struct err *e)
{
	int r = unshare(flags) < 0 ? err_sys(e, errno, "make %s", what) : 0;

	if (r == -ENOSPC || r == -EUSERS)
		err_hint(e, "a limit of /proc/sys/user/max_*_namespaces is reached");
	else if (r == -EINVAL)
		err_hint(e, "this kernel may lack a kind of namespace: see /proc/self/ns");
	return r;
}

int ns_become_root(struct err *e)
{
	/* one that may not drop them has none to drop: user_namespaces(7) */
	if ((setgroups(0, NULL) < 0 && errno != EPERM) || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return err_sys(e, errno, "become the container's root");
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_sys(e, errno, "become non-dumpable") : 0;
}

/* Seconds rounded down, so that what is left is never negative. */
static int offset_line(char *buf, size_t size, const char *clock, int64_t ns)
{
	int64_t s = ns / NS_PER_S - (ns % NS_PER_S < 0);

	return snprintf(buf, size, "%s %lld %lld\n", clock, (long long)s,
			(long long)(ns - s * NS_PER_S));
}

int ns_unshare_time(int64_t monotonic, int64_t boottime, struct err *e)
{
	char text[128];
	int n, r = ns_unshare(CLONE_NEWTIME, "a time namespace", e);

	if (r < 0)
		return r;
	n = offset_line(text, sizeof(text), "monotonic", monotonic);
	offset_line(text + n, sizeof(text) - (size_t)n, "boottime", boottime);
	r = file_write_at(AT_FDCWD, "/proc/self/timens_offsets", text);
	if (r == -ERANGE)
		err_hint(e, "no clock can be set before its own start");
	return r < 0 ? err_sys(e, r, "set the clocks' offsets") : 0;
}
