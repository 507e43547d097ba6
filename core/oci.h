/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oci - an OCI bundle (runtime-spec 1.0 and later): a directory with a root
 * file system and config.json, which says what a struct ct_spec says.
 *
 * What config.json asks for and this runner has not is refused by name, even
 * where the specification would let it pass: a container that silently lacks
 * what was asked for is worse than none. Members that are null or empty ask for nothing.
 */
#ifndef CT_CORE_OCI_H
#define CT_CORE_OCI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

struct ct_spec;
struct err;

/* What the spec borrows from, and what it has no member for. */
struct oci_bundle {
	json_t *config;
	struct strv owned; /* texts made of it */
	char **argv;
	char *net; /* NULL: a new network namespace; "host"; "ns:PATH" */
	json_t *seccomp; /* of config: linux.seccomp, or NULL */
	uint64_t caps; /* valid when has_caps */
	bool has_caps, has_args;
};

/*
 * Fills spec, which is { 0 } but for what the caller knows better, from
 * DIR/config.json. -EINVAL names the member ("config.json: linux.intelRdt: ...").
 * spec's own vectors are the caller's to free, as those the command line fills.
 */
int oci_load(const char *dir, struct ct_spec *spec, struct oci_bundle *ret, struct err *e);
/* The same for a text, with relative paths below dir: for tests and fuzzing. */
int oci_parse(const char *text, const char *dir, struct ct_spec *spec, struct oci_bundle *ret,
	      struct err *e);
void oci_free(struct oci_bundle *b); /* accepts { 0 } */

#endif
