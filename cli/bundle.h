/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle - ctrun --bundle DIR: what config.json says comes first, whatever the
 * order on the command line, and the options go on top of it.
 */
#ifndef CT_CLI_BUNDLE_H
#define CT_CLI_BUNDLE_H

#include "cli/run_args.h"

struct app;
struct err;

/* Before the options are parsed: fills *args from the bundle that they will name, if any. */
int bundle_load(struct app *app, int argc, char *const *argv, struct run_args *args, struct err *e);
/* When they are: what depends on both. Harmless without a bundle. */
int bundle_finish(struct run_args *args, struct err *e);

#endif
