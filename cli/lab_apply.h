/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_apply - a file and the running lab of its name: what differs, done or only told.
 */
#ifndef CT_CLI_LAB_APPLY_H
#define CT_CLI_LAB_APPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "core/base/str.h"
#include "net/topology_diff.h"

struct app;
struct err;

/* A file that was read, and what the kernel lacks taken out of it. */
struct lab_wish {
	const char *path;
	struct topology t;
	char *text;
	size_t len;
	struct strv unapplied;
};
int lab_wish_read(struct app *app, const char *path, struct lab_wish *ret, struct err *e);
void lab_wish_free(struct lab_wish *w);

/* What was told so far; with -j it is printed at the end. */
struct lab_told {
	struct app *app;
	json_t *all; /* NULL: each is printed at once */
};
void lab_told_begin(struct app *app, struct lab_told *t);
void lab_told_change(struct lab_told *t, const char *word, const char *text);
void lab_told_end(struct lab_told *t);

/*
 * Asks the supervisor of the lab; dry: it only tells. -ENOENT: no such lab runs. What the
 * wish holds of the topology is the lab's afterwards.
 */
int lab_wish_ask(struct app *app, struct lab_wish *w, bool dry, struct lab_told *told,
		 struct err *e);

#endif
