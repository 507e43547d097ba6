// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets and maps, and their elements. An interval is two elements in the
 * kernel: its first key, and the key behind its last one, marked as an end
 * (include/uapi/linux/netfilter/nf_tables.h, NFT_SET_ELEM_INTERVAL_END); one of
 * concatenated keys is a single element with its first and its last key.
 *
 * Elements are written by hand: there may be ten thousand, and libnftnl makes an
 * object of each, with an allocation for each of its parts.
 */
#include "net/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>

#include "net/nft_batch.h"

#define UDATA_ROOM 256
/* More than any element takes: two keys, data, a chain's name, a comment, and their headers. */
#define ELEM_ROOM 512

static void cleanup_set(struct nftnl_set **s)
{
	if (*s)
		nftnl_set_free(*s);
}
#define _cleanup_set_ __attribute__((cleanup(cleanup_set)))

static struct nftnl_set *set_new(struct nft_batch *b, const struct nft_where *w, const char *name)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set || nftnl_set_set_str(set, NFTNL_SET_TABLE, w->table) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, name) < 0) {
		nft_batch_fail(b, -ENOMEM);
		cleanup_set(&set);
		return NULL;
	}
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, w->family);
	return set;
}

/*
 * What nft(8) notes of `typeof iifname . @th,64,128`: kinds of expressions and
 * their properties as it numbers them (src/expression.c, src/meta.c,
 * src/payload.c, *_build_udata). A type of bare integers has no other spelling.
 */
static bool put_nd_target(struct nftnl_udata_buf *u)
{
	enum { EXPR, DATA };
	enum { EXPR_PAYLOAD = 7, EXPR_META = 9, EXPR_CONCAT = 13 };
	struct nftnl_udata *concat = nftnl_udata_nest_start(u, NFTNL_UDATA_SET_KEY_TYPEOF);
	bool ok = nftnl_udata_put_u32(u, EXPR, EXPR_CONCAT);
	struct nftnl_udata *parts = nftnl_udata_nest_start(u, DATA), *part, *props;

	part = nftnl_udata_nest_start(u, 0);
	ok = ok && nftnl_udata_put_u32(u, EXPR, EXPR_META);
	props = nftnl_udata_nest_start(u, DATA);
	ok = ok && nftnl_udata_put_u32(u, 0, NFT_META_IIFNAME);
	nftnl_udata_nest_end(u, props);
	nftnl_udata_nest_end(u, part);
	part = nftnl_udata_nest_start(u, 1);
	ok = ok && nftnl_udata_put_u32(u, EXPR, EXPR_PAYLOAD);
	props = nftnl_udata_nest_start(u, DATA);
	/* no protocol, the transport header (3 in nft's own count), 128 bits behind 64 */
	for (unsigned i = 0; i < 5; i++)
		ok = ok &&
		     nftnl_udata_put_u32(u, (uint8_t)i, (const uint32_t[]){ 0, 0, 3, 64, 128 }[i]);
	nftnl_udata_nest_end(u, props);
	nftnl_udata_nest_end(u, part);
	nftnl_udata_nest_end(u, parts);
	nftnl_udata_nest_end(u, concat);
	return ok;
}

/* How nft(8) is told to read keys: names are in the host's order, all else in
 * the network's, and a concatenation is asked field by field (src/netlink.c). */
static void set_userdata(struct nft_batch *b, struct nftnl_set *set, const struct nft_set_spec *s)
{
	enum { NONE, HOST, NETWORK };
	uint32_t order = s->key_type >= NFT_CONCAT2(1, 0) ? NONE
			 : s->key_type == NFT_TYPE_IFNAME ? HOST
							  : NETWORK;
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(UDATA_ROOM);

	if (!u || !nftnl_udata_put_u32(u, NFTNL_UDATA_SET_KEYBYTEORDER, order) ||
	    (s->nd_target && !put_nd_target(u)) ||
	    nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(u),
			       nftnl_udata_buf_len(u)) < 0)
		nft_batch_fail(b, -ENOMEM);
	if (u)
		nftnl_udata_buf_free(u);
}

/* Not by libnftnl 1.2.4, which writes past its own buffer. */
static void put_fields(struct nlmsghdr *msg, const struct nft_set_spec *s)
{
	struct nlattr *desc = mnl_attr_nest_start(msg, NFTA_SET_DESC);
	struct nlattr *concat = mnl_attr_nest_start(msg, NFTA_SET_DESC_CONCAT);

	for (size_t i = 0; i < sizeof(s->fields); i++) {
		struct nlattr *field = mnl_attr_nest_start(msg, NFTA_LIST_ELEM);

		mnl_attr_put_u32(msg, NFTA_SET_FIELD_LEN, htonl(s->fields[i]));
		mnl_attr_nest_end(msg, field);
	}
	mnl_attr_nest_end(msg, concat);
	mnl_attr_nest_end(msg, desc);
}

static bool is_concat(const struct nft_set_spec *s)
{
	return s->fields[0] != 0;
}

static void set_fill(struct nftnl_set *set, const struct nft_set_spec *s)
{
	uint32_t flags = 0;

	if (s->interval)
		flags |= NFT_SET_INTERVAL;
	if (is_concat(s))
		flags |= NFT_SET_CONCAT;
	if (s->data_type)
		flags |= NFT_SET_MAP;
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, s->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, s->key_len);
	if (!s->data_type)
		return;
	nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE,
			  s->data_type == NFT_TYPE_VERDICT ? NFT_DATA_VERDICT : s->data_type);
	nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, s->data_len);
}

/* nft add set inet ctnet masq4 '{ type ipv4_addr; flags interval; }' */
void nft_set_add(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s)
{
	_cleanup_set_ struct nftnl_set *set = set_new(b, w, s->name);
	struct nlmsghdr *msg =
		nft_msg_begin(b, NFT_MSG_NEWSET, w->family, NLM_F_CREATE, "add set %s", s->name);

	if (!set || !msg)
		return;
	set_fill(set, s);
	set_userdata(b, set, s);
	/* any number that is unique in the transaction; the kernel insists on one */
	nftnl_set_set_u32(set, NFTNL_SET_ID, msg->nlmsg_seq);
	nftnl_set_nlmsg_build_payload(msg, set);
	if (is_concat(s))
		put_fields(msg, s);
	nft_msg_end(b, msg);
}

/* nft flush set inet ctnet masq4: a deletion that names no element */
void nft_set_flush(struct nft_batch *b, const struct nft_where *w, const char *set)
{
	struct nlmsghdr *msg =
		nft_msg_begin(b, NFT_MSG_DELSETELEM, w->family, 0, "flush set %s", set);

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_TABLE, w->table);
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_SET, set);
	nft_msg_end(b, msg);
}

/* nft delete set inet ctnet masq4: no rule may use it, -EBUSY */
void nft_set_del(struct nft_batch *b, const struct nft_where *w, const char *set)
{
	struct nlmsghdr *msg = nft_msg_begin(b, NFT_MSG_DELSET, w->family, 0, "delete set %s", set);

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_SET_TABLE, w->table);
	mnl_attr_put_strz(msg, NFTA_SET_NAME, set);
	nft_msg_end(b, msg);
}

/* nft's own type, length, value: what libnftnl does with an allocation for each element. */
static size_t put_udata(uint8_t *at, uint8_t type, const void *value, size_t len)
{
	at[0] = type;
	at[1] = (uint8_t)len;
	memcpy(at + 2, value, len);
	return 2 + len;
}

/* The element's userdata: its comment, and that an interval without an end is meant so. */
static void put_userdata(struct nlmsghdr *msg, const struct nft_elem *e, bool open)
{
	const uint32_t flag = NFTNL_SET_ELEM_F_INTERVAL_OPEN;
	uint8_t buf[sizeof(e->comment) + sizeof(flag) + 4];
	size_t comment = strnlen(e->comment, sizeof(e->comment) - 1), len = 0;

	if (comment)
		len += put_udata(buf, NFTNL_UDATA_SET_ELEM_COMMENT, e->comment, comment + 1);
	if (open)
		len += put_udata(buf + len, NFTNL_UDATA_SET_ELEM_FLAGS, &flag, sizeof(flag));
	if (len)
		mnl_attr_put(msg, NFTA_SET_ELEM_USERDATA, len, buf);
}

static void put_value(struct nlmsghdr *msg, uint16_t type, const void *value, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, type);

	mnl_attr_put(msg, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(msg, nest);
}

static void put_verdict(struct nlmsghdr *msg, const struct nft_elem *e)
{
	struct nlattr *data = mnl_attr_nest_start(msg, NFTA_SET_ELEM_DATA);
	struct nlattr *verdict = mnl_attr_nest_start(msg, NFTA_DATA_VERDICT);

	mnl_attr_put_u32(msg, NFTA_VERDICT_CODE, htonl((uint32_t)e->verdict));
	if (e->chain)
		mnl_attr_put_strz(msg, NFTA_VERDICT_CHAIN, e->chain);
	mnl_attr_nest_end(msg, verdict);
	mnl_attr_nest_end(msg, data);
}

/* A list of elements that is being written, in as many messages as it needs. */
struct elem_list {
	struct nft_batch *b;
	const struct nft_where *w;
	const struct nft_set_spec *s;
	uint16_t type;
	struct nlmsghdr *msg; /* NULL: none is open */
	struct nlattr *list;
	uint16_t n; /* elements of this message */
};

static struct nlmsghdr *list_open(struct elem_list *l)
{
	bool add = l->type == NFT_MSG_NEWSETELEM;

	l->n = 0;
	l->msg = nft_msg_begin(l->b, l->type, l->w->family, add ? NLM_F_CREATE : 0, "%s element %s",
			       add ? "add" : "delete", l->s->name);
	if (!l->msg)
		return NULL;
	mnl_attr_put_strz(l->msg, NFTA_SET_ELEM_LIST_SET, l->s->name);
	mnl_attr_put_strz(l->msg, NFTA_SET_ELEM_LIST_TABLE, l->w->table);
	l->list = mnl_attr_nest_start(l->msg, NFTA_SET_ELEM_LIST_ELEMENTS);
	return l->msg;
}

static void list_close(struct elem_list *l)
{
	if (!l->msg)
		return;
	mnl_attr_nest_end(l->msg, l->list);
	nft_msg_end(l->b, l->msg);
	l->msg = NULL;
}

/* Where the next element begins, in a message that has room for it. */
static struct nlattr *list_next(struct elem_list *l)
{
	const char *tail = l->msg ? mnl_nlmsg_get_payload_tail(l->msg) : NULL;

	if (l->msg && tail - (const char *)l->list + ELEM_ROOM > UINT16_MAX)
		list_close(l);
	if (!l->msg && !list_open(l))
		return NULL;
	return mnl_attr_nest_start(l->msg, ++l->n);
}

static void put_elem(struct elem_list *l, const struct nft_elem *e)
{
	const struct nft_set_spec *s = l->s;
	struct nlattr *el = list_next(l);

	if (!el)
		return;
	put_value(l->msg, NFTA_SET_ELEM_KEY, e->key, s->key_len);
	if (is_concat(s))
		put_value(l->msg, NFTA_SET_ELEM_KEY_END, e->key_end, s->key_len);
	if (s->data_type == NFT_TYPE_VERDICT)
		put_verdict(l->msg, e);
	else if (s->data_type)
		put_value(l->msg, NFTA_SET_ELEM_DATA, e->data, s->data_len);
	put_userdata(l->msg, e, s->interval && !is_concat(s) && !e->has_end);
	mnl_attr_nest_end(l->msg, el);
}

static void put_end(struct elem_list *l, const struct nft_elem *e)
{
	struct nlattr *el = list_next(l);

	if (!el)
		return;
	mnl_attr_put_u32(l->msg, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
	put_value(l->msg, NFTA_SET_ELEM_KEY, e->key_end, l->s->key_len);
	mnl_attr_nest_end(l->msg, el);
}

static void elems(struct nft_batch *b, const struct nft_where *w, uint16_t type,
		  const struct nft_set_spec *s, const struct nft_elem *el, size_t n)
{
	struct elem_list l = { .b = b, .w = w, .s = s, .type = type };

	for (size_t i = 0; i < n; i++) {
		put_elem(&l, &el[i]);
		if (s->interval && !is_concat(s) && el[i].has_end)
			put_end(&l, &el[i]);
	}
	list_close(&l);
}

/* nft add element inet ctnet masq4 '{ 10.88.0.0/24 }' */
void nft_elems_add(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s,
		   const struct nft_elem *elem, size_t n)
{
	elems(b, w, NFT_MSG_NEWSETELEM, s, elem, n);
}

/* nft delete element inet ctnet masq4 '{ 10.88.0.0/24 }' */
void nft_elems_del(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s,
		   const struct nft_elem *elem, size_t n)
{
	elems(b, w, NFT_MSG_DELSETELEM, s, elem, n);
}
