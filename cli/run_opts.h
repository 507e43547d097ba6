/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_opts - the options of ctrun by group, each a table of rows for a struct
 * run_args. Private to the run_*.c that hold them and to run_args.c, which puts
 * them together.
 */
#ifndef CT_CLI_RUN_OPTS_H
#define CT_CLI_RUN_OPTS_H

#include "cli/opt.h"
#include "cli/run_args.h"

#define FN(name, letter, arg, fn, help) OPT_ALL_FN(name, letter, arg, fn, help)
#define ROW(name, letter, type, arg, member, help) \
	OPT_ROW(struct run_args, name, letter, type, arg, member, help)
#define AT(name, letter, arg, member, fn, help) \
	OPT_ROW_FN(struct run_args, name, letter, arg, member, fn, help)

extern const struct opt run_files_opts[], run_limits_opts[], run_safety_opts[], run_life_opts[];
extern const struct opt run_ns_opts[];

/* What of a group can be judged only when all options are known. */
int run_files_finish(struct run_args *a, struct err *e);
int run_life_finish(struct run_args *a, struct err *e);
int run_ns_finish(struct run_args *a, struct err *e);
int run_safety_finish(struct run_args *a, struct err *e);

#endif
