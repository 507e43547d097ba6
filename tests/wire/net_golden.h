/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden - requests captured by a tap and compared with recorded ones: every
 * attribute must be there with the same value, in any order, nested ones
 * likewise. NLA_F_NESTED itself does not count: ip(8) leaves it out in places.
 *
 * A recorded message is a line "TYPE FLAGS BYTES": decimal, hex, and the hex of
 * what follows the netlink header.
 */
#ifndef CT_TESTS_NET_GOLDEN_H
#define CT_TESTS_NET_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/netlink.h>

#include "net/nl.h"

struct capture {
	_Alignas(8) uint8_t buf[65536];
	size_t len;
	unsigned sends;
};

static inline int capture_tap(const void *buf, size_t len, void *ctx)
{
	struct capture *c = ctx;

	assert_true(c->len + len <= sizeof(c->buf));
	memcpy(c->buf + c->len, buf, len);
	c->len += len;
	c->sends++;
	return 0;
}

static inline unsigned hex_digit(char ch)
{
	return ch <= '9' ? (unsigned)(ch - '0') : (unsigned)(ch - 'a' + 10);
}

/* One line into a message at *msg; returns where the next line starts, or NULL. */
static inline const char *golden_line(const char *line, struct nlmsghdr *msg, size_t size)
{
	uint8_t *p = (uint8_t *)msg + NLMSG_HDRLEN;
	char *end;
	unsigned long type = strtoul(line, &end, 10);
	unsigned long flags = strtoul(end, &end, 16);

	assert_true(*end == ' ');
	for (line = end + 1; *line && *line != '\n'; line += 2) {
		assert_true((size_t)(p - (uint8_t *)msg) < size);
		*p++ = (uint8_t)(hex_digit(line[0]) << 4 | hex_digit(line[1]));
	}
	*msg = (struct nlmsghdr){ .nlmsg_len = (uint32_t)(p - (uint8_t *)msg),
				  .nlmsg_type = (uint16_t)type,
				  .nlmsg_flags = (uint16_t)flags };
	return *line ? line + 1 : NULL;
}

static inline const struct nlattr *golden_next(const uint8_t **at, const uint8_t *end)
{
	const struct nlattr *a = (const struct nlattr *)*at;

	if (end - *at < NLA_HDRLEN)
		return NULL;
	assert_true(a->nla_len >= NLA_HDRLEN && a->nla_len <= end - *at);
	*at += NLA_ALIGN(a->nla_len);
	return a;
}

static inline const struct nlattr *golden_find(const uint8_t *at, const uint8_t *end, unsigned type)
{
	const struct nlattr *a;

	while ((a = golden_next(&at, end)))
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

static inline void golden_same(const char *what, const uint8_t *got, size_t got_len,
			       const uint8_t *want, size_t want_len)
{
	const uint8_t *end = got + got_len, *want_end = want + want_len, *at;
	const struct nlattr *a, *b;

	/* a struct ifinfomsg (VETH_INFO_PEER) in front, all zero in both */
	if (got_len >= 16 && want_len >= 16 && !((const struct nlattr *)got)->nla_len) {
		assert_memory_equal(got, want, 16);
		got += 16;
		want += 16;
	}
	for (at = want; (b = golden_next(&at, want_end));)
		if (!golden_find(got, end, b->nla_type & NLA_TYPE_MASK))
			fail_msg("%s: attribute %u is missing", what, b->nla_type & NLA_TYPE_MASK);
	for (at = got; (a = golden_next(&at, end));) {
		unsigned type = a->nla_type & NLA_TYPE_MASK;

		b = golden_find(want, want_end, type);
		if (!b)
			fail_msg("%s: attribute %u is too much", what, type);
		else if (a->nla_len != b->nla_len)
			fail_msg("%s: attribute %u has length %u, not %u", what, type, a->nla_len,
				 b->nla_len);
		else if (a->nla_type & NLA_F_NESTED)
			golden_same(what, (const uint8_t *)(a + 1), a->nla_len - NLA_HDRLEN,
				    (const uint8_t *)(b + 1), b->nla_len - NLA_HDRLEN);
		else if (memcmp(a + 1, b + 1, a->nla_len - NLA_HDRLEN) != 0)
			fail_msg("%s: attribute %u differs", what, type);
	}
}

/* extra: the size of the fixed header of such a message */
static inline void golden_message(const char *what, const struct nlmsghdr *got,
				  const struct nlmsghdr *want, size_t extra)
{
	const uint8_t *g = (const uint8_t *)got + NLMSG_HDRLEN;
	const uint8_t *w = (const uint8_t *)want + NLMSG_HDRLEN;

	if (got->nlmsg_type != want->nlmsg_type || got->nlmsg_flags != want->nlmsg_flags)
		fail_msg("%s: message type %u flags 0x%x, not %u 0x%x", what, got->nlmsg_type,
			 got->nlmsg_flags, want->nlmsg_type, want->nlmsg_flags);
	assert_true(got->nlmsg_len >= NLMSG_HDRLEN + extra);
	assert_true(want->nlmsg_len >= NLMSG_HDRLEN + extra);
	if (memcmp(g, w, extra) != 0)
		fail_msg("%s: the fixed header differs", what);
	extra = NLMSG_ALIGN(extra);
	golden_same(what, g + extra, got->nlmsg_len - NLMSG_HDRLEN - extra, w + extra,
		    want->nlmsg_len - NLMSG_HDRLEN - extra);
}

struct golden_case {
	const char *name;
	void (*run)(struct nl *nl);
	size_t extra; /* of each message: the size of its fixed header */
	unsigned sends;
	const char *golden;
};

static inline void golden_check(const struct golden_case *c)
{
	static struct capture got;
	_Alignas(8) uint8_t want[2048];
	const char *line = c->golden;
	struct nl nl = NL_INIT;
	size_t at = 0;

	got.len = 0;
	got.sends = 0;
	nl_set_tap(&nl, capture_tap, &got);
	c->run(&nl);
	while (line) {
		const struct nlmsghdr *msg = (const void *)(got.buf + at);

		line = golden_line(line, (struct nlmsghdr *)want, sizeof(want));
		if (at >= got.len)
			fail_msg("%s: a message is missing", c->name);
		golden_message(c->name, msg, (struct nlmsghdr *)want, c->extra);
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
	if (at != got.len)
		fail_msg("%s: a message too much", c->name);
	if (got.sends != c->sends)
		fail_msg("%s: %u sends", c->name, got.sends);
}

#endif
