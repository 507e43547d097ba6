/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define GUARD 0xdeadbeefcafeULL

/* What r is for word; a failed parser must not have touched its output. */
struct number {
	const char *word;
	int r;
	uint64_t value;
};

static void check(const char *what, const struct number *n, int r, uint64_t got, struct err *e)
{
	if (r != n->r || got != (n->r ? GUARD : n->value))
		fail_msg("%s \"%s\": %d, %llu, %s", what, n->word, r, (unsigned long long)got,
			 e->msg);
	assert_int_equal(e->num, r);
	if (r < 0)
		assert_non_null(strstr(e->msg, n->word));
}

static void check_table(const char *what, const struct number *n, size_t count,
			int (*parse)(const char *s, uint64_t *ret, struct err *e))
{
	for (size_t i = 0; i < count; i++) {
		uint64_t v = GUARD;
		struct err e = ERR_INIT;
		int r = parse(n[i].word, &v, &e);

		check(what, &n[i], r, v, &e);
		v = GUARD;
		assert_int_equal(parse(n[i].word, &v, NULL), r);
	}
}

static int any_u64(const char *s, uint64_t *ret, struct err *e)
{
	return parse_u64(s, 0, UINT64_MAX, ret, e);
}

static int port_u64(const char *s, uint64_t *ret, struct err *e)
{
	return parse_u64(s, 1, 65535, ret, e);
}

static void test_u64(void **state)
{
	static const struct number any[] = {
		{ "0", 0, 0 },
		{ "7", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "00", -EINVAL, 0 },
		{ "010", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "0x1", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "1.0", -EINVAL, 0 },
		{ "1\n", -EINVAL, 0 },
		{ "\xd9\xa1", -EINVAL, 0 },
	};
	static const struct number port[] = {
		{ "0", -ERANGE, 0 },
		{ "1", 0, 1 },
		{ "65535", 0, 65535 },
		{ "65536", -ERANGE, 0 },
	};
	struct err e = ERR_INIT;
	uint32_t v = 5;

	/* a control byte is not quoted as it is */
	for (size_t i = 0; i < ARRAY_SIZE(any); i++) {
		uint64_t got = GUARD;

		assert_int_equal(any_u64(any[i].word, &got, NULL), any[i].r);
		assert_true(got == (any[i].r ? GUARD : any[i].value));
	}
	check_table("port", port, ARRAY_SIZE(port), port_u64);
	assert_int_equal(parse_u32("4294967295", 0, UINT32_MAX, &v, &e), 0);
	assert_true(v == UINT32_MAX);
	assert_int_equal(parse_u32("4294967296", 0, UINT32_MAX, &v, &e), -ERANGE);
	assert_true(v == UINT32_MAX);
	assert_string_equal(e.msg, "4294967296 is not between 0 and 4294967295");
	err_clear(&e);
	assert_int_equal(parse_u32("007", 0, 9, &v, &e), -EINVAL);
	assert_string_equal(e.hint, "write it without leading zeros");
	/* what does not fit is told what would */
	err_clear(&e);
	assert_int_equal(parse_cpus("0", &v, &e), -ERANGE);
	assert_string_equal(e.hint, "as in 0.5 or 2, at least 0.001");
}

static void test_size(void **state)
{
	static const struct number table[] = {
		{ "0", 0, 0 },
		{ "100", 0, 100 },
		{ "10B", 0, 10 },
		{ "512K", 0, 512 << 10 },
		{ "512k", 0, 512 << 10 },
		{ "64M", 0, 64 << 20 },
		{ "64MiB", 0, 64 << 20 },
		{ "1.5G", 0, 3ULL << 29 },
		{ "0.5K", 0, 512 },
		{ "1.1K", 0, 1126 },
		{ "16383P", 0, 16383ULL << 50 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "16384P", -ERANGE, 0 },
		{ "16383.9999999999999999P", 0, (16384ULL << 50) - 1 },
		{ "0.0001K", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ ".5M", -EINVAL, 0 },
		{ "1.M", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "1.5B", -EINVAL, 0 },
		{ "1 M", -EINVAL, 0 },
		{ "1KB", -EINVAL, 0 },
		{ "1MM", -EINVAL, 0 },
		{ "-1M", -EINVAL, 0 },
		{ "064M", -EINVAL, 0 },
		{ "1,5G", -EINVAL, 0 },
		{ "1.0000000000000000000G", -EINVAL, 0 },
	};

	check_table("size", table, ARRAY_SIZE(table), parse_size);
}

static void test_duration(void **state)
{
	static const struct number table[] = {
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "1ns", 0, 1 },
		{ "20us", 0, 20000 },
		{ "1.5ms", 0, 1500000 },
		{ "0.3ms", 0, 300000 },
		{ "0.000000001s", 0, 1 },
		{ "0.0000000019s", 0, 1 },
		{ "10s", 0, 10000000000 },
		{ "2m", 0, 120000000000 },
		{ "1h", 0, 3600000000000 },
		{ "18446744073s", 0, 18446744073000000000ULL },
		{ "18446744073.709551615s", 0, UINT64_MAX },
		{ "18446744073.709551616s", -ERANGE, 0 },
		{ "18446744074s", -ERANGE, 0 },
		{ "5124096h", -ERANGE, 0 },
		{ "99999999999999999999s", -ERANGE, 0 },
		{ "0.0000000001s", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "5", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "1e3s", -EINVAL, 0 },
		{ " 1s", -EINVAL, 0 },
		{ "1s ", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "+1s", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "0x1s", -EINVAL, 0 },
		{ ".", -EINVAL, 0 },
		{ ".s", -EINVAL, 0 },
		{ "1..5s", -EINVAL, 0 },
		{ "1.5.5s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ "0.5ns", -EINVAL, 0 },
		{ "1d", -EINVAL, 0 },
		{ "1ss", -EINVAL, 0 },
		{ "1m30s", -EINVAL, 0 },
		{ "inf", -EINVAL, 0 },
		{ "nan", -EINVAL, 0 },
	};

	check_table("duration", table, ARRAY_SIZE(table), parse_duration);
}

static void test_rate(void **state)
{
	static const struct number table[] = {
		{ "100bit", 0, 100 },
		{ "512kbit", 0, 512000 },
		{ "10mbit", 0, 10000000 },
		{ "10Mbit", 0, 10000000 },
		{ "2.5gbit", 0, 2500000000 },
		{ "100gbit", 0, 100000000000 },
		{ "1tbit", 0, 1000000000000 },
		{ "18446744tbit", 0, 18446744000000000000ULL },
		{ "18446745tbit", -ERANGE, 0 },
		{ "10", -EINVAL, 0 },
		{ "0", -EINVAL, 0 },
		{ "10m", -EINVAL, 0 },
		{ "10mbps", -EINVAL, 0 },
		{ "0.5bit", -EINVAL, 0 },
		{ "10 mbit", -EINVAL, 0 },
		{ "mbit", -EINVAL, 0 },
	};

	check_table("rate", table, ARRAY_SIZE(table), parse_rate);
}

static int cpus_u64(const char *s, uint64_t *ret, struct err *e)
{
	uint32_t v;
	int r = parse_cpus(s, &v, e);

	if (r == 0)
		*ret = v;
	return r;
}

static void test_cpus(void **state)
{
	static const struct number table[] = {
		{ "0.2", 0, 200 },
		{ "2", 0, 2000 },
		{ "0.001", 0, 1 },
		{ "1.2345", 0, 1234 },
		{ "4294967.295", 0, UINT32_MAX },
		{ "4294967.296", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "0", -ERANGE, 0 },
		{ "0.0", -ERANGE, 0 },
		{ "0.0009", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "1c", -EINVAL, 0 },
		{ "1e1", -EINVAL, 0 },
		{ ".5", -EINVAL, 0 },
	};

	check_table("cpus", table, ARRAY_SIZE(table), cpus_u64);
}

static void test_cpuset(void **state)
{
	static const struct {
		const char *word, *want;
	} table[] = {
		{ "0", "0" },		{ "0-3", "0-3" },   { "0-3,5", "0-3,5" },
		{ "5,0-3", "0-3,5" },	{ "0,1,2", "0-2" }, { "0-3,2-5", "0-5" },
		{ "3,3,3", "3" },	{ "7-7", "7" },	    { "8191", "8191" },
		{ "0-8191", "0-8191" }, { "8192", NULL },   { "", NULL },
		{ ",", NULL },		{ "0,", NULL },	    { ",0", NULL },
		{ "0,,1", NULL },	{ "-1", NULL },	    { "1-", NULL },
		{ "3-1", NULL },	{ "0-3-5", NULL },  { "01", NULL },
		{ "0 1", NULL },	{ "a", NULL },	    { "0\n", NULL },
		{ "0-10:2/4", NULL },
	};
	char buf[16], four[4] = "xyz";

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int r = parse_cpuset(table[i].word, buf, sizeof(buf), NULL);

		if (r != (table[i].want ? 0 : -EINVAL) || (!r && strcmp(buf, table[i].want)))
			fail_msg("\"%s\": %d %s", table[i].word, r, buf);
	}
	assert_int_equal(parse_cpuset("0-2", four, sizeof(four), NULL), 0);
	assert_string_equal(four, "0-2");
	assert_int_equal(parse_cpuset("0,2,4", four, sizeof(four), NULL), -ERANGE);
	assert_string_equal(four, "0-2");
}

/* Every second CPU: far beyond what any buffer of ours holds, refused and not cut. */
static void test_cpuset_long(void **state)
{
	enum { SIZE = 64 * 1024 };
	_cleanup_free_ char *text = malloc(SIZE);
	char buf[8192];
	size_t n = 0;

	for (int cpu = 0; cpu < 8192; cpu += 2)
		n += (size_t)snprintf(text + n, SIZE - n, "%s%d", cpu ? "," : "", cpu);
	assert_int_equal(parse_cpuset(text, buf, sizeof(buf), NULL), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),	    cmocka_unit_test(test_size),
		cmocka_unit_test(test_duration),    cmocka_unit_test(test_rate),
		cmocka_unit_test(test_cpus),	    cmocka_unit_test(test_cpuset),
		cmocka_unit_test(test_cpuset_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
