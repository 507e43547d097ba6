/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab restart: daemons of a node, ended and started. */
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"

/* "2", or as the file has it, "daemon.2". */
static int daemon_number(struct app *app, const char *word, uint32_t *ret, struct err *e)
{
	int r = parse_u32(word + (str_starts(word, "daemon.") ? 7 : 0), 1, INT32_MAX, ret, e);

	return r < 0 ? app_usage(app, err_wrap(e, r, "daemon")) : 0;
}

int cmd_lab_restart(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_lab_ struct lab l = LAB_INIT;
	int words = app_parse(app, NULL, argc, argv, 2, 3, e), r = words;
	uint32_t num = 0;

	if (r >= 0 && words > 2)
		r = daemon_number(app, argv[2], &num, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &l, e);
	if (r < 0)
		return r;
	return lab_ask(app, &l,
		       json_pack("{s:s, s:s, s:i}", "do", "restart", "node", argv[1], "daemon",
				 (int)num),
		       -1, NULL, NULL, e);
}
