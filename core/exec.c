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
#include <sys/resource.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/caps.h"
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

/* Those of user and time only where the container has its own: setns(2) refuses one's own user
 * namespace, and an old kernel the other. */
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

struct entry {
	const struct ct_info *ct;
	const struct ct_exec *x;
	struct relay relay;
	struct cgroup cgroup;
	int init; /* pidfd of the container's first process */
	bool tty, user; /* user: the container has a user namespace */
	int namespaces; /* CLONE_NEW* */
	struct rlimit limits[RLIM_NLIMITS]; /* the first process's */
	unsigned limited; /* bits of those that are not as the caller's */
	/* the child's */
	int sync;
	struct strv env;
	struct account who;
	struct payload payload; /* what the record gives it, loaded before it is in */
};

/* ---- the child ---- */

/* What is lower here and cannot be raised stays. */
static int limits(void *ctx, struct err *e)
{
	struct entry *n = ctx;

	(void)e;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (n->limited & 1u << i)
			setrlimit((__rlimit_resource_t)i, &n->limits[i]);
	return 0;
}

/* The host's /proc, before the container is entered. */
static int oom_score(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_free_ char *theirs = NULL, *own = NULL;
	char path[48];

	(void)e;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)n->ct->init.pid);
	if (file_read_at(AT_FDCWD, path, 32, &theirs, NULL) >= 0 &&
	    file_read_at(AT_FDCWD, "/proc/self/oom_score_adj", 32, &own, NULL) >= 0 &&
	    strcmp(theirs, own))
		file_write_at(AT_FDCWD, "/proc/self/oom_score_adj", theirs);
	return 0;
}

static int nothing_to_read(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	_cleanup_close_ int fd = n->x->detach ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

	for (int i = 0; n->x->detach && i <= 2; i++)
		if (dup2(fd, i) < 0)
			return err_sys(e, errno, "open /dev/null");
	return 0;
}

static int join(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	int r = cgroup_join(&n->cgroup, e);

	if (r >= 0)
		r = ns_enter(n->init, n->namespaces, "the container", e);
	if (r >= 0 && n->user)
		r = ns_become_root(e);
	/* lost with the change of user */
	if (r >= 0 && !n->x->detach && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = err_sys(e, errno, "set the death signal");
	return r;
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
	{ "limits", limits },
	{ "memory score", oom_score },
	{ "standard descriptors", nothing_to_read },
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

	if (n->x->detach)
		setsid();
	else
		payload_detach();
	payload_reset_signals();
	r = steps_run(child_steps, ARRAY_SIZE(child_steps), n, &e);
	p->sync = n->sync;
	p->argv = n->x->argv;
	p->env = &n->env;
	p->who = n->who;
	p->tty = n->tty;
	p->outlives = n->x->detach;
	if (n->x->workdir)
		p->workdir = n->x->workdir;
	if (n->x->privileged) {
		p->caps = caps_all();
		p->new_privs = p->unfiltered = true;
		p->filter = NULL;
	}
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

static int find_namespaces(void *ctx, struct err *e)
{
	struct entry *n = ctx;
	int user = ns_shared(getpid(), n->ct->init.pid, "user");
	int time = ns_shared(getpid(), n->ct->init.pid, "time");

	if (user < 0)
		return err_set(e, -ESRCH, "container %s ended", n->ct->name);
	n->user = !user;
	n->namespaces = NAMESPACES | (user ? 0 : CLONE_NEWUSER) | (time ? 0 : CLONE_NEWTIME);
	return 0;
}

/*
 * As the first process has them: it is the kernel that tells, and the container can
 * only have lowered its own. Here, since a pid is one of the caller's namespace.
 */
static int find_limits(void *ctx, struct err *e)
{
	struct entry *n = ctx;

	(void)e;
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		const __rlimit_resource_t what = (__rlimit_resource_t)i;
		struct rlimit *theirs = &n->limits[i], own;

		if (prlimit(n->ct->init.pid, what, NULL, theirs) == 0 &&
		    getrlimit(what, &own) == 0 &&
		    (own.rlim_cur != theirs->rlim_cur || own.rlim_max != theirs->rlim_max))
			n->limited |= 1u << i;
	}
	return 0;
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
	{ "find the container", find_init }, { "find its namespaces", find_namespaces },
	{ "find its limits", find_limits },  { "prepare", prepare },
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

/* Until it is the command, or has said why not. */
static int await_start(struct entry *n, struct err *e)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		struct sync_msg m;
		int r = sync_recv(n->relay.sync, &m, &fd);

		if (r <= 0)
			return r;
		if (m.type != SYNC_FAILED)
			continue;
		*e = m.err;
		return m.status ? m.status : m.err.num;
	}
}

int ct_exec_in(int root_fd, const struct ct_info *ct, const struct ct_exec *x, struct err *e)
{
	_cleanup_(cleanup_entry) struct entry n = { .ct = ct,
						    .x = x,
						    .relay = RELAY_INIT,
						    .cgroup = CGROUP_INIT,
						    .init = -1,
						    .tty = !x->detach && pty_wanted(x->tty) };
	int r = payload_from_info(&n.payload, ct, root_fd, e);

	if (r >= 0)
		r = steps_run(steps, ARRAY_SIZE(steps), &n, e);
	if (r < 0) {
		target_kill(&n.relay.target);
		return r;
	}
	if (x->detach)
		return await_start(&n, e);
	r = relay_run(&n.relay, e);
	return r == -ECANCELED ? relay_failure(&n.relay, e) : r;
}
