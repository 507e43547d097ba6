/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec_json - what a container was asked to be, as the JSON object that its
 * record keeps and `ct inspect` shows: keys are those of docs/man/ct.8.
 */
#ifndef CT_CORE_SPEC_JSON_H
#define CT_CORE_SPEC_JSON_H

#include <jansson.h>

struct ct_limits;
struct ct_spec;

/*
 * Only what is set, and without what the record has members for (command, env,
 * labels, user, workdir, capabilities, stop signal). Sizes in bytes, times in
 * nanoseconds, modes of files as octal text. A new reference; NULL: no memory.
 */
json_t *spec_to_json(const struct ct_spec *spec);
/* Its member "limits". */
json_t *spec_limits_to_json(const struct ct_limits *l);

#endif
