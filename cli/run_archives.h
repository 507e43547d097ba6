/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_archives - archives among the layers of --rootfs, unpacked into a cache.
 */
#ifndef CT_CLI_RUN_ARCHIVES_H
#define CT_CLI_RUN_ARCHIVES_H

struct app;
struct err;
struct run_args;

/* Puts directories in the place of archives, and holds these until the free. */
int run_archives_open(const struct app *app, struct run_args *a, struct err *e);
void run_archives_free(struct run_args *a);

/* What no archive needs any more, or an unpacker that was killed has left. */
void run_archives_gc(const struct app *app);

#endif
