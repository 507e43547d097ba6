/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command in a running container. What the container can write is not
 * believed: its first process is found by recorded identity and held by pidfd,
 * privileges come from the record, and nothing is read from or written to its
 * /proc (CVE-2015-1334, CVE-2016-9962).
 */
#include "core/run.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/env.h"
#include "core/ns.h"
#include "core/payload.h"
#include "core/pty.h"
#include "core/relay.h"
#include "core/spawn.h"
#include "core/state.h"
#include "core/step.h"
#include "core/sync.h"

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

struct entry {
	const struct ct_info *ct;
	const struct ct_exec *x;
	struct relay relay;
	struct cgroup cgroup;
	int init; /* pidfd of the container's first process */
	bool tty;
	/* the child's */
	int sync;
	struct strv env;
	struct account who;
	struct payload payload; /* what the record gives it, loaded before it is in */
};

/* ---- the child ---- */

static int join(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	int r = cgroup_join(&n->cgroup, e);

	return r < 0 ? r : ns_enter(n->init, NAMESPACES, "the container", e);
}

/* Names are looked up now, in the files as they are now, as docker does. */
static int account(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct account_want theirs = { n->ct->uid, n->ct->gid, n->ct->user, &n->ct->groups };
	const struct account_want given = { n->x->uid, n->x->gid, n->x->user, &n->ct->groups };

	return account_find(root, n->x->user_set ? &given : &theirs, &n->who, e);
}

static int terminal(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_close_ int master = -1;
	int r;

	if (!n->tty)
		return 0;
	master = pty_open(n->who.uid, e);
	if (master < 0)
		return master;
	r = sync_send(n->sync, SYNC_TTY, master);
	return r < 0 ? err_sys(e, r, "hand the pty over") : 0;
}

static int environment(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct env_spec in = { .root_fd = root,
			       .uid = n->who.uid,
			       .hostname = n->ct->name,
			       .tty = n->tty,
			       .given = { &n->ct->env, &n->x->env } };
	int r = env_build(&in, &n->env);

	return r < 0 ? err_sys(e, r, "build the environment") : 0;
}

static const struct step child_steps[] = {
	{ "enter the container", join },
	{ "user", account },
	{ "terminal", terminal },
	{ "environment", environment },
};

static _Noreturn void entry_main(struct entry *n)
{
	struct payload *p = &n->payload;
	struct err e = ERR_INIT;
	int r;

	payload_detach();
	payload_reset_signals();
	r = steps_run(child_steps, ARRAY_SIZE(child_steps), n, &e);
	p->sync = n->sync;
	p->argv = n->x->argv;
	p->env = &n->env;
	p->who = n->who;
	p->tty = n->tty;
	if (n->x->workdir)
		p->workdir = n->x->workdir;
	if (r >= 0)
		r = payload_start(p, &e);
	sync_send_failed(p->sync, r > 0 ? r : 0, &e);
	_exit(125);
}

/* ---- the caller ---- */

static int find_init(void *ctx, struct err *e)
{
	struct entry *n = ctx;

	n->init = n->ct->init.pid > 0 ? proc_open(&n->ct->init) : -ESRCH;
	return n->init < 0 ? err_set(e, n->init, "container %s is not running", n->ct->name) : 0;
}

static int prepare(void *ctx, struct err *e)
{
	struct entry *n = ctx;

	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys(e, errno, "become non-dumpable");
	if (n->ct->cgroup) {
		int r = cgroup_open(n->ct->cgroup, &n->cgroup, e);

		if (r < 0)
			return r;
	}
	relay_limit(&n->relay, n->x->timeout);
	return relay_open(&n->relay, e);
}

/* The pid namespace is that of children, so it is entered here, for one birth. */
static int make_child(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_close_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int ours = -1, its = -1;
	struct spawn how = { .cgroup_fd = n->cgroup.v2_fd };
	struct target *t = &n->relay.target;
	int pair[2], r = sync_pair(pair, e);

	if (r < 0)
		return r;
	ours = pair[0];
	its = pair[1];
	if (own < 0)
		return err_sys(e, errno, "open /proc/self/ns/pid");
	r = ns_enter(n->init, CLONE_NEWPID, "the container's pid namespace", e);
	if (r < 0)
		return r;
	t->pid = spawn_clone(&how, &t->pidfd, e);
	if (t->pid == 0) {
		n->sync = its;
		close(ours);
		entry_main(n);
	}
	if (t->pid < 0)
		return t->pid;
	n->relay.sync = take_fd(&ours);
	return ns_enter(own, CLONE_NEWPID, "the pid namespace of the caller", e);
}

static const struct step steps[] = {
	{ "find the container", find_init },
	{ "prepare", prepare },
	{ "process", make_child },
};

static void cleanup_entry(struct entry *n)
{
	relay_close(&n->relay);
	fd_close(n->relay.target.pidfd);
	fd_close(n->init);
	cgroup_close(&n->cgroup);
	payload_free(&n->payload);
}

int ct_exec_in(int root_fd, const struct ct_info *ct, const struct ct_exec *x, struct err *e)
{
	_cleanup_(cleanup_entry) struct entry n = { .ct = ct,
						    .x = x,
						    .relay = RELAY_INIT,
						    .cgroup = CGROUP_INIT,
						    .init = -1,
						    .tty = pty_wanted(x->tty) };
	int r = payload_from_info(&n.payload, ct, root_fd, e);

	if (r >= 0)
		r = steps_run(steps, ARRAY_SIZE(steps), &n, e);
	if (r < 0) {
		target_kill(&n.relay.target);
		return r;
	}
	r = relay_run(&n.relay, e);
	return r == -ECANCELED ? relay_failure(&n.relay, e) : r;
}
