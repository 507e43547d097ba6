/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step - an order as data: named functions that run one after the other until
 * one fails. The name stands in the error and in the trace.
 */
#ifndef CT_CORE_STEP_H
#define CT_CORE_STEP_H

#include <stddef.h>

struct err;

struct step {
	const char *name;
	int (*run)(void *ctx, struct err *e);
};

int steps_run(const struct step *s, size_t n, void *ctx, struct err *e);

#endif
