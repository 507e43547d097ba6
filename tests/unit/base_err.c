/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/err.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A child sends it to its parent in one write. */
_Static_assert(sizeof(struct err) < PIPE_BUF, "struct err must be written at once");

static void test_set(void **state)
{
	struct err e = ERR_INIT;

	assert_int_equal(err_set(&e, EINVAL, "bad %s", "word"), -EINVAL);
	assert_int_equal(e.num, -EINVAL);
	assert_string_equal(e.msg, "bad word");
	assert_int_equal(err_set(&e, -ENOENT, "x"), -ENOENT);
	assert_int_equal(err_sys(&e, EEXIST, "add %d", 7), -EEXIST);
	assert_string_equal(e.msg, "add 7: File exists");
	assert_int_equal(err_wrap(&e, -EEXIST, "create %s", "net"), -EEXIST);
	assert_string_equal(e.msg, "create net: add 7: File exists");
	err_hint(&e, "first");
	err_hint(&e, "second");
	assert_string_equal(e.hint, "first");
	err_clear(&e);
	assert_int_equal(e.num, 0);
	assert_string_equal(e.msg, "");
	assert_string_equal(e.hint, "");
	assert_int_equal(err_wrap(&e, -EPERM, "open"), -EPERM);
	assert_string_equal(e.msg, "open: Operation not permitted");
	assert_int_equal(e.num, -EPERM);
}

static void test_null(void **state)
{
	assert_int_equal(err_set(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_sys(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_wrap(NULL, -EINVAL, "x"), -EINVAL);
	err_hint(NULL, "x");
	err_clear(NULL);
}

/* Foreign text stays one line of printable bytes, cut where the room ends. */
static void test_one_line(void **state)
{
	struct err e = ERR_INIT;
	char text[4096];

	err_set(&e, EINVAL, "a\nb\x1b[31m\x7f\tc");
	assert_string_equal(e.msg, "a b [31m  c");
	err_hint(&e, "x\ny");
	assert_string_equal(e.hint, "x y");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, EINVAL, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_sys(&e, EINVAL, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_wrap(&e, -EINVAL, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
}

/* As it may come from a process that is not believed. */
static void test_receive(void **state)
{
	struct err e;

	memset(&e, 'x', sizeof(e));
	e.msg[3] = '\n';
	e.hint[0] = '\x1b';
	err_receive(&e);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1);
	assert_int_equal(e.msg[3], ' ');
	assert_int_equal(e.hint[0], ' ');
}

/* What is looked at is gone or wrong with the ones, and may be as it was with the others. */
static void test_passing(void **state)
{
	assert_true(err_is_passing(-EMFILE));
	assert_true(err_is_passing(-ENOMEM));
	assert_true(err_is_passing(-EIO));
	assert_false(err_is_passing(-ENOENT));
	assert_false(err_is_passing(-EINVAL));
	assert_false(err_is_passing(0));
	assert_false(err_is_passing(EMFILE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),	 cmocka_unit_test(test_null),
		cmocka_unit_test(test_one_line), cmocka_unit_test(test_receive),
		cmocka_unit_test(test_passing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
