/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Version 1: no cgroup.kill and no events. Processes are stopped by the
 * freezer controller, whose state file has to be read until it says FROZEN,
 * and killed one by one until none is left. A frozen process takes its SIGKILL
 * only after the thaw, which makes the freezer the means against a fork bomb:
 * freeze, signal all, thaw.
 *
 * Kernel: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup_tree.h"

#define CPUSET_MAX 65536

static bool frozen(int group_fd)
{
	_cleanup_free_ char *state = NULL;

	return file_read_at(group_fd, "freezer.state", 64, &state, NULL) >= 0 &&
	       strcmp(state, "FROZEN\n") == 0;
}

/*
 * -ETIMEDOUT leaves the group thawed. A process that forks while the state is
 * FREEZING can keep it there; writing the state again catches the child.
 */
static int v1_freeze(int group_fd, bool freeze, int timeout_ms)
{
	int64_t deadline = cg_now_ms() + timeout_ms;
	int nap = 1, r;

	do {
		r = file_write_at(group_fd, "freezer.state", freeze ? "FROZEN" : "THAWED");
		if (r < 0 || !freeze)
			return r;
		if (frozen(group_fd))
			return 0;
		poll(NULL, 0, nap);
		if (nap < 16)
			nap *= 2;
	} while (cg_now_ms() < deadline);
	r = file_write_at(group_fd, "freezer.state", "THAWED");
	return r < 0 ? r : -ETIMEDOUT;
}

static int v1_kill(int group_fd, int timeout_ms)
{
	int64_t deadline = cg_now_ms() + timeout_ms;
	int r;

	do {
		bool freezer = file_write_at(group_fd, "freezer.state", "FROZEN") >= 0;

		/* behind a freezer nobody dies before the thaw: no use in waiting */
		r = cg_kill_members(group_fd, freezer ? 0 : 100);
		if (freezer)
			file_write_at(group_fd, "freezer.state", "THAWED");
		if (r <= 0)
			return r;
		if (freezer)
			poll(NULL, 0, 1);
	} while (cg_now_ms() < deadline);
	return -ETIMEDOUT;
}

/* One file of the group at dir, from that of the group at above when it is empty. */
static int inherit(const char *above, const char *dir, const char *file)
{
	_cleanup_free_ char *from = str_printf("%s/%s", above, file);
	_cleanup_free_ char *to = str_printf("%s/%s", dir, file);
	_cleanup_free_ char *mine = NULL, *theirs = NULL;
	int r = from && to ? file_read_at(AT_FDCWD, to, CPUSET_MAX, &mine, NULL) : -ENOMEM;

	if (r < 0 || mine[strspn(mine, "\n")])
		return r < 0 ? r : 0;
	r = file_read_at(AT_FDCWD, from, CPUSET_MAX, &theirs, NULL);
	return r < 0 ? r : file_write_at(AT_FDCWD, to, theirs);
}

int cg_v1_cpuset_inherit(const struct cg_tree *t, const char *path)
{
	_cleanup_free_ char *dir = str_printf("%s/%s", t->mount, path);
	_cleanup_free_ char *above = strdup(t->mount);
	int r = dir && above ? 0 : -ENOMEM;

	for (char *end = dir + strlen(t->mount); r >= 0 && *end;) {
		end += 1 + strcspn(end + 1, "/");
		char was = *end;

		*end = '\0';
		r = inherit(above, dir, "cpuset.cpus");
		if (r >= 0)
			r = inherit(above, dir, "cpuset.mems");
		free(above);
		above = strdup(dir);
		if (!above)
			r = -ENOMEM;
		*end = was;
	}
	return r;
}

const struct cg_ops cg_v1 = {
	.magic = CGROUP_SUPER_MAGIC,
	.freeze = v1_freeze,
	.kill = v1_kill,
};
