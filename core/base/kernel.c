/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asked with arguments that no call accepts: each of them answers so before it looks at
 * anything else (E2BIG, EINVAL, EFAULT), but those marked, which ask for a privilege first.
 */
#include "core/base/kernel.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"

struct call {
	const char *name;
	unsigned char major, minor; /* of the first Linux that has what is used of it */
	bool privileged; /* EPERM is the kernel's */
	short nr;
};

/* clang-format off */
static const struct call calls[] = {
	{ "renameat2",         3, 15, false, SYS_renameat2 },
	{ "getrandom",         3, 17, false, SYS_getrandom },
	{ "memfd_create",      3, 17, false, SYS_memfd_create },
	{ "execveat",          3, 19, false, SYS_execveat },
	{ "statx",             5,  8, false, SYS_statx }, /* STATX_MNT_ID */
	{ "pidfd_send_signal", 5,  1, false, SYS_pidfd_send_signal },
	{ "open_tree",         5,  2, false, SYS_open_tree },
	{ "move_mount",        5,  2, true,  SYS_move_mount },
	{ "fsopen",            5,  2, true,  SYS_fsopen },
	{ "fsconfig",          5,  2, false, SYS_fsconfig },
	{ "fsmount",           5,  2, true,  SYS_fsmount },
	{ "pidfd_open",        5,  3, false, SYS_pidfd_open },
	{ "openat2",           5,  6, false, SYS_openat2 },
	{ "clone3",            5,  7, false, SYS_clone3 }, /* CLONE_INTO_CGROUP */
	{ "close_range",       5,  9, false, SYS_close_range },
	{ "mount_setattr",     5, 12, false, SYS_mount_setattr },
};
/* clang-format on */

#define NEEDS_MAJOR 5
#define NEEDS_MINOR 12

static bool is_refused(const struct call *c)
{
	if (syscall(c->nr, -1L, -1L, -1L, -1L, -1L, -1L) >= 0)
		return false;
	return errno == ENOSYS || (errno == EPERM && !c->privileged);
}

static bool is_older(const struct utsname *u, unsigned major, unsigned minor)
{
	char *dot;
	unsigned long has_major = strtoul(u->release, &dot, 10);

	return *dot == '.' &&
	       (has_major < major || (has_major == major && strtoul(dot + 1, NULL, 10) < minor));
}

static int refused(const struct call *c, struct err *e)
{
	struct utsname u;

	uname(&u);
	if (is_older(&u, c->major, c->minor)) {
		err_hint(e, "Linux %d.%d or later is needed", NEEDS_MAJOR, NEEDS_MINOR);
		return err_set(e, -ENOSYS,
			       "Linux %s has no system call %s, which came with Linux %d.%d",
			       u.release, c->name, c->major, c->minor);
	}
	err_hint(e, "in a container: a newer docker, podman or libseccomp around it, or "
		    "--security-opt seccomp=unconfined");
	return err_set(e, -ENOSYS,
		       "the system call %s is refused by a seccomp filter around this process",
		       c->name);
}

int kernel_check(struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (is_refused(&calls[i]))
			return refused(&calls[i], e);
	return 0;
}
