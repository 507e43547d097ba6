/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids of user namespaces: ranges of files and of the configuration, maps, offsets. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/idmap.h"
#include "core/userns.h"

static void test_subid(void **state)
{
	static const char text[] = "other:1:65536\nme:x:5\nme:100000:65536\nme:9:9\n1000:7:70000\n";
	struct id_map m;

	(void)state;
	assert_int_equal(userns_subid(text, "me", 5, &m), 0);
	assert_int_equal(m.inside, 1);
	assert_int_equal(m.outside, 100000);
	assert_int_equal(m.count, 65535);
	assert_int_equal(userns_subid(text, NULL, 1000, &m), 0);
	assert_int_equal(m.outside, 7);
	assert_int_equal(userns_subid(text, "m", 4, &m), -ENOENT);
	assert_int_equal(userns_subid("me:1", "me", 4, &m), -ENOENT);
	assert_int_equal(userns_subid("me:1:0\n", "me", 4, &m), -ENOENT);
	assert_int_equal(userns_subid("", "me", 4, &m), -ENOENT);
}

static void test_range(void **state)
{
	static const char *const wrong[] = {
		"",	    "5",	"0-70000",	    "5-4",	   "1:65535",
		"1:65536x", "-1:65536", "4294967295:65536", "1-4294967296"
	};
	uint32_t first, count;

	(void)state;
	assert_int_equal(userns_parse_range("0x20000000-0x5fffffff", &first, &count, NULL), 0);
	assert_int_equal(first, USERNS_FIRST);
	assert_int_equal(count, USERNS_COUNT);
	assert_int_equal(userns_parse_range("100000:65536", &first, &count, NULL), 0);
	assert_int_equal(first, 100000);
	assert_int_equal(count, 65536);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(userns_parse_range(wrong[i], &first, &count, NULL), -EINVAL);
}

static void test_maps(void **state)
{
	static const struct id_map fine[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	static const struct id_map inside[] = { { 0, 1000, 2 }, { 1, 100000, 5 } };
	static const struct id_map outside[] = { { 0, 1000, 2 }, { 5, 1001, 5 } };
	static const struct id_map no_root[] = { { 1, 1000, 2 } };
	_cleanup_free_ char *text = idmap_text(fine, 2);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(idmap_check(fine, 2, &e), 0);
	assert_string_equal(text, "0 1000 1\n1 100000 65535\n");
	assert_true(idmap_has(fine, 2, 65535));
	assert_false(idmap_has(fine, 2, 65536));
	assert_int_equal(idmap_check(inside, 2, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "of the container"));
	assert_int_equal(idmap_check(outside, 2, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "of the host"));
	assert_int_equal(idmap_check(no_root, 1, &e), -EINVAL);
	assert_int_equal(idmap_check(fine, IDMAP_LINES + 1, &e), -E2BIG);
}

static void test_offset(void **state)
{
	static const struct {
		const char *word;
		int64_t ns;
	} rows[] = {
		{ "+3d", 3 * 86400000000000 }, { "-10s", -10000000000 }, { "0", 0 }, { "-0", 0 },
		{ "1.5ms", 1500000 },
	};
	static const char *const wrong[] = { "", "+", "--1s", "1", "+-1s", "9e9d", "200000d" };
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse_offset(rows[i].word, &ns, NULL), 0);
		assert_true(ns == rows[i].ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_true(parse_offset(wrong[i], &ns, NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subid),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
