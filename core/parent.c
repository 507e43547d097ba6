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
#include "core/run.h"

#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cgroup.h"
#include "core/child.h"
#include "core/dev.h"
#include "core/guard.h"
#include "core/mount.h"
#include "core/newnet.h"
#include "core/relay.h"
#include "core/seccomp_profile.h"
#include "core/spawn.h"
#include "core/state.h"
#include "core/step.h"
#include "core/sync.h"

struct run {
	int root_fd;
	struct ct_spec *spec;
	struct ct_info *info;
	const struct ct_hooks *hooks;
	struct relay relay;
	struct guard guard;
	struct proc_id holder; /* the guard */
	struct child child;
	struct cgroup cgroup;
	bool recorded, cgroup_made, attached;
	int *files; /* clones of spec->files */
	struct ct_device_rule *rules; /* of the devices controller */
};

/* The youngest call that is used says whether the kernel is new enough. */
static int check_kernel(void *ctx, struct err *e)
{
	struct utsname u;

	if (mount_setattr(-1, "", 0, NULL, 0) == 0 || errno != ENOSYS)
		return 0;
	uname(&u);
	return err_set(e, -ENOSYS, "Linux %s is too old: 5.12 is needed (mount_setattr)",
		       u.release);
}

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

static int clone_files(void *ctx, struct err *e)
{
	struct run *r = ctx;

	r->files = calloc(r->spec->n_files + 1, sizeof(int));
	if (!r->files)
		return err_sys(e, -ENOMEM, "files");
	for (size_t i = 0; i < r->spec->n_files; i++)
		r->files[i] = -1;
	return mount_files_clone(r->spec, r->files, e);
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
				   .tty = pty_wanted(r->spec->tty),
				   .io = { -1, -1, -1 },
				   .in_netns = r->hooks->long_attach };
	n = guard_start(&r->guard, &r->child, e);
	if (n < 0)
		return n;
	r->relay.target.guard = &r->guard;
	r->relay.target.is_init = true;
	r->relay.target.reaper = r->spec->init;
	r->relay.sync = take_fd(&ours);
	return 0;
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
	return guard_go(&r->guard, r->spec, r->files, &r->cgroup, e);
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

	if (!joins_new(r))
		return 0;
	n = proc_identify(r->guard.pid, &r->holder);
	if (n < 0 && n != -ESRCH)
		return err_sys(e, n, "identify the guard");
	if (!r->hooks->prepare)
		return 0;
	r->attached = true;
	return r->hooks->prepare(r->hooks->ctx, &r->holder, e);
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
	if (!r->child.in_netns)
		sync_send(r->relay.sync, SYNC_NET, fd);
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

static int write_record(void *ctx, struct err *e)
{
	struct run *r = ctx;
	int n;

	n = keep_filter(r, e);
	if (n < 0)
		return n;
	memcpy(r->info->status, "running", sizeof("running"));
	return state_save(r->root_fd, r->info, e);
}

static int go(void *ctx, struct err *e)
{
	struct run *r = ctx;

	sync_send(r->relay.sync, SYNC_GO, -1);
	return 0;
}

static const struct step first_steps[] = {
	{ "kernel", check_kernel },
	{ "not dumpable", not_dumpable },
	{ "signals", take_signals },
	{ "guard", make_guard },
};

static const struct step steps[] = {
	{ "provided files", clone_files },
	{ "cgroups", make_cgroups },
	{ "lease", prepare_network },
	{ "network", give_network },
	{ "first process", meet_first },
	{ "record", write_record },
	{ "go", go },
};

/* The plan is the caller's, and so are the words of its errors. */
static int start(struct run *r, struct err *e)
{
	int n = steps_run(first_steps, ARRAY_SIZE(first_steps), r, e);

	if (n < 0)
		return n;
	n = r->hooks->plan(r->hooks->ctx, r->spec, r->info, e);
	r->recorded = r->info->id[0];
	return n < 0 ? n : steps_run(steps, ARRAY_SIZE(steps), r, e);
}

static void cleanup_run(struct run *r)
{
	struct target *t = &r->relay.target;

	terminal_restore(&r->relay.terminal);
	if (!t->ended) {
		guard_kill(&r->guard);
		guard_end(&r->guard); /* nobody may be left in what goes now */
	}
	guard_release(&r->guard);
	fd_close(take_fd(&t->pidfd));
	for (size_t i = 0; r->files && i < r->spec->n_files; i++)
		fd_close(r->files[i]);
	free(r->files);
	r->spec->limits.devices = NULL;
	free(r->rules);
	if (r->attached && r->hooks->detach)
		r->hooks->detach(r->hooks->ctx);
	if (r->cgroup_made)
		cgroup_destroy(&r->cgroup);
	if (r->recorded)
		state_forget(r->root_fd, r->info);
	guard_end(&r->guard);
	/* signals stayed blocked: nothing interrupts the cleaning up */
	relay_close(&r->relay);
}

/* The child's own words, where the runner has none but that the guard died. */
static int start_failed(struct run *r, int n, struct err *e)
{
	if (r->relay.target.ended_by)
		return 128 + r->relay.target.ended_by;
	return n == -ECHILD && relay_has_failure(&r->relay) ? relay_failure(&r->relay, e) : n;
}

int ct_run(int root_fd, struct ct_spec *spec, struct ct_info *info, const struct ct_hooks *hooks,
	   struct err *e)
{
	_cleanup_(cleanup_run) struct run r = { .root_fd = root_fd,
						.spec = spec,
						.info = info,
						.hooks = hooks,
						.relay = RELAY_INIT,
						.guard = GUARD_INIT,
						.cgroup = CGROUP_INIT };
	int n = start(&r, e);

	if (n < 0)
		return start_failed(&r, n, e);
	n = relay_run(&r.relay, e);
	return n == -ECANCELED ? relay_failure(&r.relay, e) : n;
}
