/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun: a container from options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/bundle.h"
#include "cli/cmd.h"
#include "cli/gc.h"
#include "cli/run_archives.h"
#include "cli/run_args.h"
#include "cli/run_files.h"
#include "cli/run_net.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
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
	int r = app_load_config(run->app, e);

	if (!spec->cgroup_parent)
		spec->cgroup_parent = run->app->cgroup_parent;
	if (r >= 0)
		r = run_nets_prepare(run->app, &run->net, &a->nets, spec, e);
	if (r >= 0)
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

static void release(struct run *run)
{
	run_files_close(&run->files);
	port_claim_free(run->nets.claim);
	if (run->own_hosts && run->info.id[0])
		names_own_drop(&run->net, run->info.id);
	net_close(&run->net);
	ct_info_free(&run->info);
	if (run->args->spec.netns == NETNS_FD)
		fd_close(run->args->spec.netns_fd);
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
		r = ct_run(app->root_fd, &args->spec, &run.info, &hooks, e);
	release(&run);
	args->spec.files = NULL; /* they were the run's */
	args->spec.n_files = 0;
	return r;
}

int cmd_run(struct app *app, int argc, char **argv, struct err *e)
{
	struct run_args args = { 0 };
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
