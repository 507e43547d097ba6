/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs of net/qdisc.h and net/filter.h send, against what tc 6.1 was
 * recorded to send (but for the table of times, TCA_TBF_RTAB, which the kernel
 * does not read beside TCA_TBF_BURST); then what the kernel makes of it.
 */
#include "net_golden.h"
#include "net_sandbox.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/filter.h"
#include "net/link.h"
#include "net/qdisc.h"

#define MBIT 1000000ull

static void tbf_10(struct nl *nl)
{
	qdisc_tbf(nl, 2,
		  &(struct tbf_spec){ .rate = 10 * MBIT, .burst = 65536, .latency_ns = 50000000 },
		  NULL);
}

static void tbf_100g(struct nl *nl)
{
	qdisc_tbf(nl, 2,
		  &(struct tbf_spec){
			  .rate = 100000 * MBIT, .burst = 1048576, .latency_ns = 1000000 },
		  NULL);
}

static void root_del(struct nl *nl)
{
	qdisc_del(nl, 2, NULL);
}

static void clsact(struct nl *nl)
{
	qdisc_clsact(nl, 2, NULL);
}

static void redirect(struct nl *nl)
{
	filter_redirect(nl, 3, 2, NULL);
}

static void run_put(struct nl *nl, struct nl_req *q)
{
	nl_run(nl, q, NULL, NULL, NULL);
	nl_req_free(q);
}

static void loss(struct nl *nl)
{
	struct nl_req q;

	nl_req_init(&q);
	filter_loss_put(&q, 3, FILTER_LEAVING, 100000000);
	run_put(nl, &q);
}

static void loss_del(struct nl *nl)
{
	filter_loss_del(nl, 3, FILTER_LEAVING, NULL);
}

static void clsact_replace(struct nl *nl)
{
	struct nl_req q;

	nl_req_init(&q);
	qdisc_clsact_put(&q, 3);
	run_put(nl, &q);
}

/* clang-format off */
static const struct golden_case cases[] = {
	{ "tc qdisc replace dev v1 root tbf rate 10mbit burst 64k latency 50ms", tbf_10, 20, 1,
	  "36 505 000000000200000000000000ffffffff0000000008000100746266003400020028000100"
	  "03010000ffff0000d012130000000000000000000000000024f40100f37f0c0000000000"
	  "0800060000000100" },
	{ "tc qdisc replace dev v1 root tbf rate 100gbit burst 1m latency 1ms", tbf_100g, 20, 1,
	  "36 505 000000000200000000000000ffffffff00000000080001007462660040000200"
	  "2800010003010000ffff0000ffffffff00000000000000000000000020bcce00e40e0000"
	  "000000000800060000001000" "0c00040000dd0ee902000000" },
	{ "tc qdisc del dev v1 root", root_del, 20, 1,
	  "37 5 000000000200000000000000ffffffff00000000" },
	{ "tc qdisc add dev v1 clsact", clsact, 20, 1,
	  "36 605 00000000020000000000fffff1ffffff000000000b000100636c736163740000" },
	{ "tc filter replace dev v1 ingress protocol all pref 2 handle 800::800 u32 match u32 0 0 "
	  "action mirred egress redirect dev v2", redirect, 20, 1,
	  "44 405 000000000300000000080080f2ffffff00030200080001007533320060000200380007003400010"
	  "00b0001006d69727265640000240002802000020000000000000000000400000000000000000000000100000"
	  "002000000240005000100010000000000000000000000000000000000000000000000000000000000" },
	{ "tc filter replace dev v1 egress protocol all pref 1 handle 1 bpf da bytecode ..", loss,
	  20, 1,
	  "44 405 000000000300000001000000f3ffffff000301000800010062706600380002000600040004000000"
	  "240005002000000038f0ffff350000019a99991906000000ffffffff06000000020000000800080001000000"
	},
	{ "tc filter del dev v1 egress protocol all pref 1", loss_del, 20, 1,
	  "45 5 000000000300000000000000f3ffffff00030100" },
	{ "tc qdisc replace dev v1 clsact", clsact_replace, 20, 1,
	  "36 505 00000000030000000000fffff1ffffff000000000b000100636c736163740000" },
};
/* clang-format on */

static void test_goldens(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		golden_check(&cases[i]);
}

/* Burst and limit that follow from the rate, as the request carries them. */
static void derived(uint64_t rate, uint32_t mtu, uint32_t *burst, uint32_t *limit)
{
	static struct capture got;
	struct nl nl = NL_INIT;
	const struct nlattr *tb[TCA_MAX + 1], *opt[TCA_TBF_MAX + 1];
	struct err e = ERR_INIT;

	got.len = 0;
	nl_set_tap(&nl, capture_tap, &got);
	ok(qdisc_tbf(&nl, 2, &(struct tbf_spec){ .rate = rate, .mtu = mtu }, &e), &e);
	nl_parse((const struct nlmsghdr *)got.buf, sizeof(struct tcmsg), tb, TCA_MAX);
	nl_parse_nested(tb[TCA_OPTIONS], opt, TCA_TBF_MAX);
	assert_non_null(opt[TCA_TBF_PARMS]);
	memcpy(limit, (const char *)(opt[TCA_TBF_PARMS] + 1) + offsetof(struct tc_tbf_qopt, limit),
	       sizeof(*limit));
	*burst = nl_attr_u32(opt[TCA_TBF_BURST], 0);
}

static void test_derived(void **state)
{
	uint32_t burst, limit;

	/* a slow one: two frames, a window of ten behind them */
	derived(MBIT, 1500, &burst, &limit);
	assert_int_equal(burst, 2 * 1514);
	assert_int_equal(limit, 12 * 1514);
	derived(MBIT, 9000, &burst, &limit);
	assert_int_equal(burst, 2 * 9014);
	/* a fast one: 10 ms and 50 ms, room for the largest packet */
	derived(1000 * MBIT, 1500, &burst, &limit);
	assert_int_equal(burst, 1250000);
	assert_int_equal(limit, 1250000 + 6250000);
	/* more than 32 bits hold */
	derived(10000000 * MBIT, 1500, &burst, &limit);
	assert_int_equal(burst, UINT32_MAX);
	assert_int_equal(limit, UINT32_MAX);
}

static void test_refused(void **state)
{
	static struct capture got;
	struct nl nl = NL_INIT;

	nl_set_tap(&nl, capture_tap, &got);
	assert_int_equal(qdisc_tbf(&nl, 2, &(struct tbf_spec){ .rate = 7 }, NULL), -EINVAL);
	assert_int_equal(got.sends, 0);
}

static int lacks(const void *buf, size_t len, void *ctx)
{
	(void)buf;
	(void)len;
	(*(unsigned *)ctx)++;
	return -ENOENT;
}

/* ENOENT is how the kernel says that it has no such kind. */
static void test_lacking(void **state)
{
	struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	unsigned sends = 0;

	nl_set_tap(&nl, lacks, &sends);
	assert_int_equal(qdisc_tbf(&nl, 2, &(struct tbf_spec){ .rate = MBIT }, &e), -EOPNOTSUPP);
	assert_string_equal(e.msg, "this kernel has no tbf (CONFIG_NET_SCH_TBF)");
	assert_string_equal(e.hint, "try: modprobe sch_tbf");
	err_clear(&e);
	sends = 0;
	/* two classifiers were tried */
	assert_int_equal(filter_redirect(&nl, 2, 3, &e), -EOPNOTSUPP);
	assert_int_equal(sends, 2);
	assert_non_null(strstr(e.msg, "CONFIG_NET_CLS_U32"));
	/* and of a deletion that it is not there */
	ok(qdisc_del(&nl, 2, &e), &e);
}

struct seen {
	const char *kind;
	unsigned n;
};

static int see(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[TCA_MAX + 1];
	struct seen *s = ctx;

	nl_parse(msg, sizeof(struct tcmsg), tb, TCA_MAX);
	s->n += !strcmp(nl_attr_str(tb[TCA_KIND], ""), s->kind);
	return 0;
}

static unsigned count(struct nl *nl, uint16_t type, uint32_t index, uint32_t parent,
		      const char *kind)
{
	struct seen s = { .kind = kind };
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	struct tcmsg *tc;

	nl_req_init(&q);
	tc = nl_msg(&q, type, 0, sizeof(*tc), "show");
	tc->tcm_ifindex = (int)index;
	tc->tcm_parent = parent;
	ok(nl_dump(nl, &q, see, &s, &e), &e);
	return s.n;
}

/* Applied, replaced, taken off twice; what hangs on clsact goes with it. */
static void test_kernel(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_spec s = { .kind = &link_veth, .name = "va", .veth.peer = "vb" };
	struct link_info va, vb;
	struct err e = ERR_INIT;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ok(nl_open(&nl, NETLINK_ROUTE, &e), &e);
	ok(link_add(&nl, &s, &e), &e);
	ok(link_get(&nl, "va", &va, &e), &e);
	ok(link_get(&nl, "vb", &vb, &e), &e);
	ok(qdisc_del(&nl, va.index, &e), &e);
	if (qdisc_tbf(&nl, va.index, &(struct tbf_spec){ .rate = MBIT }, &e) == -EOPNOTSUPP) {
		print_message("skipped: %s\n", e.msg);
		skip();
	}
	ok(qdisc_tbf(&nl, va.index, &(struct tbf_spec){ .rate = 100000 * MBIT }, &e), &e);
	assert_int_equal(count(&nl, RTM_GETQDISC, va.index, 0, "tbf"), 1);
	ok(qdisc_del(&nl, va.index, &e), &e);
	ok(qdisc_del(&nl, va.index, &e), &e);
	assert_int_equal(count(&nl, RTM_GETQDISC, va.index, 0, "tbf"), 0);
	ok(qdisc_clsact(&nl, va.index, &e), &e);
	assert_int_equal(qdisc_clsact(&nl, va.index, &e), -EEXIST);
	ok(filter_redirect(&nl, va.index, vb.index, &e), &e);
	assert_true(count(&nl, RTM_GETTFILTER, va.index, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
			  "u32") > 0);
	ok(qdisc_clsact_del(&nl, va.index, &e), &e);
	ok(qdisc_clsact_del(&nl, va.index, &e), &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens), cmocka_unit_test(test_derived),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_lacking),
		cmocka_unit_test(test_kernel),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
