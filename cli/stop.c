/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct stop: containers asked to end, and ended when they do not. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "cli/values.h"
#include "core/base/parse.h"

struct stop_args {
	int sig; /* 0: the container's own */
	uint64_t grace; /* nanoseconds */
	bool grace_given;
};

static int set_grace(void *args, const char *value, struct err *e)
{
	struct stop_args *a = args;
	int r = value_grace(&a->grace, value, e);

	a->grace_given = r >= 0;
	return r;
}

const struct opt stop_opts[] = {
	OPT_HEADING("Options"),
	OPT_ALL_FN("timeout", 't', "SECONDS", set_grace,
		   "before it is killed; -1: never (default: its --stop-timeout)"),
	OPT_ALL_FN("time", 0, "SECONDS", set_grace, "the same"),
	OPT_ROW_FN(struct stop_args, "signal", 's', "SIGNAL", sig, value_signal,
		   "instead of its --stop-signal"),
	OPT_END,
};

static int ask(struct app *app, struct ending *x, void *ctx, struct err *e)
{
	const struct stop_args *a = ctx;

	if (!strcmp(x->ct.status, "exited")) {
		ending_expect(x);
		return 0;
	}
	return ending_ask(app->root_fd, x, a->sig, a->grace_given ? &a->grace : NULL, e);
}

int cmd_stop(struct app *app, int argc, char **argv, struct err *e)
{
	struct stop_args args = { 0 };
	const struct ct_words_end how = { .ask = ask, .ctx = &args };
	int n = app_parse(app, &args, argc, argv, 1, -1, e);
	int r = n < 0 ? n : app_open(app, SWEEP_SOME, e);

	return r < 0 ? r : ct_words_end(app, n, argv, &how, e);
}
