/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct update: limits of containers that run, changed. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "cli/limit_opts.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/cgroup.h"
#include "core/spec.h"
#include "core/spec_json.h"

struct change {
	const struct ct_limits *limits;
	struct err *e;
};

/* What `ct inspect` shows of its limits: those that were changed, and the rest as it was. */
static int note(struct ct_info *i, const struct ct_limits *l)
{
	_cleanup_json_ json_t *config = NULL, *changed = spec_limits_to_json(l);
	json_t *limits;
	char *text;

	config = i->config ? json_loads(i->config, 0, NULL) : json_object();
	limits = json_object_get(config, "limits");
	if (limits ? json_object_update(limits, changed) < 0
		   : json_object_set(config, "limits", changed) < 0)
		return -ENOMEM;
	text = json_dumps(config, JSON_COMPACT);
	if (!text)
		return -ENOMEM;
	free(i->config);
	i->config = text;
	return 0;
}

/*
 * Under the record's lock: of two updates at once one is first, in the kernel
 * and here. A group that is made for a container that ends just then would be
 * nobody's: from its end on, its runner may have removed what there was.
 */
static int change(struct ct_info *i, void *ctx)
{
	const struct change *c = ctx;
	int r;

	if (!strcmp(i->status, "exited") || !proc_alive(&i->init))
		return err_set(c->e, -ESRCH, "container %s does not run", i->name);
	if (!i->cgroup)
		return err_set(c->e, -ENOTSUP, "container %s is in no control group", i->name);
	r = cgroup_update(i->cgroup, c->limits, c->e);
	if (!proc_alive(&i->init)) {
		cgroup_remove(i->cgroup);
		return err_set(c->e, -ESRCH, "container %s has ended", i->name);
	}
	if (r < 0)
		return err_wrap(c->e, r, "update %s", i->name);
	crash_point("update", "limits");
	r = note(i, c->limits);
	return r < 0 ? err_sys(c->e, r, "update %s", i->name) : 0;
}

static int one(struct app *app, const struct ct_info *ct, void *ctx, struct err *e)
{
	struct change c = { .limits = ctx, .e = e };

	return state_change(app->root_fd, ct->id, change, &c, e);
}

static bool changes_nothing(const struct ct_limits *l)
{
	_cleanup_json_ json_t *o = spec_limits_to_json(l);

	return !json_object_size(o);
}

int cmd_update(struct app *app, int argc, char **argv, struct err *e)
{
	struct ct_limits limits = { 0 };
	int n = app_parse(app, &limits, argc, argv, 1, -1, e), r = n;

	if (r >= 0 && changes_nothing(&limits)) {
		err_hint(e, "`%s --help` lists the limits", app->called);
		r = app_usage(app, err_set(e, EINVAL, "no limit is given"));
	}
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = ct_words_each(app, n, argv, one, &limits, e);
	limit_opts_free(&limits);
	return r;
}
