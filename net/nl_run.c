/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the builder sent: once, or as a dump that is repeated until no
 * change interrupted it.
 */
#include "net/nl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/log.h"

/* A first part of at least so much is kept of a dump; then it doubles. */
#define DUMP_SIZE  32768
#define DUMP_TRIES 8

struct req_labels {
	const struct nl_req *q;
	uint32_t first;
};

static const char *req_label_of(uint32_t seq, const void *ctx)
{
	const struct req_labels *l = ctx;

	return nl_req_label(l->q, seq - l->first);
}

/* Numbers the messages and adds flags to the last; the number of the first. */
static uint32_t req_number(struct nl *nl, struct nl_req *q, uint16_t flags)
{
	uint32_t first = nl_seq(nl, q->n), seq = first;
	struct nlmsghdr *msg;
	size_t at;

	for (at = 0; at < q->len; at += NLMSG_ALIGN(msg->nlmsg_len)) {
		msg = (struct nlmsghdr *)(q->buf + at);
		msg->nlmsg_seq = seq++;
		if (seq == first + q->n)
			msg->nlmsg_flags |= flags;
	}
	return first;
}

static int req_check(struct nl_req *q, struct err *e)
{
	int r = nl_req_finish(q);

	if (r < 0)
		return err_sys(e, r, "%s: build the request",
			       q->n ? nl_req_label(q, q->n - 1) : "netlink");
	return 0;
}

int nl_run(struct nl *nl, struct nl_req *q, nl_reply_fn *reply, void *ctx, struct err *e)
{
	struct req_labels labels = { .q = q };
	int r;

	r = req_check(q, e);
	if (r < 0 || !q->n)
		return r;
	labels.first = req_number(nl, q, NLM_F_ACK);
	return nl_exchange(nl,
			   &(struct nl_exchange){ .buf = q->buf,
						  .len = q->len,
						  .seq_first = labels.first,
						  .seq_last = labels.first + q->n - 1,
						  .label = req_label_of,
						  .label_ctx = &labels,
						  .reply = reply,
						  .reply_ctx = ctx },
			   e);
}

/* The messages of a dump, in a row. */
struct dump {
	char *buf;
	size_t len, size;
};

static void cleanup_dump(struct dump *d)
{
	free(d->buf);
}

static int dump_keep(const struct nlmsghdr *msg, void *ctx)
{
	struct dump *d = ctx;
	size_t len = NLMSG_ALIGN(msg->nlmsg_len);

	if (d->size - d->len < len) {
		size_t size = (d->size ? d->size * 2 : DUMP_SIZE) + len;
		char *p = realloc(d->buf, size);

		if (!p)
			return -ENOMEM;
		d->buf = p;
		d->size = size;
	}
	memset(d->buf + d->len, 0, len);
	memcpy(d->buf + d->len, msg, msg->nlmsg_len);
	d->len += len;
	return 0;
}

static int dump_replay(const struct dump *d, nl_reply_fn *reply, void *ctx)
{
	const struct nlmsghdr *msg;
	size_t at;
	int r;

	for (at = 0; at < d->len; at += NLMSG_ALIGN(msg->nlmsg_len)) {
		msg = (const struct nlmsghdr *)(d->buf + at);
		r = reply(msg, ctx);
		if (r < 0)
			return r;
	}
	return 0;
}

int nl_dump(struct nl *nl, struct nl_req *q, nl_reply_fn *reply, void *ctx, struct err *e)
{
	__attribute__((cleanup(cleanup_dump))) struct dump d = { 0 };
	struct req_labels labels = { .q = q };
	struct nl_exchange x;
	int r, tries;

	r = req_check(q, e);
	if (r < 0 || !q->n)
		return r;
	for (tries = 0; tries < DUMP_TRIES; tries++) {
		bool interrupted = false;

		d.len = 0;
		labels.first = req_number(nl, q, NLM_F_DUMP);
		x = (struct nl_exchange){ .buf = q->buf,
					  .len = q->len,
					  .seq_first = labels.first,
					  .seq_last = labels.first + q->n - 1,
					  .label = req_label_of,
					  .label_ctx = &labels,
					  .reply = dump_keep,
					  .reply_ctx = &d,
					  .ret_interrupted = &interrupted };
		r = nl_exchange(nl, &x, e);
		if (r < 0)
			return r;
		if (!interrupted)
			return dump_replay(&d, reply, ctx);
		log_trace("netlink: dump interrupted by a change, again");
	}
	return err_set(e, EAGAIN, "%s: it keeps changing while it is read", nl_req_label(q, 0));
}
