/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request builder, and messages read back.
 */
#include "net_golden.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "core/base/err.h"
#include "net/link.h"

static void test_builder_grows(void **state)
{
	_cleanup_nl_req_ struct nl_req q;
	char name[16];

	nl_req_init(&q);
	for (unsigned i = 0; i < 1000; i++) {
		struct ifinfomsg *ifi;

		snprintf(name, sizeof(name), "link%u", i);
		ifi = nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "label of %s", name);
		ifi->ifi_index = (int)i;
		nl_nest(&q, IFLA_LINKINFO);
		nl_put_str(&q, IFLA_INFO_KIND, name);
		nl_nest_end(&q);
	}
	assert_int_equal(nl_req_finish(&q), 0);
	assert_int_equal(q.n, 1000);
	for (size_t at = 0, i = 0; at < q.len; i++) {
		const struct nlmsghdr *msg = (const void *)(q.buf + at);
		const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];

		nl_parse(msg, sizeof(struct ifinfomsg), tb, IFLA_MAX);
		nl_parse_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX);
		snprintf(name, sizeof(name), "link%zu", i);
		assert_string_equal(nl_attr_str(info[IFLA_INFO_KIND], ""), name);
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
	assert_string_equal(nl_req_label(&q, 999), "label of link999");
	assert_string_equal(nl_req_label(&q, 1000), "");
}

/* The first error stays, whatever comes behind it, and the request is not sent. */
static void test_builder_sticks(void **state)
{
	static char big[UINT16_MAX];
	struct capture *got = *state;
	struct nl nl = NL_INIT;
	_cleanup_nl_req_ struct nl_req q;
	struct ifinfomsg *ifi;
	struct err e = ERR_INIT;

	nl_set_tap(&nl, capture_tap, got);
	nl_req_init(&q);
	nl_put_u8(&q, 1, 1); /* outside of any message */
	assert_int_equal(nl_req_finish(&q), -EINVAL);
	nl_req_free(&q);
	nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "a");
	nl_put(&q, 1, big, sizeof(big));
	ifi = nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "b");
	ifi->ifi_index = 1;
	nl_nest_end(&q);
	assert_int_equal(nl_run(&nl, &q, NULL, NULL, &e), -EMSGSIZE);
	assert_non_null(strstr(e.msg, "a: build the request"));
	nl_req_free(&q);
	nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "open nest");
	nl_nest(&q, 1);
	assert_int_equal(nl_run(&nl, &q, NULL, NULL, &e), -EINVAL);
	nl_req_free(&q);
	nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "deep");
	for (int i = 0; i <= NL_NEST_MAX; i++)
		nl_nest(&q, 1);
	assert_int_equal(nl_req_finish(&q), -E2BIG);
	nl_req_free(&q);
	nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "nest over 64 KiB");
	nl_nest(&q, 1);
	nl_put(&q, 2, big, 40000);
	nl_put(&q, 3, big, 40000);
	nl_nest_end(&q);
	assert_int_equal(nl_req_finish(&q), -EMSGSIZE);
	assert_int_equal(got->sends, 0);
}

/* Attributes that leave their container end the walk; short ones give the default. */
static void test_parse(void **state)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg ifi;
		struct nlattr a;
		uint32_t mtu;
		struct nlattr b;
		char name[4];
		struct nlattr bad;
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_NEWLINK },
		.ifi.ifi_index = 7,
		.a = { .nla_len = 8, .nla_type = IFLA_MTU },
		.mtu = 1500,
		.b = { .nla_len = 8, .nla_type = IFLA_IFNAME },
		.name = { 'n', 'o', 'n', 'u' },
		.bad = { .nla_len = 200, .nla_type = IFLA_MASTER } };
	struct link_info info;

	assert_true(link_parse(&m.h, &info));
	assert_int_equal(info.index, 7);
	assert_int_equal(info.mtu, 1500);
	assert_string_equal(info.name, "");
	assert_int_equal(info.master, 0);
	m.a.nla_len = 6;
	assert_true(link_parse(&m.h, &info));
	assert_int_equal(info.mtu, 0);
	m.h.nlmsg_len = NLMSG_HDRLEN + sizeof(m.ifi) - 1;
	assert_false(link_parse(&m.h, &info));
}

int main(void)
{
	static struct capture got;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builder_grows),
		cmocka_unit_test_prestate(test_builder_sticks, &got),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
