/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun: a container from options. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/gc.h"
#include "cli/run_args.h"
#include "cli/run_files.h"
#include "cli/run_net.h"
#include "core/base/cleanup.h"
#include "core/self.h"
#include "core/state.h"
#include "net/names_own.h"

/* Everything one run owns, released in one place. */
struct run {
	struct app *app;
	struct run_args *args;
	struct net net;
	struct run_files files;
	struct port_claim *claim; /* NULL: no ports asked for */
	size_t claim_net;
	char id[CT_ID_LEN + 1];
	struct ct_info info;
	bool own_hosts;
};

/* What must be known before the container's root is built: networks to join, files. */
static int prepare(struct run *run, struct err *e)
{
	struct run_args *a = run->args;
	const struct run_files_args fa = { .nets = &a->nets,
					   .dns = &a->dns,
					   .add_host = &a->add_host };
	int r = run_nets_prepare(run->app, &run->net, &a->nets, &a->spec, e);

	if (r >= 0)
		r = state_draw(run->app->root_fd, &a->spec, run->id, e);
	if (r < 0)
		return r;
	a->spec.id = run->id;
	if (!a->spec.hostname)
		a->spec.hostname = a->named ? a->spec.name : a->spec.id;
	if (a->ports.n)
		r = run_ports_claim(run->app, &run->net, &a->nets, &a->ports, &a->spec,
				    &run->claim_net, &run->claim, e);
	if (r < 0)
		return r;
	run->own_hosts = run_files_own_hosts(&fa);
	r = run_files_open(run->app, &run->net, &a->spec, &fa, &run->files, e);
	a->spec.files = run->files.v;
	a->spec.n_files = run->files.n;
	return r;
}

/* What others left is looked at here, where nobody waits for it. */
static int hook_record(void *ctx, struct ct_spec *spec, struct ct_info *ret, struct err *e)
{
	struct run_net_ctx *c = ctx;
	int r;

	gc_containers(c->app, SWEEP_SOME);
	r = state_create(c->app->root_fd, spec, ret, e);
	/* the name of one that died, and that the sweep passed over */
	if (r == -EEXIST) {
		gc_containers(c->app, SWEEP_ALL);
		err_clear(e);
		r = state_create(c->app->root_fd, spec, ret, e);
	}
	return r;
}

static void release(struct run *run)
{
	run_files_close(&run->files);
	port_claim_free(run->claim);
	if (run->own_hosts && run->id[0])
		names_own_drop(&run->net, run->id);
	net_close(&run->net);
	ct_info_free(&run->info);
	if (run->args->spec.netns == NETNS_FD)
		fd_close(run->args->spec.netns_fd);
}

static int run_container(struct app *app, struct run_args *args, struct err *e)
{
	struct run run = { .app = app, .args = args, .net = NET_INIT };
	struct run_net_ctx ctx = {
		.app = app, .net = &run.net, .nets = &args->nets, .spec = &args->spec
	};
	struct ct_hooks hooks = run_nets_hooks(&ctx);
	int r = self_protect(app->argv, false, e);

	hooks.record = hook_record;
	if (r >= 0)
		r = app_open(app, SWEEP_NONE, e);
	args->spec.cgroup_parent = app->cgroup_parent;
	if (r >= 0)
		r = prepare(&run, e);
	ctx.claim = run.claim;
	ctx.claim_net = run.claim_net;
	if (r >= 0)
		r = ct_run(app->root_fd, &args->spec, &run.info, &hooks, e);
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
