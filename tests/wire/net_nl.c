/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exchange. What the kernel would answer comes from the
 * other end of a socket pair, so that it can also be wrong: cut short, late,
 * interrupted, about something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/err.h"
#include "net/link.h"
#include "net/nl.h"

struct fake {
	struct nl nl;
	int kernel;
};

static int fake_open(void **state)
{
	static struct fake f;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) < 0)
		return -1;
	f = (struct fake){ .nl = { .fd = sv[0], .family = NETLINK_ROUTE }, .kernel = sv[1] };
	*state = &f;
	return 0;
}

static int fake_close(void **state)
{
	struct fake *f = *state;

	nl_close(&f->nl);
	close(f->kernel);
	return 0;
}

static void answer(struct fake *f, const void *buf, size_t len)
{
	assert_int_equal(send(f->kernel, buf, len, 0), (ssize_t)len);
}

/* An NLMSG_ERROR for seq, with the original message of orig bytes when not capped. */
static void answer_ack(struct fake *f, uint32_t seq, int error, const char *text, size_t orig)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr ack;
		char rest[512];
	} m = { .h = { .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = seq },
		.ack = { .error = error,
			 .msg = { .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + orig),
				  .nlmsg_type = RTM_NEWLINK,
				  .nlmsg_seq = seq } } };
	size_t len = NLMSG_HDRLEN + sizeof(m.ack) + orig;

	if (!orig)
		m.h.nlmsg_flags |= NLM_F_CAPPED;
	if (text) {
		struct nlattr *a = (struct nlattr *)(m.rest + orig);

		m.h.nlmsg_flags |= NLM_F_ACK_TLVS;
		a->nla_type = NLMSGERR_ATTR_MSG;
		a->nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1);
		memcpy(a + 1, text, strlen(text) + 1);
		len += NLA_ALIGN(a->nla_len);
	}
	m.h.nlmsg_len = (uint32_t)len;
	answer(f, &m, len);
}

static void answer_link(struct fake *f, uint32_t seq, uint16_t flags, int index)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg ifi;
	} m = { .h = { .nlmsg_len = sizeof(m),
		       .nlmsg_type = RTM_NEWLINK,
		       .nlmsg_flags = NLM_F_MULTI | flags,
		       .nlmsg_seq = seq },
		.ifi.ifi_index = index };

	answer(f, &m, sizeof(m));
}

static void answer_done(struct fake *f, uint32_t seq, uint16_t flags, int error)
{
	struct {
		struct nlmsghdr h;
		int error;
	} m = { .h = { .nlmsg_len = sizeof(m),
		       .nlmsg_type = NLMSG_DONE,
		       .nlmsg_flags = NLM_F_MULTI | flags,
		       .nlmsg_seq = seq },
		.error = error };

	answer(f, &m, sizeof(m));
}

static void put_up(struct nl_req *q, const char *name)
{
	link_set_put(q, 0, name, &(struct link_change){ .up = ON });
}

static int count(const struct nlmsghdr *msg, void *ctx)
{
	(*(unsigned *)ctx)++;
	return 0;
}

static void test_ack(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	struct nlmsghdr sent[8];

	nl_req_init(&q);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), 0);
	put_up(&q, "a");
	put_up(&q, "b");
	answer_ack(f, 2, 0, NULL, 0);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), 0);
	/* both in one datagram, an ack asked for by the last only */
	assert_int_equal(recv(f->kernel, sent, sizeof(sent), 0), (ssize_t)q.len);
	assert_false(sent[0].nlmsg_flags & NLM_F_ACK);
	assert_int_equal(sent[0].nlmsg_seq, 1);
	assert_true(((struct nlmsghdr *)((char *)sent + sent[0].nlmsg_len))->nlmsg_flags &
		    NLM_F_ACK);
}

/* The first error counts, with the label of its message and the kernel's sentence. */
static void test_first_error(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;

	nl_req_init(&q);
	put_up(&q, "a");
	put_up(&q, "b");
	put_up(&q, "c");
	answer_ack(f, 2, -EEXIST, "Address already assigned", 0);
	answer_ack(f, 3, -ENODEV, NULL, 0);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EEXIST);
	assert_string_equal(e.msg,
			    "set link b: File exists (kernel: \"Address already assigned\")");
	assert_int_equal(e.num, -EEXIST);
}

static void test_uncapped(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;

	nl_req_init(&q);
	put_up(&q, "a");
	answer_ack(f, 1, -EPERM, "no", 24);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EPERM);
	assert_string_equal(e.msg, "set link a: Operation not permitted (kernel: \"no\")");
	assert_non_null(strstr(e.hint, "CAP_NET_ADMIN"));
}

/* A warning beside success is no error. */
static void test_warning(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;

	nl_req_init(&q);
	put_up(&q, "a");
	answer_ack(f, 1, 0, "deprecated", 0);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), 0);
	assert_string_equal(e.msg, "");
}

/* Answers to an earlier exchange, to nobody, and of no known kind are passed over. */
static void test_foreign(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	unsigned n = 0;

	nl_req_init(&q);
	put_up(&q, "a");
	f->nl.seq = UINT32_MAX - 1; /* and the numbers wrap in between */
	put_up(&q, "b");
	put_up(&q, "c");
	answer_ack(f, UINT32_MAX - 1, -EIO, NULL, 0);
	answer_ack(f, 77, -EIO, NULL, 0);
	answer_link(f, 3, 0, 9);
	answer_ack(f, 1, 0, NULL, 0);
	assert_int_equal(nl_run(&f->nl, &q, count, &n, &e), 0);
	assert_int_equal(n, 0);
}

static void test_garbage(void **state)
{
	static const uint8_t junk[][24] = {
		{ 0 }, /* length 0 */
		{ 0xff, 0xff, 0xff, 0x7f, 2, 0, 0, 0, 1 }, /* longer than what came */
		{ 0x10, 0, 0, 0xff, 2, 0, 0, 0, 1 }, /* negative, as an int */
		{ 16, 0, 0, 0, 16, 0, 0, 0, 1 }, /* RTM_NEWLINK without its header */
		{ 3, 0, 0, 0, 2, 0, 0, 0, 1 }, /* shorter than a header */
	};
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct link_info info;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		answer(f, junk[i], sizeof(junk[i]));
	answer(f, "", 0);
	answer_ack(f, 1, 0, NULL, 0);
	assert_int_equal(link_get(&f->nl, "a", &info, &e), -ENODEV);
	/* an ack whose error is cut off, one that says nonsense */
	nl_req_init(&q);
	put_up(&q, "a");
	answer(f, &(struct nlmsghdr){ .nlmsg_len = 16, .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 2 },
	       16);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EPROTO);
	answer_ack(f, 3, 42, NULL, 0);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EPROTO);
	/* the original message is said to be longer than the answer */
	answer_ack(f, 4, -EINVAL, "text", 0x40);
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EINVAL);
}

static void test_too_long(void **state)
{
	static char big[40000];
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;

	nl_req_init(&q);
	put_up(&q, "a");
	answer(f, big, sizeof(big));
	assert_int_equal(nl_run(&f->nl, &q, NULL, NULL, &e), -EMSGSIZE);
}

/* nl_dump is repeated when interrupted, and nobody sees the broken half. */
static void test_dump_restart(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	unsigned n = 0;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "list links");
	answer_link(f, 1, 0, 1);
	answer_link(f, 1, NLM_F_DUMP_INTR, 2);
	answer_done(f, 1, 0, 0);
	answer_link(f, 2, 0, 1);
	answer_done(f, 2, NLM_F_DUMP_INTR, 0);
	answer_link(f, 3, 0, 1);
	answer_link(f, 3, 0, 2);
	answer_link(f, 3, 0, 3);
	answer_done(f, 3, 0, 0);
	assert_int_equal(nl_dump(&f->nl, &q, count, &n, &e), 0);
	assert_int_equal(n, 3);
}

static void test_dump_never_quiet(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	unsigned n = 0;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "list links");
	for (uint32_t i = 1; i <= 8; i++)
		answer_done(f, i, NLM_F_DUMP_INTR, 0);
	assert_int_equal(nl_dump(&f->nl, &q, count, &n, &e), -EAGAIN);
	assert_int_equal(n, 0);
	/* and the error of a dump is that of its end */
	answer_done(f, 9, 0, -ENOBUFS);
	assert_int_equal(nl_dump(&f->nl, &q, count, &n, &e), -ENOBUFS);
}

static int stop_at_second(const struct nlmsghdr *msg, void *ctx)
{
	return ++*(unsigned *)ctx == 2 ? -ECANCELED : 0;
}

static void test_dump_stopped(void **state)
{
	struct fake *f = *state;
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	unsigned n = 0;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "list links");
	for (int i = 1; i <= 4; i++)
		answer_link(f, 1, 0, i);
	answer_done(f, 1, 0, 0);
	assert_int_equal(nl_dump(&f->nl, &q, stop_at_second, &n, &e), -ECANCELED);
	assert_int_equal(n, 2);
}

/* A batch refused as a whole: the answer is for its first message, and there is no other. */
static void test_atomic_refused(void **state)
{
	struct fake *f = *state;
	struct nlmsghdr msgs[3] = { 0 };
	uint32_t first = nl_seq(&f->nl, 3);
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < 3; i++)
		msgs[i] = (struct nlmsghdr){ .nlmsg_len = 16, .nlmsg_seq = first + i };
	answer_ack(f, first, -ERESTART, NULL, 0);
	assert_int_equal(nl_exchange(&f->nl,
				     &(struct nl_exchange){ .buf = msgs,
							    .len = sizeof(msgs),
							    .seq_first = first,
							    .seq_last = first + 1,
							    .atomic = true },
				     &e),
			 -ERESTART);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_open, fake_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ack),		 TEST(test_first_error),    TEST(test_uncapped),
		TEST(test_warning),	 TEST(test_foreign),	    TEST(test_garbage),
		TEST(test_too_long),	 TEST(test_dump_restart),   TEST(test_dump_never_quiet),
		TEST(test_dump_stopped), TEST(test_atomic_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
