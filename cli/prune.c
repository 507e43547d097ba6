/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct prune: every container that has ended, removed. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_filter.h"
#include "cli/ct_words.h"
#include "core/base/err.h"

struct prune_args {
	struct strv filters;
	bool force;
	struct ct_done done;
	struct err *e;
};

const struct opt prune_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct prune_args, "filter", 0, "KEY=VALUE", filters, ct_filter_add,
		   "only those that fit: label=K[=V], name=, exited=N, repeatable"),
	OPT_ROW(struct prune_args, "force", 'f', OPT_FLAG, NULL, force, "do not ask on a terminal"),
	OPT_END,
};

static bool confirmed(const struct prune_args *args)
{
	return app_confirm(args->force,
			   args->filters.n ? "All containers that have exited and fit the filters"
					   : "All containers that have exited");
}

static int remove_exited(struct ct_info *ct, void *ctx)
{
	struct prune_args *args = ctx;
	int r;

	if (strcmp(ct->status, "exited") != 0 || !ct_filter_match(&args->filters, ct, NULL))
		return 0;
	r = state_remove(args->done.app->root_fd, ct->id);
	if (r < 0)
		return err_sys(args->e, r, "remove %s", ct->name);
	ct_done_add(&args->done, ct->name, ct);
	return 0;
}

int cmd_prune(struct app *app, int argc, char **argv, struct err *e)
{
	struct prune_args args = { .done = { .app = app, .all = NULL }, .e = e };
	int r = app_parse(app, &args, argc, argv, 0, 0, e);

	if (r >= 0 && app->json)
		args.done.all = json_array();
	if (r >= 0 && confirmed(&args)) {
		r = app_open(app, SWEEP_ALL, e);
		if (r >= 0)
			r = state_list(app->root_fd, remove_exited, &args, e);
	}
	ct_done_end(&args.done);
	strv_free(&args.filters);
	return r;
}
