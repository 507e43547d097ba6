/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --volume, --tmpfs, --net: words into the specification. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/run_net.h"
#include "cli/volume.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

static void volumes(void **state)
{
	_cleanup_(strv_free) struct strv owned = { 0 };
	struct ct_spec s = { 0 };

	(void)state;
	assert_int_equal(volume_add(&s, &owned, "/a:/b", NULL), 0);
	assert_int_equal(volume_add(&s, &owned, "./a:/b/c:rro,exec", NULL), 0);
	assert_int_equal(volume_add_tmpfs(&s, &owned, "/t:size=1M,mode=0700", NULL), 0);
	assert_int_equal(s.n_mounts, 3);
	assert_string_equal(s.mounts[0].source, "/a");
	assert_true(s.mounts[1].source[0] == '/');
	assert_string_equal(s.mounts[0].target, "/b");
	assert_false(s.mounts[0].read_only);
	assert_true(s.mounts[1].read_only && s.mounts[1].recursive_ro && s.mounts[1].exec);
	assert_string_equal(s.mounts[2].fstype, "tmpfs");
	assert_int_equal(s.mounts[2].size, 1 << 20);
	assert_int_equal(s.mounts[2].mode, 0700);
	free(s.mounts);
}

static void volumes_refused(void **state)
{
	static const char *const bad[] = { "",		"/a",	":/b",	      "name:/b",
					   "/a:b",	"/a:/", "/a:/b:what", "/a:/b:size=1M",
					   "/a:/b:ro=1" };
	_cleanup_(strv_free) struct strv owned = { 0 };
	struct ct_spec s = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(volume_add(&s, &owned, bad[i], &e), -EINVAL);
		assert_true(e.msg[0] != 0);
	}
	assert_int_equal(volume_add_tmpfs(&s, &owned, "/t:mode=9", NULL), -EINVAL);
	assert_int_equal(volume_add_tmpfs(&s, &owned, "/t:rro", NULL), -EINVAL);
	assert_int_equal(s.n_mounts, 0);
}

static void networks(void **state)
{
	struct run_nets n = { 0 };

	(void)state;
	assert_int_equal(run_nets_add(&n, "br0:ip=10.0.0.9,ip6=fd00::9,alias=db,alias=sql", NULL),
			 0);
	assert_int_equal(run_nets_add(&n, "br1:mac=02:00:00:00:00:01,ifname=lan", NULL), 0);
	assert_int_equal(n.n, 2);
	assert_string_equal(n.v[0].network, "br0");
	assert_int_equal(n.v[0].ip.b[3], 9);
	assert_int_equal(n.v[0].aliases.n, 2);
	assert_string_equal(n.v[1].ifname, "lan");
	assert_int_equal(run_nets_add(&n, "none", NULL), -EINVAL);
	run_nets_free(&n);
}

static void networks_refused(void **state)
{
	static const struct {
		const char *word, *msg, *hint;
	} cases[] = {
		{ "br0:ip", "'ip' is not KEY=VALUE", "" },
		{ "br0:ipp=1.2.3.4", "unknown key 'ipp'", "did you mean ip=?" },
		{ "br0:ip=fd00::1", "ip: 'fd00::1' is not IPv4: use ip6", "" },
		{ "br0:mac=01:00:00:00:00:01", "mac: '01:00:00:00:00:01' is a multicast address",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_nets n = { 0 };
		struct err e = ERR_INIT;

		assert_true(run_nets_add(&n, cases[i].word, &e) < 0);
		assert_string_equal(e.msg, cases[i].msg);
		assert_string_equal(e.hint, cases[i].hint);
		run_nets_free(&n);
	}
}

static void one_join_only(void **state)
{
	struct run_nets n = { 0 };

	(void)state;
	assert_int_equal(run_nets_add(&n, "host", NULL), 0);
	assert_int_equal(run_nets_add(&n, "br0", NULL), -EINVAL);
	assert_int_equal(run_nets_add(&n, "container:x", NULL), -EINVAL);
	assert_int_equal(n.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes),	 cmocka_unit_test(volumes_refused),
		cmocka_unit_test(networks),	 cmocka_unit_test(networks_refused),
		cmocka_unit_test(one_join_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
