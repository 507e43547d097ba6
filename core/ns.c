/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/ns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/spawn.h"

/* linux/pidfd.h, since Linux 6.11; younger than the headers this may be built with */
#ifndef PIDFD_GET_NET_NAMESPACE
#define PIDFD_GET_NET_NAMESPACE _IO(0xFF, 4)
#endif

int ns_open_net(int pidfd)
{
	char path[32];
	int fd = ioctl(pidfd, PIDFD_GET_NET_NAMESPACE, 0);

	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)spawn_pid(pidfd));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
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
	return unshare(flags) < 0 ? err_sys(e, errno, "make %s", what) : 0;
}
