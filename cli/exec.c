/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct exec: a command in a running container. */
#include <errno.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/values.h"
#include "core/account.h"
#include "core/run.h"
#include "core/self.h"
#include "core/state.h"

static int set_user(void *args, const char *value, struct err *e)
{
	struct ct_exec *x = args;

	x->user_set = true;
	return account_parse(value, &x->uid, &x->gid, &x->user, e);
}

#define AT(name, letter, arg, member, fn, help) \
	OPT_ROW_FN(struct ct_exec, name, letter, arg, member, fn, help)

const struct opt exec_opts[] = {
	OPT_HEADING("Options"),
	AT("env", 'e', "K[=V]", env, value_env,
	   "environment variable; without V the caller's value"),
	AT("env-file", 0, "FILE", env, value_env_file, "one K=V a line"),
	OPT_ALL_FN("user", 'u', "USER[:GROUP]", set_user, "default: the container's"),
	AT("workdir", 'w', "DIR", workdir, value_absolute, "default: the container's"),
	AT("tty", 't', "[no]", tty, value_tty,
	   "a terminal (default: if stdin and stdout are terminals)"),
	OPT_ROW(struct ct_exec, "interactive", 'i', OPT_FLAG, NULL, interactive,
		"keep stdin open (always so; accepted for habit)"),
	OPT_ROW(struct ct_exec, "detach", 'd', OPT_FLAG, NULL, detach,
		"do not wait for its end; it outlives this command"),
	OPT_ROW(struct ct_exec, "privileged", 0, OPT_FLAG, NULL, privileged,
		"all capabilities, no filter"),
	OPT_END,
};

int cmd_exec(struct app *app, int argc, char **argv, struct err *e)
{
	struct ct_exec x = { 0 };
	struct ct_info ct = { 0 };
	int r = app_parse(app, &x, argc, argv, 2, -1, e);

	if (r >= 0) {
		x.argv = argv + 1;
		r = self_protect(app->argv, true, e);
	}
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = state_find(app->root_fd, argv[0], &ct, e);
	if (r >= 0)
		r = state_ready(&ct, e);
	if (r >= 0)
		r = ct_exec_in(app->root_fd, &ct, &x, e);
	ct_info_free(&ct);
	strv_free(&x.env);
	return r;
}
