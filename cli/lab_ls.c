/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab ls: the labs. */
#include <stdio.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_record.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/dir.h"

static const char *const states[] = { "dead", "starting", "running" };

static void add_row(struct out_table *t, const struct lab_record *rec)
{
	char nodes[16];

	snprintf(nodes, sizeof(nodes), "%u", rec->nodes);
	out_table_row(t, (const char *const[]){ rec->name, states[lab_record_life(rec)], nodes,
						rec->file });
}

static json_t *to_json(const struct lab_record *rec)
{
	json_t *unapplied = json_array();

	for (size_t i = 0; i < rec->unapplied.n; i++)
		json_array_append_new(unapplied, json_string(rec->unapplied.v[i]));
	return json_pack("{s:s, s:s, s:i, s:i, s:s?, s:I, s:o}", "name", rec->name, "state",
			 states[lab_record_life(rec)], "nodes", (int)rec->nodes, "pid",
			 (int)rec->supervisor.pid, "file", rec->file, "created",
			 (json_int_t)rec->created, "unapplied", unapplied);
}

int cmd_lab_ls(struct app *app, int argc, char **argv, struct err *e)
{
	static const char *const heads[] = { "NAME", "STATE", "NODES", "FILE" };
	_cleanup_(strv_free) struct strv names = { 0 };
	struct out_table table;
	json_t *all = NULL;
	int labs, r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_names(app, &names, e);
	if (r < 0)
		return r;
	out_table_init(&table, heads, ARRAY_SIZE(heads));
	all = app->json ? json_array() : NULL;
	labs = lab_labs_fd(app, false);
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_(lab_record_free) struct lab_record rec = { 0 };
		_cleanup_close_ int fd = dir_open_at(labs, names.v[i], false);

		if (fd < 0 || lab_record_load(fd, &rec) < 0)
			continue;
		if (all)
			json_array_append_new(all, to_json(&rec));
		else
			add_row(&table, &rec);
	}
	fd_close(labs);
	if (all)
		out_json(all);
	else
		out_table_print(&table);
	return 0;
}
