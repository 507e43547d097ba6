/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>

#include "core/account.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/caps.h"
#include "core/cgroup.h"
#include "core/node.h"
#include "core/node_agent.h"
#include "core/node_root.h"
#include "core/procfs.h"
#include "core/run.h"
#include "core/state.h"

/* For one that is still busy with its commands. */
#define FILES_WAIT (30 * 1000000000LL)

uint64_t node_caps(void)
{
	return caps_default() | 1ULL << CAP_NET_ADMIN;
}

static int await_mount(const struct node_place *p, int mounts, int pidfd, int64_t until,
		       struct err *e)
{
	struct pollfd polls[2] = { { .fd = mounts, .events = POLLPRI },
				   { .fd = pidfd, .events = POLLIN } };
	int left = clock_left_ms(until);

	if (!left)
		return err_set(e, -ETIMEDOUT, "node %s is not ready", p->name);
	if (poll(polls, 2, left) < 0 && errno != EINTR)
		return err_sys(e, errno, "wait for node %s", p->name);
	return polls[1].revents ? err_set(e, -ESRCH, "node %s ended", p->name) : 0;
}

/* A node has its files when somebody wants to see them: its mount table tells of each mount. */
static int await_files(const struct node_place *p, struct err *e)
{
	_cleanup_close_ int proc = procfs_open(&p->host), root = -1, mounts = -1, pidfd = -1;
	int64_t until = clock_ns(CLOCK_MONOTONIC) + FILES_WAIT;
	int r = 0;

	if (proc >= 0) {
		root = procfs_root(proc);
		pidfd = proc_open(&p->host);
	}
	if (root < 0 || pidfd < 0)
		return err_set(e, -ESRCH, "node %s of lab %s does not run", p->name, p->lab);
	if (!node_root_pending(root))
		return 0;
	mounts = openat(proc, "mountinfo", O_RDONLY | O_CLOEXEC);
	if (mounts < 0 || pidfd_send_signal(pidfd, NODE_FILES_SIGNAL, NULL, 0) < 0)
		return err_sys(e, errno, "ask node %s for its files", p->name);
	while (r >= 0 && node_root_pending(root))
		r = await_mount(p, mounts, pidfd, until, e);
	return r;
}

int node_enter(const struct node_place *p, const struct ct_exec *x, struct err *e)
{
	struct ct_info ct = { .init = p->host,
			      .caps = p->caps ? p->caps : node_caps(),
			      .packet_sockets = true };
	const char *user = NULL;
	int r = str_fmt(ct.name, sizeof(ct.name), "%s", p->name);

	if (r < 0)
		return err_sys(e, r, "node %s", p->name);
	r = await_files(p, e);
	if (r >= 0 && p->user)
		r = account_parse(p->user, &ct.uid, &ct.gid, &user, e);
	if (r < 0)
		return r;
	/* borrowed: it is read only */
	ct.user = (char *)(uintptr_t)user;
	ct.cgroup = p->cgroup && *p->cgroup ? (char *)(uintptr_t)p->cgroup : NULL;
	if (p->env)
		ct.env = *p->env;
	r = ct_exec_in(-1, &ct, x, e);
	return r < 0 ? err_wrap(e, r, "node %s", p->name) : r;
}

/* ---- control groups of the dead ---- */

struct sweep {
	const char *parent, *prefix;
	int first;
};

static bool keep(const char *id, void *ctx)
{
	struct sweep *s = ctx;
	char path[256];
	int r;

	if (!str_starts(id, s->prefix))
		return true;
	r = cgroup_path(s->parent, id, path, sizeof(path), NULL);
	if (r >= 0)
		r = cgroup_remove(path);
	if (r < 0 && !s->first)
		s->first = r;
	return true;
}

int nodes_cgroup_gc(const char *cgroup_parent, const char *cgroup_id)
{
	_cleanup_free_ char *prefix = str_printf("%s-", cgroup_id);
	struct sweep s = { cgroup_parent, prefix, 0 };
	int r = prefix ? cgroup_gc(cgroup_parent, keep, &s) : -ENOMEM;

	return r < 0 ? r : s.first;
}
