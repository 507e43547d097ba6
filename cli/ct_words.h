/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct_words - commands on several containers: each by itself, so that one that
 * fails stops no other; what was done is printed by the words that were given.
 */
#ifndef CT_CLI_CT_WORDS_H
#define CT_CLI_CT_WORDS_H

#include <jansson.h>

#include "core/ending.h"

struct app;
struct err;

/* Collects errors: all but the last, which is *e, are printed. Returns the worst. */
struct ct_errors {
	struct app *app;
	struct err *e;
	int worst;
};
void ct_errors_add(struct ct_errors *all, const struct err *one, int r);

/* What was done: a name a line, or at the end [{"id", "name"}]. */
struct ct_done {
	struct app *app;
	json_t *all;
};
void ct_done_add(struct ct_done *d, const char *word, const struct ct_info *ct);
/* Prints, for -j, and releases. */
void ct_done_end(struct ct_done *d);

/* state_find(); one whose runner died is cleaned up after first. */
int ct_words_find(struct app *app, const char *word, struct ct_info *ret, struct err *e);

/* fn for each container; the words are containers. Result as of a command. */
typedef int ct_words_fn(struct app *app, const struct ct_info *ct, void *ctx, struct err *e);
int ct_words_each(struct app *app, int n, char **words, ct_words_fn *fn, void *ctx, struct err *e);

/*
 * The same for their ends: ask() for each, then waits until all have ended that
 * it returned 0 for, then done() for each of these (may be NULL).
 */
struct ct_words_end {
	int (*ask)(struct app *app, struct ending *x, void *ctx, struct err *e);
	int (*done)(struct app *app, struct ending *x, void *ctx, struct err *e);
	void *ctx;
};
int ct_words_end(struct app *app, int n, char **words, const struct ct_words_end *how,
		 struct err *e);

#endif
