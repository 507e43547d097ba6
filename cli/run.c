/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun: a container from options. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/bundle.h"
#include "cli/cmd.h"
#include "cli/gc.h"
#include "cli/out.h"
#include "cli/run_archives.h"
#include "cli/run_args.h"
#include "cli/run_files.h"
#include "cli/run_net.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/monitor.h"
#include "core/self.h"
#include "core/state.h"
#include "net/names_own.h"

/* Everything one run owns, released in one place. */
struct run {
	struct run_net_ctx nets; /* for the hooks */
	struct app *app;
	struct run_args *args;
	struct net net;
	struct run_files files;
	struct ct_info info;
	bool own_hosts;
};

/* The record; what others left is looked at on the way. */
static int record(struct app *app, struct ct_spec *spec, struct ct_info *ret, struct err *e)
{
	int r;

	gc_containers(app, SWEEP_SOME);
	r = state_create(app->root_fd, spec, ret, e);
	/* the name of one that died, and that the sweep passed over */
	if (r == -EEXIST) {
		gc_containers(app, SWEEP_ALL);
		err_clear(e);
		r = state_create(app->root_fd, spec, ret, e);
	}
	return r;
}

static int provide_files(struct run *run, struct ct_spec *spec, struct err *e)
{
	struct run_args *a = run->args;
	const struct run_files_args fa = { .nets = &a->nets,
					   .dns = &a->dns,
					   .add_host = &a->add_host };

	run->own_hosts = run_files_own_hosts(&fa);
	run->files.n = 0;
	return run_files_open(run->app, &run->net, spec, &fa, &run->files, e);
}

/* Everything that nothing of the container's root depends on: see core/run.h. */
static int hook_plan(void *ctx, struct ct_spec *spec, struct ct_info *ret, struct err *e)
{
	struct run *run = ctx; /* its first member is what the other hooks know */
	struct run_args *a = run->args;
	bool again = ret->id[0]; /* the record is there, and its name */
	int r = app_load_config(run->app, e);

	if (!spec->cgroup_parent)
		spec->cgroup_parent = run->app->cgroup_parent;
	spec->userns_first = run->app->userns_first;
	spec->userns_count = run->app->userns_count;
	if (r >= 0)
		r = run_nets_prepare(run->app, &run->net, &a->nets, spec, e);
	if (r >= 0 && !again)
		r = record(run->app, spec, ret, e);
	if (r < 0)
		return r;
	if (!spec->hostname)
		spec->hostname = a->named ? spec->name : spec->id;
	if (a->ports.n)
		r = run_ports_claim(run->app, &run->net, &a->nets, &a->ports, spec,
				    &run->nets.claim_net, &run->nets.claim, e);
	return r < 0 ? r : provide_files(run, spec, e);
}

static void hook_unplan(void *ctx)
{
	struct run *run = ctx;
	struct ct_spec *spec = &run->args->spec;

	run_files_close(&run->files);
	port_claim_free(take_ptr(run->nets.claim));
	if (run->own_hosts && run->info.id[0])
		names_own_drop(&run->net, run->info.id);
	net_close(&run->net);
	run_nets_forget(&run->args->nets);
	if (spec->netns == NETNS_FD)
		fd_close(spec->netns_fd);
	spec->netns = NETNS_NEW;
}

/* As it was written: 64M. */
static void size_text(uint64_t bytes, char *buf, size_t size)
{
	static const char units[] = "KMGT";
	size_t i = 0;

	while (bytes && bytes % 1024 == 0 && units[i]) {
		bytes /= 1024;
		i++;
	}
	snprintf(buf, size, "%llu%.*s", (unsigned long long)bytes, i > 0, units + i - (i > 0));
}

/* The command could not: it was killed, or a process of its. */
static void tell_oom(const struct app *app, const struct run *run, int status)
{
	char limit[32];

	if (status < 0 || !run->info.oom_killed)
		return;
	size_text(run->args->spec.limits.memory, limit, sizeof(limit));
	fprintf(stderr, "%s: %skilled by the memory limit of %s\n", app->prog,
		status == 128 + SIGKILL ? "" : "a process was ", limit);
}

/* What -d leaves on the terminal. */
static void print_detached(const struct app *app, const struct ct_info *i)
{
	if (app->json)
		out_json(json_pack("[{s:s, s:s, s:i}]", "id", i->id, "name", i->name, "pid",
				   (int)i->init.pid));
	else
		puts(i->id);
}

static int run_either(struct run *run, const struct ct_hooks *hooks, struct err *e)
{
	struct app *app = run->app;
	struct ct_spec *spec = &run->args->spec;
	int r;

	if (!spec->detach) {
		r = ct_run(app->root_fd, spec, &run->info, hooks, e);
		tell_oom(app, run, r);
		return r;
	}
	fflush(stdout);
	r = ct_run_detached(app->root_fd, spec, &run->info, hooks, e);
	if (r == 0)
		print_detached(app, &run->info);
	return r;
}

static int run_container(struct app *app, struct run_args *args, struct err *e)
{
	struct run run = { .app = app, .args = args, .net = NET_INIT };
	struct ct_hooks hooks;
	int r = self_protect(app->argv, run_safety_outlived(args), e);

	run.nets = (struct run_net_ctx){
		.app = app, .net = &run.net, .nets = &args->nets, .spec = &args->spec
	};
	hooks = run_nets_hooks(&run.nets);
	hooks.plan = hook_plan;
	hooks.unplan = hook_unplan;
	hooks.long_attach = args->nets.n > 0;
	run_files_targets(&run.files);
	args->spec.files = run.files.v;
	args->spec.n_files = run.files.n;
	if (r >= 0)
		r = app_check_privileges(app, e);
	if (r >= 0)
		r = dir_open_private(app->root, true, &app->root_fd, e);
	if (r >= 0)
		r = run_archives_open(app, args, e);
	if (r >= 0)
		r = run_safety_prepare(args, app->root_fd, e);
	if (r >= 0)
		r = run_ns_open(app, &args->ns, &args->spec, e);
	if (r >= 0)
		r = run_either(&run, &hooks, e);
	run_ns_close(&args->spec);
	ct_info_free(&run.info);
	args->spec.files = NULL; /* they were the run's */
	args->spec.n_files = 0;
	return r;
}

int cmd_run(struct app *app, int argc, char **argv, struct err *e)
{
	struct run_args args = { .spec.stop_timeout = UINT64_MAX };
	int r = bundle_load(app, argc, argv, &args, e);

	if (r >= 0)
		r = app_parse(app, &args, argc, argv, args.bundle.config ? 0 : 1, -1, e);
	if (r >= 0) {
		if (r)
			args.spec.argv = argv;
		r = run_args_finish(&args, e);
		if (r < 0)
			app_usage(app, r);
	}
	if (r >= 0)
		r = run_container(app, &args, e);
	run_args_free(&args);
	return r;
}
