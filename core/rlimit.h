/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rlimit - resource limits by name (getrlimit(2), without RLIMIT_, lower case).
 */
#ifndef CT_CORE_RLIMIT_H
#define CT_CORE_RLIMIT_H

#include "core/spec.h"

struct err;

/* NAME=SOFT[:HARD], values decimal or "unlimited"; HARD left out: SOFT. */
int rlimit_parse(const char *word, struct ct_rlimit *ret, struct err *e);
/* "nofile" */
const char *rlimit_name(int resource);

#endif
