/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab node: a node is taken out of a running lab, or put back. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "core/base/err.h"

static int start_or_stop(struct app *app, const char *word, bool *ret, struct err *e)
{
	*ret = !strcmp(word, "start");
	if (*ret || !strcmp(word, "stop"))
		return 0;
	return app_usage(app, err_set(e, EINVAL, "\"%.80s\" is neither start nor stop", word));
}

int cmd_lab_node(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_lab_ struct lab l = LAB_INIT;
	bool start = false;
	int r = app_parse(app, NULL, argc, argv, 3, 3, e);

	if (r >= 0)
		r = start_or_stop(app, argv[2], &start, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &l, e);
	if (r >= 0)
		r = lab_load(&l, e);
	if (r < 0)
		return r;
	return lab_ask(app, &l,
		       json_pack("{s:s, s:s, s:b}", "do", "node", "node", argv[1], "start", start),
		       -1, NULL, NULL, e);
}
