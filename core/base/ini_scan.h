/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini_scan - the raw text of an INI file, line by line, with positions: only
 * what iniparser would understand as it was meant gets through. Used by ini.c.
 */
#ifndef CT_BASE_INI_SCAN_H
#define CT_BASE_INI_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* iniparser's buffer of 1024 bytes also holds the newline and the NUL */
#define INI_LINE_MAX 1022

struct ini_scan {
	const char *file; /* for messages */
	const char *text;
	size_t len, pos;
	unsigned line; /* of pos, from 1 */

	/* the logical line: continuations joined */
	char buf[INI_LINE_MAX + 2];
	size_t src[INI_LINE_MAX + 2]; /* where each byte stands in text */
	size_t n;
	size_t start; /* its offset and line in text */
	unsigned start_line;
	bool joined;
	bool cut; /* a line of it could not be taken; pos stands on that line */
};

struct ini_item {
	bool header; /* [name], else name = ... */
	const char *name; /* lower case, valid until the next call */
	unsigned line, col;
	size_t offset; /* where its line starts in the text */
};

void ini_scan_init(struct ini_scan *sc, const char *file, const char *text, size_t len);
/* 1 and the next header or key, 0 at the end, -EINVAL with "file:line:col: ...". */
int ini_scan_next(struct ini_scan *sc, struct ini_item *ret, struct err *e);
/* After an error: goes on behind the line, or the joined lines, that it was in. */
void ini_scan_skip(struct ini_scan *sc);

#endif
