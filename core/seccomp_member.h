/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_member - members of the objects of a profile, each with its type. Private to
 * seccomp_profile.c and seccomp_condition.c. where stands in front of messages.
 */
#ifndef CT_CORE_SECCOMP_MEMBER_H
#define CT_CORE_SECCOMP_MEMBER_H

#include <jansson.h>
#include <stdint.h>

struct err;

/* -EINVAL: no object, or one with a key that is not in keys, which ends with NULL. */
int seccomp_keys(json_t *o, const char *where, const char *const *keys, struct err *e);
/* A member of that type, or *ret NULL when it is not there; null is how Go says that. */
int seccomp_member(json_t *o, const char *where, const char *key, json_type type, json_t **ret,
		   struct err *e);
/* A number from 0 to max; *ret is left alone when it is not there. */
int seccomp_unsigned(json_t *o, const char *where, const char *key, uint64_t max, uint64_t *ret,
		     struct err *e);

#endif
