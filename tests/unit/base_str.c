/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_strv(void **state)
{
	_cleanup_(strv_free) struct strv s = { 0 };
	char word[16];

	assert_false(strv_has(&s, "w0"));
	for (int i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		assert_int_equal(strv_add(&s, word), 0);
		assert_int_equal(s.n, i + 1);
		assert_null(s.v[s.n]);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		assert_string_equal(s.v[i], word);
		assert_true(strv_has(&s, word));
	}
	assert_false(strv_has(&s, "w100"));
	assert_int_equal(strv_add_take(&s, strdup("x")), 0);
	assert_int_equal(strv_add_take(&s, NULL), -ENOMEM);
	strv_free(&s);
	assert_null(s.v);
	assert_int_equal(s.n, 0);
}

static void test_split(void **state)
{
	static const struct {
		const char *text, *seps, *want;
	} table[] = {
		{ "", ",", "" },	{ ",,", ",", "" },	   { "a", ",", "a|" },
		{ "a,b", ",", "a|b|" }, { ",a,,b,", ",", "a|b|" }, { "a b,c", ", ", "a|b|c|" },
		{ "a b", ",", "a b|" }, { "a,b", "", "a,b|" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		_cleanup_(strv_free) struct strv s = { 0 };
		char got[64] = "";
		size_t len = 0;

		assert_int_equal(strv_split(&s, table[i].text, table[i].seps), 0);
		for (size_t k = 0; k < s.n; k++)
			len += (size_t)str_fmt(got + len, sizeof(got) - len, "%s|", s.v[k]);
		assert_string_equal(got, table[i].want);
	}
}

static void test_fmt(void **state)
{
	_cleanup_free_ char *s = str_printf("%s-%d", "a", 7);
	char buf[4];

	assert_string_equal(s, "a-7");
	assert_int_equal(str_fmt(buf, sizeof(buf), "%s", "abc"), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(str_fmt(buf, sizeof(buf), "%s", "abcd"), -ENAMETOOLONG);
	assert_string_equal(buf, "abc");
	assert_int_equal(str_fmt(buf, sizeof(buf), "%s", ""), 0);
	assert_true(str_starts("abc", ""));
	assert_true(str_starts("abc", "abc"));
	assert_false(str_starts("abc", "abcd"));
	assert_false(str_starts("", "a"));
}

static void test_name(void **state)
{
	static const char *const good[] = {
		"a", "0", "A.b", "a-b_c.d", "bridge0", "123456789012345"
	};
	static const char *const bad[] = { "",
					   ".",
					   "..",
					   "-a",
					   "_a",
					   ".a",
					   "a/b",
					   "a b",
					   "a\n",
					   "a:",
					   "a..b",
					   "\xc3\xa4",
					   "1234567890123456" };
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(name_check("network", good[i], NAME_MAX_IF, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		if (name_check("network", bad[i], NAME_MAX_IF, &e) != -EINVAL)
			fail_msg("\"%s\" passed", bad[i]);
		assert_non_null(strstr(e.msg, "network name"));
	}
	assert_int_equal(name_check("container", bad[12], NAME_MAX_CT, NULL), 0);
}

static const char *const words[] = { "create",	"rm",	      "ls",	  "inspect",
				     "connect", "disconnect", "publish",  "unpublish",
				     "reload",	"--subnet",   "--gateway" };

static const char *get_word(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(words) ? words[i] : NULL;
}

static void test_nearest(void **state)
{
	static const struct {
		const char *word, *want;
	} table[] = {
		{ "creae", "create" },
		{ "creat", "create" },
		{ "isnpect", "inspect" },
		{ "CREATE", "create" },
		{ "create", "create" },
		{ "insp", "inspect" },
		{ "--subnt", "--subnet" },
		{ "--gatway", "--gateway" },
		{ "connct", "connect" },
		{ "upblish", "publish" },
		{ "mr", "rm" },
		{ "l", NULL },
		{ "sl", "ls" },
		{ "xyz", NULL },
		{ "", NULL },
		{ "zzzzzzzzzzzzzz", NULL },
		{ "r", NULL },
		{ "unpublis", "unpublish" },
	};
	char huge[4096];

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *got = str_nearest(table[i].word, get_word, NULL);

		if (!got != !table[i].want || (got && strcmp(got, table[i].want)))
			fail_msg("\"%s\": %s", table[i].word, got ? got : "(null)");
	}
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_null(str_nearest(huge, get_word, NULL));
	huge[64] = '\0';
	assert_null(str_nearest(huge, get_word, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strv),	cmocka_unit_test(test_split),
		cmocka_unit_test(test_fmt),	cmocka_unit_test(test_name),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
