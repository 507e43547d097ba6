/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/clock.h"

int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
