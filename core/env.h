/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * env - the environment a command starts with: PATH, HOME, TERM, HOSTNAME, and
 * what was asked for on top.
 */
#ifndef CT_CORE_ENV_H
#define CT_CORE_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

struct env_spec {
	int root_fd; /* where /etc/passwd tells HOME */
	uint32_t uid;
	const char *hostname;
	bool tty; /* gives TERM */
	char *const *caller; /* the caller's environment too, or NULL */
	const struct strv *given[2]; /* the later wins; NULL: none */
};

int env_build(const struct env_spec *s, struct strv *ret);
/* The value of a variable, or NULL. */
const char *env_get(const struct strv *env, const char *name);

#endif
