/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json - the few steps every user of jansson here repeats: state files read
 * and replaced whole, typed members with a default, and releasing by scope.
 */
#ifndef CT_BASE_JSON_H
#define CT_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

static inline void cleanup_json(json_t **j)
{
	json_decref(*j);
}
#define _cleanup_json_ __attribute__((cleanup(cleanup_json)))

/* -EINVAL: it is none; a member twice is none, whichever of the two would count. */
int json_parse(const char *text, size_t len, json_t **ret);
/* Reads name below dirfd, at most 1 MiB; -ENOENT, -EINVAL (not an object). */
int json_load_at(int dirfd, const char *name, json_t **ret);
/* Replaces it atomically (see file_replace_at), mode 0600. */
int json_save_at(int dirfd, const char *name, const json_t *j);

/* Members of an object; the default when absent or of another type. */
const char *json_str(const json_t *o, const char *key, const char *def);
int64_t json_int(const json_t *o, const char *key, int64_t def);
bool json_flag(const json_t *o, const char *key, bool def);

#endif
