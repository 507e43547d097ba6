/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner's side of a start. First of all it makes the guard, which builds the
 * root file system; beside that, on another processor where there is one, goes
 * what the container will be known by: record, cgroups, network namespace, links.
 * A guard that nothing knows of yet needs no record: it and its mounts are gone
 * with the runner.
 *
 * The end: when the first process of a pid namespace is gone, so is everything
 * in it. The guard, which still takes the mounts down, is collected last.
 */
#include "core/parent.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/dev.h"
#include "core/mount.h"
#include "core/newnet.h"
#include "core/ns.h"
#include "core/persist.h"
#include "core/pty.h"
#include "core/seccomp_profile.h"
#include "core/spawn.h"
#include "core/state.h"
#include "core/step.h"
#include "core/sync.h"

/*
 * Nobody in a container may trace or read a process of ours that enters it
 * (CVE-2016-9962): children inherit this until they exec.
 */
static int not_dumpable(void *ctx, struct err *e)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_sys(e, errno, "become non-dumpable") : 0;
}

static int take_signals(void *ctx, struct err *e)
{
	struct run *r = ctx;

	return relay_open(&r->relay, e);
}

static int provide_files(void *ctx, struct err *e)
{
	struct run *r = ctx;
	int n;

	r->files = calloc(r->spec->n_files + 1, sizeof(int));
	if (!r->files)
		return err_sys(e, -ENOMEM, "files");
	for (size_t i = 0; i < r->spec->n_files; i++)
		r->files[i] = -1;
	n = mount_files_clone(r->spec, r->files, e);
	return n < 0 ? n : guard_order(&r->guard, r->spec, r->files, e);
}

static int make_guard(void *ctx, struct err *e)
{
	struct run *r = ctx;
	_cleanup_close_ int ours = -1, its = -1;
	int pair[2], n = sync_pair(pair, e);

	if (n < 0)
		return n;
	ours = pair[0];
	its = pair[1];
	r->child = (struct child){ .spec = r->spec,
				   .sync = its,
				   .other = ours,
				   .state = r->root_fd,
				   .tty = r->tty,
				   .io = { r->io[0], r->io[1], r->io[2] },
				   /* what belongs to a user namespace is made in it */
				   .in_netns = r->hooks->long_attach || ns_has_user(r->spec) };
	n = guard_start(&r->guard, &r->child, e);
	for (int fd = 0; fd <= 2; fd++)
		fd_close(take_fd(&r->io[fd]));
	if (n < 0)
		return n;
	r->relay.target.guard = &r->guard;
	r->relay.target.is_init = ns_is_new(r->spec, CT_NS_PID);
	r->relay.target.reaper = r->spec->init;
	r->relay.sync = take_fd(&ours);
	return 0;
}

static int admit_guard(void *ctx, struct err *e)
{
	struct run *r = ctx;
	int n = 0;

	if (ns_is_new(r->spec, CT_NS_USER) && !r->ids.uids)
		n = userns_plan(r->root_fd, r->spec, &r->ids, e);
	return n < 0 ? n : guard_admit(&r->guard, r->spec, &r->ids, e);
}

/* Kept while the first process waits for its go. */
static int keep_namespaces(void *ctx, struct err *e)
{
	struct run *r = ctx;
	_cleanup_close_ int fd = -1;
	struct sync_msg m;
	int n;

	if (!ns_persists(r->spec))
		return 0;
	n = sync_recv(r->relay.sync, &m, &fd);
	if (n > 0 && m.type == SYNC_FAILED) {
		*e = m.err;
		return m.err.num;
	}
	if (n <= 0)
		return err_set(e, -ECHILD, "the first process died");
	/* a restart leaves the files to those of the first start */
	return r->again ? 0 : persist_all(r->spec, r->relay.target.pid, e);
}

static int make_cgroups(void *ctx, struct err *e)
{
	struct run *r = ctx;
	int n;

	free(r->rules);
	n = dev_rules_make(r->spec, &r->rules, &r->spec->limits.n_devices, e);
	if (n < 0)
		return n;
	r->spec->limits.devices = r->rules;
	n = cgroup_create(r->spec->cgroup_parent, r->info->id, &r->spec->limits, &r->cgroup, e);

	if (n < 0)
		return n;
	r->cgroup_made = true;
	/* no path: a host without a writable hierarchy, and no limit that needs one */
	free(r->info->cgroup);
	r->info->cgroup = r->cgroup.path[0] ? strdup(r->cgroup.path) : NULL;
	if (r->cgroup.path[0] && !r->info->cgroup)
		return err_sys(e, -ENOMEM, "cgroup");
	r->relay.target.cgroup = r->info->cgroup;
	return guard_go(&r->guard, &r->cgroup, e);
}

static bool joins_new(const struct run *r)
{
	return r->spec->netns == NETNS_NEW && r->hooks->attach;
}

/* What it holds is let go when it is dead; so it has an identity, as the first process has. */
static int prepare_network(void *ctx, struct err *e)
{
	struct run *r = ctx;
	int n;

	if (!joins_new(r) || !r->hooks->prepare)
		return 0;
	n = proc_identify(r->guard.pid, &r->holder);
	if (n < 0 && n != -ESRCH)
		return err_sys(e, n, "identify the guard");
	r->attached = true;
	return r->hooks->prepare(r->hooks->ctx, &r->holder, e);
}

/* Who is dead has said why, or will be missed; who lives would wait for ever. */
static int tell(struct run *r, enum sync_type what, int fd, struct err *e)
{
	int n = sync_send(r->relay.sync, what, fd);

	return n < 0 && n != -EPIPE ? err_sys(e, n, "speak to the first process") : 0;
}

static int give_network(void *ctx, struct err *e)
{
	struct run *r = ctx;
	_cleanup_close_ int own = -1;
	int fd = r->spec->netns_fd;

	if (r->spec->netns == NETNS_HOST)
		return 0;
	if (r->spec->netns == NETNS_NEW) {
		own = fd = r->child.in_netns ? guard_netns(&r->guard, e) : newnet_make(e);
		if (fd < 0)
			return fd;
	}
	if (!r->child.in_netns) {
		int n = tell(r, SYNC_NET, fd, e);

		if (n < 0)
			return n;
	}
	if (!joins_new(r))
		return 0;
	r->attached = true;
	return r->hooks->attach(r->hooks->ctx, fd, &r->holder, e);
}

/* The guard may take its time over a slow file system: a signal ends that. */
static int meet_first(void *ctx, struct err *e)
{
	struct run *r = ctx;
	struct target *t = &r->relay.target;
	int n = relay_await(&r->relay, r->guard.line, e);

	if (n >= 0)
		n = t->pidfd = guard_first(&r->guard, e);
	if (n < 0)
		return n;
	t->pid = spawn_pid(t->pidfd);
	n = proc_identify(t->pid, &r->info->init);
	return n < 0 && n != -ESRCH ? err_sys(e, n, "identify the container's first process") : 0;
}

/* For who enters the container later. */
static int keep_filter(const struct run *r, struct err *e)
{
	union {
		const struct sock_filter *in;
		struct sock_filter *out;
	} insns = { .in = r->spec->filter }; /* it is only read */
	const struct seccomp_filter f = { insns.out, r->spec->n_filter, r->spec->filter_flags };

	return f.n ? seccomp_filter_save(r->root_fd, r->info->id, &f, e) : 0;
}

static void set_running(const struct run *r, struct ct_info *i)
{
	memcpy(i->status, "running", sizeof("running"));
	i->init = r->info->init;
	i->started = r->info->started;
	i->exit_code = -1;
	memcpy(i->health, r->info->health, sizeof(i->health));
}

static int change_running(struct ct_info *i, void *ctx)
{
	set_running(ctx, i);
	return 0;
}

/* Of one that is started again others may have changed something. */
static int write_record(void *ctx, struct err *e)
{
	struct run *r = ctx;
	struct timespec now;
	int n = r->again ? 0 : keep_filter(r, e);

	if (n < 0)
		return n;
	crash_point("start", "filter");
	clock_gettime(CLOCK_REALTIME, &now);
	r->info->started = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (r->again)
		return state_change(r->root_fd, r->info->id, change_running, r, e);
	set_running(r, r->info);
	return state_save(r->root_fd, r->info, e);
}

static int write_pidfile(void *ctx, struct err *e)
{
	struct run *r = ctx;
	char pid[24];
	int n;

	if (!r->spec->pidfile)
		return 0;
	snprintf(pid, sizeof(pid), "%d\n", (int)r->relay.target.pid);
	n = file_replace_at(AT_FDCWD, r->spec->pidfile, pid, strlen(pid), 0644, false);
	r->pidfile_made = n >= 0;
	return n < 0 ? err_sys(e, n, "write the pid to %s", r->spec->pidfile) : 0;
}

/* Nobody would learn of a detached container whose maker was killed meanwhile. */
static int go(void *ctx, struct err *e)
{
	struct run *r = ctx;
	struct pollfd caller = { .fd = r->caller };

	if (r->caller >= 0 && poll(&caller, 1, 0) > 0)
		return err_set(e, -ECANCELED, "who asked for the container is gone");
	return tell(r, SYNC_GO, -1, e);
}

static const struct step first_steps[] = {
	{ "not dumpable", not_dumpable },
	{ "signals", take_signals },
};

static const struct step guard_steps[] = {
	{ "guard", make_guard },
	{ "namespaces", admit_guard },
};

static const struct step steps[] = {
	{ "provided files", provide_files },
	{ "cgroups", make_cgroups },
	{ "lease", prepare_network },
	{ "network", give_network },
	{ "first process", meet_first },
	{ "kept namespaces", keep_namespaces },
	{ "record", write_record },
	{ "pidfile", write_pidfile },
	{ "go", go },
};

/* The plan is the caller's, and so are the words of its errors. */
static int plan(struct run *r, struct err *e)
{
	int n;

	r->planned = true;
	n = r->hooks->plan(r->hooks->ctx, r->spec, r->info, e);
	crash_point("start", "plan");
	r->recorded = r->info->id[0];
	return n >= 0 && r->on_plan ? r->on_plan(r, e) : n;
}

/* A guard in a user namespace waits for ids and mounts: it begins with the plan known. */
static int start(struct run *r, struct err *e)
{
	bool planned = ns_has_user(r->spec);
	int n = steps_run(first_steps, ARRAY_SIZE(first_steps), r, e);

	if (n >= 0 && planned)
		n = plan(r, e);
	if (n >= 0)
		n = steps_run(guard_steps, ARRAY_SIZE(guard_steps), r, e);
	if (n >= 0 && !planned)
		n = plan(r, e);
	return n < 0 ? n : steps_run(steps, ARRAY_SIZE(steps), r, e);
}

/* The child's own words, where the runner has none but that the guard died. */
static int start_failed(struct run *r, int n, struct err *e)
{
	if (r->relay.target.ended_by)
		return 128 + r->relay.target.ended_by;
	return n == -ECHILD && relay_has_failure(&r->relay) ? relay_failure(&r->relay, e) : n;
}

int run_once(struct run *r, struct err *e)
{
	int n = start(r, e);

	if (n < 0)
		return start_failed(r, n, e);
	n = relay_run(&r->relay, e);
	return n == -ECANCELED ? relay_failure(&r->relay, e) : n;
}

/* What the kernel has counted, while there are groups that tell. */
static void take_stats(struct run *r)
{
	const struct ct_limits *l = &r->spec->limits;
	struct cgroup_stats s;
	int n = -ENOENT;

	if (l->accounting)
		n = cgroup_stats_recorded(&r->cgroup, &s);
	else if (l->memory)
		n = cgroup_stats_ooms(&r->cgroup, &s);
	if (n < 0)
		return;
	r->info->oom_killed = s.oom_kills && s.oom_kills != UINT64_MAX;
	r->info->memory_peak = s.memory_peak == UINT64_MAX ? 0 : s.memory_peak;
	r->info->cpu_ns = s.cpu_ns == UINT64_MAX ? 0 : s.cpu_ns;
}

static void remove_pidfile(struct run *r)
{
	if (r->pidfile_made)
		unlink(r->spec->pidfile);
	r->pidfile_made = false;
}

void run_release(struct run *r)
{
	struct target *t = &r->relay.target;

	relay_restore(&r->relay);
	if (!t->ended) {
		guard_kill(&r->guard);
		guard_end(&r->guard); /* nobody may be left in what goes now */
	}
	crash_point("end", "guard");
	guard_release(&r->guard);
	fd_close(take_fd(&t->pidfd));
	for (size_t i = 0; r->files && i < r->spec->n_files; i++)
		fd_close(r->files[i]);
	free(take_ptr(r->files));
	r->spec->limits.devices = NULL;
	free(take_ptr(r->rules));
	remove_pidfile(r);
	crash_point("end", "pidfile");
	if (r->attached && r->hooks->detach)
		r->hooks->detach(r->hooks->ctx);
	crash_point("end", "network");
	if (r->cgroup_made) {
		take_stats(r);
		cgroup_destroy(&r->cgroup);
	}
	crash_point("end", "cgroups");
	userns_release(r->root_fd, &r->ids);
	if (r->planned && r->hooks->unplan)
		r->hooks->unplan(r->hooks->ctx);
	crash_point("end", "plan");
	r->attached = r->cgroup_made = r->planned = false;
}

void run_close(struct run *r)
{
	guard_end(&r->guard);
	/* signals stayed blocked: nothing interrupts the cleaning up */
	relay_close(&r->relay);
}

static void cleanup_run(struct run *r)
{
	run_release(r);
	if (r->recorded)
		state_forget(r->root_fd, r->info);
	run_close(r);
}

int ct_run(int root_fd, struct ct_spec *spec, struct ct_info *info, const struct ct_hooks *hooks,
	   struct err *e)
{
	_cleanup_(cleanup_run) struct run r = RUN_INIT;

	r.root_fd = root_fd;
	r.spec = spec;
	r.info = info;
	r.hooks = hooks;
	r.tty = pty_wanted(spec->tty);
	return run_once(&r, e);
}
