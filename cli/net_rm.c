/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet rm: networks removed, each by itself, so one failure stops no other. */
#include <errno.h>
#include <stdio.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_target.h"
#include "cli/out.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/network.h"

struct rm_args {
	bool force;
};

const struct opt net_rm_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct rm_args, "force", 'f', OPT_FLAG, NULL, force,
		"disconnect the containers that are on it first"),
	OPT_END,
};

struct leaving {
	struct app *app;
	struct net *net;
};

/*
 * As `ctnet disconnect` does: routes and names of the container follow. Where
 * that fails the removal still undoes the attachment by its record.
 */
static int disconnect(const struct attach_info *a, void *ctx)
{
	struct leaving *x = ctx;
	struct net_target t = NET_TARGET_INIT;

	if (!attach_alive(a) || net_target_open_owner(x->app, a->owner, &t, NULL) < 0)
		return 0;
	if (connect_del(x->net, &t.to, a, NULL) >= 0)
		net_target_hosts(x->net, &t, NULL);
	net_target_close(&t);
	return 0;
}

static int remove_one(struct app *app, struct net *net, const char *name, bool force, struct err *e)
{
	struct leaving x = { app, net };
	int r;

	if (force)
		attach_list(net, NULL, name, disconnect, &x);
	r = network_remove(net, name, force, e);
	if (r < 0) {
		err_wrap(e, r, "remove %s", name);
		if (str_starts(e->hint, "create")) /* not what is wanted here */
			snprintf(e->hint, sizeof(e->hint), "`ctnet ls` lists the networks");
	}
	return r;
}

int cmd_net_rm(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct rm_args args = { 0 };
	int words = app_parse(app, &args, argc, argv, 1, -1, e), worst = 0;
	int r = words < 0 ? words : app_open_net(app, &net, SWEEP_ALL, e);
	json_t *gone;

	if (r < 0)
		return r;
	gone = json_array();
	for (int i = 0; i < words; i++) {
		struct err one = ERR_INIT;

		r = remove_one(app, &net, argv[i], args.force, &one);
		if (r < 0) {
			if (worst < 0) /* the caller prints the last one */
				app_print_error(app, e);
			*e = one;
			worst = r;
			continue;
		}
		json_array_append_new(gone, json_pack("{s:s}", "name", argv[i]));
		if (!app->quiet && !app->json)
			printf("%s\n", argv[i]);
	}
	if (app->json && (worst >= 0 || json_array_size(gone)))
		out_json(json_incref(gone));
	json_decref(gone);
	return worst;
}
