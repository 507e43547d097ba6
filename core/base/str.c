/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/str.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Capacity is implied by n: the vector doubles whenever n + 1 is a power of two. */
static int strv_grow(struct strv *s)
{
	char **v;

	if (s->n & (s->n + 1))
		return 0;
	v = reallocarray(s->v, s->n + 1, 2 * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->v = v;
	return 0;
}

int strv_add_take(struct strv *s, char *str)
{
	if (!str || strv_grow(s) < 0) {
		free(str);
		return -ENOMEM;
	}
	s->v[s->n++] = str;
	s->v[s->n] = NULL;
	return 0;
}

int strv_add(struct strv *s, const char *str)
{
	return strv_add_take(s, strdup(str));
}

bool strv_has(const struct strv *s, const char *str)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], str))
			return true;
	return false;
}

/* What was added before a failure stays in s; the caller frees s anyway. */
int strv_split(struct strv *s, const char *str, const char *seps)
{
	while (*(str += strspn(str, seps))) {
		size_t len = strcspn(str, seps);
		int r = strv_add_take(s, strndup(str, len));

		if (r < 0)
			return r;
		str += len;
	}
	return 0;
}

void strv_free(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv){ 0 };
}

char *str_printf(const char *fmt, ...)
{
	char *s;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : s;
}

/* Returns the length; a cut buffer holds the part that fits, terminated. */
int str_fmt(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -EINVAL;
	return (size_t)n < size ? n : -ENAMETOOLONG;
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Not isalnum(): that follows the locale, names do not. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_name_byte(char c)
{
	return is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/*
 * A name becomes a file name, a link name and a DNS label; the first byte keeps
 * it from being an option or a hidden file, the ban on ".." from leaving its
 * directory.
 */
int name_check(const char *what, const char *name, size_t max, struct err *e)
{
	size_t len = strlen(name);

	if (!len)
		return err_set(e, EINVAL, "the %s name is empty", what);
	if (len > max)
		return err_set(e, EINVAL,
			       "%s name \"%.80s\" has %zu bytes, at most %zu are allowed", what,
			       name, len, max);
	if (!is_alnum(name[0]))
		return err_set(e, EINVAL, "%s name \"%s\" must start with a letter or a digit",
			       what, name);
	for (const char *p = name; *p; p++)
		if (!is_name_byte(*p))
			return err_set(e, EINVAL,
				       "%s name \"%s\" may hold only letters, digits, _ . and -",
				       what, name);
	if (strstr(name, ".."))
		return err_set(e, EINVAL, "%s name \"%s\" must not contain \"..\"", what, name);
	return 0;
}

#define NEAREST_MAX 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Edit distance in the restricted sense of Damerau: insert, delete, replace,
 * swap of neighbours, each 1; case does not count. Both at most NEAREST_MAX.
 */
static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	uint8_t d[NEAREST_MAX + 1][NEAREST_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = (uint8_t)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);
			size_t v = min3(d[i - 1][j] + 1U, d[i][j - 1] + 1U,
					d[i - 1][j - 1] + (ca != cb));

			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) && d[i - 2][j - 2] + 1U < v)
				v = d[i - 2][j - 2] + 1U;
			d[i][j] = (uint8_t)v;
		}
	}
	return d[na][nb];
}

/*
 * Near enough: one mistake in three bytes (at least one), or the word is the
 * beginning of the candidate. The first of equals wins.
 */
const char *str_nearest(const char *word, const char *(*get)(const void *ctx, size_t i),
			const void *ctx)
{
	size_t len = strlen(word), best = len / 3 ? len / 3 : 1;
	const char *found = NULL, *c;

	if (!len || len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; (c = get(ctx, i)); i++) {
		size_t n = strlen(c), d;

		if (!n || n > NEAREST_MAX)
			continue;
		d = edit_distance(word, len, c, n);
		if (len >= 2 && n > len && !strncasecmp(word, c, len))
			d = 1;
		if (d >= len || d > best || (found && d == best))
			continue;
		best = d;
		found = c;
	}
	return found;
}
