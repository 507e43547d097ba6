/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct doctor: a line for each finding, worst ones not first but where they belong. */
#include <stdio.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "core/base/fd.h"
#include "net/doctor.h"

struct findings {
	json_t *all; /* NULL: printed at once */
	bool quiet; /* only what is in the way */
	bool fail;
};

static void on_finding(const struct doctor_finding *f, void *ctx)
{
	struct findings *to = ctx;

	to->fail |= f->status == DOCTOR_FAIL;
	if (to->all)
		json_array_append_new(to->all, json_pack("{ss ss ss ss?}", "check", f->check,
							 "status", doctor_status_name(f->status),
							 "message", f->message, "cure", f->cure));
	else if (!to->quiet || f->status != DOCTOR_OK)
		printf("%s %s: %s%s%s\n", doctor_status_name(f->status), f->check, f->message,
		       f->cure ? "; cure: " : "", f->cure ? f->cure : "");
}

/*
 * Opens what other commands open too, but sweeps and heals nothing: a host is
 * looked at as it is.
 */
static int open_net(struct app *app, struct net *net, struct err *e)
{
	int r = dir_open_private(app->root, true, &app->root_fd, e);

	return r < 0 ? r : net_open(net, app->root_fd, &app->net_config, e);
}

int cmd_doctor(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct findings to = { .quiet = false };
	bool privileged;
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r >= 0)
		r = app_load_config(app, e);
	if (r < 0)
		return r;
	to.quiet = app->quiet;
	/* without privileges that is the first finding, and not an error */
	privileged = app_check_privileges(app, NULL) >= 0;
	if (privileged)
		r = open_net(app, &net, e);
	if (r < 0)
		return r;
	to.all = app->json ? json_array() : NULL;
	r = doctor_run(privileged ? &net : NULL, on_finding, &to, e);
	if (to.all)
		out_json(to.all);
	return r < 0 ? r : to.fail;
}
