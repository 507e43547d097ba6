/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct rm: containers that have ended, no longer listed. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "core/base/err.h"

struct rm_args {
	bool force, volumes;
};

const struct opt rm_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct rm_args, "force", 'f', OPT_FLAG, NULL, force, "kill one that runs"),
	OPT_ROW(struct rm_args, "volumes", 'v', OPT_FLAG, NULL, volumes,
		"accepted: no volume belongs to a container alone"),
	OPT_END,
};

static int ask(struct app *app, struct ending *x, void *ctx, struct err *e)
{
	const struct rm_args *args = ctx;
	const uint64_t none = 0;

	if (!strcmp(x->ct.status, "exited")) {
		ending_expect(x);
		return 0;
	}
	if (args->force)
		return ending_ask(app->root_fd, x, SIGKILL, &none, e);
	err_hint(e, "`ct stop %s` first, or -f", x->ct.name);
	return err_set(e, -EBUSY, "remove %s: it is %s", x->ct.name, x->ct.status);
}

/* That of a foreground container went with its runner. */
static int gone(struct app *app, struct ending *x, void *ctx, struct err *e)
{
	int r = state_remove(app->root_fd, x->ct.id);

	return r < 0 ? err_sys(e, r, "remove %s", x->ct.name) : 0;
}

int cmd_rm(struct app *app, int argc, char **argv, struct err *e)
{
	struct rm_args args = { .force = false };
	const struct ct_words_end how = { .ask = ask, .done = gone, .ctx = &args };
	int n = app_parse(app, &args, argc, argv, 1, -1, e);
	int r = n < 0 ? n : app_open(app, SWEEP_SOME, e);

	return r < 0 ? r : ct_words_end(app, n, argv, &how, e);
}
