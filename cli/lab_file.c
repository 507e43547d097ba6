/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/lab_caps.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"

#define TEXT_MAX (16UL * 1024 * 1024)

/* What the model cannot judge: the names of capabilities. */
static int check_caps(const char *file, const struct topology *t, struct topo_problems *p)
{
	uint64_t caps;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < t->n_nodes; i++) {
		const struct topo_node *n = &t->nodes[i];
		struct err e = ERR_INIT;

		if (lab_caps(n->caps, &caps, &e) >= 0)
			continue;
		err_wrap(&e, -EINVAL, "%s:%u:%u: node %s: caps", file, n->at.line, n->at.col,
			 n->name);
		r = topo_problem_add(p, false, n->at, &e);
	}
	return r < 0 ? r : p->errors ? -EINVAL : 0;
}

static int checked(int r, const char *file, struct topology *t, struct topo_problems *p)
{
	r = r < 0 ? r : check_caps(file, t, p);
	if (r < 0) {
		topology_free(t);
		*t = (struct topology){ 0 };
	}
	return r;
}

int lab_file_read(const char *path, struct topology *ret, struct topo_problems *p)
{
	const char *file = strcmp(path, "-") ? path : "/dev/stdin";

	return checked(topology_load(AT_FDCWD, file, ret, p), file, ret, p);
}

static void as_err(const struct topo_problem *p, struct err *e)
{
	err_clear(e);
	err_set(e, EINVAL, "%s%s", p->warning ? "warning: " : "", p->msg);
	if (p->hint)
		err_hint(e, "%s", p->hint);
}

/* All but the last one, which the caller prints; after a success all are warnings. */
static int tell(struct app *app, int r, struct topo_problems *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		if (e->num)
			app_print_error(app, e);
		err_clear(e);
		if (r < 0 || !app->quiet)
			as_err(&p->v[i], e);
	}
	if (r >= 0 && e->num) {
		app_print_error(app, e);
		err_clear(e);
	}
	topo_problems_free(p);
	return r < 0 ? app_usage(app, r) : 0;
}

int lab_file_load(struct app *app, const char *path, struct topology *ret, struct err *e)
{
	struct topo_problems p = { 0 };
	int r = lab_file_read(path, ret, &p);

	return tell(app, r, &p, e);
}

int lab_file_text(struct app *app, const char *name, const char *text, size_t len,
		  struct topology *ret, struct err *e)
{
	struct topo_problems p = { 0 };
	int r = checked(topology_parse(name, text, len, ret, &p), name, ret, &p);

	return tell(app, r, &p, e);
}

int lab_file_take(struct app *app, const char *path, struct topology *ret, char **ret_text,
		  size_t *ret_len, struct err *e)
{
	bool is_stdin = !strcmp(path, "-");
	int r = *path ? file_read_at(AT_FDCWD, is_stdin ? "/dev/stdin" : path, TEXT_MAX, ret_text,
				     ret_len)
		      : -EINVAL;

	if (!*path)
		return app_usage(app, err_set(e, r, "the name of the lab file is empty"));
	if (r < 0)
		return app_usage(app, err_sys(e, r, "%s", path));
	return lab_file_text(app, is_stdin ? "stdin" : path, *ret_text, *ret_len, ret, e);
}

char *lab_file_base(const char *path)
{
	_cleanup_free_ char *file = path ? realpath(path, NULL) : NULL;
	char *slash = file ? strrchr(file, '/') : NULL;

	if (!slash)
		return getcwd(NULL, 0);
	slash[slash == file] = '\0';
	return take_ptr(file);
}
