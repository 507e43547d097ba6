/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ct_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/gc.h"
#include "cli/out.h"
#include "core/base/cleanup.h"

void ct_errors_add(struct ct_errors *all, const struct err *one, int r)
{
	if (r >= 0)
		return;
	if (all->worst < 0) /* the caller prints the last one */
		app_print_error(all->app, all->e);
	*all->e = *one;
	all->worst = r;
}

void ct_done_add(struct ct_done *d, const char *word, const struct ct_info *ct)
{
	if (!d->app->json) {
		if (!d->app->quiet)
			printf("%s\n", word);
		return;
	}
	if (!d->all)
		d->all = json_array();
	json_array_append_new(d->all, json_pack("{s:s, s:s}", "id", ct->id, "name", ct->name));
}

void ct_done_end(struct ct_done *d)
{
	if (d->all)
		out_json(take_ptr(d->all));
}

int ct_words_find(struct app *app, const char *word, struct ct_info *ret, struct err *e)
{
	int r = state_find(app->root_fd, word, ret, e);

	if (r < 0 || strcmp(ret->status, "dead") != 0)
		return r;
	ct_info_free(ret);
	gc_containers(app, SWEEP_ALL);
	return state_find(app->root_fd, word, ret, e);
}

int ct_words_each(struct app *app, int n, char **words, ct_words_fn *fn, void *ctx, struct err *e)
{
	struct ct_errors errors = { .app = app, .e = e };
	struct ct_done done = { .app = app };

	for (int i = 0; i < n; i++) {
		struct ct_info ct = { .exit_code = -1 };
		struct err one = ERR_INIT;
		int r = ct_words_find(app, words[i], &ct, &one);

		if (r >= 0)
			r = fn(app, &ct, ctx, &one);
		if (r >= 0)
			ct_done_add(&done, words[i], &ct);
		ct_errors_add(&errors, &one, r);
		ct_info_free(&ct);
	}
	ct_done_end(&done);
	return errors.worst;
}

struct ends {
	struct ending *v;
	int n;
	bool killed; /* a runner had to be */
};

static void cleanup_ends(struct ends *x)
{
	for (int i = 0; i < x->n; i++)
		ending_close(&x->v[i]);
	free(x->v);
}

static int ask_one(struct app *app, const char *word, const struct ct_words_end *how,
		   struct ending *x, struct err *e)
{
	struct ct_info ct = { .exit_code = -1 };
	int r = ct_words_find(app, word, &ct, e);

	if (r >= 0)
		r = ending_open(&ct, x, e);
	if (r >= 0)
		r = how->ask(app, x, how->ctx, e);
	if (r < 0) {
		ending_close(x);
		x->lives = true;
	}
	return r;
}

/* A runner in another pid namespace can neither be held nor signalled from here. */
static int check_ended(struct app *app, const struct ct_info *ct, struct err *e)
{
	struct ct_info now = { .exit_code = -1 };
	int r = state_find(app->root_fd, ct->id, &now, NULL);

	r = r >= 0 && strcmp(now.status, "exited") != 0 && strcmp(now.status, "dead") != 0;
	ct_info_free(&now);
	return r ? err_set(e, -EBUSY, "container %s is run from another pid namespace", ct->name)
		 : 0;
}

static int done_one(struct app *app, const struct ct_words_end *how, struct ending *x,
		    struct err *e)
{
	int r = check_ended(app, &x->ct, e);

	return r >= 0 && how->done ? how->done(app, x, how->ctx, e) : r;
}

int ct_words_end(struct app *app, int n, char **words, const struct ct_words_end *how,
		 struct err *e)
{
	_cleanup_(cleanup_ends) struct ends x = { .v = calloc((size_t)n + 1, sizeof(*x.v)) };
	struct ct_errors errors = { .app = app, .e = e };
	struct ct_done done = { .app = app };
	struct err one = ERR_INIT;
	int r;

	if (!x.v)
		return -ENOMEM;
	for (; x.n < n; x.n++, one = (struct err)ERR_INIT) {
		x.v[x.n] = (struct ending)ENDING_INIT;
		r = ask_one(app, words[x.n], how, &x.v[x.n], &one);
		ct_errors_add(&errors, &one, r);
	}
	r = ending_await(app->root_fd, x.v, (size_t)n, &one);
	ct_errors_add(&errors, &one, r);
	for (int i = 0; i < n; i++)
		x.killed |= x.v[i].killed;
	if (x.killed)
		gc_containers(app, SWEEP_ALL);
	for (int i = 0; i < n; i++) {
		if (x.v[i].lives)
			continue;
		one = (struct err)ERR_INIT;
		r = done_one(app, how, &x.v[i], &one);
		if (r >= 0)
			ct_done_add(&done, words[i], &x.v[i].ct);
		ct_errors_add(&errors, &one, r);
	}
	ct_done_end(&done);
	return errors.worst;
}
