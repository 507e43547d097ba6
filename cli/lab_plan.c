/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab plan: what apply would do, or up where the lab does not run. */
#include <errno.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_apply.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

static int plan_new(const struct topology *t, struct lab_told *told, struct err *e)
{
	_cleanup_(topology_diff_free) struct topo_diff d = { 0 };
	const struct topology none = { 0 };
	int r = topology_diff(&none, NULL, t, &d);

	for (size_t i = 0; i < d.n; i++)
		lab_told_change(told, topo_change_word(d.v[i].what), d.v[i].text);
	return r < 0 ? err_sys(e, r, "lab %s", t->name) : 0;
}

static bool is_running(struct app *app, const char *name)
{
	_cleanup_lab_ struct lab l = LAB_INIT;
	int r = lab_open(app, name, &l, NULL);

	/* a dead one is nothing that could be changed */
	return r != -ENOENT && r != -ESRCH;
}

int cmd_lab_plan(struct app *app, int argc, char **argv, struct err *e)
{
	struct lab_wish w __attribute__((cleanup(lab_wish_free))) = { 0 };
	struct lab_told told;
	int r = app_parse(app, NULL, argc, argv, 1, 1, e);

	if (r >= 0)
		r = lab_wish_read(app, argv[0], &w, e);
	if (r)
		return r;
	lab_told_begin(app, &told);
	if (is_running(app, w.t.name))
		r = lab_wish_ask(app, &w, true, &told, e);
	else
		r = plan_new(&w.t, &told, e);
	lab_told_end(&told);
	return r;
}
