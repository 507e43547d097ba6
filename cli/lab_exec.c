/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab exec, sh: a command, a shell in a node of a running lab. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "cli/lab_live_real.h"
#include "cli/lab_place.h"
#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/run.h"
#include "core/self.h"

/* ---- the supervisor's side ---- */

/* What a command in the node gets: {"pid", "start", "caps", "user", "env", "cgroup"}. */
int supervisor_do_place(struct supervisor *s, const struct question *q, struct err *e)
{
	const struct node_spec *spec;
	struct node_info info;
	uint32_t node;
	json_t *env;
	int r = supervisor_node(s, q, &node, e);

	r = r < 0 ? r : live_running(&s->live, node, e);
	if (r < 0)
		return r;
	spec = live_plan_spec(s->live.node[node].plan);
	r = node_info(s->live.nodes, s->live.node[node].id, &info);
	if (r < 0)
		return err_sys(e, r, "node %s", spec->name);
	env = json_array();
	for (size_t i = 0; i < spec->env.n; i++)
		json_array_append_new(env, json_string(spec->env.v[i]));
	supervisor_tell(q, json_pack("{s:i, s:I, s:I, s:s*, s:s*, s:o}", "pid", (int)info.host.pid,
				     "start", (json_int_t)info.host.start, "caps",
				     (json_int_t)spec->caps, "user", spec->user, "cgroup",
				     info.cgroup, "env", env));
	return 0;
}

/* ---- the commands ---- */

static int enter(struct app *app, const char *lab_word, const char *node, const struct ct_exec *x,
		 struct err *e)
{
	_cleanup_(lab_place_free) struct lab_place p = { .user = NULL };
	_cleanup_lab_ struct lab lab = LAB_INIT;
	int r = self_protect(app->argv, true, e);

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, lab_word, &lab, e);
	if (r >= 0)
		r = lab_place(app, &lab, node, &p, e);
	return r < 0 ? r : node_enter(&p.p, x, e);
}

int cmd_lab_exec(struct app *app, int argc, char **argv, struct err *e)
{
	struct ct_exec x = { 0 };
	int r = app_parse(app, &x, argc, argv, 3, -1, e);

	if (r >= 0) {
		x.argv = argv + 2;
		/* what begins with a dash may stand behind two of them */
		if (!strcmp(x.argv[0], "--"))
			x.argv++;
		if (!*x.argv)
			r = app_usage(app, err_set(e, EINVAL, "a command is missing"));
	}
	if (r >= 0)
		r = enter(app, argv[0], argv[1], &x, e);
	strv_free(&x.env);
	return r;
}

int cmd_lab_sh(struct app *app, int argc, char **argv, struct err *e)
{
	/* the better one of those that the node's root has */
	static char *const shell[] = { "sh", "-c",
				       "command -v bash >/dev/null 2>&1 && exec bash; exec sh",
				       NULL };
	struct ct_exec x = { .argv = shell };
	int r = app_parse(app, &x, argc, argv, 2, 2, e);

	if (r >= 0)
		r = enter(app, argv[0], argv[1], &x, e);
	strv_free(&x.env);
	return r;
}
