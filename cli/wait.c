/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct wait: until containers have ended; their exit statuses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "cli/gc.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

static void sweep(void *app)
{
	gc_containers(app, SWEEP_ALL);
}

static void report(const struct app *app, const struct ct_info *ct, int status, json_t *all)
{
	if (app->json) {
		json_array_append_new(all, json_pack("{s:s, s:s, s:i}", "id", ct->id, "name",
						     ct->name, "exit_code", status));
		return;
	}
	printf("%d\n", status);
	fflush(stdout); /* the next one may take its time */
}

/* All are held before the first is waited for: none ends unseen. */
static void open_all(struct app *app, int n, char **words, struct ending *v,
		     struct ct_errors *errors)
{
	for (int i = 0; i < n; i++) {
		struct ct_info ct = { .exit_code = -1 };
		struct err one = ERR_INIT;
		int r = ct_words_find(app, words[i], &ct, &one);

		v[i] = (struct ending)ENDING_INIT;
		if (r >= 0)
			r = ending_open(&ct, &v[i], &one);
		ct_errors_add(errors, &one, r);
	}
}

int cmd_wait(struct app *app, int argc, char **argv, struct err *e)
{
	struct ct_errors errors = { .app = app, .e = e };
	_cleanup_free_ struct ending *v = NULL;
	json_t *all;
	int n = app_parse(app, NULL, argc, argv, 1, -1, e);
	int r = n < 0 ? n : app_open(app, SWEEP_SOME, e);

	if (r < 0)
		return r;
	v = calloc((size_t)n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	all = json_array();
	open_all(app, n, argv, v, &errors);
	for (int i = 0; i < n; i++) {
		struct err one = ERR_INIT;

		if (!v[i].ct.id[0])
			continue;
		r = ending_status(app->root_fd, &v[i], sweep, app, &one);
		if (r >= 0)
			report(app, &v[i].ct, r, all);
		ct_errors_add(&errors, &one, r);
		ending_close(&v[i]);
	}
	if (app->json)
		out_json(all);
	else
		json_decref(all);
	return errors.worst;
}
