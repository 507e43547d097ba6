/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/guard_ns.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/ns.h"
#include "core/report.h"

/* Joined by the guard, in this order; that of the network, too, in a user namespace. */
static const struct {
	enum ct_ns_kind kind;
	const char *what;
} joined[] = {
	{ CT_NS_UTS, "the uts namespace" },	  { CT_NS_IPC, "the ipc namespace" },
	{ CT_NS_CGROUP, "the cgroup namespace" }, { CT_NS_TIME, "the time namespace" },
	{ CT_NS_PID, "the pid namespace" },	  { CT_NS_USER, "the user namespace" },
};

/* What the guard and the container have in common. */
static int common_flags(const struct ct_spec *spec)
{
	static const enum ct_ns_kind kinds[] = { CT_NS_MNT, CT_NS_UTS, CT_NS_IPC };
	int flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (ns_is_new(spec, kinds[i]))
			flags |= ns_kinds[kinds[i]].flag;
	return flags;
}

uint64_t guard_ns_birth(const struct ct_spec *spec)
{
	uint64_t nested = ns_is_new(spec, CT_NS_PID) ? CLONE_NEWPID : 0;

	return ns_has_user(spec) ? nested : nested | (uint64_t)common_flags(spec);
}

bool guard_ns_special(const struct ct_spec *spec)
{
	if (ns_has_user(spec) || ns_is_new(spec, CT_NS_TIME))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(joined); i++)
		if (spec->ns[joined[i].kind].mode == CT_NS_JOIN)
			return true;
	return false;
}

/* A guard that is no pid 1 ends what is left when its line is cut: it must see that. */
void guard_ns_hold(const struct ct_spec *spec)
{
	prctl(PR_SET_DUMPABLE, 0);
	if (ns_is_new(spec, CT_NS_PID))
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	else
		prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int join_all(const struct ct_spec *spec, struct err *e)
{
	int r = 0;

	if (ns_has_user(spec) && spec->netns == NETNS_FD)
		r = ns_enter(spec->netns_fd, CLONE_NEWNET, "the network namespace", e);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(joined); i++) {
		const struct ct_ns *ns = &spec->ns[joined[i].kind];

		if (ns->mode == CT_NS_JOIN)
			r = ns_enter(ns->fd, ns_kinds[joined[i].kind].flag, joined[i].what, e);
	}
	return r;
}

static int make_all(const struct ct_spec *spec, struct err *e)
{
	int r = 0;

	if (ns_has_user(spec)) {
		int new = ns_is_new(spec, CT_NS_USER) ? CLONE_NEWUSER : 0;

		r = ns_unshare(new | common_flags(spec), "a user namespace", e);
	}
	if (r >= 0 && ns_is_new(spec, CT_NS_TIME))
		r = ns_unshare_time(spec->time_monotonic, spec->time_boottime, e);
	return r;
}

static int build_as_root(struct err *e)
{
	setfsgid(0);
	setfsuid(0);
	return setfsgid((gid_t)-1) || setfsuid((uid_t)-1)
		       ? err_set(e, -EINVAL, "the container's id 0 has no place outside")
		       : 0;
}

int guard_ns_settle(int line, const struct ct_spec *spec, struct trees *ret, struct err *e)
{
	bool user = ns_has_user(spec);
	int r = join_all(spec, e);

	if (r >= 0)
		r = make_all(spec, e);
	guard_ns_hold(spec);
	if (user && (report_send(line, r, e, -1) < 0 || r < 0))
		return 1;
	if (r < 0 || !user)
		return r;
	if (trees_take(line, ret) < 0)
		return 1; /* a runner that failed */
	r = build_as_root(e);
	guard_ns_hold(spec);
	return r;
}

/* -1, -1 changes nothing but the file system id, back to the effective one (setreuid(2)). */
int guard_ns_bear(const struct ct_spec *spec, struct err *e)
{
	if (!ns_has_user(spec))
		return 0;
	if (setregid((gid_t)-1, (gid_t)-1) < 0 || setreuid((uid_t)-1, (uid_t)-1) < 0)
		return err_sys(e, errno, "become the host's root again");
	guard_ns_hold(spec);
	return 0;
}

int guard_ns_born(const struct ct_spec *spec, struct err *e)
{
	return ns_has_user(spec) ? ns_become_root(e) : 0;
}
