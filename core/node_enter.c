/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "core/account.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/caps.h"
#include "core/cgroup.h"
#include "core/node.h"
#include "core/node_agent.h"
#include "core/run.h"
#include "core/state.h"

uint64_t node_caps(void)
{
	return caps_default() | 1ULL << CAP_NET_ADMIN;
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
	if (!proc_alive(&p->host))
		return err_set(e, -ESRCH, "node %s of lab %s does not run", p->name, p->lab);
	if (p->user)
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
