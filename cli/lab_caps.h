/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_caps - the capabilities of a node as its file has them: names without a sign are
 * the whole set, with + or - they change the usual one (core/node.h).
 */
#ifndef CT_CLI_LAB_CAPS_H
#define CT_CLI_LAB_CAPS_H

#include <stdint.h>

struct err;

/* text NULL or empty: *ret 0, which is the usual set. -EINVAL with a suggestion. */
int lab_caps(const char *text, uint64_t *ret, struct err *e);

#endif
