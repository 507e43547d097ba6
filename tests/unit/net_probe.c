/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers taken apart: refusals with what they refuse, heads of HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/probe_http.h"
#include "net/probe_icmp.h"

#define ID 0x1234

/* An echo of ours, number 5, of that type. */
#define ECHO(type) (type), 0, 0, 0, 0x12, 0x34, 0, 5
#define IP4	   0x45, 0, 0, 84, 0, 0, 0, 0, 63, 1, 0, 0, 10, 2, 0, 1, 10, 1, 0, 1
#define IP6(next)                                                                                 \
	0x60, 0, 0, 0, 0, 8, (next), 63, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2

static const uint8_t reply4[] = { IP4, ECHO(0) };
static const uint8_t too_big4[] = { IP4, 3, 4, 0, 0, 0, 0, 5, 120, IP4, ECHO(8) };
static const uint8_t prohibited4[] = { IP4, 3, 13, 0, 0, 0, 0, 0, 0, IP4, ECHO(8) };
static const uint8_t expired4[] = { IP4, 11, 0, 0, 0, 0, 0, 0, 0, IP4, ECHO(8) };
static const uint8_t strange4[] = { IP4, 3, 200, 0, 0, 0, 0, 0, 0, IP4, ECHO(8) };
static const uint8_t request4[] = { IP4, ECHO(8) };
static const uint8_t others4[] = { IP4, 0, 0, 0, 0, 0x43, 0x21, 0, 5 };
static const uint8_t reply6[] = { ECHO(129) };
static const uint8_t too_big6[] = { 2, 0, 0, 0, 0, 0, 5, 120, IP6(58), ECHO(128) };
static const uint8_t fragment6[] = { 2,	 0, 0, 0, 0, 0, 5, 120, IP6(44),
				     58, 0, 0, 1, 0, 0, 0, 9,	ECHO(128) };
static const uint8_t no_route6[] = { 1, 0, 0, 0, 0, 0, 0, 0, IP6(58), ECHO(128) };
static const uint8_t udp6[] = { 1, 4, 0, 0, 0, 0, 0, 0, IP6(17), ECHO(128) };

#define ROW(family_, bytes_, ours_, reply_, error_, mtu_)                                   \
	{                                                                                   \
		.bytes = bytes_, .len = sizeof(bytes_), .family = family_, .error = error_, \
		.mtu = mtu_, .ours = ours_, .reply = reply_                                 \
	}

static const struct {
	const uint8_t *bytes;
	size_t len;
	int family, error;
	uint32_t mtu;
	bool ours, reply;
} rows[] = {
	ROW(AF_INET, reply4, true, true, 0, 0),
	ROW(AF_INET, too_big4, true, false, EMSGSIZE, 1400),
	ROW(AF_INET, prohibited4, true, false, EACCES, 0),
	ROW(AF_INET, expired4, true, false, ETIME, 0),
	ROW(AF_INET, strange4, true, false, EHOSTUNREACH, 0),
	ROW(AF_INET, request4, false, false, 0, 0),
	ROW(AF_INET, others4, false, false, 0, 0),
	ROW(AF_INET6, reply6, true, true, 0, 0),
	ROW(AF_INET6, too_big6, true, false, EMSGSIZE, 1400),
	ROW(AF_INET6, fragment6, true, false, EMSGSIZE, 1400),
	ROW(AF_INET6, no_route6, true, false, ENETUNREACH, 0),
	ROW(AF_INET6, udp6, false, false, 0, 0),
};

static void test_icmp(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct icmp_answer a = { 0 };
		bool ours = icmp_parse((uint8_t)rows[i].family, rows[i].bytes, rows[i].len, ID, &a);

		if (ours != rows[i].ours)
			fail_msg("row %zu", i);
		assert_int_equal(a.reply, rows[i].reply);
		assert_int_equal(a.error, rows[i].error);
		assert_int_equal(a.mtu, rows[i].mtu);
		assert_int_equal(a.seq, ours ? 5 : 0);
		assert_int_equal(a.ttl, ours && rows[i].family == AF_INET ? 63 : 0);
	}
}

/* Cut anywhere, nothing is read behind the end, and nothing is taken for an answer. */
static void test_icmp_cut(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t len = 0; len < rows[i].len; len++) {
			_cleanup_free_ uint8_t *cut = malloc(len + 1);
			struct icmp_answer a;

			memcpy(cut, rows[i].bytes, len);
			assert_false(icmp_parse((uint8_t)rows[i].family, cut, len, ID, &a));
		}
}

static const struct {
	const char *text;
	int result, status;
	size_t body;
	bool has_length;
	size_t length;
} heads[] = {
	{ "HTTP/1.0 200 OK\r\n\r\nbody", 1, 200, 19, false, 0 },
	{ "HTTP/1.1 404 No\nA: b\nContent-Length:  12 \n\nx", 1, 404, 43, true, 12 },
	{ "HTTP/1.1 204\r\ncontent-length: 0\r\n\r\n", 1, 204, 35, true, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: no\r\n\r\n", 1, 200, 39, false, 0 },
	{ "HTTP/1.1 200 OK\r\n", 0, 0, 0, false, 0 },
	{ "HT", 0, 0, 0, false, 0 },
	{ "", 0, 0, 0, false, 0 },
	{ "HTTP/1.1 2x0 OK\r\n\r\n", -EPROTO, 0, 0, false, 0 },
	{ "HTTP/1.1\r\n\r\n", -EPROTO, 0, 0, false, 0 },
	{ "220 mail\r\n", -EPROTO, 0, 0, false, 0 },
};

static void test_http(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct http_answer a = { 0 };

		assert_int_equal(http_parse(heads[i].text, strlen(heads[i].text), &a),
				 heads[i].result);
		assert_int_equal(a.status, heads[i].status);
		assert_int_equal(a.body, heads[i].body);
		assert_int_equal(a.has_length, heads[i].has_length);
		assert_int_equal(a.length, heads[i].length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_icmp_cut),
		cmocka_unit_test(test_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
