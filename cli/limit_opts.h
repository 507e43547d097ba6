/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit_opts - what a container may use, as options that fill a struct ct_limits:
 * of a command's own arguments, or (OPT_INCLUDE_AT) of a member of theirs. ctrun
 * sets them and ct update changes them.
 */
#ifndef CT_CLI_LIMIT_OPTS_H
#define CT_CLI_LIMIT_OPTS_H

#include "cli/opt.h"

struct ct_limits;

extern const struct opt limit_opts[];

/* What the options appended to. */
void limit_opts_free(struct ct_limits *l);

#endif
