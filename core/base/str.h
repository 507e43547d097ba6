/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * str - names, lists of strings, and "did you mean".
 */
#ifndef CT_BASE_STR_H
#define CT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* A growing NULL-terminated vector of owned strings; {0} is empty. */
struct strv {
	char **v;
	size_t n;
};

int strv_add(struct strv *s, const char *str); /* copies; -ENOMEM */
int strv_add_take(struct strv *s, char *str); /* owns str, frees it on error */
bool strv_has(const struct strv *s, const char *str);
/* Splits at any of the bytes of seps, dropping empty parts. */
int strv_split(struct strv *s, const char *str, const char *seps);
void strv_free(struct strv *s); /* accepts {0}, leaves {0} */

/* asprintf that returns NULL on failure. */
char *str_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* snprintf into buf; -ENAMETOOLONG when it would be cut. */
int str_fmt(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

bool str_starts(const char *s, const char *prefix);

/*
 * Names: [A-Za-z0-9][A-Za-z0-9_.-]*, at most max bytes, never containing "..".
 * what ("network", "container") stands in the message. -EINVAL.
 */
int name_check(const char *what, const char *name, size_t max, struct err *e);

#define NAME_MAX_IF 15 /* networks and interfaces: IFNAMSIZ - 1 */
#define NAME_MAX_CT 63 /* containers: one DNS label */

/*
 * The candidate nearest to word by edit distance, or NULL when none is near
 * enough to be meant. get(ctx, i) returns candidate i, NULL past the end.
 */
const char *str_nearest(const char *word, const char *(*get)(const void *ctx, size_t i),
			const void *ctx);

#endif
