/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab up: the lab of a file. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_file.h"
#include "core/base/cleanup.h"
#include "core/self.h"

#define SHOW_NODES 50 /* from so many on there is time to look at */

struct up_args {
	const char *only;
};

const struct opt lab_up_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct up_args, "only", 0, OPT_STR, "NODES", only,
		"build these nodes and the wires between them"),
	OPT_END,
};

static int only_of(const char *text, const struct topology *t, struct strv *ret, struct err *e)
{
	int r = strv_split(ret, text, ", \t");

	for (size_t i = 0; r >= 0 && i < ret->n; i++)
		if (topology_node(t, ret->v[i]) == TOPO_NONE)
			return err_set(e, EINVAL, "--only: the file has no node %s", ret->v[i]);
	if (r >= 0 && !ret->n)
		return err_set(e, EINVAL, "--only: no node is named");
	return r;
}

int cmd_lab_up(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_(strv_free) struct strv only = { 0 };
	_cleanup_free_ char *text = NULL;
	struct up_args args = { 0 };
	struct lab_up u = { .progress_fd = -1 };
	int r = app_parse(app, &args, argc, argv, 1, 1, e);

	if (r >= 0)
		r = self_protect(app->argv, true, e);
	if (r >= 0)
		r = lab_file_take(app, argv[0], &t, &text, &u.len, e);
	if (r >= 0 && args.only) {
		r = only_of(args.only, &t, &only, e);
		if (r < 0)
			return app_usage(app, r);
	}
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r < 0)
		return r;
	u.file = strcmp(argv[0], "-") ? argv[0] : NULL;
	u.text = text;
	u.only = args.only ? &only : NULL;
	if (!app->quiet && t.n_nodes >= SHOW_NODES && isatty(STDERR_FILENO))
		u.progress_fd = STDERR_FILENO;
	return lab_up(app, &t, &u, e);
}
