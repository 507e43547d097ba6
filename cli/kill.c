/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct kill: a signal for containers. */
#include <errno.h>
#include <signal.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "cli/values.h"
#include "core/base/err.h"

struct kill_args {
	int sig;
};

const struct opt kill_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct kill_args, "signal", 's', "SIGNAL", sig, value_signal,
		   "instead of SIGKILL"),
	OPT_END,
};

/* Who sends one of these means the end, so it is not started again. */
static bool ends(const struct ct_info *ct, int sig)
{
	return sig == SIGKILL || sig == (ct->stop_signal ? ct->stop_signal : SIGTERM);
}

static int signal_one(struct app *app, const struct ct_info *ct, void *ctx, struct err *e)
{
	const struct kill_args *args = ctx;
	struct ending x = ENDING_INIT;
	struct ct_info copy = { .exit_code = -1 };
	/* by id: it may have been renamed meanwhile */
	int r = state_find(app->root_fd, ct->id, &copy, e);

	if (r >= 0)
		r = ending_open(&copy, &x, e);
	if (r >= 0)
		r = ending_signal(app->root_fd, &x, args->sig, ends(ct, args->sig), e);
	ending_close(&x);
	return r;
}

int cmd_kill(struct app *app, int argc, char **argv, struct err *e)
{
	struct kill_args args = { .sig = SIGKILL };
	int n = app_parse(app, &args, argc, argv, 1, -1, e);
	int r = n < 0 ? n : app_open(app, SWEEP_SOME, e);

	return r < 0 ? r : ct_words_each(app, n, argv, signal_one, &args, e);
}
