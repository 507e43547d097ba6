/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The netlink socket and the exchange of messages over it.
 *
 * rtnetlink and nfnetlink work inside the sender's send(2): when it returns,
 * every answer is in the receive queue (or lost: ENOBUFS), and later parts of
 * a dump are made by the reads. So reading never has to wait, only the poll
 * behind it guards against a kernel that behaves otherwise; and a long batch
 * is sent in pieces whose errors fit the queue, read after each piece.
 *
 * Netlink sends acks only for messages that ask, errors for all: an ack on the
 * last message is enough to know that everything before it went well.
 */
#include "net/nl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

/* 200 errors of the smallest messages stay well below net.core.rmem_default */
#define NL_CHUNK   8192
#define NL_RECV	   32768
#define NL_WAIT_MS 5000

/* The kernel's own ENOTSUPP, which leaks out of some drivers and libc cannot name. */
#define KERNEL_ENOTSUPP 524

/* NETLINK_EXT_ACK since 4.12, CAP_ACK 4.3, GET_STRICT_CHK 4.20: without them less is said. */
int nl_open(struct nl *nl, int family, struct err *e)
{
	int one = 1, fd, r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
	if (fd < 0) {
		r = err_sys(e, errno, "open a netlink socket of family %d", family);
		if (r == -EPROTONOSUPPORT && family == NETLINK_NETFILTER)
			err_hint(e, "this kernel lacks nfnetlink; try: modprobe nf_tables");
		return r;
	}
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (family == NETLINK_ROUTE)
		setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	*nl = (struct nl){ .fd = fd, .family = family };
	return 0;
}

/*
 * Closing a socket of nfnetlink waits for an RCU grace period, 7 ms and more, while
 * what was deleted through any is being freed (nft_rcv_nl_event, net/netfilter/
 * nf_tables_api.c). The deletion itself is done by then.
 */
void nl_close(struct nl *nl)
{
	if (nl->family == NETLINK_NETFILTER && nl->seq)
		fd_abandon(nl->fd);
	else
		fd_close(nl->fd);
	nl->fd = -1;
}

/*
 * Bound first: a socket without an address of its own has that of the kernel,
 * and whoever sends an event is not told of it.
 */
int nl_join(struct nl *nl, uint32_t group)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };

	/* EINVAL: it is */
	if ((bind(nl->fd, (struct sockaddr *)&self, sizeof(self)) < 0 && errno != EINVAL) ||
	    setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return 0;
}

void nl_set_tap(struct nl *nl, nl_send_fn *fn, void *ctx)
{
	nl->tap = fn;
	nl->tap_ctx = ctx;
}

uint32_t nl_seq(struct nl *nl, uint32_t n)
{
	uint32_t first = nl->seq + 1;

	nl->seq += n;
	return first;
}

/* How far one exchange has come. */
struct progress {
	const struct nl_exchange *x;
	struct err *e;
	int result; /* the first error, by the kernel or by reply */
	bool done; /* seq_last is answered, or all was refused */
	bool refused; /* an atomic batch as a whole */
	bool lost; /* the receive queue overflowed */
	bool interrupted; /* NLM_F_DUMP_INTR */
};

/* The sentence of an extended ack, behind the fixed part of an NLMSG_ERROR or NLMSG_DONE. */
static const char *ack_text(const struct nlmsghdr *msg, size_t fixed)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	nl_parse(msg, fixed, tb, NLMSGERR_ATTR_MAX);
	return nl_attr_str(tb[NLMSGERR_ATTR_MSG], NULL);
}

static const char *progress_label(const struct progress *p, uint32_t seq, uint16_t type, int family,
				  char buf[32])
{
	const char *label = p->x->label ? p->x->label(seq, p->x->label_ctx) : NULL;

	return label && label[0] ? label : nl_type_name(family, type, buf);
}

static void progress_fail(struct progress *p, int family, const struct nlmsghdr *about, int error,
			  const char *text)
{
	char buf[32];
	const char *label = progress_label(p, about->nlmsg_seq, about->nlmsg_type, family, buf);

	if (p->result < 0)
		return;
	p->result = error;
	if (text)
		err_set(p->e, error, "%s: %s (kernel: \"%s\")", label, strerror(-error), text);
	else
		err_sys(p->e, error, "%s", label);
	if (error == -EPERM)
		err_hint(p->e, "this needs root (CAP_NET_ADMIN) in the network namespace");
}

static int kernel_error(int error)
{
	if (error == -KERNEL_ENOTSUPP)
		return -EOPNOTSUPP;
	return error > 0 || error < -4095 ? -EPROTO : error;
}

/* NLMSG_ERROR: int error, the header of the message it is about, attributes; 0 is an ack. */
static void progress_ack(struct progress *p, struct nl *nl, const struct nlmsghdr *msg)
{
	const struct nlmsgerr *ack = nl_msg_extra(msg, sizeof(*ack));
	const char *text;
	size_t fixed = sizeof(*ack);
	int error;

	if (!ack) {
		progress_fail(p, nl->family, msg, -EPROTO, "acknowledgement cut short");
		p->done |= msg->nlmsg_seq == p->x->seq_last;
		return;
	}
	if (!(msg->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len > NLMSG_HDRLEN)
		fixed += NLMSG_ALIGN((size_t)ack->msg.nlmsg_len) - NLMSG_HDRLEN;
	text = ack_text(msg, fixed);
	error = kernel_error(ack->error);
	nl_trace_answer(msg, error, text);
	if (error < 0) {
		struct nlmsghdr about = { .nlmsg_seq = msg->nlmsg_seq,
					  .nlmsg_type = ack->msg.nlmsg_type };

		progress_fail(p, nl->family, &about, error, text);
		p->refused |= p->x->atomic && msg->nlmsg_seq == p->x->seq_first;
	}
	p->done |= msg->nlmsg_seq == p->x->seq_last;
}

/* NLMSG_DONE: the end of a dump, with its error in an int when there was one. */
static void progress_dumped(struct progress *p, struct nl *nl, const struct nlmsghdr *msg)
{
	const int *error = nl_msg_extra(msg, sizeof(*error));
	const char *text = error ? ack_text(msg, sizeof(*error)) : NULL;
	int r = error ? kernel_error(*error) : 0;
	struct nlmsghdr about = { .nlmsg_seq = msg->nlmsg_seq };

	nl_trace_answer(msg, r, text);
	if (r < 0)
		progress_fail(p, nl->family, &about, r, text);
	p->done |= msg->nlmsg_seq == p->x->seq_last;
}

static void progress_message(struct progress *p, struct nl *nl, const struct nlmsghdr *msg)
{
	const struct nl_exchange *x = p->x;

	/* left over from an exchange that was given up */
	if (msg->nlmsg_seq - x->seq_first > x->seq_last - x->seq_first)
		return;
	if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
		p->interrupted = true;
	if (msg->nlmsg_type == NLMSG_ERROR) {
		progress_ack(p, nl, msg);
	} else if (msg->nlmsg_type == NLMSG_DONE) {
		progress_dumped(p, nl, msg);
	} else if (msg->nlmsg_type >= NLMSG_MIN_TYPE && x->reply && p->result >= 0) {
		int r = x->reply(msg, x->reply_ctx);

		if (r < 0)
			p->result = r;
	}
}

/* One datagram: its length, or -errno; -EAGAIN when there is none. */
static ssize_t nl_recv(struct nl *nl, struct progress *p, void *buf, size_t size, bool wait)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { buf, size };
		struct msghdr m = { .msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &iov,
				    .msg_iovlen = 1 };
		struct pollfd pfd = { .fd = nl->fd, .events = POLLIN };
		ssize_t n = recvmsg(nl->fd, &m, MSG_DONTWAIT);

		if (n >= 0) {
			/* anything but the kernel (0) is somebody's forgery */
			if (from.nl_pid)
				continue;
			return m.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
		}
		if (errno == ENOBUFS)
			p->lost = true;
		else if (errno == EAGAIN && (!wait || p->lost || p->refused))
			return -EAGAIN;
		else if (errno == EAGAIN && poll(&pfd, 1, NL_WAIT_MS) == 0)
			return -ETIMEDOUT;
		else if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* Reads what there is; with wait, until the exchange is done. */
static int nl_read(struct nl *nl, struct progress *p, bool wait)
{
	_Alignas(struct nlmsghdr) char buf[NL_RECV];
	const struct nlmsghdr *msg;
	const void *at;
	size_t len;
	ssize_t n;

	while (!p->done) {
		n = nl_recv(nl, p, buf, sizeof(buf), wait);
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		at = buf;
		len = (size_t)n;
		while ((msg = nl_next_msg(&at, &len)))
			progress_message(p, nl, msg);
	}
	return 0;
}

/*
 * One send for what must be one: the socket's buffer is raised to its size
 * (SO_SNDBUFFORCE; in a user namespace only up to net.core.wmem_max).
 */
static int nl_send(struct nl *nl, const void *buf, size_t len, struct err *e)
{
	int size = (int)len;
	int r;

	if (len > 65536 && setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (;;) {
		if (send(nl->fd, buf, len, 0) >= 0)
			return 0;
		if (errno != EINTR)
			break;
	}
	r = err_sys(e, errno, "send a netlink request of %zu bytes", len);
	if (r == -EMSGSIZE)
		err_hint(e, "raise the limit: sysctl -w net.core.wmem_max=%zu", len);
	return r;
}

/* Length of the whole messages at buf that fit one send; at least one message. */
static size_t chunk_len(const void *buf, size_t len)
{
	const struct nlmsghdr *msg = buf;
	size_t at = 0, next;

	while (at < len) {
		msg = (const void *)((const char *)buf + at);
		next = at + NLMSG_ALIGN(msg->nlmsg_len);
		if (msg->nlmsg_len < NLMSG_HDRLEN || next > len)
			return len;
		if (at && next > NL_CHUNK)
			break;
		at = next;
	}
	return at;
}

/* What is to be said when all has been read; the leaf's error stands first. */
static int progress_end(struct progress *p, int r)
{
	char buf[32];
	const char *label = progress_label(p, p->x->seq_last, 0, 0, buf);

	if (p->result < 0)
		return p->result;
	if (r < 0)
		return err_sys(p->e, r, "%s: read the kernel's answer", label);
	if (p->lost)
		return err_set(p->e, ENOBUFS, "%s: answers of the kernel were lost", label);
	if (!p->done)
		return err_set(p->e, EPROTO, "%s: no answer from the kernel", label);
	return 0;
}

int nl_exchange(struct nl *nl, const struct nl_exchange *x, struct err *e)
{
	struct progress p = { .x = x, .e = e };
	const char *buf = x->buf;
	size_t at = 0, n;
	int r = 0;

	if (!x->len)
		return 0;
	nl_trace_sent(nl->family, x);
	if (nl->tap)
		return nl->tap(x->buf, x->len, nl->tap_ctx);
	while (at < x->len) {
		n = x->atomic ? x->len - at : chunk_len(buf + at, x->len - at);
		r = nl_send(nl, buf + at, n, e);
		if (r < 0)
			return p.result < 0 ? p.result : r;
		at += n;
		r = nl_read(nl, &p, at == x->len);
		if (r < 0)
			break;
	}
	if (x->ret_interrupted)
		*x->ret_interrupted = p.interrupted;
	return progress_end(&p, r);
}
