/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink: attributes as in linux/netfilter/nfnetlink_conntrack.h. */
#include "net/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "core/base/err.h"
#include "net/sysctl.h"

#define CT_MSG(type) (NFNL_SUBSYS_CTNETLINK << 8 | (type))

/* net/netfilter/nf_internals.h: which parts of a tuple a filter compares */
#define FILTER_PROTO_NUM (1u << 3)
#define FILTER_DST_PORT	 (1u << 5)

static void *begin(struct nl_req *q, uint16_t type, uint8_t family, const char *label)
{
	struct nfgenmsg *g = nl_msg(q, CT_MSG(type), 0, sizeof(*g), "%s", label);

	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	return g;
}

static bool parse_addrs(const struct nlattr *ip, uint8_t family, struct ip_addr *ret_src,
			struct ip_addr *ret_dst)
{
	const struct nlattr *tb[CTA_IP_MAX + 1];
	bool v4 = family == AF_INET;

	if (!ip)
		return false;
	nl_parse_nested(ip, tb, CTA_IP_MAX);
	return nl_attr_ip(tb[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], family, ret_src) &&
	       nl_attr_ip(tb[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], family, ret_dst);
}

struct tuple {
	struct ip_addr src, dst;
	uint8_t proto;
	uint16_t sport, dport;
};

static bool parse_tuple(const struct nlattr *nest, uint8_t family, struct tuple *ret)
{
	const struct nlattr *tb[CTA_TUPLE_MAX + 1], *proto[CTA_PROTO_MAX + 1];

	if (!nest)
		return false;
	nl_parse_nested(nest, tb, CTA_TUPLE_MAX);
	if (!parse_addrs(tb[CTA_TUPLE_IP], family, &ret->src, &ret->dst) || !tb[CTA_TUPLE_PROTO])
		return false;
	nl_parse_nested(tb[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX);
	ret->proto = nl_attr_u8(proto[CTA_PROTO_NUM], 0);
	ret->sport = ntohs(nl_attr_u16(proto[CTA_PROTO_SRC_PORT], 0));
	ret->dport = ntohs(nl_attr_u16(proto[CTA_PROTO_DST_PORT], 0));
	return true;
}

bool conntrack_parse(const struct nlmsghdr *msg, struct conntrack_entry *ret)
{
	const struct nfgenmsg *g = nl_msg_extra(msg, sizeof(*g));
	const struct nlattr *tb[CTA_MAX + 1];
	struct tuple orig = { .proto = 0 }, reply = { .proto = 0 };

	if (msg->nlmsg_type != CT_MSG(IPCTNL_MSG_CT_NEW) || !g ||
	    (g->nfgen_family != AF_INET && g->nfgen_family != AF_INET6))
		return false;
	nl_parse(msg, sizeof(*g), tb, CTA_MAX);
	if (!parse_tuple(tb[CTA_TUPLE_ORIG], g->nfgen_family, &orig) ||
	    !parse_tuple(tb[CTA_TUPLE_REPLY], g->nfgen_family, &reply))
		return false;
	*ret = (struct conntrack_entry){ .src = orig.src,
					 .dst = orig.dst,
					 .reply_src = reply.src,
					 .dport = orig.dport,
					 .reply_sport = reply.sport,
					 .zone = ntohs(nl_attr_u16(tb[CTA_ZONE], 0)),
					 .id = nl_attr_u32(tb[CTA_ID], 0),
					 .proto = orig.proto,
					 .orig = tb[CTA_TUPLE_ORIG] };
	return true;
}

static void put_dport(struct nl_req *q, const struct conntrack_match *m)
{
	nl_nest(q, CTA_TUPLE_ORIG);
	nl_nest(q, CTA_TUPLE_PROTO);
	nl_put_u8(q, CTA_PROTO_NUM, m->proto);
	nl_put_be16(q, CTA_PROTO_DST_PORT, m->dport);
	nl_nest_end(q);
	nl_nest_end(q);
}

/* conntrack -L -p udp --orig-port-dst 53 */
static void put_filter(struct nl_req *q, const struct conntrack_match *m)
{
	if (!m->dport)
		return;
	put_dport(q, m);
	nl_nest(q, CTA_FILTER);
	nl_put_u32(q, CTA_FILTER_ORIG_FLAGS, FILTER_PROTO_NUM | FILTER_DST_PORT);
	nl_put_u32(q, CTA_FILTER_REPLY_FLAGS, 0);
	nl_nest_end(q);
}

bool conntrack_any(void)
{
	char count[16];

	return sysctl_get("netfilter/nf_conntrack_count", count, sizeof(count), NULL) >= 0 &&
	       strcmp(count, "0") != 0;
}

struct list {
	conntrack_fn *fn;
	void *ctx;
};

static int on_msg(const struct nlmsghdr *msg, void *ctx)
{
	const struct list *l = ctx;
	struct conntrack_entry c;

	return conntrack_parse(msg, &c) ? l->fn(&c, l->ctx) : 0;
}

static int list_once(struct nl *nft, const struct conntrack_match *m, struct list *l, bool filter,
		     struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	begin(&q, IPCTNL_MSG_CT_GET, m->family, "list connections");
	if (filter)
		put_filter(&q, m);
	return nl_dump(nft, &q, on_msg, l, e);
}

/* conntrack -L; without connection tracking in the kernel there are none. */
int conntrack_list(struct nl *nft, const struct conntrack_match *m, conntrack_fn *fn, void *ctx,
		   struct err *e)
{
	struct list l = { fn, ctx };
	int r = list_once(nft, m, &l, true, e);

	if (r == -EOPNOTSUPP || r == -EINVAL) {
		err_clear(e);
		r = list_once(nft, m, &l, false, e);
	}
	if (r == -EOPNOTSUPP || r == -EINVAL) {
		err_clear(e);
		r = 0;
	}
	return r;
}

/* conntrack -D -i ID ...: another connection of the same addresses and ports stays */
void conntrack_del_put(struct nl_req *q, const struct conntrack_entry *c)
{
	begin(q, IPCTNL_MSG_CT_DELETE, c->src.family, "delete a connection");
	nl_put(q, CTA_TUPLE_ORIG | NLA_F_NESTED, mnl_attr_get_payload(c->orig),
	       mnl_attr_get_payload_len(c->orig));
	nl_put_u32(q, CTA_ID, c->id);
	if (c->zone)
		nl_put_be16(q, CTA_ZONE, c->zone);
}
