// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets and maps, and their elements. An interval is two elements in the
 * kernel: its first key, and the key behind its last one, marked as an end
 * (include/uapi/linux/netfilter/nf_tables.h, NFT_SET_ELEM_INTERVAL_END); one of
 * concatenated keys is a single element with its first and its last key.
 */
#include "net/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>

#include "net/nft_batch.h"

#define UDATA_ROOM 256

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

/* The element's userdata: its comment, and that an interval without an end is meant so. */
static int elem_userdata(struct nftnl_set_elem *el, const struct nft_elem *e, bool open)
{
	struct nftnl_udata_buf *u;
	int r = 0;

	if (!e->comment[0] && !open)
		return 0;
	u = nftnl_udata_buf_alloc(UDATA_ROOM);
	if (!u)
		return -ENOMEM;
	if ((e->comment[0] && !nftnl_udata_put_strz(u, NFTNL_UDATA_SET_ELEM_COMMENT, e->comment)) ||
	    (open &&
	     !nftnl_udata_put_u32(u, NFTNL_UDATA_SET_ELEM_FLAGS, NFTNL_SET_ELEM_F_INTERVAL_OPEN)))
		r = -ENAMETOOLONG;
	else if (nftnl_set_elem_set(el, NFTNL_SET_ELEM_USERDATA, nftnl_udata_buf_data(u),
				    nftnl_udata_buf_len(u)) < 0)
		r = -ENOMEM;
	nftnl_udata_buf_free(u);
	return r;
}

static int elem_data(struct nftnl_set_elem *el, const struct nft_set_spec *s,
		     const struct nft_elem *e)
{
	if (!s->data_type)
		return 0;
	if (s->data_type != NFT_TYPE_VERDICT)
		return nftnl_set_elem_set(el, NFTNL_SET_ELEM_DATA, e->data, s->data_len);
	nftnl_set_elem_set_u32(el, NFTNL_SET_ELEM_VERDICT, (uint32_t)e->verdict);
	return e->chain ? nftnl_set_elem_set_str(el, NFTNL_SET_ELEM_CHAIN, e->chain) : 0;
}

static void elem_put(struct nft_batch *b, struct nftnl_set *set, const struct nft_set_spec *s,
		     const struct nft_elem *e)
{
	struct nftnl_set_elem *el = nftnl_set_elem_alloc();

	if (!el) {
		nft_batch_fail(b, -ENOMEM);
		return;
	}
	nftnl_set_elem_add(set, el);
	if (nftnl_set_elem_set(el, NFTNL_SET_ELEM_KEY, e->key, s->key_len) < 0 ||
	    (is_concat(s) &&
	     nftnl_set_elem_set(el, NFTNL_SET_ELEM_KEY_END, e->key_end, s->key_len) < 0) ||
	    elem_data(el, s, e) < 0 ||
	    elem_userdata(el, e, s->interval && !is_concat(s) && !e->has_end) < 0)
		nft_batch_fail(b, -ENOMEM);
}

static void elem_put_end(struct nft_batch *b, struct nftnl_set *set, const struct nft_set_spec *s,
			 const struct nft_elem *e)
{
	struct nftnl_set_elem *el = nftnl_set_elem_alloc();

	if (!el) {
		nft_batch_fail(b, -ENOMEM);
		return;
	}
	nftnl_set_elem_add(set, el);
	nftnl_set_elem_set_u32(el, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	if (nftnl_set_elem_set(el, NFTNL_SET_ELEM_KEY, e->key_end, s->key_len) < 0)
		nft_batch_fail(b, -ENOMEM);
}

/* As many messages as the 16-bit length of their list of elements makes necessary. */
static void elems_msgs(struct nft_batch *b, const struct nft_where *w, uint16_t type,
		       uint16_t flags, const char *verb, struct nftnl_set *set)
{
	struct nftnl_set_elems_iter *it = nftnl_set_elems_iter_create(set);
	struct nlmsghdr *msg;
	int more = 1;

	if (!it)
		nft_batch_fail(b, -ENOMEM);
	while (it && more > 0) {
		msg = nft_msg_begin(b, type, w->family, flags, "%s element %s", verb,
				    nftnl_set_get_str(set, NFTNL_SET_NAME));
		if (!msg)
			break;
		more = nftnl_set_elems_nlmsg_build_payload_iter(msg, it);
		nft_msg_end(b, msg);
	}
	if (it)
		nftnl_set_elems_iter_destroy(it);
}

static void elems(struct nft_batch *b, const struct nft_where *w, uint16_t type,
		  const struct nft_set_spec *s, const struct nft_elem *el, size_t n)
{
	_cleanup_set_ struct nftnl_set *set = NULL;
	bool add = type == NFT_MSG_NEWSETELEM;
	size_t i;

	if (!n)
		return;
	set = set_new(b, w, s->name);
	if (!set)
		return;
	for (i = 0; i < n; i++) {
		elem_put(b, set, s, &el[i]);
		if (s->interval && !is_concat(s) && el[i].has_end)
			elem_put_end(b, set, s, &el[i]);
	}
	elems_msgs(b, w, type, add ? NLM_F_CREATE : 0, add ? "add" : "delete", set);
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
