/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct_filter - --filter KEY=VALUE of commands that list containers, with docker's
 * words: of one key any value fits, but every label must; all keys must.
 */
#ifndef CT_CLI_CT_FILTER_H
#define CT_CLI_CT_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "core/base/str.h"

struct ct_info;
struct err;

/* A setter for rows of OPT_FN: struct strv. */
int ct_filter_add(void *strv, const char *word, struct err *e);
/* networks: as in `ct ps -j`; NULL: not looked at. */
bool ct_filter_match(const struct strv *filters, const struct ct_info *ct, const json_t *networks);

#endif
