/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/userns_lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/proc.h"
#include "core/base/str.h"
#include "core/userns.h"

#define DIR_NAME "userns"
#define DRAWS	 64 /* before all are looked at in order */

static bool is_taken(int dir_fd, uint32_t block)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", block);
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* 1: it is the caller's now, 0: it is another's. */
static int take(int dir_fd, uint32_t block, const char *owner)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", block);
	if (symlinkat(owner, dir_fd, name) == 0)
		return 1;
	return errno == EEXIST ? 0 : -errno;
}

static int take_any(int dir_fd, uint32_t n, const char *owner, uint32_t *ret)
{
	uint32_t at = 0;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < DRAWS; i++) {
		if (getrandom(&at, sizeof(at), 0) != sizeof(at))
			return -EIO;
		at %= n;
		r = take(dir_fd, at, owner);
	}
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		at = i;
		r = is_taken(dir_fd, i) ? 0 : take(dir_fd, i, owner);
	}
	*ret = at;
	return r;
}

int32_t userns_lease(int root_fd, uint32_t n, struct err *e)
{
	_cleanup_close_ int dir = dir_open_at(root_fd, DIR_NAME, true);
	struct proc_id self;
	uint32_t block = 0;
	char owner[48];
	int r = dir < 0 ? dir : proc_identify(getpid(), &self);

	if (r < 0)
		return err_sys(e, r, "lease ids");
	snprintf(owner, sizeof(owner), "%d:%llu", (int)self.pid, (unsigned long long)self.start);
	r = take_any(dir, n, owner, &block);
	if (r == 0) {
		userns_gc(root_fd);
		r = take_any(dir, n, owner, &block);
	}
	crash_point("userns", "lease");
	if (r > 0)
		return (int32_t)block;
	if (r < 0)
		return err_sys(e, r, "lease ids");
	err_hint(e, "[userns] range in ctnet.conf(5) is where they come from");
	return err_set(e, -EUSERS, "all %u blocks of ids are taken", n);
}

void userns_unlease(int root_fd, uint32_t block)
{
	_cleanup_close_ int dir = dir_open_at(root_fd, DIR_NAME, false);
	char name[12];

	snprintf(name, sizeof(name), "%u", block);
	if (dir >= 0)
		unlinkat(dir, name, 0);
	crash_point("userns", "given back");
}

static bool is_dead(int dir_fd, const char *name)
{
	char owner[48], *colon;
	ssize_t len = readlinkat(dir_fd, name, owner, sizeof(owner) - 1);
	struct proc_id id;

	if (len <= 0)
		return false;
	owner[len] = '\0';
	colon = strchr(owner, ':');
	if (!colon)
		return true;
	id = (struct proc_id){ .pid = (pid_t)strtol(owner, NULL, 10),
			       .start = strtoull(colon + 1, NULL, 10) };
	return !proc_alive(&id);
}

/* One sweep at a time: another could take away what was leased anew meanwhile. */
void userns_gc(int root_fd)
{
	_cleanup_close_ int dir = dir_open_at(root_fd, DIR_NAME, false), lock = -1;
	_cleanup_(strv_free) struct strv names = { 0 };

	if (dir < 0)
		return;
	lock = lock_acquire_at(dir, ".lock");
	if (lock < 0 || dir_names(dir, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		if (is_dead(dir, names.v[i]))
			unlinkat(dir, names.v[i], 0);
}
