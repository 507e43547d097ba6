/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet rm: networks removed, each by itself, so one failure stops no other. */
#include <stdio.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/network.h"

struct rm_args {
	bool force;
};

const struct opt net_rm_opts[] = {
	{ "Options", 0, OPT_FLAG, NULL, 0, NULL, NULL },
	{ "force", 'f', OPT_FLAG, NULL, offsetof(struct rm_args, force),
	  "disconnect the containers that are on it first", NULL },
	OPT_END,
};

int cmd_net_rm(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct rm_args args = { 0 };
	int words = app_parse(app, &args, argc, argv, 1, -1, e), worst = 0;
	int r = words < 0 ? words : app_open_net(app, &net, SWEEP_ALL, e);

	if (r < 0)
		return r;
	for (int i = 0; i < words; i++) {
		struct err one = ERR_INIT;

		r = network_remove(&net, argv[i], args.force, &one);
		if (r < 0) {
			err_wrap(&one, r, "remove %s", argv[i]);
			if (str_starts(one.hint, "create")) /* not what is wanted here */
				snprintf(one.hint, sizeof(one.hint),
					 "`ctnet ls` lists the networks");
			if (worst < 0) /* the caller prints the last one */
				app_print_error(app, e);
			*e = one;
			worst = r;
		} else if (!app->quiet && !app->json) {
			printf("%s\n", argv[i]);
		}
	}
	return worst;
}
