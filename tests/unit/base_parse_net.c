/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_ip(void **state)
{
	static const struct {
		const char *word, *want;
	} table[] = {
		{ "10.0.0.1", "10.0.0.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "::", "::" },
		{ "FD00::A", "fd00::a" },
		{ "::ffff:1.2.3.4", "::ffff:1.2.3.4" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "", NULL },
		{ "10.0.0", NULL },
		{ "10.0.0.256", NULL },
		{ "10.0.0.01", NULL },
		{ "10.0.0.1.1", NULL },
		{ "10.0.0.1 ", NULL },
		{ " 10.0.0.1", NULL },
		{ "0x0a.0.0.1", NULL },
		{ "167772161", NULL },
		{ "10.0.0.1/24", NULL },
		{ "fe80::1%eth0", NULL },
		{ "1::2::3", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
		{ "12345::", NULL },
		{ "[::1]", NULL },
		{ "localhost", NULL },
		{ "0000:0000:0000:0000:0000:0000:255.255.255.2555", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_addr a = { 0 };
		char buf[IP_STRLEN];
		int r = parse_ip(table[i].word, &a, NULL);

		if (r != (table[i].want ? 0 : -EINVAL) || ip_is_set(&a) != !r ||
		    (!r && strcmp(ip_str(&a, buf), table[i].want)))
			fail_msg("%s", table[i].word);
	}
}

/* r, then message and hint of a failure. */
struct refusal {
	const char *word, *msg, *hint;
};

static void check(const struct refusal *t, int r, int want, const struct err *e)
{
	if (r != want || e->num != r || (t->msg && strcmp(e->msg, t->msg)) ||
	    strcmp(e->hint, t->hint ? t->hint : ""))
		fail_msg("%s: %d \"%s\" \"%s\"", t->word, r, e->msg, e->hint);
}

static void test_prefix(void **state)
{
	static const char *const good[] = { "10.0.0.1/24", "0.0.0.0/0", "10.0.0.1/32",
					    "fd00::1/128", "::/0" };
	static const struct refusal bad[] = {
		{ "10.0.0.1", "a prefix length is missing: 10.0.0.1/24?", NULL },
		{ "fd00::1", "a prefix length is missing: fd00::1/64?", NULL },
		{ "10.0.0.0/255.255.0.0",
		  "\"10.0.0.0/255.255.0.0\" has no prefix length from 0 to 32", "use 10.0.0.0/16" },
		{ "10.0.0.0/0.0.0.0", NULL, "use 10.0.0.0/0" },
		{ "10.0.0.0/255.0.255.0", NULL, NULL },
		{ "fd00::/255.0.0.0", NULL, NULL },
		{ "10.0.0.0/33", NULL, NULL },
		{ "10.0.0.0/", NULL, NULL },
		{ "10.0.0.0/-1", NULL, NULL },
		{ "10.0.0.0/08", NULL, NULL },
		{ "10.0.0.0/8/8", NULL, NULL },
		{ "10.0.0.0/8 ", NULL, NULL },
		{ "10.0.0.0/4294967304", NULL, NULL },
		{ "fd00::/129", NULL, NULL },
		{ "/24", NULL, NULL },
		{ "", "\"\" is not ADDRESS/LENGTH, as in 10.88.0.1/24", NULL },
		{ "10.0.0/24", NULL, NULL },
		{ "bridge0", NULL, NULL },
	};
	char buf[IP_PREFIX_STRLEN];
	struct ip_prefix p;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(parse_prefix(good[i], &p, NULL), 0);
		assert_string_equal(prefix_str(&p, buf), good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;

		check(&bad[i], parse_prefix(bad[i].word, &p, &e), -EINVAL, &e);
	}
}

static void test_subnet(void **state)
{
	static const char *const good[] = { "10.88.0.0/24", "0.0.0.0/0", "10.0.0.1/32",
					    "fd00::/64" };
	static const struct refusal bad[] = {
		{ "10.88.0.1/24",
		  "10.88.0.1/24 is an address, not a subnet: its host bits are not zero",
		  "use 10.88.0.0/24" },
		{ "fd00::1/64", NULL, "use fd00::/64" },
		{ "10.88.0.1/31", NULL, "use 10.88.0.0/31" },
		{ "10.88.0.0", "a prefix length is missing: 10.88.0.0/24?", NULL },
	};
	struct ip_prefix p;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(parse_subnet(good[i], &p, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;

		check(&bad[i], parse_subnet(bad[i].word, &p, &e), -EINVAL, &e);
	}
}

static void test_range(void **state)
{
	static const struct {
		const char *word, *first, *last;
	} table[] = {
		{ "10.0.0.1-10.0.0.9", "10.0.0.1", "10.0.0.9" },
		{ "10.0.0.1-10.0.0.1", "10.0.0.1", "10.0.0.1" },
		{ "10.0.0.5", "10.0.0.5", "10.0.0.5" },
		{ "10.0.0.128/25", "10.0.0.128", "10.0.0.255" },
		{ "fd00::1-fd00::ffff", "fd00::1", "fd00::ffff" },
		{ "fd00::/112", "fd00::", "fd00::ffff" },
		{ "10.0.0.9-10.0.0.1", NULL, NULL },
		{ "10.0.0.1-fd00::1", NULL, NULL },
		{ "10.0.0.1/25", NULL, NULL },
		{ "10.0.0.1-10.0.0.0/25", NULL, NULL },
		{ "10.0.0.1-", NULL, NULL },
		{ "-10.0.0.1", NULL, NULL },
		{ "-", NULL, NULL },
		{ "", NULL, NULL },
		{ "10.0.0.1-9", NULL, NULL },
		{ "10.0.0.1 - 10.0.0.9", NULL, NULL },
		{ "10.0.0.1-10.0.0.5-10.0.0.9", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_range r = { 0 };
		char buf[IP_STRLEN];

		if (!table[i].first) {
			assert_int_equal(parse_ip_range(table[i].word, &r, NULL), -EINVAL);
			assert_false(ip_is_set(&r.first) || ip_is_set(&r.last));
			continue;
		}
		assert_int_equal(parse_ip_range(table[i].word, &r, NULL), 0);
		assert_string_equal(ip_str(&r.first, buf), table[i].first);
		assert_string_equal(ip_str(&r.last, buf), table[i].last);
	}
}

static void test_mac(void **state)
{
	static const char *const bad[] = { "",
					   "02:42:ac:11:00",
					   "02:42:ac:11:00:",
					   "02:42:ac:11:00:0",
					   "02:42:ac:11:00:02:",
					   "02:42:ac:11:00:02:03",
					   "2:42:ac:11:00:02",
					   "02-42-ac-11-00-02",
					   "0242ac110002",
					   "02:42:ac:11:00:0g",
					   ":02:42:ac:11:00:02",
					   " 02:42:ac:11:00:02" };
	struct mac_addr m = { 0 };
	char buf[MAC_STRLEN];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse_mac(bad[i], &m, NULL), -EINVAL);
		assert_false(mac_is_set(&m));
	}
	assert_int_equal(parse_mac("02:42:Ac:11:00:fF", &m, NULL), 0);
	assert_string_equal(mac_str(&m, buf), "02:42:ac:11:00:ff");
}

static void test_port_spec(void **state)
{
	static const struct {
		const char *word, *ip;
		uint16_t host_port, host_end, port;
		uint8_t proto;
	} table[] = {
		{ "8080:80", "-", 8080, 8080, 80, IPPROTO_TCP },
		{ "8080:80/udp", "-", 8080, 8080, 80, IPPROTO_UDP },
		{ "8080:80/sctp", "-", 8080, 8080, 80, IPPROTO_SCTP },
		{ "0:80", "-", 0, 0, 80, IPPROTO_TCP },
		{ "127.0.0.1:0:80", "127.0.0.1", 0, 0, 80, IPPROTO_TCP },
		{ "8000-8010:9000", "-", 8000, 8010, 9000, IPPROTO_TCP },
		{ "8000-8000:9000", "-", 8000, 8000, 9000, IPPROTO_TCP },
		{ "1-65535:1", "-", 1, 65535, 1, IPPROTO_TCP },
		{ "192.0.2.1:80:80", "192.0.2.1", 80, 80, 80, IPPROTO_TCP },
		{ "[::1]:80:80/udp", "::1", 80, 80, 80, IPPROTO_UDP },
		{ "[2001:db8::1]:80-81:80", "2001:db8::1", 80, 81, 80, IPPROTO_TCP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct port_spec p = { 0 };
		char buf[IP_STRLEN];

		if (parse_port_spec(table[i].word, &p, NULL) < 0 ||
		    p.host_port != table[i].host_port || p.host_end != table[i].host_end ||
		    p.port != table[i].port || p.proto != table[i].proto ||
		    strcmp(ip_str(&p.host_ip, buf), table[i].ip))
			fail_msg("%s", table[i].word);
	}
}

static void test_port_spec_bad(void **state)
{
	static const struct refusal bad[] = {
		{ "80", NULL, "name the host's port and the container's: 80:80" },
		{ "::1:80:80", NULL, "an IPv6 address goes into brackets: [2001:db8::1]:8080:80" },
		{ "8000-8010:8000-8010", NULL, "of the container's ports name only the first one" },
		{ "224.0.0.1:80:80", NULL,
		  "name a unicast address of the host, or none for every one" },
		{ "255.255.255.255:80:80", NULL,
		  "name a unicast address of the host, or none for every one" },
		{ "[fe80::1]:80:80", NULL,
		  "name a unicast address of the host, or none for every one" },
		{ "[ff02::1]:80:80", NULL,
		  "name a unicast address of the host, or none for every one" },
		{ "0-5:80", "host port 0 of \"0-5:80\" asks for one free port, not for a range",
		  NULL },
		{ "81-80:80", "the port range of \"81-80:80\" runs backwards", NULL },
		{ "", NULL, NULL },
		{ ":", NULL, NULL },
		{ "80:", NULL, NULL },
		{ ":80", NULL, NULL },
		{ "80:0", NULL, NULL },
		{ "80:65536", NULL, NULL },
		{ "65536:80", NULL, NULL },
		{ "80:80/", NULL, NULL },
		{ "80:80/icmp", NULL, NULL },
		{ "80:80/TCP", NULL, NULL },
		{ "80:80/tcpx", NULL, NULL },
		{ "80-:80", NULL, NULL },
		{ "-80:80", NULL, NULL },
		{ "80 :80", NULL, NULL },
		{ "[127.0.0.1]:80:80", NULL, NULL },
		{ "[::1:80:80", NULL, NULL },
		{ "[::1]80:80", NULL, NULL },
		{ "[]:80:80", NULL, NULL },
		{ "localhost:80:80", NULL, NULL },
		{ "10.0.0.1:80", NULL, NULL },
	};
	static const struct refusal beyond = {
		"65530-65535:65531",
		"the port range of \"65530-65535:65531\" passes port 65535 of the container", NULL
	};
	struct port_spec p = { .port = 7 };
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		check(&bad[i], parse_port_spec(bad[i].word, &p, &e), -EINVAL, &e);
		assert_int_equal(p.port, 7);
	}
	err_clear(&e);
	check(&beyond, parse_port_spec(beyond.word, &p, &e), -ERANGE, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_subnet),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_port_spec),
		cmocka_unit_test(test_port_spec_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
