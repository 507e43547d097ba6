/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option parser: tables, order, values, suggestions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/opt.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct args {
	bool flag, off;
	const char *word;
	struct strv list;
	uint64_t size;
	uint32_t number, cpus;
	const char *optional;
	unsigned calls;
};

static int set_optional(void *args, const char *value, struct err *e)
{
	struct args *a = args;

	(void)e;
	a->optional = value ? value : "(none)";
	a->calls++;
	return 0;
}

#define ROW(name, letter, type, arg, member) \
	OPT_ROW(struct args, name, letter, (type), arg, member, "help")

static const struct opt table[] = {
	OPT_HEADING("Heading"),
	ROW("flag", 'f', OPT_FLAG, NULL, flag),
	ROW("off", 0, OPT_NOFLAG, NULL, off),
	ROW("word", 'w', OPT_STR, "WORD", word),
	ROW("list", 'l', OPT_STRV, "WORD", list),
	ROW("size", 0, OPT_SIZE, "SIZE", size),
	ROW("number", 'n', OPT_U32, "N", number),
	ROW("cpus", 0, OPT_CPUS, "N", cpus),
	OPT_ALL_FN("tty", 't', "[no]", set_optional, "help"),
	OPT_END,
};

/* Splits the line at blanks and parses it; words left are in argv. */
static int parse(const char *line, bool stop, struct args *a, char **argv, struct err *e)
{
	static char copy[256];
	const struct opt_set set = { .own = table, .args = a, .stop_at_words = stop };
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = copy; *p;) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = 0;
	}
	argv[argc] = NULL;
	*e = (struct err)ERR_INIT;
	return opt_parse(&set, argc, argv, e);
}

static void every_type(void **state)
{
	struct args a = { .off = true };
	char *argv[32];
	struct err e;

	(void)state;
	assert_int_equal(parse("--flag --off --word x -l a --list=b --size 64M -n7 --cpus 0.2 end",
			       false, &a, argv, &e),
			 1);
	assert_true(a.flag);
	assert_false(a.off);
	assert_string_equal(a.word, "x");
	assert_int_equal(a.list.n, 2);
	assert_string_equal(a.list.v[1], "b");
	assert_int_equal(a.size, 64 << 20);
	assert_int_equal(a.number, 7);
	assert_int_equal(a.cpus, 200);
	assert_string_equal(argv[0], "end");
	assert_null(argv[1]);
	strv_free(&a.list);
}

static void order_of_words(void **state)
{
	struct args a = { 0 };
	char *argv[32];
	struct err e;

	(void)state;
	assert_int_equal(parse("one -f two", false, &a, argv, &e), 2);
	assert_true(a.flag);
	assert_string_equal(argv[1], "two");

	a = (struct args){ 0 };
	assert_int_equal(parse("cmd -f two", true, &a, argv, &e), 3);
	assert_false(a.flag);
	assert_string_equal(argv[1], "-f");

	assert_int_equal(parse("-- -f", true, &a, argv, &e), 1);
	assert_string_equal(argv[0], "-f");
	assert_int_equal(parse("- x", false, &a, argv, &e), 2);
}

/* A table for a struct that is a member of another, with rows behind it. */
static void a_table_for_a_member(void **state)
{
	struct outer {
		uint32_t before;
		struct args in;
		uint32_t after;
	} o = { 0 };
	static const struct opt outer_table[] = {
		OPT_ROW(struct outer, "before", 0, OPT_U32, "N", before, "help"),
		OPT_INCLUDE_AT(struct outer, in, table),
		OPT_ROW(struct outer, "after", 'a', OPT_U32, "N", after, "help"),
		OPT_END,
	};
	const struct opt_set set = { .own = outer_table, .args = &o };
	char words[][12] = { "--before=1", "--number=2", "-t", "-a3", "--word", "w" };
	char *argv[ARRAY_SIZE(words) + 1] = { NULL };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		argv[i] = words[i];
	assert_int_equal(opt_parse(&set, ARRAY_SIZE(words), argv, &e), 0);
	assert_int_equal(o.before, 1);
	assert_int_equal(o.in.number, 2);
	assert_int_equal(o.in.calls, 1);
	assert_int_equal(o.after, 3);
	assert_string_equal(o.in.word, "w");
}

static void letters(void **state)
{
	struct args a = { 0 };
	char *argv[32];
	struct err e;

	(void)state;
	assert_int_equal(parse("-tfw x", false, &a, argv, &e), 0);
	assert_true(a.flag);
	assert_string_equal(a.optional, "(none)");
	assert_string_equal(a.word, "x");
	assert_int_equal(parse("--tty=no rest", false, &a, argv, &e), 1);
	assert_string_equal(a.optional, "no");
	assert_int_equal(parse("--tty no", false, &a, argv, &e), 1);
	assert_int_equal(a.calls, 3);
}

static void refused(void **state)
{
	static const struct {
		const char *line, *msg, *hint;
	} cases[] = {
		{ "--flg", "unknown option --flg", "did you mean --flag?" },
		{ "--fla", "unknown option --fla", "did you mean --flag?" },
		{ "--zzzzzzzz", "unknown option --zzzzzzzz", "" },
		{ "-x", "unknown option -x", "" },
		{ "-fx", "unknown option -x", "" },
		{ "--flag=1", "--flag takes no value", "" },
		{ "--word", "--word needs a value: --word WORD", "" },
		{ "-n", "--number needs a value: --number N", "" },
	};
	struct args a = { 0 };
	char *argv[32];
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(cases[i].line, false, &a, argv, &e), -EINVAL);
		assert_string_equal(e.msg, cases[i].msg);
		assert_string_equal(e.hint, cases[i].hint);
	}
	assert_true(parse("--size x", false, &a, argv, &e) < 0);
	assert_non_null(strstr(e.msg, "--size: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
		cmocka_unit_test(order_of_words),
		cmocka_unit_test(a_table_for_a_member),
		cmocka_unit_test(letters),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
