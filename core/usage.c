/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/usage.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/members.h"
#include "core/state.h"

static bool is_known(uint64_t n)
{
	return n != UINT64_MAX;
}

static void add_io(pid_t pid, struct cgroup_stats *s)
{
	_cleanup_free_ char *text = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
	if (file_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return;
	s->io_read += procfs_number(text, "\nread_bytes: ");
	s->io_write += procfs_number(text, "\nwrite_bytes: ");
}

static void sum_up(const struct members *all, struct cgroup_stats *ret)
{
	bool io = !is_known(ret->io_read) || !is_known(ret->io_write);
	uint64_t cpu = 0, rss = 0;

	if (io)
		ret->io_read = ret->io_write = 0;
	for (size_t i = 0; i < all->n; i++) {
		cpu += all->v[i].st.cpu_ns;
		rss += member_memory(&all->v[i]);
		if (io)
			add_io(all->v[i].pid, ret);
	}
	if (!is_known(ret->cpu_ns))
		ret->cpu_ns = cpu;
	if (!is_known(ret->memory))
		ret->memory = rss;
	if (!is_known(ret->pids))
		ret->pids = all->n;
}

int usage_read(const struct ct_info *ct, struct cgroup_stats *ret, struct err *e)
{
	_cleanup_(members_free) struct members all = { .n = 0 };
	int r = ct->cgroup && *ct->cgroup ? cgroup_stats(ct->cgroup, ret, NULL) : -ENOENT;

	if (r < 0)
		memset(ret, 0xff, sizeof(*ret));
	if (!proc_alive(&ct->init))
		return err_set(e, -ESRCH, "container %s is not running", ct->name);
	if (is_known(ret->cpu_ns) && is_known(ret->memory) && is_known(ret->pids) &&
	    is_known(ret->io_read))
		return 0;
	r = members_load(ct, false, &all, e);
	if (r >= 0)
		sum_up(&all, ret);
	return r;
}
