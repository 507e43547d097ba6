/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_condition - whether a rule of a profile counts for this container on
 * this machine: `includes` and `excludes`, which docker has and OCI has not.
 */
#ifndef CT_CORE_SECCOMP_CONDITION_H
#define CT_CORE_SECCOMP_CONDITION_H

#include <jansson.h>
#include <stdbool.h>

struct err;
struct seccomp_host;

/*
 * All that is included must hold, and nothing that is excluded: capabilities are
 * held each, of architectures one is enough (moby, profiles/seccomp).
 */
int seccomp_applies(const struct seccomp_host *host, json_t *rule, const char *where, bool *ret,
		    struct err *e);

#endif
