/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - the time as one number.
 */
#ifndef CT_BASE_CLOCK_H
#define CT_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of a clock: clock_gettime(2). */
int64_t clock_ns(clockid_t clock);
/* Milliseconds for poll(2) until then, CLOCK_MONOTONIC, rounded up; 0: it has passed. */
int clock_left_ms(int64_t until_ns);

#endif
