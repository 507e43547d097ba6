/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/clock.h"

#include <limits.h>

int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int clock_left_ms(int64_t until_ns)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	int64_t left_ms;

	if (until_ns <= now)
		return 0;
	left_ms = (until_ns - now) / 1000000;
	return left_ms >= INT_MAX ? INT_MAX : (int)left_ms + 1;
}
