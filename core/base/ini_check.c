/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/ini.h"
#include "core/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A name in a schema: plain, "*" (any), or a stem before ".*" (any name) or ".#" (a number). */
static size_t stem_len(const char *pattern)
{
	size_t n = strlen(pattern);

	return n > 2 && pattern[n - 2] == '.' && strchr("*#", pattern[n - 1]) ? n - 2 : 0;
}

static bool name_matches(const char *pattern, const char *name)
{
	size_t stem = stem_len(pattern);
	uint32_t number;

	if (!stem)
		return !strcmp(pattern, name) || !strcmp(pattern, "*");
	if (strncmp(pattern, name, stem) || name[stem] != '.' || !name[stem + 1])
		return false;
	name += stem + 1;
	return pattern[stem + 1] == '*' || (cur_u32(&name, 1, UINT32_MAX, &number) && !*name);
}

/*
 * What the pattern would be for this word: "node.*" is "node.r1" for "nod.r1",
 * "dns.#" is "dns.1" for "dns".
 */
static char *pattern_as(const char *pattern, const char *word)
{
	int stem = (int)stem_len(pattern);
	const char *dot = strchr(word, '.');

	if (!stem)
		return strdup(pattern);
	if (dot && dot[1] && pattern[stem + 1] == '*')
		return str_printf("%.*s%s", stem, pattern, dot);
	return str_printf("%.*s.%s", stem, pattern, pattern[stem + 1] == '#' ? "1" : "NAME");
}

static const char *strv_get(const void *ctx, size_t i)
{
	const struct strv *s = ctx;

	return i < s->n ? s->v[i] : NULL;
}

/* Takes over the candidates. */
static void suggest(struct strv *words, const char *word, struct err *e)
{
	const char *near = str_nearest(word, strv_get, words);

	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	strv_free(words);
}

static void unknown_section(const struct ini *ini, const struct ini_entry *at,
			    const struct ini_section *schema, struct err *e)
{
	struct strv words = { 0 };

	err_set(e, EINVAL, "%s:%u:%u: unknown section [%s]", ini->file, at->line, at->col,
		at->section);
	for (; schema->name; schema++)
		if (strv_add_take(&words, pattern_as(schema->name, at->section)) < 0)
			break;
	suggest(&words, at->section, e);
}

static void unknown_key(const struct ini *ini, const struct ini_entry *at,
			const struct ini_key *keys, struct err *e)
{
	struct strv words = { 0 };

	err_set(e, EINVAL, "%s:%u:%u: unknown key \"%s\" in [%s]", ini->file, at->line, at->col,
		at->key, at->section);
	for (; keys->name; keys++)
		if (strv_add_take(&words, pattern_as(keys->name, at->key)) < 0)
			break;
	suggest(&words, at->key, e);
}

static const struct ini_section *find_section(const struct ini_section *schema, const char *name)
{
	for (; schema->name; schema++)
		if (name_matches(schema->name, name))
			return schema;
	return NULL;
}

static bool knows_key(const struct ini_section *section, const char *name)
{
	for (const struct ini_key *k = section->keys; k->name; k++)
		if (name_matches(k->name, name))
			return true;
	return false;
}

/* The keys of an unknown section are not reported one by one. */
size_t ini_check_each(const struct ini *ini, const struct ini_section *schema,
		      void (*problem)(void *ctx, const struct err *what), void *ctx)
{
	const struct ini_section *section = NULL;
	size_t problems = 0;

	for (size_t i = 0; i < ini->n; i++) {
		const struct ini_entry *at = &ini->entries[i];
		struct err what = ERR_INIT;

		if (!at->key)
			section = find_section(schema, at->section);
		if (!at->key && !section)
			unknown_section(ini, at, schema, &what);
		else if (at->key && section && !knows_key(section, at->key))
			unknown_key(ini, at, section->keys, &what);
		if (!what.num)
			continue;
		problems++;
		problem(ctx, &what);
	}
	return problems;
}

static void keep_first(void *ctx, const struct err *what)
{
	struct err *first = ctx;

	if (!first->num)
		*first = *what;
}

int ini_check(const struct ini *ini, const struct ini_section *schema, struct err *e)
{
	struct err first = ERR_INIT;

	if (!ini_check_each(ini, schema, keep_first, &first))
		return 0;
	if (e)
		*e = first;
	return -EINVAL;
}
