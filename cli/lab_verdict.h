/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_verdict - what a test of a lab yielded, held against what was expected. No
 * kernel, no processes.
 */
#ifndef CT_CLI_LAB_VERDICT_H
#define CT_CLI_LAB_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/topology_test.h"

/* What a test yielded. */
struct lab_yield {
	bool ok; /* it was answered, found, exited with 0 */
	bool has_value;
	int64_t value; /* in the unit of its type */
	char *text; /* what ~regex is searched in; NULL: the value as it is printed */
	char said[256]; /* for people: "3 of 4 answered" */
};
void lab_yield_free(struct lab_yield *y); /* accepts { 0 } */
/* Sets said, cut to its room. */
void lab_say(struct lab_yield *y, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum lab_result { LAB_PASS, LAB_FAIL, LAB_WARN, LAB_SKIP };
/* "PASS", "pass" */
const char *lab_result_word(enum lab_result r);
const char *lab_result_key(enum lab_result r);

/* Of one test or scenario; strings are owned. */
struct lab_verdict {
	enum lab_result result;
	char *message; /* why, or what was seen; one line */
	char *output; /* of a command, of a body; NULL */
	uint64_t took; /* nanoseconds */
};
void lab_verdict_free(struct lab_verdict *v); /* accepts { 0 } */
void lab_verdict_set(struct lab_verdict *v, enum lab_result r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* PASS or FAIL (WARN where the test is one that warns), with a message. */
void lab_judge(const struct topo_test *t, const struct lab_yield *y, struct lab_verdict *ret);

#define LAB_VALUE_MAX 48
/* A value as a lab file has it, rounded to what matters: "12.4ms", "9.51mbit", "0.5%". */
const char *lab_value(enum topo_unit unit, int64_t value, char buf[LAB_VALUE_MAX]);
/* The first number in a text, in millionths; false: there is none. */
bool lab_first_number(const char *text, int64_t *ret);

#endif
