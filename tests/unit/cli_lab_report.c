/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of a lab came to, as lines, JUnit, TAP and JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_report.h"
#include "core/base/cleanup.h"

static char bad[] = "got <1> & \"2\"\x1b\xff #3 \\";
static char said[] = "fine", why[] = "needs delay", lines[] = "a\n<b>]]>\n", slow[] = "slow";

static struct lab_case cases[] = {
	{ "one", "ping", "ok", { LAB_PASS, said, NULL, 1500000 }, 3, true },
	{ "two", "exec", "~x", { LAB_FAIL, bad, lines, 2000000000 }, 7, true },
	{ "three", "rtt", "5ms", { LAB_SKIP, why, NULL, 0 }, 11, true },
	{ "four", "ttl", "62", { LAB_WARN, slow, NULL, 0 }, 15, true },
	{ "five", NULL, NULL, { LAB_PASS, said, NULL, 0 }, 19, true },
	{ "never", "ping", "ok", { LAB_PASS, NULL, NULL, 0 }, 23, false },
};
static struct lab_report report = { .lab = "lab",
				    .file = "x.ini",
				    .v = cases,
				    .n = 5,
				    .width = 5,
				    .began = 86400,
				    .took = 3000000000 };

static char *text_of(void (*write)(const struct lab_report *r, FILE *f), const struct lab_report *r)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	write(r, f);
	fclose(f);
	return text;
}

static void all_lines(const struct lab_report *r, FILE *f)
{
	for (size_t i = 0; i < r->n; i++)
		lab_report_line(r, &r->v[i], f);
	lab_report_summary(r, f);
}

static void test_lines(void **state)
{
	_cleanup_free_ char *text = text_of(all_lines, &report);

	assert_non_null(strstr(text, "PASS one    fine (0.00 s)\n"));
	assert_non_null(strstr(text, "(2.00 s)\n     | a\n     | <b>]]>\nSKIP three  needs delay"));
	assert_non_null(strstr(text, "lab: 5 tests: 2 passed, 1 failed, 1 warned, 1 skipped "
				     "(3.00 s)\n"));
}

static void test_junit(void **state)
{
	_cleanup_free_ char *text = text_of(lab_report_junit, &report);

	assert_non_null(strstr(text, "tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"1\" "
				     "time=\"3.000000\" timestamp=\"1970-01-02T00:00:00\""));
	assert_non_null(strstr(text, "<testcase name=\"two\" classname=\"lab.test\" "
				     "time=\"2.000000\" file=\"x.ini\" line=\"7\">"));
	assert_non_null(strstr(text, "<failure message=\"got &lt;1&gt; &amp; &quot;2&quot;?"));
	assert_non_null(strstr(text, "<system-err>a&#10;&lt;b&gt;]]&gt;&#10;</system-err>"));
	assert_non_null(strstr(text, "<skipped message=\"needs delay\"/>"));
	assert_non_null(strstr(text, "<system-out>warning: slow</system-out>"));
	assert_non_null(strstr(text, "classname=\"lab.scenario\""));
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xff"));
}

static void test_tap(void **state)
{
	_cleanup_free_ char *text = text_of(lab_report_tap, &report);

	assert_ptr_equal(strstr(text, "TAP version 13\n1..5\nok 1 - one\n  ---\n"), text);
	assert_non_null(strstr(text, "\nnot ok 2 - two\n"));
	assert_non_null(strstr(text, "\nok 3 - three # SKIP needs delay\n"));
	assert_non_null(strstr(text, "\nnot ok 4 - four # TODO slow\n"));
	assert_non_null(strstr(text, "  output: \"a\\n<b>]]>\\n\"\n"));
	assert_null(strstr(text, "Bail out"));
}

/* Interrupted: what was not run is neither good nor bad. */
static void test_cut(void **state)
{
	struct lab_report cut = report;
	_cleanup_free_ char *tap = NULL, *xml = NULL;
	json_t *o;

	cut.n = 6;
	tap = text_of(lab_report_tap, &cut);
	xml = text_of(lab_report_junit, &cut);
	assert_non_null(strstr(tap, "1..5\n"));
	assert_non_null(strstr(tap, "Bail out!"));
	assert_non_null(strstr(xml, "tests=\"5\""));
	assert_null(strstr(xml, "never"));
	o = lab_report_json(&cut);
	assert_int_equal(json_array_size(o), 5);
	json_decref(o);
}

static void test_json(void **state)
{
	struct lab_report some = report;
	json_t *all, *o;

	some.n = 1;
	all = lab_report_json(&some);
	o = json_array_get(all, 0);
	assert_string_equal(json_string_value(json_object_get(o, "name")), "one");
	assert_string_equal(json_string_value(json_object_get(o, "kind")), "test");
	assert_string_equal(json_string_value(json_object_get(o, "result")), "pass");
	assert_int_equal(json_integer_value(json_object_get(o, "line")), 3);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_junit),
		cmocka_unit_test(test_tap),   cmocka_unit_test(test_cut),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
