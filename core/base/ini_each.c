/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is wrong with a text, not only the first: the lines that
 * cannot be read and those that say something again are empty in a copy,
 * positions being what they were, and the copy is parsed.
 */
#include "core/base/ini.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/ini_scan.h"
#include "core/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A logical line: an item, or one that cannot be read. */
struct line {
	size_t from, to; /* in the text */
	unsigned line, col;
	char *name; /* owned; NULL: cannot be read */
	bool header, bad;
	size_t section; /* index of its header + 1; 0: before the first */
	struct err *why; /* owned; of a bad one */
};

struct lines {
	struct line *v;
	size_t n;
};

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].why);
	}
	free(l->v);
	*l = (struct lines){ 0 };
}

static struct line *lines_add(struct lines *l)
{
	if (!(l->n & (l->n + 1))) {
		struct line *v = reallocarray(l->v, l->n + 1, 2 * sizeof(*v));

		if (!v)
			return NULL;
		l->v = v;
	}
	l->v[l->n] = (struct line){ 0 };
	return &l->v[l->n++];
}

static int blame(struct line *at, const struct err *why)
{
	if (!at->why)
		at->why = malloc(sizeof(*at->why));
	if (!at->why)
		return -ENOMEM;
	*at->why = *why;
	at->bad = true;
	return 0;
}

/* Whether what cannot be read was to be a header: what follows belongs to nobody then. */
static bool looks_like_header(const char *text, size_t from, size_t to)
{
	while (from < to && (text[from] == ' ' || text[from] == '\t'))
		from++;
	return from < to && text[from] == '[';
}

static int read_line(struct ini_scan *sc, struct lines *l, size_t *section)
{
	struct ini_item item = { 0 };
	struct err why = ERR_INIT;
	int r = ini_scan_next(sc, &item, &why);
	struct line *at;

	if (!r)
		return 0;
	at = lines_add(l);
	if (!at)
		return -ENOMEM;
	at->from = sc->start;
	if (r > 0) {
		at->header = item.header;
		at->line = item.line;
		at->col = item.col;
		at->name = strdup(item.name);
		if (!at->name)
			return -ENOMEM;
	} else {
		ini_scan_skip(sc);
		at->header = looks_like_header(sc->text, at->from, sc->pos);
		r = blame(at, &why);
	}
	at->to = sc->pos;
	if (at->header)
		*section = l->n;
	at->section = *section;
	return r < 0 ? r : 1;
}

/* What a line says: its section's name and its own. */
struct said {
	const char *section, *key; /* key NULL: a header */
	struct line *at;
};

static int compare_said(const void *a, const void *b)
{
	const struct said *x = a, *y = b;
	int r = strcmp(x->section, y->section);

	if (!r && (!x->key || !y->key))
		r = !!x->key - !!y->key;
	else if (!r)
		r = strcmp(x->key, y->key);
	return r ? r : (x->at > y->at) - (x->at < y->at);
}

static bool says_the_same(const struct said *a, const struct said *b)
{
	return !strcmp(a->section, b->section) && !a->key == !b->key &&
	       (!a->key || !strcmp(a->key, b->key));
}

static int blame_duplicate(const char *file, const struct said *again, const struct said *first)
{
	struct line *at = again->at;
	struct err why = ERR_INIT;
	char what[256];

	snprintf(what, sizeof(what), again->key ? "\"%s\" is already set" : "[%s] already begins",
		 again->key ? again->key : again->section);
	err_set(&why, EINVAL, "%s:%u:%u: %s in line %u", file, at->line, at->col, what,
		first->at->line);
	return blame(at, &why);
}

/* Headers first: keys of a section that is there twice are not compared. */
static int find_duplicates(const char *file, struct lines *l, bool headers)
{
	_cleanup_free_ struct said *v = calloc(l->n + 1, sizeof(*v));
	size_t n = 0;
	int r = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		struct line *at = &l->v[i];
		const struct line *head = at->section ? &l->v[at->section - 1] : NULL;

		if (at->bad || at->header != headers || (!headers && (!head || head->bad)))
			continue;
		v[n++] = (struct said){ head->name, headers ? NULL : at->name, at };
	}
	qsort(v, n, sizeof(*v), compare_said);
	for (size_t i = 1, first = 0; r == 0 && i < n; i++) {
		if (says_the_same(&v[i], &v[first]))
			r = blame_duplicate(file, &v[i], &v[first]);
		else
			first = i;
	}
	return r;
}

static int blame_homeless(const char *file, struct lines *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n && !l->v[i].section; i++) {
		struct err why = ERR_INIT;

		if (l->v[i].bad)
			continue;
		err_set(&why, EINVAL, "%s:%u:%u: a key before the first [section]", file,
			l->v[i].line, l->v[i].col);
		r = blame(&l->v[i], &why);
	}
	return r;
}

static int find_problems(const char *file, const char *text, size_t len, struct lines *l)
{
	_cleanup_free_ struct ini_scan *sc = malloc(sizeof(*sc));
	size_t section = 0;
	int r = sc ? 1 : -ENOMEM;

	if (sc)
		ini_scan_init(sc, file, text, len);
	while (r > 0)
		r = read_line(sc, l, &section);
	if (r == 0)
		r = blame_homeless(file, l);
	if (r == 0)
		r = find_duplicates(file, l, true);
	return r < 0 ? r : find_duplicates(file, l, false);
}

/* The text without what is bad, of which only the ends of lines stay. */
struct copy {
	const char *from;
	char *to;
	size_t done, n; /* bytes of from seen, of to written */
};

static void copy_until(struct copy *c, size_t end, bool only_newlines)
{
	for (; c->done < end; c->done++)
		if (!only_newlines || c->from[c->done] == '\n')
			c->to[c->n++] = c->from[c->done];
}

/* Reports, and leaves out of the copy, whatever is bad; the count. */
static int drop_bad(const struct lines *l, struct copy *c, ini_problem_fn *problem, void *ctx)
{
	int problems = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct line *at = &l->v[i];
		bool homeless = at->section && l->v[at->section - 1].bad;

		copy_until(c, at->from, false);
		copy_until(c, at->to, at->bad || homeless);
		if (!at->bad)
			continue;
		problem(ctx, at->why);
		problems++;
	}
	return problems;
}

int ini_parse_each(const char *file, const char *text, size_t len, struct ini *ret,
		   ini_problem_fn *problem, void *ctx, struct err *e)
{
	_cleanup_(lines_free) struct lines l = { 0 };
	_cleanup_free_ char *text_copy = NULL;
	struct copy c = { 0 };
	struct err first = ERR_INIT;
	int r = ini_parse(file, text, len, ret, &first), problems;

	if (r != -EINVAL) {
		if (r < 0 && e)
			*e = first;
		return r;
	}
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) { /* as ini_parse does */
		text += 3;
		len -= 3;
	}
	text_copy = malloc(len + 1);
	r = text_copy ? find_problems(file, text, len, &l) : -ENOMEM;
	if (r < 0)
		return err_sys(e, r, "%s", file);
	c = (struct copy){ .from = text, .to = text_copy };
	problems = drop_bad(&l, &c, problem, ctx);
	copy_until(&c, len, false);
	r = ini_parse(file, text_copy, c.n, ret, e);
	return r < 0 ? r : problems;
}
