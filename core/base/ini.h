/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini - INI files read with iniparser, plus what iniparser does not keep: the
 * position of every section and key, duplicates, and over-long lines.
 *
 * The raw text is scanned first (positions, duplicates, syntax), then parsed
 * by iniparser, whose dictionaries are walked once into an array in file order.
 * Sections may be "kind" or "kind.name" (iniparser cannot enumerate names
 * with a colon). Keys may repeat only where the schema says so: as KEY.1,
 * KEY.2, ... numbered.
 */
#ifndef CT_BASE_INI_H
#define CT_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct ini_entry {
	const char *section; /* lower case, "network" or "node.r1" */
	const char *key; /* lower case; NULL for the section header itself */
	const char *value; /* unquoted, trimmed; NULL for the header */
	unsigned line, col; /* of the key, from 1 */
};

struct ini_store;

struct ini {
	char *file; /* as given, for messages */
	struct ini_entry *entries; /* file order, headers included */
	size_t n;
	struct ini_store *store; /* backs the strings and the look-ups */
};

/* What a section kind may contain; tables end with { NULL }. */
struct ini_key {
	const char *
		name; /* "subnet"; "label.*": label.anything; "dns.#": dns.1, dns.2 ...; "*": any */
};
struct ini_section {
	const char *name; /* "network"; "node.*" accepts node.anything */
	const struct ini_key *keys;
};

/*
 * Reads name below dirfd (AT_FDCWD: a path). -ENOENT when absent; -EINVAL with
 * "file:line:col: ..." for syntax, duplicates, lines over 1022 bytes; -EFBIG over
 * 1 MiB.
 */
int ini_load(int dirfd, const char *name, struct ini *ret, struct err *e);
/* The same from memory; file is only for messages. */
int ini_parse(const char *file, const char *text, size_t len, struct ini *ret, struct err *e);
/*
 * As ini_parse, but tells all that is wrong, in file order, and goes on: lines
 * that cannot be read, duplicates and what stands in a section of either kind are
 * left out of *ret. Returns how many problems there were; negative, with e: there is
 * no *ret.
 */
typedef void ini_problem_fn(void *ctx, const struct err *what);
int ini_parse_each(const char *file, const char *text, size_t len, struct ini *ret,
		   ini_problem_fn *problem, void *ctx, struct err *e);
void ini_free(struct ini *ini);

/* Every section and key must be in the schema; else -EINVAL, position, suggestion. */
int ini_check(const struct ini *ini, const struct ini_section *schema, struct err *e);

/* The same with every problem reported, in file order; returns how many there are. */
size_t ini_check_each(const struct ini *ini, const struct ini_section *schema,
		      void (*problem)(void *ctx, const struct err *what), void *ctx);

/* The value of section/key, or NULL. A NULL key finds the header. */
const char *ini_get(const struct ini *ini, const char *section, const char *key);
const struct ini_entry *ini_find(const struct ini *ini, const char *section, const char *key);

/* Wraps e as "file:line:col: key: ..." for an entry whose value would not parse. */
int ini_err(const struct ini *ini, const struct ini_entry *at, int r, struct err *e);

#endif
