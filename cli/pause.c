/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct pause and unpause: containers frozen, and going on. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "core/base/err.h"
#include "core/cgroup.h"

struct change {
	bool freeze;
	struct err *e;
};

static int cannot(const struct ct_info *ct, int r, bool freeze, struct err *e)
{
	const char *verb = freeze ? "pause" : "unpause";

	err_sys(e, r, "%s %s", verb, ct->name);
	if (r == -ENOTSUP)
		err_hint(e, "it is in no control group: a writable cgroup v2 or freezer is needed");
	if (r == -ETIMEDOUT)
		err_hint(e, "a process in it waits for a device or a file system, and goes on");
	return r;
}

/* Under the record's lock, so that record and kernel never differ for two who do both. */
static int change(struct ct_info *i, void *ctx)
{
	const struct change *c = ctx;
	const char *from = c->freeze ? "running" : "paused";
	const char *to = c->freeze ? "paused" : "running";
	int r;

	if (strcmp(i->status, from) != 0)
		return err_set(c->e, -EINVAL, "container %s is %s, not %s", i->name, i->status,
			       from);
	r = i->cgroup ? cgroup_freeze(i->cgroup, c->freeze) : -ENOTSUP;
	if (r < 0)
		return cannot(i, r, c->freeze, c->e);
	return str_fmt(i->status, sizeof(i->status), "%s", to);
}

static int one(struct app *app, const struct ct_info *ct, void *ctx, struct err *e)
{
	struct change c = { .freeze = *(bool *)ctx, .e = e };
	int r = state_change(app->root_fd, ct->id, change, &c, e);

	/* frozen, and nobody would know */
	if (r == -ENOSPC && c.freeze && ct->cgroup)
		cgroup_freeze(ct->cgroup, false);
	return r;
}

static int run(struct app *app, int argc, char **argv, bool freeze, struct err *e)
{
	int n = app_parse(app, NULL, argc, argv, 1, -1, e);
	int r = n < 0 ? n : app_open(app, SWEEP_SOME, e);

	return r < 0 ? r : ct_words_each(app, n, argv, one, &freeze, e);
}

int cmd_pause(struct app *app, int argc, char **argv, struct err *e)
{
	return run(app, argc, argv, true, e);
}

int cmd_unpause(struct app *app, int argc, char **argv, struct err *e)
{
	return run(app, argc, argv, false, e);
}
