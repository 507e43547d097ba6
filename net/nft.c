// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The batch: NFNL_MSG_BATCH_BEGIN with the generation, the messages, and
 * NFNL_MSG_BATCH_END, in one buffer. The kernel applies it whole or not at
 * all, inside the send (net/netfilter/nfnetlink.c, nfnetlink_rcv_batch).
 *
 * Messages carry their position as sequence number until the commit gives them
 * real ones, so a batch can be committed again after -ERESTART.
 */
#include "net/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/nft_batch.h"
#include "net/nl.h"

/* A message of elements ends before 64 KiB (an attribute's length is 16 bits)
 * plus the element that no longer fitted; everything else is far smaller. */
#define MSG_ROOM  ((size_t)72 << 10)
#define BATCH_MAX ((size_t)256 << 20)

struct nft_batch {
	char *buf;
	size_t len, size;
	uint32_t n; /* messages, begin and end included */
	size_t last; /* offset of the last message */
	struct strv labels; /* of the messages after begin */
	bool finished;
	int error;
};

void nft_batch_fail(struct nft_batch *b, int r)
{
	if (b && !b->error)
		b->error = r;
}

int nft_batch_error(const struct nft_batch *b)
{
	return b ? b->error : -ENOMEM;
}

/* Returns where the next message goes, or NULL. */
static char *batch_room(struct nft_batch *b)
{
	size_t size = b->size ? b->size : 2 * MSG_ROOM;
	char *buf;

	if (b->size - b->len >= MSG_ROOM)
		return b->buf + b->len;
	while (size - b->len < MSG_ROOM)
		size *= 2;
	buf = size > BATCH_MAX ? NULL : realloc(b->buf, size);
	if (!buf) {
		nft_batch_fail(b, size > BATCH_MAX ? -EMSGSIZE : -ENOMEM);
		return NULL;
	}
	b->buf = buf;
	b->size = size;
	return b->buf + b->len;
}

static void batch_append(struct nft_batch *b, const struct nlmsghdr *msg)
{
	b->last = b->len;
	b->len += NLMSG_ALIGN(msg->nlmsg_len);
	b->n++;
}

struct nft_batch *nft_batch_new(void)
{
	struct nft_batch *b = calloc(1, sizeof(*b));
	struct nlmsghdr *msg;
	char *room;

	if (!b)
		return NULL;
	room = batch_room(b);
	if (!room) {
		nft_batch_free(b);
		return NULL;
	}
	msg = nftnl_batch_begin(room, 0);
	/* nftnl_batch_begin knows no generation; nft_commit fills it in */
	mnl_attr_put_u32(msg, NFNL_BATCH_GENID, 0);
	batch_append(b, msg);
	return b;
}

void nft_batch_free(struct nft_batch *b)
{
	if (!b)
		return;
	strv_free(&b->labels);
	free(b->buf);
	free(b);
}

struct nlmsghdr *nft_msg_begin(struct nft_batch *b, uint16_t type, uint8_t family, uint16_t flags,
			       const char *label, ...)
{
	char *text, *room;
	va_list ap;
	int r;

	if (!b || b->error)
		return NULL;
	va_start(ap, label);
	r = vasprintf(&text, label, ap);
	va_end(ap);
	if (r < 0 || strv_add_take(&b->labels, text) < 0) {
		nft_batch_fail(b, -ENOMEM);
		return NULL;
	}
	room = batch_room(b);
	if (!room)
		return NULL;
	return nftnl_nlmsg_build_hdr(room, type, family, flags, b->n);
}

void nft_msg_end(struct nft_batch *b, const struct nlmsghdr *msg)
{
	if (msg)
		batch_append(b, msg);
}

int nft_batch_walk(const struct nft_batch *b, nl_reply_fn *fn, void *ctx)
{
	size_t at = 0;
	int r = 0;

	while (b && !r && at < b->len) {
		const struct nlmsghdr *msg = (const void *)(b->buf + at);

		r = fn(msg, ctx);
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
	return r;
}

/* Closes the batch once; the ack is asked of the last message inside, because
 * kernels before 6.10 acknowledge no NFNL_MSG_BATCH_END. */
static int batch_finish(struct nft_batch *b)
{
	char *room;

	if (b->error || b->finished)
		return b->error;
	((struct nlmsghdr *)(b->buf + b->last))->nlmsg_flags |= NLM_F_ACK;
	room = batch_room(b);
	if (!room)
		return b->error;
	batch_append(b, nftnl_batch_end(room, b->n));
	b->finished = true;
	return 0;
}

static void batch_number(struct nft_batch *b, uint32_t first, uint32_t genid)
{
	struct nlmsghdr *begin = (struct nlmsghdr *)b->buf;
	struct nlattr *gen = mnl_nlmsg_get_payload_offset(begin, sizeof(struct nfgenmsg));
	uint32_t be = htonl(genid), seq = first;
	size_t at = 0;

	memcpy(mnl_attr_get_payload(gen), &be, sizeof(be));
	while (at < b->len) {
		struct nlmsghdr *msg = (struct nlmsghdr *)(b->buf + at);

		msg->nlmsg_seq = seq++;
		at += NLMSG_ALIGN(msg->nlmsg_len);
	}
}

struct batch_labels {
	const struct nft_batch *b;
	uint32_t first;
};

static const char *batch_label(uint32_t seq, const void *ctx)
{
	const struct batch_labels *l = ctx;
	uint32_t i = seq - l->first;

	/* the transaction as a whole answers for its begin and end */
	return i >= 1 && i <= l->b->labels.n ? l->b->labels.v[i - 1] : "nftables transaction";
}

/*
 * nft -f: 0, or the error of the first message the kernel refused, with
 * nothing changed. -ERESTART: genid is no longer the generation. -EMSGSIZE or
 * -ENOMEM: the batch could not be built. An empty batch is not sent.
 */
int nft_commit(struct nl *nl, struct nft_batch *b, uint32_t genid, struct err *e)
{
	struct batch_labels labels = { .b = b };
	int r;

	if (!b)
		return err_sys(e, -ENOMEM, "nftables transaction");
	if (b->n == 1 && !b->error)
		return 0;
	r = batch_finish(b);
	if (r < 0)
		return err_sys(e, r, "build the nftables transaction");
	labels.first = nl_seq(nl, b->n);
	batch_number(b, labels.first, genid);
	r = nl_exchange(nl,
			&(struct nl_exchange){
				.buf = b->buf,
				.len = b->len,
				.seq_first = labels.first,
				.seq_last = labels.first + b->n - 2,
				.atomic = true,
				.label = batch_label,
				.label_ctx = &labels,
			},
			e);
	if (r == -EOPNOTSUPP || r == -EPROTONOSUPPORT)
		err_hint(e, "this kernel has no nf_tables; try `modprobe nf_tables`");
	return r;
}

static int on_generation(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[NFTA_GEN_MAX + 1];
	uint32_t *ret = ctx;

	nl_parse(msg, sizeof(struct nfgenmsg), tb, NFTA_GEN_MAX);
	*ret = ntohl(nl_attr_u32(tb[NFTA_GEN_ID], 0));
	return 0;
}

/* nft monitor's "new generation": *ret is never 0 on success. */
int nft_generation(struct nl *nl, uint32_t *ret, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct nfgenmsg *nfg;
	uint32_t id = 0;
	int r;

	nl_req_init(&q);
	nfg = nl_msg(&q, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, sizeof(*nfg),
		     "read the nftables generation");
	nfg->version = NFNETLINK_V0;
	r = nl_run(nl, &q, on_generation, &id, e);
	if (r < 0)
		return r;
	if (!id)
		return err_set(e, -EPROTO, "the kernel reports no nftables generation");
	*ret = id;
	return 0;
}

static void table_msg(struct nft_batch *b, const struct nft_where *w, uint16_t type, uint16_t flags,
		      const char *verb)
{
	struct nlmsghdr *msg =
		nft_msg_begin(b, type, w->family, flags, "%s table %s", verb, w->table);

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_TABLE_NAME, w->table);
	/* wakes a table that was put to sleep with `flags dormant` */
	if (type == NFT_MSG_NEWTABLE)
		mnl_attr_put_u32(msg, NFTA_TABLE_FLAGS, htonl(0));
	nft_msg_end(b, msg);
}

/* nft add table inet ctnet */
void nft_table_add(struct nft_batch *b, const struct nft_where *w)
{
	table_msg(b, w, NFT_MSG_NEWTABLE, NLM_F_CREATE, "add");
}

/* nft delete table inet ctnet: with all that is in it */
void nft_table_del(struct nft_batch *b, const struct nft_where *w)
{
	table_msg(b, w, NFT_MSG_DELTABLE, 0, "delete");
}

static void chain_fill(struct nftnl_chain *c, const struct nft_where *w,
		       const struct nft_chain_spec *spec)
{
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, w->table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, spec->name);
	if (spec->hook < 0)
		return;
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, spec->type);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, (uint32_t)spec->hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, spec->prio);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
}

/* nft add chain inet ctnet filter_fwd '{ type filter hook forward priority 0; }' */
void nft_chain_add(struct nft_batch *b, const struct nft_where *w, const struct nft_chain_spec *c)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *msg;

	if (!chain) {
		nft_batch_fail(b, -ENOMEM);
		return;
	}
	chain_fill(chain, w, c);
	msg = nft_msg_begin(b, NFT_MSG_NEWCHAIN, w->family, NLM_F_CREATE, "add chain %s", c->name);
	if (msg)
		nftnl_chain_nlmsg_build_payload(msg, chain);
	nft_msg_end(b, msg);
	nftnl_chain_free(chain);
}

/* nft flush chain inet ctnet filter_fwd: every rule in it */
void nft_chain_flush(struct nft_batch *b, const struct nft_where *w, const char *chain)
{
	struct nlmsghdr *msg =
		nft_msg_begin(b, NFT_MSG_DELRULE, w->family, 0, "flush chain %s", chain);

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_RULE_TABLE, w->table);
	mnl_attr_put_strz(msg, NFTA_RULE_CHAIN, chain);
	nft_msg_end(b, msg);
}

/* nft delete chain inet ctnet filter_fwd: it must be empty and unused, -EBUSY */
void nft_chain_del(struct nft_batch *b, const struct nft_where *w, const char *chain)
{
	struct nlmsghdr *msg =
		nft_msg_begin(b, NFT_MSG_DELCHAIN, w->family, 0, "delete chain %s", chain);

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_CHAIN_TABLE, w->table);
	mnl_attr_put_strz(msg, NFTA_CHAIN_NAME, chain);
	nft_msg_end(b, msg);
}
