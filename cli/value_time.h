/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value_time - points in time on the command line: --since, --until.
 */
#ifndef CT_CLI_VALUE_TIME_H
#define CT_CLI_VALUE_TIME_H

#include <stdint.h>

struct err;

/*
 * "2026-01-31T12:00:00.5Z" (RFC 3339; with +02:00; without a zone: local time; the
 * time, or its seconds, may be missing), seconds since the epoch "1767225600.5", or
 * how long ago: "10m". int64_t: nanoseconds since the epoch, not 0. For OPT_FN.
 */
int value_time(void *ns, const char *word, struct err *e);
int64_t value_time_now(void);

#endif
