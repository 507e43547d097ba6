/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Version 2: cgroup.freeze and cgroup.kill (5.14) act on the whole subtree,
 * and cgroup.events tells when it is done, through poll(2) with POLLPRI after
 * the file was read. A controller's files exist in a group only when every
 * group above it has the controller in cgroup.subtree_control, and that
 * cannot be written where processes sit (except in the real root).
 *
 * Kernel: Documentation/admin-guide/cgroup-v2.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup_tree.h"

/* Waits until cgroup.events has the line ("frozen 1"). */
static int wait_event(int group_fd, const char *line, int timeout_ms)
{
	_cleanup_close_ int fd = openat(group_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	int64_t deadline = cg_now_ms() + timeout_ms;

	if (fd < 0)
		return -errno;
	for (;;) {
		char buf[256];
		ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
		int64_t left = deadline - cg_now_ms();

		if (n < 0)
			return -errno;
		buf[n] = '\0';
		if (strstr(buf, line))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* -ETIMEDOUT leaves the group thawed. */
static int v2_freeze(int group_fd, bool freeze, int timeout_ms)
{
	int r = file_write_at(group_fd, "cgroup.freeze", freeze ? "1" : "0");

	if (r < 0)
		return r;
	r = wait_event(group_fd, freeze ? "frozen 1" : "frozen 0", timeout_ms);
	if (r == -ETIMEDOUT && freeze)
		file_write_at(group_fd, "cgroup.freeze", "0");
	return r;
}

static int v2_kill(int group_fd, int timeout_ms)
{
	int64_t deadline = cg_now_ms() + timeout_ms;
	int r = file_write_at(group_fd, "cgroup.kill", "1");

	if (r != -ENOENT)
		return r < 0 ? r : wait_event(group_fd, "populated 0", timeout_ms);
	/* before 5.14; frozen processes do not fork, and can be killed */
	file_write_at(group_fd, "cgroup.freeze", "1");
	do {
		r = cg_kill_members(group_fd, 100);
		if (r <= 0)
			return r;
	} while (cg_now_ms() < deadline);
	return -ETIMEDOUT;
}

/* "+memory +pids" for those of bits that are not among the words of have. */
static void missing(const char *have, uint32_t bits, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned c = 0; c < CG_N_CONTROLLERS; c++) {
		const char *name = cg_controller_name(c, &cg_v2);
		const char *at = have;
		size_t n;

		if (!(bits & 1u << c) || !name)
			continue;
		n = strlen(name);
		while ((at = strstr(at, name))) {
			if ((at == have || at[-1] == ' ') && strchr(" \n", at[n]))
				break;
			at += n;
		}
		if (!at)
			len += (size_t)snprintf(buf + len, size - len, "%s+%s", len ? " " : "",
						name);
	}
}

static int enable_at(const char *dir, const char *words, struct err *e)
{
	_cleanup_free_ char *file = str_printf("%s/cgroup.subtree_control", dir);
	int r = file ? file_write_at(AT_FDCWD, file, words) : -ENOMEM;

	if (r >= 0)
		return 0;
	if (r == -EBUSY) {
		err_sys(e, r, "write %s to %s", words, file);
		err_hint(e, "processes sit in that group: move them into a child of it, or name "
			    "another group with [cgroup] parent");
	} else if (r == -ENOENT) {
		r = err_set(e, -ENOTSUP, "%s has no controller for %s", dir, words);
		err_hint(e, "see cgroup.controllers there: the kernel may need "
			    "cgroup_enable=..., or the group above must hand it down");
	} else {
		r = err_set(e, -ENOTSUP, "write %s to %s: %s", words, file ? file : dir,
			    strerror(-r));
	}
	return r;
}

/*
 * The group exists already, so nobody can remove the ones above it meanwhile.
 * Nothing is written where the controllers are there already. -EBUSY (processes
 * in a group above), -ENOTSUP (not available), each with its cure.
 */
int cg_v2_enable(const struct cg_tree *t, const char *path, int group_fd, uint32_t bits,
		 struct err *e)
{
	_cleanup_free_ char *have = NULL, *dir = NULL;
	char words[128];
	int r;

	r = file_read_at(group_fd, "cgroup.controllers", 4096, &have, NULL);
	if (r < 0)
		return err_sys(e, r, "read %s/%s/cgroup.controllers", t->mount, path);
	missing(have, bits, words, sizeof(words));
	if (!words[0])
		return 0;
	dir = str_printf("%s/%s", t->mount, path);
	if (!dir)
		return err_sys(e, -ENOMEM, "enable %s", words);
	for (char *end = dir + strlen(t->mount); end; end = strchr(end + 1, '/')) {
		*end = '\0';
		r = enable_at(dir, words, e);
		*end = '/';
		if (r < 0)
			return r;
	}
	return 0;
}

const struct cg_ops cg_v2 = {
	.magic = CGROUP2_SUPER_MAGIC,
	.freeze = v2_freeze,
	.kill = v2_kill,
};
