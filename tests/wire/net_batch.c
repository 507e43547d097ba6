/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long batches, full queues and forged answers, against the real kernel.
 */
#include "net_sandbox.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "net/addr.h"
#include "net/link.h"

/* Each test has a new network namespace and a socket in it. */
static int setup(void **state)
{
	static struct nl nl;

	nl = (struct nl)NL_INIT;
	*state = &nl;
	return unshare(CLONE_NEWNET) < 0 ? -1 : nl_open(&nl, NETLINK_ROUTE, NULL);
}

static int teardown(void **state)
{
	nl_close(*state);
	return 0;
}

static int count_addr(const struct addr_info *a, void *ctx)
{
	(*(unsigned *)ctx)++;
	return 0;
}

/* 2000 errors would overflow the queue; the first comes back, and the socket stays usable. */
static void test_batch(void **state)
{
	struct nl *nl = *state;
	_cleanup_nl_req_ struct nl_req q, bad;
	struct addr_spec s = { .index = 1, .addr.len = 32 };
	struct err e = ERR_INIT;
	unsigned n = 0;

	nl_req_init(&q);
	nl_req_init(&bad);
	for (uint32_t i = 0; i < 2000; i++) {
		s.addr.addr = ip_from_v4(0x0a400001 + i);
		addr_add_put(&q, &s);
		addr_add_put(&bad, &s);
	}
	ok(nl_run(nl, &q, NULL, NULL, &e), &e);
	ok(addr_list(nl, s.index, AF_INET, count_addr, &n, &e), &e);
	assert_int_equal(n, 2000);
	assert_int_equal(nl_run(nl, &bad, NULL, NULL, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "add address 10.64.0.1/32: File exists"));
	n = 0;
	ok(addr_list(nl, s.index, AF_INET, count_addr, &n, &e), &e);
	assert_int_equal(n, 2000);
}

/* Longer than a socket's send buffer takes at once (net.core.wmem_default, 208 KiB). */
static void test_long_batch(void **state)
{
	struct nl *nl = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;

	nl_req_init(&q);
	for (int i = 0; i < 10000; i++)
		link_set_put(&q, 0, "lo", &(struct link_change){ .up = ON });
	ok(nl_run(nl, &q, NULL, NULL, &e), &e);
}

/* With a queue that is too short all the same, nothing hangs and nothing is called success. */
static void test_overflow(void **state)
{
	struct nl *nl = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	int small = 1, r;

	nl_req_init(&q);
	for (int i = 0; i < 200; i++)
		link_set_put(&q, 0, "none", &(struct link_change){ .up = ON });
	assert_int_equal(setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	r = nl_run(nl, &q, NULL, NULL, &e);
	assert_true(r == -ENODEV || r == -ENOBUFS);
	assert_true(e.msg[0]);
}

/* A message to our port from another process is no answer of the kernel. */
static void test_forged(void **state)
{
	struct nl *nl = *state;
	_cleanup_nl_ struct nl other = NL_INIT;
	struct sockaddr_nl me;
	socklen_t len = sizeof(me);
	struct {
		struct nlmsghdr h;
		struct nlmsgerr ack;
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_ERROR } };
	struct link_info info;
	struct err e = ERR_INIT;

	ok(link_get(nl, "lo", &info, &e), &e);
	assert_int_equal(getsockname(nl->fd, (struct sockaddr *)&me, &len), 0);
	ok(nl_open(&other, NETLINK_ROUTE, &e), &e);
	m.h.nlmsg_seq = nl->seq + 1;
	m.ack.error = -EIO;
	if (sendto(other.fd, &m, sizeof(m), 0, (struct sockaddr *)&me, sizeof(me)) < 0)
		skip();
	ok(link_get(nl, "lo", &info, &e), &e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_batch),
		TEST(test_long_batch),
		TEST(test_overflow),
		TEST(test_forged),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
