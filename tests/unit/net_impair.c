/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a link does to packets, one set of values laid over another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/base/err.h"
#include "net/topology_impair.h"

#define MS 1000000

/* 0 behind the last key */
struct word {
	const char *key, *value;
};

static struct topo_impair of(const struct word *words)
{
	struct topo_impair dirs[TOPO_DIRS] = { 0 };
	struct err e = ERR_INIT;

	for (; words->key; words++)
		assert_int_equal(impair_set(dirs, words->key, words->value, &e), 0);
	return dirs[TOPO_AB];
}

static struct topo_impair wan(void)
{
	return of((struct word[]){ { "delay", "10ms" },
				   { "jitter", "1ms" },
				   { "reorder", "5%" },
				   { "loss", "1%" },
				   { 0 } });
}

static void test_others_stay(void **state)
{
	struct topo_impair now = wan(), over = of((struct word[]){ { "delay", "3ms" }, { 0 } });

	impair_lay(&now, &over);
	assert_int_equal(now.v[TOPO_DELAY], 3 * MS);
	assert_int_equal(now.v[TOPO_JITTER], MS);
	assert_int_equal(now.v[TOPO_REORDER], wan().v[TOPO_REORDER]);
	assert_int_equal(now.v[TOPO_LOSS], wan().v[TOPO_LOSS]);
}

static void test_no_delay(void **state)
{
	struct topo_impair now = wan(), over = of((struct word[]){ { "delay", "0" }, { 0 } });
	struct err e = ERR_INIT;

	impair_lay(&now, &over);
	assert_int_equal(now.v[TOPO_JITTER], 0);
	assert_int_equal(now.v[TOPO_REORDER], 0);
	assert_int_equal(now.v[TOPO_LOSS], wan().v[TOPO_LOSS]);
	assert_int_equal(impair_check(&now, &e), 0);
}

/* It was meant, so it is told. */
static void test_no_delay_but_jitter(void **state)
{
	struct topo_impair now = wan();
	struct topo_impair over =
		of((struct word[]){ { "delay", "0" }, { "jitter", "2ms" }, { 0 } });
	struct err e = ERR_INIT;

	impair_lay(&now, &over);
	assert_int_equal(impair_check(&now, &e), -EINVAL);
	assert_string_equal(e.msg, "jitter without a delay");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others_stay),
		cmocka_unit_test(test_no_delay),
		cmocka_unit_test(test_no_delay_but_jitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
