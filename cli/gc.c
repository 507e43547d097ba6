/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/gc.h"

#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_record.h"
#include "cli/run_archives.h"
#include "core/base/dir.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/state.h"
#include "core/userns.h"
#include "net/attach.h"
#include "net/network.h"

static void count_dead(const char *id, void *ctx)
{
	unsigned *n = ctx;

	(void)id;
	(*n)++;
}

void gc_containers(struct app *app, unsigned max)
{
	_cleanup_net_ struct net net = NET_INIT;
	unsigned dead = 0;

	state_gc(app->root_fd, max, count_dead, &dead);
	if (dead || max == SWEEP_ALL)
		userns_gc(app->root_fd);
	/* only a death opens the network side: the common case pays nothing */
	if (dead && net_open(&net, app->root_fd, &app->net_config, NULL) >= 0)
		attach_gc(&net, SWEEP_ALL, NULL);
}

static bool recorded(const char *id, void *ctx)
{
	struct app *app = ctx;
	struct ct_info i = { 0 };
	int r = state_find(app->root_fd, id, &i, NULL);

	ct_info_free(&i);
	return r >= 0 || err_is_passing(r) || lab_record_has(app, id);
}

/* ctnet gc: everything, with errors told; commands sweep silently. */
int cmd_net_gc(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r < 0)
		return r;
	/* not app_open_net, whose sweep would be this one, told to nobody; labs are swept by it */
	r = app_open(app, SWEEP_ALL, e);
	if (r >= 0)
		r = net_open(&net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		r = attach_gc(&net, SWEEP_ALL, e);
	if (r >= 0)
		r = network_heal(&net, e);
	if (r >= 0)
		r = cgroup_gc(app->cgroup_parent, recorded, app);
	if (r >= 0) {
		dir_sweep_at(app->root_fd, file_is_stale_temp);
		run_archives_gc(app);
	}
	return r < 0 ? r : 0;
}
