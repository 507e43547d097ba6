/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet prune: every network that no container is on, removed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_filter.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "net/attach.h"
#include "net/network.h"

struct prune_args {
	struct strv filters;
	bool force;
};

const struct opt net_prune_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct prune_args, "filter", 0, "KEY=VALUE", filters, net_filter_add,
		   "only networks that fit: label=K[=V], name=, ..., repeatable"),
	OPT_ROW(struct prune_args, "force", 'f', OPT_FLAG, NULL, force, "do not ask on a terminal"),
	OPT_END,
};

static bool confirmed(const struct prune_args *args)
{
	return app_confirm(args->force,
			   args->filters.n ? "All networks without containers that fit the filters"
					   : "All networks without containers");
}

static int count(const struct attach_info *a, void *ctx)
{
	size_t *n = ctx;

	*n += attach_alive(a);
	return 0;
}

/* 1: it is gone. One that somebody joins at this moment stays. */
static int prune_one(struct net *net, const char *name, const struct strv *filters, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	size_t containers = 0;
	int r;

	/* a definition that cannot be read may be a slip of the pen: `ctnet rm` takes it */
	if (network_load(net, name, &n, NULL) < 0)
		return 0;
	attach_list(net, NULL, name, count, &containers);
	if (containers || !net_filter_match(filters, &n, containers))
		return 0;
	r = network_remove(net, name, false, e);
	if (r == -EBUSY || r == -ENOENT) {
		err_clear(e);
		return 0;
	}
	return r < 0 ? err_wrap(e, r, "remove %s", name) : 1;
}

/* One that fails stops no other; the last error is the caller's to print. */
static int prune(struct app *app, struct net *net, const struct strv *filters, json_t *gone,
		 struct err *e)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	int worst = network_names(net, &names, e);

	for (size_t i = 0; i < names.n; i++) {
		struct err one = ERR_INIT;
		int r = prune_one(net, names.v[i], filters, &one);

		if (r > 0)
			json_array_append_new(gone, json_pack("{s:s}", "name", names.v[i]));
		if (r >= 0)
			continue;
		if (worst < 0)
			app_print_error(app, e);
		*e = one;
		worst = r;
	}
	return worst;
}

static void report(const struct app *app, json_t *gone)
{
	const json_t *o;
	size_t i;

	if (app->json) {
		out_json(json_incref(gone));
		return;
	}
	json_array_foreach(gone, i, o) if (!app->quiet)
		puts(json_string_value(json_object_get(o, "name")));
}

int cmd_net_prune(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct prune_args args = { .force = false };
	json_t *gone = json_array();
	int r = app_parse(app, &args, argc, argv, 0, 0, e);

	if (r >= 0 && confirmed(&args)) {
		r = app_open_net(app, &net, SWEEP_ALL, e);
		if (r >= 0)
			r = prune(app, &net, &args.filters, gone, e);
		report(app, gone);
	}
	json_decref(gone);
	strv_free(&args.filters);
	return r;
}
