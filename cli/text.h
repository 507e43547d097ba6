/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text - numbers and foreign bytes as people read them.
 */
#ifndef CT_CLI_TEXT_H
#define CT_CLI_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX 32

/*
 * What others chose (names of processes, files, arguments) for a terminal and for
 * JSON: control characters and what is no UTF-8 become '?'.
 */
void text_clean(char *s, size_t len);

/* "1.5GiB"; "-" for UINT64_MAX. Returns buf. */
const char *text_size(uint64_t bytes, char buf[TEXT_MAX]);
/* "0:01.25", "1:02:03": hours, minutes, seconds, hundredths below an hour */
const char *text_cpu(uint64_t ns, char buf[TEXT_MAX]);
/* Nanoseconds since the epoch as RFC 3339 has them, in UTC: "...T12:00:00.000000Z" */
const char *text_time(int64_t ns, char buf[TEXT_MAX]);

/* null for UINT64_MAX */
json_t *text_json_number(uint64_t n);

#endif
