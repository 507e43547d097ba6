/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of --net NET:KEY=VALUE,... : what they set, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/net_keys.h"
#include "core/base/err.h"

static int apply(struct run_net *n, const char *text, struct err *e)
{
	struct strv words = { 0 };
	int r;

	assert_int_equal(strv_split(&words, text, ","), 0);
	r = net_keys_apply(n, &words, e);
	strv_free(&words);
	return r;
}

static void test_all(void **state)
{
	struct run_net n = { 0 };
	struct err e = ERR_INIT;
	char text[IP_STRLEN];

	(void)state;
	assert_int_equal(apply(&n,
			       "ip=10.88.0.9,ip6=fd00::9,mac=02:00:00:00:00:09,ifname=wan,alias=a,"
			       "alias=b,metric=7,rate-in=10mbit,rate-out=1gbit,default-route",
			       &e),
			 0);
	assert_string_equal(ip_str(&n.ip, text), "10.88.0.9");
	assert_string_equal(ip_str(&n.ip6, text), "fd00::9");
	assert_string_equal(n.ifname, "wan");
	assert_int_equal(n.aliases.n, 2);
	assert_int_equal(n.metric, 7);
	assert_true(n.rate_in == 10000000 && n.rate_out == 1000000000);
	assert_int_equal(n.route, ROUTE_YES);
	run_net_free(&n);
	run_net_free(&n);
}

static void test_refused(void **state)
{
	static const struct {
		const char *words, *says;
	} bad[] = {
		{ "ip=fd00::1", "use ip6" },
		{ "ip6=10.0.0.1", "use ip" },
		{ "ip=10.0.0.1,ip=10.0.0.2", "twice" },
		{ "mac=01:00:00:00:00:00", "multicast" },
		{ "ifname=lo", "reserved" },
		{ "ifname=a/b", "ifname" },
		{ "metric=0", "metric" },
		{ "metric", "KEY=VALUE" },
		{ "ip=", "KEY=VALUE" },
		{ "rate-in=0bit", "0" },
		{ "rate-in=5", "rate-in" },
		{ "default-route=maybe", "default-route" },
		{ "colour=red", "unknown key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run_net n = { 0 };
		struct err e = ERR_INIT;

		assert_true(apply(&n, bad[i].words, &e) < 0);
		assert_non_null(strstr(e.msg, bad[i].says));
		run_net_free(&n);
	}
}

static void test_no_route(void **state)
{
	struct run_net n = { 0 };

	(void)state;
	assert_int_equal(apply(&n, "default-route=no", NULL), 0);
	assert_int_equal(n.route, ROUTE_NO);
	run_net_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
