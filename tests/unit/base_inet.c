/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/inet.h"
#include "core/base/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ip_addr ip(const char *s)
{
	struct ip_addr a;

	if (parse_ip(s, &a, NULL) < 0)
		fail_msg("%s", s);
	return a;
}

static struct ip_prefix prefix(const char *s)
{
	struct ip_prefix p;

	if (parse_prefix(s, &p, NULL) < 0)
		fail_msg("%s", s);
	return p;
}

static void assert_ip(struct ip_addr a, const char *want)
{
	char buf[IP_STRLEN];

	assert_string_equal(ip_str(&a, buf), want);
}

static void test_order(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0",   "0.0.0.255",	"0.0.1.0", "127.255.255.255",
		"128.0.0.0", "255.255.255.255", "::",	   "::1",
		"7fff::",    "8000::",		"ffff::"
	};

	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(sorted); k++) {
			struct ip_addr a = ip(sorted[i]), b = ip(sorted[k]);
			int r = ip_cmp(&a, &b);

			assert_int_equal((r > 0) - (r < 0), (i > k) - (i < k));
			assert_int_equal(ip_eq(&a, &b), i == k);
		}
	}
}

static void test_add(void **state)
{
	static const struct {
		const char *a;
		uint64_t n;
		const char *want;
	} table[] = {
		{ "10.0.0.1", 0, "10.0.0.1" },
		{ "10.0.0.255", 1, "10.0.1.0" },
		{ "0.0.0.0", UINT32_MAX, "255.255.255.255" },
		{ "0.0.0.0", UINT32_MAX + 1ULL, NULL },
		{ "255.255.255.255", 0, "255.255.255.255" },
		{ "255.255.255.255", 1, NULL },
		{ "10.0.0.0", UINT64_MAX, NULL },
		{ "::", UINT64_MAX, "::ffff:ffff:ffff:ffff" },
		{ "::ffff:ffff:ffff:ffff", 1, "0:0:0:1::" },
		{ "fd00::ffff", 1, "fd00::1:0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, NULL },
		{ "ffff:ffff:ffff:ffff::", UINT64_MAX, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_addr a = ip(table[i].a), b = ip("1.2.3.4");

		assert_int_equal(ip_add(&a, table[i].n, &b), table[i].want != NULL);
		assert_ip(b, table[i].want ? table[i].want : "1.2.3.4");
		if (table[i].want)
			assert_true(ip_sub(&b, &a) == table[i].n);
	}
}

static void test_sub(void **state)
{
	struct ip_addr zero = ip("::"), big = ip("0:0:0:1::"), top = ip("ffff::");

	assert_true(ip_sub(&big, &zero) == UINT64_MAX);
	assert_true(ip_sub(&top, &zero) == UINT64_MAX);
	assert_true(ip_sub(&top, &top) == 0);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *a;
		bool special, linklocal, loopback;
	} table[] = {
		{ "10.0.0.1", false, false, false },
		{ "0.0.0.0", true, false, false },
		{ "0.1.2.3", true, false, false },
		{ "1.0.0.0", false, false, false },
		{ "127.0.0.1", true, false, true },
		{ "127.255.255.255", true, false, true },
		{ "128.0.0.1", false, false, false },
		{ "169.254.0.1", true, true, false },
		{ "169.253.255.255", false, false, false },
		{ "169.255.0.0", false, false, false },
		{ "223.255.255.255", false, false, false },
		{ "224.0.0.1", true, false, false },
		{ "239.255.255.255", true, false, false },
		{ "240.0.0.1", false, false, false },
		{ "255.255.255.255", true, false, false },
		{ "::", true, false, false },
		{ "::1", true, false, true },
		{ "::2", false, false, false },
		{ "fe80::1", true, true, false },
		{ "febf::1", true, true, false },
		{ "fec0::1", false, false, false },
		{ "ff02::1", true, false, false },
		{ "fd00::1", false, false, false },
		{ "::ffff:10.0.0.1", true, false, false },
		{ "2001:db8::1", false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_addr a = ip(table[i].a);

		if (ip_is_special(&a) != table[i].special ||
		    ip_is_linklocal(&a) != table[i].linklocal ||
		    ip_is_loopback(&a) != table[i].loopback)
			fail_msg("%s", table[i].a);
	}
}

static void test_prefix(void **state)
{
	static const struct {
		const char *p, *network, *last, *host_first, *host_last;
	} table[] = {
		{ "10.88.3.4/24", "10.88.3.0", "10.88.3.255", "10.88.3.1", "10.88.3.254" },
		{ "10.88.3.4/32", "10.88.3.4", "10.88.3.4", "10.88.3.4", "10.88.3.4" },
		{ "10.88.3.5/31", "10.88.3.4", "10.88.3.5", "10.88.3.4", "10.88.3.5" },
		{ "10.88.3.6/30", "10.88.3.4", "10.88.3.7", "10.88.3.5", "10.88.3.6" },
		{ "10.88.3.6/0", "0.0.0.0", "255.255.255.255", "0.0.0.1", "255.255.255.254" },
		{ "10.88.3.6/13", "10.88.0.0", "10.95.255.255", "10.88.0.1", "10.95.255.254" },
		{ "fd00::5/64", "fd00::", "fd00::ffff:ffff:ffff:ffff", "fd00::1",
		  "fd00::ffff:ffff:ffff:ffff" },
		{ "fd00::5/126", "fd00::4", "fd00::7", "fd00::5", "fd00::7" },
		{ "fd00::5/127", "fd00::4", "fd00::5", "fd00::4", "fd00::5" },
		{ "fd00::5/128", "fd00::5", "fd00::5", "fd00::5", "fd00::5" },
		{ "fd00::5/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_prefix p = prefix(table[i].p), m = prefix_masked(&p);
		struct ip_range hosts = prefix_hosts(&p);
		char buf[IP_PREFIX_STRLEN];

		assert_string_equal(prefix_str(&p, buf), table[i].p);
		assert_ip(prefix_network(&p), table[i].network);
		assert_ip(m.addr, table[i].network);
		assert_int_equal(m.len, p.len);
		assert_ip(prefix_last(&p), table[i].last);
		assert_ip(hosts.first, table[i].host_first);
		assert_ip(hosts.last, table[i].host_last);
	}
}

static void test_has(void **state)
{
	static const struct {
		const char *p, *a;
		bool has;
	} table[] = {
		{ "10.88.3.4/24", "10.88.3.0", true },
		{ "10.88.3.4/24", "10.88.3.255", true },
		{ "10.88.3.4/24", "10.88.4.0", false },
		{ "10.88.3.4/32", "10.88.3.4", true },
		{ "10.88.3.4/32", "10.88.3.5", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::", false },
		{ "::/0", "0.0.0.0", false },
		{ "fd00::/64", "fd00::ffff:0:0:1", true },
		{ "fd00::/64", "fd00:0:0:1::", false },
		{ "fd00::/127", "fd00::1", true },
		{ "fd00::/127", "fd00::2", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_prefix p = prefix(table[i].p);
		struct ip_addr a = ip(table[i].a);

		if (prefix_has(&p, &a) != table[i].has)
			fail_msg("%s %s", table[i].p, table[i].a);
	}
}

static void test_overlaps(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} table[] = {
		{ "10.88.0.0/16", "10.88.3.0/24", true }, { "10.88.0.0/24", "10.88.1.0/24", false },
		{ "10.88.0.0/24", "10.88.0.0/24", true }, { "0.0.0.0/0", "10.0.0.0/8", true },
		{ "0.0.0.0/0", "fd00::/8", false },	  { "10.88.0.0/31", "10.88.0.2/31", false },
		{ "fd00::/48", "fd00:0:0:7::/64", true }, { "fd00::/64", "fd00:0:0:1::/64", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_prefix a = prefix(table[i].a), b = prefix(table[i].b);

		assert_int_equal(prefix_overlaps(&a, &b), table[i].overlap);
		assert_int_equal(prefix_overlaps(&b, &a), table[i].overlap);
	}
}

static void test_mac(void **state)
{
	struct mac_addr m = { .b = { 0x02, 0x42, 0xac, 0x11, 0x00, 0x0f } }, zero = { 0 };
	struct mac_addr multicast = { .b = { 0x33, 0x33, 0, 0, 0, 1 } };
	struct ip_addr unset = { 0 };
	char buf[MAC_STRLEN], text[IP_STRLEN];

	assert_string_equal(mac_str(&m, buf), "02:42:ac:11:00:0f");
	assert_true(mac_is_set(&m) && mac_is_unicast(&m));
	assert_false(mac_is_set(&zero) || mac_is_unicast(&zero));
	assert_true(mac_is_set(&multicast));
	assert_false(mac_is_unicast(&multicast));
	assert_ip(ip_eui64(&m), "fe80::42:acff:fe11:f");
	assert_string_equal(ip_str(&unset, text), "-");
	assert_ip(ip_from_v4(0x0a580001), "10.88.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	 cmocka_unit_test(test_add),
		cmocka_unit_test(test_sub),	 cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_prefix),	 cmocka_unit_test(test_has),
		cmocka_unit_test(test_overlaps), cmocka_unit_test(test_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
