/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_file - a lab file read for a command: what is wrong with it goes to
 * stderr, one line each with its hint.
 */
#ifndef CT_CLI_LAB_FILE_H
#define CT_CLI_LAB_FILE_H

#include "net/topology.h"

struct app;

/* 0, or -EINVAL with e the last problem and the others printed: exit status 2. "-": stdin. */
int lab_file_load(struct app *app, const char *path, struct topology *ret, struct err *e);
/* The same of a text that was read already; name stands in its problems. */
int lab_file_text(struct app *app, const char *name, const char *text, size_t len,
		  struct topology *ret, struct err *e);
/* The same, with the text, to be freed: stdin cannot be read twice. */
int lab_file_take(struct app *app, const char *path, struct topology *ret, char **ret_text,
		  size_t *ret_len, struct err *e);
/* Where the file (NULL: stdin) is, to be freed: what it names relative to itself is there. */
char *lab_file_base(const char *path);
/* The same without a word: the problems are the caller's. */
int lab_file_read(const char *path, struct topology *ret, struct topo_problems *p);

#endif
