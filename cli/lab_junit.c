/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit XML: what test reports of continuous integration are read from. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/lab_report.h"
#include "cli/text.h"
#include "core/base/cleanup.h"

/* XML 1.0 has no way to write most control characters, and wants UTF-8. */
static void xml_text(FILE *f, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} names[] = { { '<', "&lt;" },
		      { '>', "&gt;" },
		      { '&', "&amp;" },
		      { '"', "&quot;" },
		      { '\n', "&#10;" } };
	_cleanup_free_ char *clean = strdup(text);

	for (char *p = clean; p && *p; p += *p == '\n') {
		char *end = strchrnul(p, '\n');

		text_clean(p, (size_t)(end - p));
		p = end;
		if (!*p)
			break;
	}
	for (const char *p = clean ? clean : ""; *p; p++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(names) && names[i].c != *p)
			i++;
		if (i < ARRAY_SIZE(names))
			fputs(names[i].as, f);
		else
			fputc(*p, f);
	}
}

static void attribute(FILE *f, const char *name, const char *value)
{
	fprintf(f, " %s=\"", name);
	xml_text(f, value);
	fputc('"', f);
}

static void element(FILE *f, const char *name, const char *text)
{
	fprintf(f, "      <%s>", name);
	xml_text(f, text);
	fprintf(f, "</%s>\n", name);
}

static void write_case(FILE *f, const struct lab_report *r, const struct lab_case *c)
{
	const char *said = c->v.message ? c->v.message : "";

	fprintf(f, "    <testcase");
	attribute(f, "name", c->name);
	fprintf(f, " classname=\"");
	xml_text(f, r->lab);
	fprintf(f, ".%s\" time=\"%.6f\"", c->type ? "test" : "scenario", (double)c->v.took / 1e9);
	if (r->file)
		attribute(f, "file", r->file);
	fprintf(f, " line=\"%u\">\n", c->line);
	if (c->v.result == LAB_SKIP || c->v.result == LAB_FAIL) {
		fprintf(f, "      <%s", c->v.result == LAB_SKIP ? "skipped" : "failure");
		attribute(f, "message", said);
		fprintf(f, "/>\n");
	} else {
		_cleanup_free_ char *line = NULL;

		if (asprintf(&line, "%s%s", c->v.result == LAB_WARN ? "warning: " : "", said) >= 0)
			element(f, "system-out", line);
	}
	if (c->v.output)
		element(f, "system-err", c->v.output);
	fprintf(f, "    </testcase>\n");
}

static void suite_attributes(FILE *f, const struct lab_report *r)
{
	struct lab_counts c;
	unsigned n = 0;

	lab_report_count(r, &c);
	for (size_t i = 0; i <= LAB_SKIP; i++)
		n += c.n[i];
	attribute(f, "name", r->lab);
	fprintf(f, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.6f\"", n,
		c.n[LAB_FAIL], c.n[LAB_SKIP], (double)r->took / 1e9);
}

void lab_report_junit(const struct lab_report *r, FILE *f)
{
	char stamp[32] = "";
	time_t began = (time_t)r->began;
	struct tm tm;

	if (gmtime_r(&began, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
	suite_attributes(f, r);
	attribute(f, "timestamp", stamp);
	fprintf(f, ">\n");
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].done)
			write_case(f, r, &r->v[i]);
	fprintf(f, "  </testsuite>\n</testsuites>\n");
}
