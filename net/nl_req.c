/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request builder. Positions are offsets, because the buffer may move when
 * it grows; libmnl writes the headers and attributes once there is room.
 */
#include "net/nl.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/inet.h"

/* More than any request of ours; keeps a runaway loop from eating the memory. */
#define NL_REQ_MAX (64u << 20)

void nl_req_init(struct nl_req *q)
{
	q->buf = q->room;
	q->size = sizeof(q->room);
	q->len = q->msg = 0;
	q->depth = 0;
	q->open = false;
	q->error = 0;
	q->n = 0;
	q->labels = q->labels_room;
	q->labels_size = sizeof(q->labels_room);
	q->labels_len = 0;
}

void nl_req_free(struct nl_req *q)
{
	if (q->buf != q->room)
		free(q->buf);
	if (q->labels != q->labels_room)
		free(q->labels);
	nl_req_init(q);
}

void nl_req_fail(struct nl_req *q, int r)
{
	if (!q->error)
		q->error = r;
}

static struct nlmsghdr *req_msg(struct nl_req *q)
{
	return (struct nlmsghdr *)(q->buf + q->msg);
}

/* Where the next byte goes: behind the open message, or the finished ones. */
static size_t req_end(struct nl_req *q)
{
	return q->open ? q->msg + NLMSG_ALIGN(req_msg(q)->nlmsg_len) : q->len;
}

/* Doubles *buf, which may start as an array of the struct, until it has want bytes. */
static int grow(char **buf, size_t *size, const char *room, size_t used, size_t want)
{
	size_t n = *size;
	char *p;

	if (want <= n)
		return 0;
	if (want > NL_REQ_MAX)
		return -EMSGSIZE;
	while (n < want)
		n *= 2;
	p = realloc(*buf == room ? NULL : *buf, n);
	if (!p)
		return -ENOMEM;
	if (*buf == room)
		memcpy(p, room, used);
	*buf = p;
	*size = n;
	return 0;
}

/* Room for more bytes; false and the request is broken when there is none. */
static bool req_room(struct nl_req *q, size_t more)
{
	size_t end;
	int r;

	if (q->error)
		return false;
	end = req_end(q);
	r = grow(&q->buf, &q->size, q->room, end, end + NLMSG_ALIGN(more));
	if (r < 0)
		nl_req_fail(q, r);
	return r >= 0;
}

/* As req_room, for what belongs inside a message. */
static bool req_inside(struct nl_req *q, size_t more)
{
	if (!q->open)
		nl_req_fail(q, -EINVAL);
	return req_room(q, more);
}

static void req_label(struct nl_req *q, const char *fmt, va_list ap)
{
	char text[160];
	size_t len;
	int r;

	vsnprintf(text, sizeof(text), fmt ? fmt : "", ap);
	len = strlen(text) + 1;
	r = grow(&q->labels, &q->labels_size, q->labels_room, q->labels_len, q->labels_len + len);
	if (r < 0) {
		nl_req_fail(q, r);
		return;
	}
	memcpy(q->labels + q->labels_len, text, len);
	q->labels_len += len;
}

const char *nl_req_label(const struct nl_req *q, unsigned i)
{
	const char *s = q->labels, *end = q->labels + q->labels_len;

	while (i-- && s < end)
		s += strlen(s) + 1;
	return s < end ? s : "";
}

int nl_req_finish(struct nl_req *q)
{
	if (q->open && q->depth)
		nl_req_fail(q, -EINVAL);
	if (q->open && !q->error) {
		q->len = req_end(q);
		q->open = false;
	}
	return q->error;
}

void *nl_msg(struct nl_req *q, uint16_t type, uint16_t flags, size_t extra, const char *label, ...)
{
	struct nlmsghdr *msg;
	va_list ap;

	assert(extra <= sizeof(q->room));
	nl_req_finish(q);
	if (!req_room(q, NLMSG_HDRLEN + extra)) {
		/* what was built so far is refused anyway: it serves as scratch area */
		memset(q->room, 0, extra);
		return q->room;
	}
	va_start(ap, label);
	req_label(q, label, ap);
	va_end(ap);
	q->msg = q->len;
	q->open = true;
	q->n++;
	msg = mnl_nlmsg_put_header(q->buf + q->msg);
	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(msg, extra);
}

void nl_put(struct nl_req *q, uint16_t type, const void *data, size_t len)
{
	if (len > UINT16_MAX - NLA_HDRLEN)
		nl_req_fail(q, -EMSGSIZE);
	else if (req_inside(q, NLA_HDRLEN + len))
		mnl_attr_put(req_msg(q), type, len, data);
}

void nl_put_u8(struct nl_req *q, uint16_t type, uint8_t v)
{
	nl_put(q, type, &v, sizeof(v));
}

void nl_put_u16(struct nl_req *q, uint16_t type, uint16_t v)
{
	nl_put(q, type, &v, sizeof(v));
}

void nl_put_u32(struct nl_req *q, uint16_t type, uint32_t v)
{
	nl_put(q, type, &v, sizeof(v));
}

void nl_put_u64(struct nl_req *q, uint16_t type, uint64_t v)
{
	nl_put(q, type, &v, sizeof(v));
}

void nl_put_be16(struct nl_req *q, uint16_t type, uint16_t host_order)
{
	nl_put_u16(q, type, htons(host_order));
}

void nl_put_str(struct nl_req *q, uint16_t type, const char *s)
{
	if (s)
		nl_put(q, type, s, strlen(s) + 1);
	else
		nl_req_fail(q, -EINVAL);
}

void nl_put_flag(struct nl_req *q, uint16_t type)
{
	nl_put(q, type, "", 0);
}

void nl_put_mac(struct nl_req *q, uint16_t type, const struct mac_addr *m)
{
	nl_put(q, type, m->b, sizeof(m->b));
}

void nl_put_ip(struct nl_req *q, uint16_t type, const struct ip_addr *a)
{
	if (ip_is_set(a))
		nl_put(q, type, a->b, ip_len(a));
	else
		nl_req_fail(q, -EINVAL);
}

void nl_nest(struct nl_req *q, uint16_t type)
{
	if (q->depth == NL_NEST_MAX)
		nl_req_fail(q, -E2BIG);
	if (!req_inside(q, NLA_HDRLEN))
		return;
	q->nest[q->depth++] = req_end(q);
	mnl_attr_nest_start(req_msg(q), type);
}

void nl_nest_end(struct nl_req *q)
{
	if (!q->depth)
		nl_req_fail(q, -EINVAL);
	if (q->error)
		return;
	/* the length of an attribute has 16 bits */
	if (req_end(q) - q->nest[--q->depth] > UINT16_MAX)
		nl_req_fail(q, -EMSGSIZE);
	else
		mnl_attr_nest_end(req_msg(q), (struct nlattr *)(q->buf + q->nest[q->depth]));
}

void *nl_extra(struct nl_req *q, size_t len)
{
	assert(len <= sizeof(q->room));
	if (!req_inside(q, len)) {
		memset(q->room, 0, len);
		return q->room;
	}
	return mnl_nlmsg_put_extra_header(req_msg(q), len);
}
