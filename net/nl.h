/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl - the netlink transport: a socket, a request builder that keeps its
 * first error, acks with the kernel's own sentence, dumps, batches, trace.
 *
 * The only place that opens AF_NETLINK. A socket belongs to the network
 * namespace it was opened in and is used from anywhere; net/netns.h opens one
 * inside another namespace. libmnl builds and walks the messages.
 */
#ifndef CT_NET_NL_H
#define CT_NET_NL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct mac_addr;
struct ip_addr;

/*
 * The seam for wire tests: a finished request goes to the tap of its socket in
 * place of the kernel, and its result is the result of the request.
 */
typedef int nl_send_fn(const void *buf, size_t len, void *ctx);

struct nl {
	int fd; /* -1 when closed */
	int family; /* NETLINK_ROUTE, NETLINK_NETFILTER */
	uint32_t seq; /* the last one given out */
	nl_send_fn *tap;
	void *tap_ctx;
};

#define NL_INIT          \
	{                \
		.fd = -1 \
	}

/* Opens a socket in the calling thread's network namespace, with extended and
 * capped acks and strict dump checking. */
int nl_open(struct nl *nl, int family, struct err *e);
/* Events of that multicast group (RTNLGRP_*) come to the socket, which then serves nothing else. */
int nl_join(struct nl *nl, uint32_t group);
void nl_close(struct nl *nl); /* accepts NL_INIT and closed ones */

static inline void cleanup_nl(struct nl *nl)
{
	nl_close(nl);
}
#define _cleanup_nl_ __attribute__((cleanup(cleanup_nl)))

/* Such a socket is never opened; a request of it ends in fn. */
void nl_set_tap(struct nl *nl, nl_send_fn *fn, void *ctx);

/*
 * A request: one or more messages in one buffer, sent with one sendmsg. The
 * first thing that goes wrong (no room, unbalanced nest) is kept in error, the
 * putters do nothing from then on, and nl_run refuses it.
 */
#define NL_NEST_MAX 8
struct nl_req {
	char *buf; /* room, or memory when that was too small */
	size_t size, len; /* len: finished messages */
	size_t msg; /* offset of the message being built */
	size_t nest[NL_NEST_MAX]; /* offsets of the open nests */
	unsigned depth;
	bool open; /* a message is being built */
	int error;
	unsigned n; /* messages begun */
	char *labels; /* n strings in a row, one a message */
	size_t labels_size, labels_len;
	char labels_room[1024];
	_Alignas(8) char room[8192];
};

void nl_req_init(struct nl_req *q);
void nl_req_free(struct nl_req *q);
#define _cleanup_nl_req_ __attribute__((cleanup(nl_req_free)))

/*
 * Begins the next message (finishing the one before) and returns its zeroed
 * extra header of the given size, or a scratch area when the request is
 * broken, so callers fill it without a check; it is valid until the next put,
 * which may move the buffer. NLM_F_REQUEST is implied. label ("add address
 * 10.88.0.1/24") is copied; it names the message in errors.
 */
void *nl_msg(struct nl_req *q, uint16_t type, uint16_t flags, size_t extra, const char *label, ...)
	__attribute__((format(printf, 5, 6)));

void nl_put(struct nl_req *q, uint16_t type, const void *data, size_t len);
void nl_put_u8(struct nl_req *q, uint16_t type, uint8_t v);
void nl_put_u16(struct nl_req *q, uint16_t type, uint16_t v);
void nl_put_u32(struct nl_req *q, uint16_t type, uint32_t v);
void nl_put_u64(struct nl_req *q, uint16_t type, uint64_t v);
void nl_put_be16(struct nl_req *q, uint16_t type, uint16_t host_order);
void nl_put_str(struct nl_req *q, uint16_t type, const char *s); /* with NUL */
void nl_put_flag(struct nl_req *q, uint16_t type);
void nl_put_mac(struct nl_req *q, uint16_t type, const struct mac_addr *m);
void nl_put_ip(struct nl_req *q, uint16_t type, const struct ip_addr *a);
void nl_nest(struct nl_req *q, uint16_t type); /* sets NLA_F_NESTED */
void nl_nest_end(struct nl_req *q);
/* Bare bytes inside the message (a struct ifinfomsg inside VETH_INFO_PEER),
 * zeroed; valid until the next put. */
void *nl_extra(struct nl_req *q, size_t len);
/* Closes the last message; idempotent. Returns q->error. */
int nl_req_finish(struct nl_req *q);
/* Breaks the request: for putters that refuse their argument. */
void nl_req_fail(struct nl_req *q, int r);
/* The label of message i, "" past the end. */
const char *nl_req_label(const struct nl_req *q, unsigned i);

/*
 * Sends the request and reads until every message that asked for an ack is
 * answered; NLM_F_ACK is put on the last message, errors come for any. The
 * first error is returned and described: "LABEL: strerror (kernel: "...")".
 * Later messages of a batch do run after an error: netlink batches are not
 * atomic. reply, when given, gets every message that is no ack.
 */
typedef int nl_reply_fn(const struct nlmsghdr *msg, void *ctx);
int nl_run(struct nl *nl, struct nl_req *q, nl_reply_fn *reply, void *ctx, struct err *e);

/*
 * Sends a request of one message with NLM_F_DUMP added; reply for each object,
 * once the whole dump is there: so fn may use the same socket, and a dump that
 * a change interrupted (NLM_F_DUMP_INTR) is repeated unseen; -EAGAIN when that
 * never ends. Stops at the first r < 0.
 */
int nl_dump(struct nl *nl, struct nl_req *q, nl_reply_fn *reply, void *ctx, struct err *e);

/*
 * What nl_run and nl_dump stand on, for messages built by other means (an
 * nftables batch of libnftnl). The numbers come from nl_seq; the message with
 * seq_last must ask for an ack (or be a dump), and the exchange ends with its
 * answer. Errors are described as by nl_run.
 *
 * atomic: everything in one send, whatever its length, and an error for
 * seq_first ends the exchange: so an nftables batch refused as a whole (a stale
 * generation) is answered for its NFNL_MSG_BATCH_BEGIN. Then seq_last is the
 * last message inside the batch, since kernels before 6.10 do not acknowledge
 * NFNL_MSG_BATCH_END.
 */
struct nl_exchange {
	const void *buf; /* finished messages, padded to NLMSG_ALIGNTO */
	size_t len;
	uint32_t seq_first, seq_last;
	bool atomic;
	const char *(*label)(uint32_t seq, const void *ctx); /* may be, and return, NULL */
	const void *label_ctx;
	nl_reply_fn *reply; /* gets what is no ack; may be NULL */
	void *reply_ctx;
	bool *ret_interrupted; /* of a dump: NLM_F_DUMP_INTR was seen; may be NULL */
};
int nl_exchange(struct nl *nl, const struct nl_exchange *x, struct err *e);
/* Reserves n consecutive sequence numbers; returns the first. */
uint32_t nl_seq(struct nl *nl, uint32_t n);

/*
 * Attributes of a message by number: tb[0..max], unknown ones ignored, sizes
 * not yet checked: the nl_attr_* getters check, and return the default when
 * the attribute is absent or too short.
 */
void nl_parse(const struct nlmsghdr *msg, size_t extra, const struct nlattr **tb, unsigned max);
/* The same for bare attributes, at 4-byte alignment. */
void nl_parse_at(const void *at, size_t len, const struct nlattr **tb, unsigned max);
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max);
uint8_t nl_attr_u8(const struct nlattr *a, uint8_t def);
uint16_t nl_attr_u16(const struct nlattr *a, uint16_t def);
uint32_t nl_attr_u32(const struct nlattr *a, uint32_t def);
const char *nl_attr_str(const struct nlattr *a, const char *def);
bool nl_attr_ip(const struct nlattr *a, uint8_t family, struct ip_addr *ret);
bool nl_attr_mac(const struct nlattr *a, struct mac_addr *ret);

/* The next whole message of *len bytes at *at, both moved behind it; NULL at their end. */
const struct nlmsghdr *nl_next_msg(const void **at, size_t *len);
/* The fixed header of a message, or NULL when it is too short to have one. */
const void *nl_msg_extra(const struct nlmsghdr *msg, size_t extra);

/* For nl.c: trace lines of what was sent, and of one answer. */
void nl_trace_sent(int family, const struct nl_exchange *x);
void nl_trace_answer(const struct nlmsghdr *msg, int error, const char *kernel);
/* "RTM_NEWLINK", or "message type N" in buf. */
const char *nl_type_name(int family, uint16_t type, char buf[32]);

#endif
