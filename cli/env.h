/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * env - the --env and --env-file options.
 */
#ifndef CT_CLI_ENV_H
#define CT_CLI_ENV_H

struct err;
struct strv;

/* "K=V", or "K" for the caller's own value (nothing when it has none). */
int env_add(struct strv *env, const char *word, struct err *e);
/* One of them a line as docker has it; empty ones and those that begin with # are passed over. */
int env_add_file(struct strv *env, const char *path, struct err *e);

#endif
