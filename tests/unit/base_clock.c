/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"

static void what_is_left(void **state)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	assert_int_equal(clock_left_ms(now), 0);
	assert_int_equal(clock_left_ms(INT64_MIN), 0);
	/* rounded up, or who waits would look once too often */
	assert_in_range(clock_left_ms(now + 3600000000000 + 1), 1, 3600001);
	assert_int_equal(clock_left_ms(INT64_MAX), INT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
