/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign bytes, numbers and points in time as they are shown and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cli/text.h"
#include "cli/value_time.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

static void check_clean(const char *in, const char *want)
{
	char buf[64];

	memcpy(buf, in, strlen(in) + 1);
	text_clean(buf, strlen(buf));
	assert_string_equal(buf, want);
}

static void cleaned(void **state)
{
	(void)state;
	check_clean("", "");
	check_clean("plain ~", "plain ~");
	check_clean("tab\tesc\033 del\177 nl\n", "tab?esc? del? nl?");
	check_clean("\303\244 \342\202\254 \360\237\230\200",
		    "\303\244 \342\202\254 \360\237\230\200");
	check_clean("c1 \302\233 \302\240", "c1 ?? \302\240");
	check_clean("cut \342\202", "cut ??");
	check_clean("long \300\257 \340\200\257 \360\200\200\257", "long ?? ??? ????");
	check_clean("surrogate \355\240\200", "surrogate ???");
	check_clean("\364\217\277\277 \364\220\200\200 \377\376", "\364\217\277\277 ???? ??");
	check_clean("\200alone", "?alone");
}

static void sizes_and_times(void **state)
{
	char buf[TEXT_MAX];

	(void)state;
	assert_string_equal(text_size(0, buf), "0B");
	assert_string_equal(text_size(1023, buf), "1023B");
	assert_string_equal(text_size(1024, buf), "1.00KiB");
	assert_string_equal(text_size(64u << 20, buf), "64.0MiB");
	assert_string_equal(text_size(UINT64_MAX - 1, buf), "16.0EiB");
	assert_string_equal(text_size(UINT64_MAX, buf), "-");
	assert_string_equal(text_cpu(1250000000, buf), "0:01.25");
	assert_string_equal(text_cpu(3599990000000, buf), "59:59.99");
	assert_string_equal(text_cpu(3723000000000, buf), "1:02:03");
	assert_string_equal(text_time(1767225600500000000, buf), "2026-01-01T00:00:00.500000Z");
	assert_string_equal(text_time(1, buf), "1970-01-01T00:00:00.000000Z");
}

static void check_time(const char *word, int64_t want)
{
	int64_t t = 0;

	assert_int_equal(value_time(&t, word, NULL), 0);
	assert_int_equal(t, want);
}

static void points_in_time(void **state)
{
	(void)state;
	setenv("TZ", "UTC-2", 1);
	tzset();
	check_time("2026-01-01T00:00:00Z", 1767225600000000000);
	check_time("2026-01-01T00:00:00.25Z", 1767225600250000000);
	check_time("2026-01-01T00:00:00.1234567899Z", 1767225600123456789);
	check_time("2026-01-01t02:30:00+02:30", 1767225600000000000);
	check_time("2025-12-31T23:00-01:00", 1767225600000000000);
	check_time("2026-01-01 02:00:00", 1767225600000000000);
	check_time("2026-01-01", 1767225600000000000 - 7200000000000);
	check_time("1767225600", 1767225600000000000);
	check_time("1767225600.5", 1767225600500000000);
	check_time("0", 1);
}

static void times_ago(void **state)
{
	int64_t t = 0, now = value_time_now();

	(void)state;
	assert_int_equal(value_time(&t, "10m", NULL), 0);
	assert_in_range(t, now - 600000000000, now - 590000000000);
}

static void no_times(void **state)
{
	static const char *const words[] = { "",
					     "yesterday",
					     "2026-13-01",
					     "2026-01-01T24:00:00Z",
					     "2026-01-01T00:00:00X",
					     "2026-01-01T00:00:00.Z",
					     "2026-01-01T00:00:00Z ",
					     "1969-01-01",
					     "9999-01-01",
					     "-1",
					     "1767225600.",
					     "99999999999999999999",
					     "2026-1-1",
					     "5 minutes" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct err e = ERR_INIT;
		int64_t t = 42;

		assert_true(value_time(&t, words[i], &e) < 0);
		assert_int_equal(t, 42);
		assert_non_null(strstr(e.msg, "is no time"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaned),	  cmocka_unit_test(sizes_and_times),
		cmocka_unit_test(points_in_time), cmocka_unit_test(times_ago),
		cmocka_unit_test(no_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
