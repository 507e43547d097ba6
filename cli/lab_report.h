/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_report - what the tests of a lab came to, for people and for programs: lines, JUnit
 * XML, TAP, JSON.
 */
#ifndef CT_CLI_LAB_REPORT_H
#define CT_CLI_LAB_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "cli/lab_verdict.h"

struct lab_case {
	const char *name;
	const char *type; /* "ping"; of a scenario NULL */
	const char *expect; /* as in the file; NULL */
	struct lab_verdict v;
	unsigned line; /* in the file */
	bool done; /* v is set */
};
struct lab_report {
	const char *lab, *file; /* file: as it was given, NULL */
	struct lab_case *v;
	size_t n, width; /* width: of the longest name */
	int64_t began; /* seconds since the epoch */
	uint64_t took; /* nanoseconds */
};

struct lab_counts {
	unsigned n[LAB_SKIP + 1]; /* by enum lab_result */
};
void lab_report_count(const struct lab_report *r, struct lab_counts *ret);

/* "PASS name  what was seen (0.01 s)"; and what a failed command printed */
void lab_report_line(const struct lab_report *r, const struct lab_case *c, FILE *f);
void lab_report_summary(const struct lab_report *r, FILE *f);
/* One suite with a case each, as ant's junit task writes them; test.NAME, scenario.NAME. */
void lab_report_junit(const struct lab_report *r, FILE *f);
/* Version 13; a warning is a TODO, which nobody counts as a failure. */
void lab_report_tap(const struct lab_report *r, FILE *f);
json_t *lab_report_json(const struct lab_report *r);

/* What a command printed may be anything: without control characters, as UTF-8; NULL for NULL. */
json_t *lab_text_json(const char *text);

#endif
