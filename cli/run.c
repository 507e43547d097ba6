/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun: a container from options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/gc.h"
#include "cli/run_args.h"
#include "cli/run_files.h"
#include "cli/run_net.h"
#include "core/base/cleanup.h"
#include "core/newnet.h"
#include "core/self.h"
#include "core/state.h"
#include "net/names_own.h"

/* Everything one run owns, released in one place. */
struct run {
	struct app *app;
	struct run_args *args;
	struct net net;
	struct newnet newnet;
	struct run_files files;
	struct ct_info info;
	bool created, own_hosts;
	bool ran; /* and so the record is gone */
};

/* What the state root must hold before the runner starts: record and files. */
static int prepare(struct run *run, struct err *e)
{
	struct run_args *a = run->args;
	const struct run_files_args fa = { .nets = &a->nets,
					   .dns = &a->dns,
					   .add_host = &a->add_host };
	int r = run_nets_prepare(run->app, &run->net, &a->nets, &a->spec, e);

	if (r < 0)
		return r;
	r = state_create(run->app->root_fd, &a->spec, &run->info, e);
	/* the name of one that died, and that the sweep on the way in passed over */
	if (r == -EEXIST) {
		gc_containers(run->app, SWEEP_ALL);
		err_clear(e);
		r = state_create(run->app->root_fd, &a->spec, &run->info, e);
	}
	if (r < 0)
		return r;
	run->created = true;
	if (!a->spec.hostname)
		a->spec.hostname = a->named ? a->spec.name : a->spec.id;
	run->own_hosts = run_files_own_hosts(&fa);
	r = run_files_open(run->app, &run->net, &a->spec, &fa, &run->files, e);
	a->spec.files = run->files.v;
	a->spec.n_files = run->files.n;
	return r;
}

static void release(struct run *run)
{
	run_files_close(&run->files);
	if (run->own_hosts && run->created)
		names_own_drop(&run->net, run->info.id);
	net_close(&run->net);
	if (run->created && !run->ran)
		state_remove(run->app->root_fd, run->info.id);
	ct_info_free(&run->info);
	newnet_end(&run->newnet);
	if (run->args->spec.netns == NETNS_FD)
		fd_close(run->args->spec.netns_fd);
}

static int run_container(struct app *app, struct run_args *args, struct err *e)
{
	struct run run = { .app = app, .args = args, .net = NET_INIT, .newnet = NEWNET_INIT };
	struct run_net_ctx ctx = {
		.app = app, .net = &run.net, .nets = &args->nets, .spec = &args->spec
	};
	const struct ct_hooks hooks = run_nets_hooks(&ctx);
	int r = self_protect(app->argv, false, e);

	/* with networks to join, this is what takes longest */
	if (r >= 0 && args->nets.n)
		r = newnet_start(&run.newnet, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	args->spec.cgroup_parent = app->cgroup_parent;
	if (r >= 0)
		r = prepare(&run, e);
	if (r >= 0) {
		run.ran = true;
		r = ct_run(app->root_fd, &args->spec, args->nets.n ? &run.newnet : NULL, &run.info,
			   &hooks, e);
	}
	release(&run);
	return r;
}

int cmd_run(struct app *app, int argc, char **argv, struct err *e)
{
	struct run_args args = { 0 };
	int r = app_parse(app, &args, argc, argv, 1, -1, e);

	if (r >= 0) {
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
