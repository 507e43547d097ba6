/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct rename: a container's name changed. */
#include <errno.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "core/base/err.h"

int cmd_rename(struct app *app, int argc, char **argv, struct err *e)
{
	struct ct_info ct = { .exit_code = -1 };
	int r = app_parse(app, NULL, argc, argv, 2, 2, e);

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = ct_words_find(app, argv[0], &ct, e);
	if (r >= 0)
		r = err_wrap(e, state_rename(app->root_fd, ct.id, argv[1], e), "rename %s",
			     argv[0]);
	ct_info_free(&ct);
	return r;
}
