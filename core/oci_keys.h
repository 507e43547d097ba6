/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oci_keys - objects of config.json as tables: a member, the type it must have
 * and what takes it. What is in no table is refused. Private to oci*.c.
 */
#ifndef CT_CORE_OCI_KEYS_H
#define CT_CORE_OCI_KEYS_H

#include <jansson.h>
#include <stdint.h>

#include "core/oci.h"
#include "core/spec.h"

struct oci {
	struct ct_spec *spec;
	struct oci_bundle *b;
	const char *dir;
	unsigned ns_seen; /* bits of enum ct_ns_kind */
	bool net_seen;
};

/* where: the path of v, for messages. */
typedef int oci_take(struct oci *o, const char *where, json_t *v, struct err *e);

struct oci_key {
	const char *name;
	json_type type; /* JSON_TRUE: a boolean */
	oci_take *take; /* NULL: the specification has it, this runner does not */
};

#define OCI_KEYS_END         \
	{                    \
		.name = NULL \
	}

/* Every member to its row. */
int oci_object(struct oci *o, const char *where, json_t *v, const struct oci_key *keys,
	       struct err *e);
/* Every element of a type to one function; where becomes "linux.devices[2]". */
int oci_array(struct oci *o, const char *where, json_t *v, json_type type, oci_take *take,
	      struct err *e);
/* Every element or member, a string, into a list; of an object as "KEY=VALUE". */
int oci_strings(const char *where, json_t *v, struct strv *ret, struct err *e);

/* A number within bounds. */
int oci_number(const char *where, const json_t *v, int64_t min, int64_t max, int64_t *ret,
	       struct err *e);
/* -EINVAL with "WHERE: MESSAGE". */
int oci_refuse(const char *where, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A text that lives as long as the bundle; NULL: no memory. */
const char *oci_keep(struct oci *o, char *text);

/* For a member that is read together with its neighbours. */
oci_take oci_elsewhere;

/* The larger parts, each in its file. */
oci_take oci_process, oci_mounts, oci_linux, oci_resources;

#endif
