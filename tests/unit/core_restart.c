/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a container that has ended is started again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/restart.h"

static void policies(void **state)
{
	assert_false(restart_wanted(RESTART_NO, 0, 1, 0));
	assert_true(restart_wanted(RESTART_ALWAYS, 0, 0, 1000));
	assert_true(restart_wanted(RESTART_UNLESS_STOPPED, 0, 0, 0));
	assert_false(restart_wanted(RESTART_ON_FAILURE, 0, 0, 0));
	assert_true(restart_wanted(RESTART_ON_FAILURE, 0, 1, 1000));
	assert_true(restart_wanted(RESTART_ON_FAILURE, 2, 1, 1));
	assert_false(restart_wanted(RESTART_ON_FAILURE, 2, 1, 2));
}

static void delays(void **state)
{
	int delay = 0, last = 0;

	assert_int_equal(restart_delay(&delay, 0), 100);
	assert_int_equal(restart_delay(&delay, 0), 200);
	for (int i = 0; i < 20; i++) {
		last = restart_delay(&delay, 9999);
		assert_in_range(last, 400, 60000);
	}
	assert_int_equal(last, 60000);
	assert_int_equal(restart_delay(&delay, 10000), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
		cmocka_unit_test(delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
