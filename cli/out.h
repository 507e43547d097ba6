/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out - results on stdout: a table whose columns are as wide as their
 * contents, or one JSON array of objects.
 */
#ifndef CT_CLI_OUT_H
#define CT_CLI_OUT_H

#include <jansson.h>
#include <stddef.h>

/* Rows of n_cols cells each; cells are copied. */
struct out_table {
	const char *const *heads;
	size_t n_cols, n_rows, room;
	char **cells;
};

void out_table_init(struct out_table *t, const char *const *heads, size_t n_cols);
/* cells: n_cols strings; NULL or "" prints as "-". */
void out_table_row(struct out_table *t, const char *const *cells);
void out_table_print(struct out_table *t); /* and frees */

/* Prints the array, indented, and releases it. */
void out_json(json_t *array);

#endif
