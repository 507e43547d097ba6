/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab apply: a running lab is made what its file says now. */
#include "cli/lab_apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "cli/lab_file.h"
#include "cli/lab_lacks.h"
#include "cli/lab_record.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"

/* ---- the file ---- */

int lab_wish_read(struct app *app, const char *path, struct lab_wish *ret, struct err *e)
{
	int r;

	ret->path = path;
	r = lab_file_take(app, path, &ret->t, &ret->text, &ret->len, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	return r < 0 ? r
		     : lab_lacks_check(app, strcmp(path, "-") ? path : "stdin", &ret->t,
				       &ret->unapplied, e);
}

void lab_wish_free(struct lab_wish *w)
{
	topology_free(&w->t);
	strv_free(&w->unapplied);
	free(take_ptr(w->text));
}

/* ---- what is told ---- */

static char sign_of(const char *word)
{
	for (unsigned i = 0; i < TOPO_CHANGES; i++)
		if (!strcmp(topo_change_word(i), word))
			return topo_change_sign(i);
	return '~';
}

void lab_told_begin(struct app *app, struct lab_told *t)
{
	*t = (struct lab_told){ .app = app, .all = app->json ? json_array() : NULL };
}

void lab_told_change(struct lab_told *t, const char *word, const char *text)
{
	if (t->all)
		json_array_append_new(t->all,
				      json_pack("{s:s, s:s}", "change", word, "text", text));
	else if (!t->app->quiet)
		printf("%c %s\n", sign_of(word), text);
}

void lab_told_end(struct lab_told *t)
{
	if (t->all)
		out_json(take_ptr(t->all));
}

static int hear(const json_t *o, void *ctx)
{
	struct lab_told *t = ctx;
	const char *failed = json_str(o, "failed", NULL), *text = json_str(o, "text", "");
	struct err e = ERR_INIT;

	if (!failed) {
		lab_told_change(t, json_str(o, "change", ""), text);
		crash_point("apply hears", json_str(o, "change", ""));
		return 0;
	}
	err_set(&e, EIO, "%s", failed);
	if (*json_str(o, "hint", ""))
		err_hint(&e, "%s", json_str(o, "hint", ""));
	app_print_error(t->app, &e);
	return 0;
}

/* ---- the question ---- */

static int text_fd(const struct lab_wish *w, struct err *e)
{
	_cleanup_close_ int fd = memfd_create("lab", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : fd_write_all(fd, w->text, w->len);

	return r < 0 ? err_sys(e, r, "keep the text") : take_fd(&fd);
}

int lab_wish_ask(struct app *app, struct lab_wish *w, bool dry, struct lab_told *told,
		 struct err *e)
{
	_cleanup_free_ char *base = lab_file_base(strcmp(w->path, "-") ? w->path : NULL);
	_cleanup_lab_ struct lab l = LAB_INIT;
	_cleanup_close_ int fd = text_fd(w, e);
	int r = fd < 0 ? fd : lab_open(app, w->t.name, &l, e);

	if (r < 0)
		return r;
	l.topo = w->t;
	w->t = (struct topology){ 0 };
	return lab_ask(app, &l,
		       json_pack("{s:s, s:s, s:b}", "do", "apply", "base", base ? base : "/", "dry",
				 dry),
		       fd, hear, told, e);
}

/* ---- the command ---- */

/* What down and ls want to know of a lab without asking it. */
struct counts {
	uint32_t nodes;
	bool stops;
};

static struct counts count(const struct topology *t)
{
	struct counts c = { 0 };

	for (size_t i = 0; i < t->n_nodes; i++) {
		c.nodes += t->nodes[i].kind != TOPO_SWITCH;
		c.stops |= t->nodes[i].n_stops > 0;
	}
	return c;
}

/* done: all is as the file says; before, nodes of both may be there. */
static int keep_record(int dir_fd, const struct lab_wish *w, const struct counts *c, bool done,
		       struct err *e)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	int r = lab_record_load(dir_fd, &rec);

	rec.stops = c->stops || (rec.stops && !done);
	if (r >= 0 && done) {
		rec.nodes = c->nodes;
		free(rec.file);
		rec.file = strcmp(w->path, "-") ? realpath(w->path, NULL) : NULL;
		strv_free(&rec.unapplied);
		for (size_t i = 0; r >= 0 && i < w->unapplied.n; i++)
			r = strv_add(&rec.unapplied, w->unapplied.v[i]);
	}
	if (r >= 0)
		r = lab_record_save(dir_fd, &rec);
	return r < 0 ? err_sys(e, r, "write the record of the lab") : 0;
}

static int lock(struct app *app, const struct lab_wish *w, struct lab_dir *ret, struct err *e)
{
	int r = lab_dir_lock(app, w->t.name, LAB_DIR_TRY, ret);

	if (r == -ENOENT) {
		err_hint(e, "ctlab up %.100s", w->path);
		return err_set(e, r, "lab %s does not run", w->t.name);
	}
	if (r == -EWOULDBLOCK)
		return err_set(e, -EBUSY, "lab %s: another command is changing it", w->t.name);
	return r < 0 ? err_sys(e, r, "lock lab %s", w->t.name) : 0;
}

static int apply(struct app *app, struct lab_wish *w, struct err *e)
{
	_cleanup_lab_dir_ struct lab_dir dir = LAB_DIR_INIT;
	struct counts c = count(&w->t);
	struct lab_told told;
	int r = lock(app, w, &dir, e);

	if (r >= 0)
		r = keep_record(dir.fd, w, &c, false, e);
	crash_point("apply", "recorded");
	if (r < 0)
		return r;
	lab_told_begin(app, &told);
	r = lab_wish_ask(app, w, false, &told, e);
	lab_told_end(&told);
	return r < 0 ? r : keep_record(dir.fd, w, &c, true, e);
}

int cmd_lab_apply(struct app *app, int argc, char **argv, struct err *e)
{
	struct lab_wish w __attribute__((cleanup(lab_wish_free))) = { 0 };
	int r = app_parse(app, NULL, argc, argv, 1, 1, e);

	if (r >= 0)
		r = lab_wish_read(app, argv[0], &w, e);
	return r ? r : apply(app, &w, e);
}
