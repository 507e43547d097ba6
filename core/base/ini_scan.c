/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iniparser 4.1 guesses where it should complain: a quote that is not closed
 * or is followed by more text, a value cut at the first ';' or '#', a comment
 * behind a section header that becomes a key, a trailing backslash that
 * swallows the next line of a comment or the last line of the file. All of
 * these are refused here, with their position. What is left it reads as
 * everybody would.
 */
#include "core/base/ini_scan.h"

#include "core/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void ini_scan_init(struct ini_scan *sc, const char *file, const char *text, size_t len)
{
	*sc = (struct ini_scan){ .file = file, .text = text, .len = len, .line = 1 };
}

/* Line and column, from 1 and in bytes, of an offset in the current logical line. */
static void position(const struct ini_scan *sc, size_t offset, unsigned *ret_line,
		     unsigned *ret_col)
{
	unsigned line = sc->start_line, col = 1;

	for (size_t i = sc->start; i < offset; i++) {
		col++;
		if (sc->text[i] == '\n') {
			line++;
			col = 1;
		}
	}
	*ret_line = line;
	*ret_col = col;
}

static int fail_at(const struct ini_scan *sc, size_t offset, struct err *e, const char *msg)
{
	unsigned line, col;

	position(sc, offset, &line, &col);
	return err_set(e, EINVAL, "%s:%u:%u: %s", sc->file, line, col, msg);
}

/* The same for a byte of the logical line; its end has the position behind the last byte. */
static int fail(const struct ini_scan *sc, const char *at, struct err *e, const char *msg)
{
	size_t i = (size_t)(at - sc->buf);

	if (i < sc->n)
		return fail_at(sc, sc->src[i], e, msg);
	return fail_at(sc, sc->n ? sc->src[sc->n - 1] + 1 : sc->start, e, msg);
}

/* A carriage return is allowed only as part of the line's end. */
static int check_bytes(const struct ini_scan *sc, size_t from, size_t to, struct err *e)
{
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)sc->text[i];

		if (c == '\r' && i + 1 == to)
			continue;
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return fail_at(sc, i, e, "a control byte has no place in this file");
	}
	return 0;
}

/* Appends one line of the text to the logical line and drops blanks at its end. */
static int append_physical(struct ini_scan *sc, struct err *e)
{
	const char *nl = memchr(sc->text + sc->pos, '\n', sc->len - sc->pos);
	size_t from = sc->pos, to = nl ? (size_t)(nl - sc->text) : sc->len;
	int r;

	sc->cut = true;
	r = check_bytes(sc, from, to, e);
	if (r < 0)
		return r;
	if (to - from > INI_LINE_MAX - sc->n) {
		fail_at(sc, from, e, "this line is too long");
		err_hint(e, "a line has at most %d bytes, continued ones all together",
			 INI_LINE_MAX);
		return -EINVAL;
	}
	for (size_t i = from; i < to; i++) {
		sc->src[sc->n] = i;
		sc->buf[sc->n++] = sc->text[i];
	}
	while (sc->n && is_blank(sc->buf[sc->n - 1]))
		sc->n--;
	sc->pos = nl ? to + 1 : to;
	sc->line++;
	sc->cut = false;
	return 0;
}

/* Reads a line and those that a backslash joins to it: 1, 0 at the end. */
static int read_logical(struct ini_scan *sc, struct err *e)
{
	sc->n = 0;
	sc->start = sc->pos;
	sc->start_line = sc->line;
	sc->joined = false;
	if (sc->pos >= sc->len)
		return 0;
	for (;;) {
		int r = append_physical(sc, e);

		if (r < 0)
			return r;
		if (!sc->n || sc->buf[sc->n - 1] != '\\')
			break;
		if (sc->pos >= sc->len)
			return fail(sc, sc->buf + sc->n - 1, e,
				    "the backslash joins a line that is not there");
		sc->n--;
		sc->joined = true;
	}
	sc->buf[sc->n] = '\0';
	return 1;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

/* Makes the name from..to a lower-case string in place, without blanks around it. */
static int take_name(struct ini_scan *sc, char *from, char *to, const char **ret, struct err *e)
{
	from += strspn(from, BLANKS);
	while (to > from && is_blank(to[-1]))
		to--;
	if (to <= from)
		return fail(sc, from, e, "a name is missing here");
	for (char *p = from; p < to; p++) {
		if (!is_name_byte(*p))
			return fail(sc, p, e, "a name may hold only letters, digits, _ . and -");
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	}
	*to = '\0';
	*ret = from;
	return 0;
}

static int scan_header(struct ini_scan *sc, char *p, const char **ret, struct err *e)
{
	char *end = sc->buf + sc->n - 1, *close = strchr(p, ']');

	if (!close)
		return fail(sc, sc->buf + sc->n, e, "the section header lacks its ]");
	if (close != end) {
		fail(sc, close + 1, e, "nothing may follow the section header");
		err_hint(e, "a comment goes on a line of its own");
		return -EINVAL;
	}
	return take_name(sc, p + 1, end, ret, e);
}

/* p stands on the opening quote. */
static int check_quoted(const struct ini_scan *sc, const char *p, struct err *e)
{
	const char *close = strchr(p + 1, *p);
	const char *rest;

	if (!close)
		return fail(sc, p, e, "this quote is not closed");
	rest = close + 1 + strspn(close + 1, BLANKS);
	if (!*rest || *rest == ';' || *rest == '#')
		return 0;
	fail(sc, rest, e, "text follows the closing quote");
	err_hint(e, "put the whole value into %s quotes", *p == '"' ? "single" : "double");
	return -EINVAL;
}

static bool odd(const char *from, const char *to, char c)
{
	bool r = false;

	for (; from < to; from++)
		r ^= *from == c;
	return r;
}

/*
 * A ';' or '#' starts a comment, as it does for iniparser, but only where it
 * cannot have been meant as part of the value.
 */
static int check_plain(const struct ini_scan *sc, const char *p, struct err *e)
{
	const char *mark = p + strcspn(p, ";#");

	if (!*mark || mark == p)
		return 0;
	if (is_blank(mark[-1]) && !odd(p, mark, '"') && !odd(p, mark, '\''))
		return 0;
	fail(sc, mark, e, "the value would end here, as a comment begins");
	err_hint(e, "put the whole value into quotes");
	return -EINVAL;
}

static int scan_key(struct ini_scan *sc, char *p, const char **ret, struct err *e)
{
	char *eq = strchr(p, '='), *value;
	int r;

	if (!eq)
		return fail(sc, p, e, "neither [section] nor key = value");
	r = take_name(sc, p, eq, ret, e);
	if (r < 0)
		return r;
	value = eq + 1 + strspn(eq + 1, BLANKS);
	if (*value == '"' || *value == '\'')
		return check_quoted(sc, value, e);
	return check_plain(sc, value, e);
}

int ini_scan_next(struct ini_scan *sc, struct ini_item *ret, struct err *e)
{
	for (;;) {
		int r = read_logical(sc, e);
		const char *name;
		char *p;

		if (r <= 0)
			return r;
		p = sc->buf + strspn(sc->buf, BLANKS);
		if (!*p)
			continue;
		if (*p == '#' || *p == ';') {
			if (sc->joined)
				return fail(sc, p, e,
					    "a backslash joins the next line to this comment");
			continue;
		}
		r = *p == '[' ? scan_header(sc, p, &name, e) : scan_key(sc, p, &name, e);
		if (r < 0)
			return r;
		*ret = (struct ini_item){ .header = *p == '[', .name = name, .offset = sc->start };
		position(sc, sc->src[name - sc->buf], &ret->line, &ret->col);
		return 1;
	}
}

void ini_scan_skip(struct ini_scan *sc)
{
	bool more = sc->cut;

	while (more && sc->pos < sc->len) {
		const char *line = sc->text + sc->pos;
		const char *nl = memchr(line, '\n', sc->len - sc->pos);
		const char *end = nl ? nl : sc->text + sc->len;

		sc->pos = (size_t)(end - sc->text) + (nl ? 1 : 0);
		sc->line++;
		while (end > line && is_blank(end[-1]))
			end--;
		more = end > line && end[-1] == '\\';
	}
	sc->cut = false;
}
