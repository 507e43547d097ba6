/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab down: labs end, and nothing is left of them. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

struct down_args {
	bool all;
};

const struct opt lab_down_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct down_args, "all", 'a', OPT_FLAG, NULL, all, "every lab"),
	OPT_END,
};

/* All of them are tried; what goes wrong with the last is the caller's to print. */
static int end_all(struct app *app, const struct strv *names, struct err *e)
{
	int failed = 0;

	for (size_t i = 0; i < names->n; i++) {
		struct err one = ERR_INIT;
		int r = lab_down(app, names->v[i], &one);

		if (r >= 0)
			continue;
		if (e->num)
			app_print_error(app, e);
		*e = one;
		failed = r;
	}
	return failed;
}

static int named(struct app *app, int n, char **words, struct strv *ret, struct err *e)
{
	int r = 0;

	for (int i = 0; r >= 0 && i < n; i++) {
		char name[64];

		r = lab_find(app, words[i], name, e);
		if (r >= 0 && strv_add(ret, name) < 0)
			r = err_sys(e, -ENOMEM, "%s", name);
	}
	return r;
}

int cmd_lab_down(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	struct down_args args = { 0 };
	int n = app_parse(app, &args, argc, argv, 0, -1, e), r = n;

	if (r >= 0 && (n > 0) == args.all)
		return app_usage(app, err_set(e, EINVAL,
					      args.all ? "--all needs no names"
						       : "which lab? --all is every one"));
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = args.all ? lab_names(app, &names, e) : named(app, n, argv, &names, e);
	return r < 0 ? r : end_all(app, &names, e);
}
