/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of a lab when its supervisor has ended: the host's part, control groups,
 * files; in this order, so that who dies on the way leaves a record by which the next one
 * finds the rest. Serves down, an up that failed, and the sweep.
 */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "cli/lab_host.h"
#include "cli/lab_remains.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/node.h"

int lab_remains_remove(struct app *app, const char *name, const struct lab_record *rec,
		       struct err *e)
{
	_cleanup_close_ int labs = lab_labs_fd(app, false);
	int r = labs < 0 ? labs : 0;

	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(e, r, "open the directory of labs");
	if (rec->id[0]) {
		r = lab_host_end(app, rec, e);
		if (r < 0)
			return r;
		crash_point("lab", "host ended");
		r = nodes_cgroup_gc(app->cgroup_parent, rec->id);
		if (r < 0)
			return err_sys(e, r, "remove the control groups of lab %s", name);
		crash_point("lab", "groups removed");
	}
	r = dir_remove_at(labs, name);
	crash_point("lab", "files removed");
	return r < 0 ? err_sys(e, r, "remove the files of lab %s", name) : 0;
}

/* Nobody listens where the socket is of one who has died, or was never made. */
bool lab_is_dead(int dir_fd, struct lab_record *rec)
{
	const struct lab l = { .dir_fd = dir_fd };
	_cleanup_close_ int sock = -1;

	if (lab_record_load(dir_fd, rec) >= 0)
		return lab_record_life(rec) == LAB_DEAD;
	lab_record_free(rec);
	sock = lab_connect(&l, NULL);
	return sock == -ECONNREFUSED || sock == -ENOENT;
}

static void sweep(struct app *app, int labs, const char *name)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 }, again = { 0 };
	_cleanup_lab_dir_ struct lab_dir dir = LAB_DIR_INIT;
	_cleanup_close_ int fd = dir_open_at(labs, name, false);

	/* most live: they cost no lock */
	if (fd < 0 || !lab_is_dead(fd, &rec) || lab_dir_lock(app, name, LAB_DIR_TRY, &dir) < 0)
		return;
	if (lab_is_dead(dir.fd, &again))
		lab_remains_remove(app, name, &again, NULL);
}

void lab_gc(struct app *app)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	_cleanup_close_ int labs = lab_labs_fd(app, false);

	if (labs >= 0 && dir_names(labs, &names) >= 0)
		for (size_t i = 0; i < names.n; i++)
			sweep(app, labs, names.v[i]);
	lab_host_gc(app);
}
