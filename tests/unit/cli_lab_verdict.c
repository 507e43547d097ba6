/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of labs yield, held against what was expected; who runs beside whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_jobs.h"
#include "cli/lab_trial.h"
#include "cli/lab_verdict.h"
#include "core/base/cleanup.h"

static enum lab_result judge(enum topo_test_type type, struct topo_expect x, struct lab_yield y)
{
	const struct topo_test t = { .name = "t", .type = type, .expect = x };
	struct lab_verdict v = { 0 };
	enum lab_result r;

	lab_judge(&t, &y, &v);
	r = v.result;
	assert_non_null(v.message);
	lab_verdict_free(&v);
	return r;
}

#define X(what_, ...) \
	((struct topo_expect){ .what = TOPO_EXPECT_##what_, .text = "", ##__VA_ARGS__ })
#define Y(...) ((struct lab_yield){ __VA_ARGS__ })

static void test_status(void **state)
{
	assert_int_equal(judge(TOPO_TEST_PING, X(OK), Y(.ok = true)), LAB_PASS);
	assert_int_equal(judge(TOPO_TEST_PING, X(OK), Y(.ok = false)), LAB_FAIL);
	assert_int_equal(judge(TOPO_TEST_PING, X(FAIL), Y(.ok = false)), LAB_PASS);
	assert_int_equal(judge(TOPO_TEST_PING, X(FAIL), Y(.ok = true)), LAB_FAIL);
}

static void test_range(void **state)
{
	const struct topo_expect x = X(RANGE, .low = 10, .high = 20);

	assert_int_equal(judge(TOPO_TEST_RTT, x, Y(.has_value = true, .value = 10)), LAB_PASS);
	assert_int_equal(judge(TOPO_TEST_RTT, x, Y(.has_value = true, .value = 20)), LAB_PASS);
	assert_int_equal(judge(TOPO_TEST_RTT, x, Y(.has_value = true, .value = 9)), LAB_FAIL);
	assert_int_equal(judge(TOPO_TEST_RTT, x, Y(.has_value = true, .value = 21)), LAB_FAIL);
	/* no answer is no time of 0 */
	assert_int_equal(judge(TOPO_TEST_RTT, X(RANGE, .low = 0, .high = 20), Y(.value = 0)),
			 LAB_FAIL);
}

static void test_match(void **state)
{
	static const struct {
		const char *expression, *text;
		enum lab_result want;
	} rows[] = {
		{ "~^b.d$", "abc\nbad\n", LAB_PASS },	       { "~^c", "abc\n", LAB_FAIL },
		{ "~(x|y)+z", "..xyxz..", LAB_PASS },	       { "~a{2,3}", "aa", LAB_PASS },
		{ "~metric 5$", "via x metric 50", LAB_FAIL }, { "~.", "", LAB_FAIL },
		{ "~one.two", "one\ntwo", LAB_FAIL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct topo_expect x = { .what = TOPO_EXPECT_MATCH,
					       .text = rows[i].expression };
		_cleanup_free_ char *text = strdup(rows[i].text);

		assert_int_equal(judge(TOPO_TEST_EXEC, x, Y(.text = text)), rows[i].want);
	}
	/* a number is searched as it is printed */
	assert_int_equal(
		judge(TOPO_TEST_TTL,
		      (struct topo_expect){ .what = TOPO_EXPECT_MATCH, .text = "~^6[23]$" },
		      Y(.has_value = true, .value = 62000000)),
		LAB_PASS);
}

static void test_trace(void **state)
{
	static const struct {
		const char *want, *got;
		enum lab_result result;
	} rows[] = {
		{ "10.0.0.1 10.0.1.1", "10.0.0.1 10.0.1.1", LAB_PASS },
		{ " 10.0.0.1,  10.0.1.1", "10.0.0.1 10.0.1.1", LAB_PASS },
		{ "10.0.0.1", "10.0.0.1 10.0.1.1", LAB_FAIL },
		{ "10.0.0.1 10.0.1.1", "10.0.0.1", LAB_FAIL },
		{ "10.0.0.1 * 10.0.1.1", "10.0.0.1 * 10.0.1.1", LAB_PASS },
		{ "10.0.0.11", "10.0.0.1", LAB_FAIL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct topo_expect x = { .what = TOPO_EXPECT_TEXT, .text = rows[i].want };
		_cleanup_free_ char *got = strdup(rows[i].got);

		assert_int_equal(judge(TOPO_TEST_TRACE, x, Y(.ok = true, .text = got)),
				 rows[i].result);
	}
}

static void test_message(void **state)
{
	struct topo_test t = {
		.type = TOPO_TEST_TTL,
		.expect = { .what = TOPO_EXPECT_RANGE, .low = 1, .high = 2, .text = "62" },
		.warn = true
	};
	struct lab_yield y = { .ok = true, .has_value = true, .value = 3 };
	struct lab_verdict v = { 0 };

	lab_say(&y, "ttl %u", 3);
	lab_judge(&t, &y, &v);
	assert_int_equal(v.result, LAB_WARN);
	assert_string_equal(v.message, "ttl 3; 62 expected");
	lab_verdict_free(&v);
}

static void test_values(void **state)
{
	static const struct {
		enum topo_unit unit;
		int64_t value;
		const char *text;
	} rows[] = {
		{ TOPO_UNIT_NS, 12345678, "12.35ms" }, { TOPO_UNIT_NS, 999, "999ns" },
		{ TOPO_UNIT_NS, 99996, "100us" },      { TOPO_UNIT_BPS, 9512345, "9.512mbit" },
		{ TOPO_UNIT_BPS, 0, "0bit" },	       { TOPO_UNIT_SHARE, 0, "0%" },
		{ TOPO_UNIT_SHARE, 5000000, "0.5%" },  { TOPO_UNIT_SHARE, 1000000000, "100%" },
		{ TOPO_UNIT_COUNT, 62000000, "62" },   { TOPO_UNIT_COUNT, 1250000, "1.25" },
		{ TOPO_UNIT_COUNT, -1500000, "-1.5" },
	};
	char buf[LAB_VALUE_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(lab_value(rows[i].unit, rows[i].value, buf), rows[i].text);
}

static void test_first_number(void **state)
{
	static const struct {
		const char *text;
		bool found;
		int64_t value;
	} rows[] = {
		{ "3", true, 3000000 },
		{ "rtt min/avg = 0.25/1", true, 250000 },
		{ "x-4.5 7", true, -4500000 },
		{ "none\n", false, 0 },
		{ "", false, 0 },
		{ "1.", true, 1000000 },
		{ "0.1234567", true, 123456 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t v = 0;

		assert_int_equal(lab_first_number(rows[i].text, &v), rows[i].found);
		assert_int_equal(v, rows[i].value);
	}
	{
		int64_t v = 0;

		assert_true(lab_first_number("99999999999999999999999999", &v));
		assert_true(v > 0);
	}
}

/* ---- on its way between processes ---- */

static void test_encode(void **state)
{
	struct lab_verdict v = { 0 }, got = { 0 };
	_cleanup_free_ char *text = NULL;

	lab_verdict_set(&v, LAB_SKIP, "needs \"x\"\t\x01 \xff");
	v.output = strdup("line\n\x1b[31mred\nend");
	text = trial_encode(&v);
	assert_non_null(text);
	assert_true(trial_decode(text, &got));
	assert_int_equal(got.result, LAB_SKIP);
	assert_string_equal(got.message, "needs \"x\"\t? ?");
	assert_string_equal(got.output, "line\n?[31mred\nend");
	assert_false(trial_decode(NULL, &got));
	assert_false(trial_decode("{\"result\":", &got));
	assert_false(trial_decode("{\"result\":9}", &got));
	lab_verdict_free(&v);
	lab_verdict_free(&got);
}

/* ---- who may begin ---- */

#define W JOB_WAITING
#define R JOB_RUNNING
#define D JOB_DONE

static bool may(const struct topo_test *const list[3], enum lab_job_state a, enum lab_job_state b,
		size_t i)
{
	const enum lab_job_state state[] = { a, b, W };

	return lab_jobs_may_begin(list, state, i + 1, i);
}

static void test_beside(void **state)
{
	static const struct {
		enum topo_test_type runs, begins;
		bool may;
	} rows[] = {
		{ TOPO_TEST_PING, TOPO_TEST_RTT, true },
		{ TOPO_TEST_RTT, TOPO_TEST_LOSS, true },
		{ TOPO_TEST_PINGALL, TOPO_TEST_RTT, false },
		{ TOPO_TEST_RTT, TOPO_TEST_EXEC, false },
		{ TOPO_TEST_PINGALL, TOPO_TEST_NEIGH, false },
		{ TOPO_TEST_PINGALL, TOPO_TEST_PINGALL, false },
		{ TOPO_TEST_PINGALL, TOPO_TEST_EXEC, true },
		{ TOPO_TEST_TCP_RATE, TOPO_TEST_PING, false },
		{ TOPO_TEST_ROUTE, TOPO_TEST_UDP_RATE, false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct topo_test runs = { .type = rows[i].runs };
		const struct topo_test begins = { .type = rows[i].begins };
		const struct topo_test *list[] = { &runs, &begins, NULL };

		assert_int_equal(may(list, R, W, 1), rows[i].may);
	}
}

static void test_order(void **state)
{
	const struct topo_test one = { .type = TOPO_TEST_EXEC, .node = 1 };
	const struct topo_test two = { .type = TOPO_TEST_EXEC, .node = 2 };
	const struct topo_test wait = { .type = TOPO_TEST_PING, .wait_given = true };
	const struct topo_test ping = { .type = TOPO_TEST_PING };
	const struct topo_test *execs[] = { &one, &one, &two };
	const struct topo_test *waits[] = { &wait, &wait, &ping };

	assert_false(may(execs, R, W, 1));
	assert_false(may(execs, W, W, 1));
	assert_true(may(execs, D, W, 1));
	assert_true(may(execs, R, W, 2));
	assert_true(may(waits, R, W, 1));
	assert_false(may(waits, R, R, 2));
	assert_false(may(waits, D, W, 2));
	assert_true(may(waits, D, D, 2));
}

/* ---- processes ---- */

static char *say(size_t i, void *ctx)
{
	if (i == 1)
		_exit(3);
	return i == 2 ? NULL : strdup("said");
}

static void heard(size_t i, const char *text, uint64_t took, void *ctx)
{
	const char **got = ctx;

	got[i] = text ? "said" : "died";
	if (text)
		assert_string_equal(text, "said");
}

static void test_run(void **state)
{
	static const struct topo_test ping = { .type = TOPO_TEST_PING };
	const struct topo_test *list[40];
	const char *got[40] = { NULL };
	struct lab_jobs j = { list, ARRAY_SIZE(list), say, heard, got, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = &ping;
	assert_int_equal(lab_jobs_run(&j, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		assert_string_equal(got[i], i == 1 || i == 2 ? "died" : "said");
}

static char *hang(size_t i, void *ctx)
{
	pause();
	return NULL;
}

static void test_interrupt(void **state)
{
	static const struct topo_test ping = { .type = TOPO_TEST_PING };
	const struct topo_test *list[] = { &ping, &ping };
	const char *got[2] = { NULL };
	struct lab_jobs j = { list, 2, hang, heard, got, -1 };
	int p[2];

	assert_int_equal(pipe(p), 0);
	j.interrupt_fd = p[0];
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(lab_jobs_run(&j, NULL), -EINTR);
	assert_null(got[0]);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),	     cmocka_unit_test(test_range),
		cmocka_unit_test(test_match),	     cmocka_unit_test(test_trace),
		cmocka_unit_test(test_message),	     cmocka_unit_test(test_values),
		cmocka_unit_test(test_first_number), cmocka_unit_test(test_encode),
		cmocka_unit_test(test_beside),	     cmocka_unit_test(test_order),
		cmocka_unit_test(test_run),	     cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
