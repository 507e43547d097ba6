/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/json.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/base_tmp.h"

static void test_roundtrip(void **state)
{
	_cleanup_json_ json_t *j = json_pack("{s:s, s:I, s:b, s:n, s:[i,i]}", "s", "t\"\n\xc3\xa4",
					     "i", (json_int_t)INT64_MAX, "b", 1, "n", "a", 1, 2);
	_cleanup_json_ json_t *k = NULL;
	struct stat st;

	assert_int_equal(json_save_at(dir, "j", j), 0);
	assert_int_equal(fstatat(dir, "j", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(json_load_at(dir, "j", &k), 0);
	assert_true(json_equal(j, k));
	assert_string_equal(json_str(k, "s", "x"), "t\"\n\xc3\xa4");
	assert_true(json_int(k, "i", 0) == INT64_MAX);
	assert_true(json_flag(k, "b", false));
	/* absent, or of another type */
	assert_string_equal(json_str(k, "z", "def"), "def");
	assert_string_equal(json_str(k, "i", "def"), "def");
	assert_null(json_str(k, "n", NULL));
	assert_int_equal(json_int(k, "s", -5), -5);
	assert_int_equal(json_int(k, "b", -5), -5);
	assert_false(json_flag(k, "i", false));
	assert_true(json_flag(k, "z", true));
	assert_int_equal(json_int(NULL, "a", 3), 3);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"", "[]", "1", "null", "{", "{}x", "{\"a\":1,\"a\":2}", "{'a':1}", "{\"a\":\xff}"
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_t *j = NULL;

		assert_int_equal(
			file_replace_at(dir, "bad", texts[i], strlen(texts[i]), 0600, false), 0);
		if (json_load_at(dir, "bad", &j) != -EINVAL)
			fail_msg("%s", texts[i]);
		assert_null(j);
	}
	assert_int_equal(json_load_at(dir, "absent", &(json_t *){ NULL }), -ENOENT);
}

/* A MiB is read, one byte more is not; nesting without end is refused. */
static void test_limits(void **state)
{
	enum { MAX = 1024 * 1024 };
	_cleanup_free_ char *text = malloc(MAX + 1);
	json_t *j = NULL;

	memset(text, ' ', MAX + 1);
	text[0] = '{';
	text[1] = '}';
	assert_int_equal(file_replace_at(dir, "big", text, MAX, 0600, false), 0);
	assert_int_equal(json_load_at(dir, "big", &j), 0);
	json_decref(j);
	assert_int_equal(file_replace_at(dir, "big", text, MAX + 1, 0600, false), 0);
	assert_int_equal(json_load_at(dir, "big", &j), -EFBIG);
	memset(text, '[', MAX);
	memcpy(text, (const char[]){ '{', '"', 'a', '"', ':' }, 5);
	assert_int_equal(file_replace_at(dir, "big", text, MAX, 0600, false), 0);
	assert_int_equal(json_load_at(dir, "big", &j), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
