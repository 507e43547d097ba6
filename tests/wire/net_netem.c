/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netem as a message, against what tc 6.1 was recorded to send. Bytes are the same, in
 * the same order, but for what tc 6.1 leaves out: times in nanoseconds where ticks
 * hold them, and the seed.
 */
#include "net_golden.h"
#include "net_sandbox.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "net/qdisc.h"

#define MS	  1000000ull
#define MBIT	  1000000ull
#define PERCENT	  10000000u
#define PRNG_SEED 14

struct golden {
	const char *tc;
	struct netem_spec spec;
	const char *bytes; /* of the whole message behind the netlink header */
};

/* clang-format off */
static const struct golden goldens[] = {
	{ "limit 9257 delay 10ms", { .delay_ns = 10 * MS },
	  "000000000300000000000000ffffffff000000000a0001006e6574656d0000001c0002005a62020029240000"
	  "00000000000000000000000000000000" },
	{ "limit 246 delay 10ms 1ms loss 0.5% duplicate 1% reorder 25% corrupt 0.1% rate 50mbit",
	  { .delay_ns = 10 * MS, .jitter_ns = MS, .loss = PERCENT / 2, .dup = PERCENT,
	    .reorder = 25 * PERCENT, .corrupt = PERCENT / 10, .rate = 50 * MBIT, .queue = 200 },
	  "000000000300000000000000ffffffff000000000a0001006e6574656d000000480002005a620200f6000000"
	  "14ae470101000000295c8f02093d00000c00030000000040000000000c00040037894100000000001400"
	  "0600105e5f00000000000000000000000000" },
	{ "limit 200 rate 100gbit", { .rate = 100000 * MBIT, .queue = 200 },
	  "000000000300000000000000ffffffff000000000a0001006e6574656d0000003c00020000000000c8000000"
	  "000000000000000000000000000000000c00080000dd0ee90200000014000600ffffffff0000000000000000"
	  "00000000" },
	{ "limit 250000 delay 3s loss 100%",
	  { .delay_ns = 3000 * MS, .loss = 100 * PERCENT },
	  "000000000300000000000000ffffffff000000000a0001006e6574656d0000001c0002007841cb02"
	  "90d00300"
	  "ffffffff000000000000000000000000" },
};
/* clang-format on */

static const struct nlmsghdr *sent(const struct netem_spec *s)
{
	static struct capture got;
	struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	_cleanup_nl_req_ struct nl_req q;

	got.len = 0;
	nl_set_tap(&nl, capture_tap, &got);
	nl_req_init(&q);
	qdisc_netem_put(&q, 3, s);
	ok(nl_run(&nl, &q, NULL, NULL, &e), &e);
	return (const struct nlmsghdr *)got.buf;
}

static bool extra(const struct nlattr *a)
{
	unsigned type = a->nla_type & NLA_TYPE_MASK;

	return type == TCA_NETEM_LATENCY64 || type == TCA_NETEM_JITTER64 || type == PRNG_SEED;
}

static const struct nlattr *options(const struct nlmsghdr *msg)
{
	const struct nlattr *tb[TCA_MAX + 1];

	nl_parse(msg, sizeof(struct tcmsg), tb, TCA_MAX);
	assert_string_equal(nl_attr_str(tb[TCA_KIND], ""), "netem");
	assert_non_null(tb[TCA_OPTIONS]);
	return tb[TCA_OPTIONS];
}

/* The parameters, and the attributes that tc sends, in a row. */
static size_t plain(const struct nlmsghdr *msg, uint8_t *buf)
{
	const struct nlattr *opt = options(msg), *a;
	const uint8_t *at = (const uint8_t *)(opt + 1) + sizeof(struct tc_netem_qopt);
	const uint8_t *end = (const uint8_t *)opt + opt->nla_len;
	size_t n = sizeof(struct tc_netem_qopt);

	memcpy(buf, opt + 1, n);
	while ((a = golden_next(&at, end))) {
		if (extra(a))
			continue;
		memcpy(buf + n, a, a->nla_len);
		n += NLA_ALIGN(a->nla_len);
	}
	return n;
}

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		_Alignas(8) uint8_t buf[512];
		uint8_t got[512], want[512];
		char line[1024];
		const struct nlmsghdr *msg = sent(&goldens[i].spec);
		size_t n, head = NLMSG_HDRLEN + sizeof(struct tcmsg) + NLA_HDRLEN + 8;

		snprintf(line, sizeof(line), "36 505 %s", goldens[i].bytes);
		golden_line(line, (struct nlmsghdr *)buf, sizeof(buf));
		assert_int_equal(msg->nlmsg_type, RTM_NEWQDISC);
		assert_int_equal(msg->nlmsg_flags, 0x505);
		assert_memory_equal((const uint8_t *)msg + NLMSG_HDRLEN, buf + NLMSG_HDRLEN,
				    head - NLMSG_HDRLEN);
		n = plain(msg, got);
		if (plain((struct nlmsghdr *)buf, want) != n || memcmp(got, want, n) != 0)
			fail_msg("%s: differs", goldens[i].tc);
	}
}

/* Attribute of the options, behind the parameters. */
static const struct nlattr *option(const struct nlmsghdr *msg, unsigned type)
{
	const struct nlattr *opt = options(msg);

	return golden_find((const uint8_t *)(opt + 1) + sizeof(struct tc_netem_qopt),
			   (const uint8_t *)opt + opt->nla_len, type);
}

static uint64_t option_u64(const struct nlmsghdr *msg, unsigned type)
{
	const struct nlattr *a = option(msg, type);
	uint64_t v = 0;

	if (a) {
		assert_int_equal(a->nla_len, NLA_HDRLEN + sizeof(v));
		memcpy(&v, a + 1, sizeof(v));
	}
	return v;
}

static struct tc_netem_qopt qopt(const struct nlmsghdr *msg)
{
	struct tc_netem_qopt q;

	memcpy(&q, options(msg) + 1, sizeof(q));
	return q;
}

static void test_extras(void **state)
{
	const struct nlmsghdr *m = sent(&(struct netem_spec){
		.delay_ns = 3600000 * MS + 1, .jitter_ns = 1234567, .seed = 0x0123456789abcdef });

	/* more than 32 bits of ticks hold */
	assert_int_equal(qopt(m).latency, UINT32_MAX);
	assert_int_equal(option_u64(m, TCA_NETEM_LATENCY64), 3600000 * MS + 1);
	assert_int_equal(option_u64(m, TCA_NETEM_JITTER64), 1234567);
	assert_int_equal(option_u64(m, PRNG_SEED), 0x0123456789abcdef);
	m = sent(&(struct netem_spec){ .loss = PERCENT });
	assert_null(option(m, TCA_NETEM_LATENCY64));
	assert_null(option(m, TCA_NETEM_JITTER64));
	assert_null(option(m, PRNG_SEED));
}

/* Jitter keeps the order by a rate that nothing reaches, unless order is not wanted. */
static void test_order(void **state)
{
	struct netem_spec s = { .delay_ns = MS, .jitter_ns = MS / 2 };

	assert_true(option_u64(sent(&s), TCA_NETEM_RATE64) > 100000 * MBIT / 8);
	s.reorder = PERCENT;
	assert_null(option(sent(&s), TCA_NETEM_RATE));
	assert_int_equal(qopt(sent(&s)).gap, 1);
	s.reorder = 0;
	s.rate = 8 * MBIT;
	assert_null(option(sent(&s), TCA_NETEM_RATE64));
}

/* What is under way, and what waits. */
static void test_limit(void **state)
{
	/* 100 mbit for 100 ms: 826 full frames, and 50 ms of queue */
	struct netem_spec s = { .delay_ns = 90 * MS, .jitter_ns = 10 * MS, .rate = 100 * MBIT };

	assert_int_equal(qopt(sent(&s)).limit, 826 + 413);
	s.queue = 10;
	assert_int_equal(qopt(sent(&s)).limit, 826 + 10);
	s.mtu = 9000;
	assert_int_equal(qopt(sent(&s)).limit, 139 + 10);
	/* a slow one has room for a burst of small packets */
	s = (struct netem_spec){ .rate = MBIT };
	assert_int_equal(qopt(sent(&s)).limit, 100);
	/* what is not limited shall not be by this */
	s = (struct netem_spec){ .loss = PERCENT };
	assert_int_equal(qopt(sent(&s)).limit, 1000);
}

static void test_refused(void **state)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	qdisc_netem_put(&q, 3, &(struct netem_spec){ .rate = 7 });
	assert_int_equal(nl_req_finish(&q), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens), cmocka_unit_test(test_extras),
		cmocka_unit_test(test_order),	cmocka_unit_test(test_limit),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
