/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "core/base/cleanup.h"

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static const char *message(const struct lab_case *c)
{
	return c->v.message ? c->v.message : "";
}

void lab_report_count(const struct lab_report *r, struct lab_counts *ret)
{
	*ret = (struct lab_counts){ 0 };
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].done)
			ret->n[r->v[i].v.result]++;
}

/* ---- for people ---- */

static void print_indented(FILE *f, const char *text, const char *indent)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(f, "%s%.*s\n", indent, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

void lab_report_line(const struct lab_report *r, const struct lab_case *c, FILE *f)
{
	fprintf(f, "%s %-*s  %s%s(%.2f s)\n", lab_result_word(c->v.result), (int)r->width, c->name,
		message(c), message(c)[0] ? " " : "", seconds(c->v.took));
	if (c->v.output && c->v.result != LAB_PASS)
		print_indented(f, c->v.output, "     | ");
}

void lab_report_summary(const struct lab_report *r, FILE *f)
{
	struct lab_counts c;
	size_t left = r->n;

	lab_report_count(r, &c);
	for (size_t i = 0; i <= LAB_SKIP; i++)
		left -= c.n[i];
	fprintf(f, "%s: %zu test%s: %u passed, %u failed, ", r->lab, r->n, r->n == 1 ? "" : "s",
		c.n[LAB_PASS], c.n[LAB_FAIL]);
	if (c.n[LAB_WARN])
		fprintf(f, "%u warned, ", c.n[LAB_WARN]);
	fprintf(f, "%u skipped", c.n[LAB_SKIP]);
	if (left)
		fprintf(f, ", %zu not run", left);
	fprintf(f, " (%.2f s)\n", seconds(r->took));
}

/* ---- JSON ---- */

json_t *lab_text_json(const char *text)
{
	_cleanup_free_ char *copy = text ? strdup(text) : NULL;

	for (char *p = copy; p && *p;) {
		size_t n = strcspn(p, "\n\t");

		text_clean(p, n);
		p += n + (p[n] != '\0');
	}
	return copy ? json_string(copy) : NULL;
}

json_t *lab_report_json(const struct lab_report *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct lab_case *c = &r->v[i];
		json_t *o;

		if (!c->done)
			continue;
		o = json_pack("{s:s, s:s, s:s?, s:s, s:o?, s:o?, s:o?, s:f, s:i}", "name", c->name,
			      "kind", c->type ? "test" : "scenario", "type", c->type, "result",
			      lab_result_key(c->v.result), "message", lab_text_json(message(c)),
			      "expect", lab_text_json(c->expect), "output",
			      lab_text_json(c->v.output), "seconds", seconds(c->v.took), "line",
			      (int)c->line);
		json_array_append_new(all, o);
	}
	return all;
}

/* ---- TAP ---- */

/* '#' begins a directive wherever it stands, and a backslash escapes it. */
static void tap_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '#' || *s == '\\')
			fputc('\\', f);
		fputc(*s == '\n' ? ' ' : *s, f);
	}
}

/* A scalar of YAML in double quotes, which are JSON's. */
static void yaml_string(FILE *f, const char *key, const char *s)
{
	json_t *text = lab_text_json(s);

	fprintf(f, "  %s: ", key);
	if (text)
		json_dumpf(text, f, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	fputc('\n', f);
	json_decref(text);
}

static void tap_case(FILE *f, size_t number, const struct lab_case *c)
{
	bool good = c->v.result == LAB_PASS || c->v.result == LAB_SKIP;

	fprintf(f, "%sok %zu - ", good ? "" : "not ", number);
	tap_text(f, c->name);
	if (c->v.result == LAB_SKIP || c->v.result == LAB_WARN) {
		fprintf(f, " # %s ", c->v.result == LAB_SKIP ? "SKIP" : "TODO");
		tap_text(f, message(c));
	}
	fputc('\n', f);
	fprintf(f, "  ---\n");
	yaml_string(f, "message", message(c));
	if (c->expect)
		yaml_string(f, "expect", c->expect);
	if (c->v.output && !good)
		yaml_string(f, "output", c->v.output);
	fprintf(f, "  duration_ms: %.3f\n  ...\n", seconds(c->v.took) * 1000);
}

void lab_report_tap(const struct lab_report *r, FILE *f)
{
	size_t number = 0, n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].done;
	fprintf(f, "TAP version 13\n1..%zu\n", n);
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].done)
			tap_case(f, ++number, &r->v[i]);
	if (n < r->n)
		fprintf(f, "Bail out! interrupted\n");
}
