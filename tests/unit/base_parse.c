/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_bool(void **state)
{
	static const char *const yes[] = { "yes", "true", "on", "1", "Yes", "TRUE" };
	static const char *const no[] = { "no", "false", "off", "0", "No" };
	static const char *const bad[] = { "", "y", "2", "01", " yes", "yes ", "enable" };
	struct err e = ERR_INIT;
	bool v;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		v = false;
		assert_int_equal(parse_bool(yes[i], &v, NULL), 0);
		assert_true(v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		v = true;
		assert_int_equal(parse_bool(no[i], &v, NULL), 0);
		assert_false(v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse_bool(bad[i], &v, &e), -EINVAL);
	assert_string_equal(e.msg, "\"enable\" is neither yes nor no");
}

static void test_id_map(void **state)
{
	static const struct {
		const char *word;
		int r;
		struct id_map m;
	} table[] = {
		{ "0:100000:65536", 0, { 0, 100000, 65536 } },
		{ "0:0:4294967295", 0, { 0, 0, UINT32_MAX } },
		{ "4294967294:0:1", 0, { UINT32_MAX - 1, 0, 1 } },
		{ "4294967294:0:2", -ERANGE, { 0, 0, 0 } },
		{ "0:4294967294:2", -ERANGE, { 0, 0, 0 } },
		{ "1:0:4294967295", -ERANGE, { 0, 0, 0 } },
		{ "4294967295:0:1", -EINVAL, { 0, 0, 0 } },
		{ "0:0:4294967296", -EINVAL, { 0, 0, 0 } },
		{ "0:0:0", -EINVAL, { 0, 0, 0 } },
		{ "0:0", -EINVAL, { 0, 0, 0 } },
		{ "0:0:1:", -EINVAL, { 0, 0, 0 } },
		{ "0 0 1", -EINVAL, { 0, 0, 0 } },
		{ "", -EINVAL, { 0, 0, 0 } },
		{ "a:0:1", -EINVAL, { 0, 0, 0 } },
		{ "-1:0:1", -EINVAL, { 0, 0, 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct id_map m = { 0 };

		if (parse_id_map(table[i].word, &m, NULL) != table[i].r ||
		    memcmp(&m, &table[i].m, sizeof(m)) != 0)
			fail_msg("%s", table[i].word);
	}
}

static void test_user(void **state)
{
	static const struct {
		const char *word;
		bool ok;
		uint32_t uid, gid;
	} table[] = {
		{ "0", true, 0, UINT32_MAX },
		{ "1000", true, 1000, UINT32_MAX },
		{ "1000:50", true, 1000, 50 },
		{ "4294967294:4294967294", true, UINT32_MAX - 1, UINT32_MAX - 1 },
		{ "4294967295", false, 7, 7 },
		{ "0:4294967295", false, 7, 7 },
		{ "0:", false, 7, 7 },
		{ ":0", false, 7, 7 },
		{ "", false, 7, 7 },
		{ "root", false, 7, 7 },
		{ "0:0:0", false, 7, 7 },
		{ "-1", false, 7, 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uint32_t uid = 7, gid = 7;
		int r = parse_user(table[i].word, &uid, &gid, NULL);

		if (r != (table[i].ok ? 0 : -EINVAL) || uid != table[i].uid || gid != table[i].gid)
			fail_msg("%s", table[i].word);
	}
}

static void test_key_value(void **state)
{
	static const struct {
		const char *word, *key, *value;
	} good[] = {
		{ "a=b", "a", "b" },
		{ "a=", "a", "" },
		{ "a=b=c", "a", "b=c" },
		{ "a b= c", "a b", " c" },
	};
	static const char *const bad[] = { "", "a", "=", "=b" };
	char *key = NULL, *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(parse_key_value(good[i].word, &key, &value, NULL), 0);
		assert_string_equal(key, good[i].key);
		assert_string_equal(value, good[i].value);
		free(key);
	}
	key = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse_key_value(bad[i], &key, &value, NULL), -EINVAL);
		assert_null(key);
	}
}

/* A word of any length and content gives one line that fits. */
static void test_long_words(void **state)
{
	struct err e = ERR_INIT;
	struct ip_prefix p;
	char word[8192];
	uint64_t v;

	for (int c = 1; c < 256; c++) {
		memset(word, c, sizeof(word) - 1);
		word[sizeof(word) - 1] = '\0';
		assert_true(parse_u64(word, 0, 1, &v, &e) < 0);
		assert_true(parse_size(word, &v, &e) < 0);
		assert_true(parse_prefix(word, &p, &e) < 0);
		assert_null(strpbrk(e.msg, "\n\r\x1b"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bool),	   cmocka_unit_test(test_id_map),
		cmocka_unit_test(test_user),	   cmocka_unit_test(test_key_value),
		cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
