/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/out.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void out_table_init(struct out_table *t, const char *const *heads, size_t n_cols)
{
	*t = (struct out_table){ .heads = heads, .n_cols = n_cols };
}

void out_table_row(struct out_table *t, const char *const *cells)
{
	if (t->n_rows == t->room) {
		size_t room = t->room ? t->room * 2 : 16;
		char **grown = realloc(t->cells, room * t->n_cols * sizeof(*grown));

		if (!grown)
			return;
		t->cells = grown;
		t->room = room;
	}
	for (size_t i = 0; i < t->n_cols; i++)
		t->cells[t->n_rows * t->n_cols + i] =
			strdup(cells[i] && cells[i][0] ? cells[i] : "-");
	t->n_rows++;
}

static const char *cell(const struct out_table *t, size_t row, size_t col)
{
	const char *s = t->cells[row * t->n_cols + col];

	return s ? s : "?";
}

static void print_line(const struct out_table *t, const int *widths, size_t row, bool head)
{
	for (size_t c = 0; c < t->n_cols; c++) {
		const char *s = head ? t->heads[c] : cell(t, row, c);

		if (c + 1 == t->n_cols)
			printf("%s\n", s);
		else
			printf("%-*s  ", widths[c], s);
	}
}

void out_table_print(struct out_table *t)
{
	int *widths = calloc(t->n_cols, sizeof(*widths));

	for (size_t c = 0; widths && c < t->n_cols; c++) {
		widths[c] = (int)strlen(t->heads[c]);
		for (size_t r = 0; r < t->n_rows; r++)
			if ((int)strlen(cell(t, r, c)) > widths[c])
				widths[c] = (int)strlen(cell(t, r, c));
	}
	if (widths) {
		print_line(t, widths, 0, true);
		for (size_t r = 0; r < t->n_rows; r++)
			print_line(t, widths, r, false);
	}
	free(widths);
	for (size_t i = 0; i < t->n_rows * t->n_cols; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct out_table){ .heads = t->heads, .n_cols = t->n_cols };
}

void out_json(json_t *array)
{
	json_dumpf(array, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(array);
}
