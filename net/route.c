/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"

static uint8_t type_of(const struct route_spec *s)
{
	return s->type ? s->type : RTN_UNICAST;
}

/* As ip(8): an IPv4 route without a gateway reaches its own link only. */
static uint8_t scope_of(const struct route_spec *s)
{
	if (s->dst.addr.family != AF_INET)
		return RT_SCOPE_UNIVERSE;
	switch (type_of(s)) {
	case RTN_LOCAL:
		return RT_SCOPE_HOST;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
	case RTN_ANYCAST:
		return RT_SCOPE_LINK;
	case RTN_UNICAST:
		return ip_is_set(&s->via) || s->n_hops ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	default:
		return RT_SCOPE_UNIVERSE;
	}
}

static size_t via_size(const struct ip_addr *via, uint8_t family)
{
	if (!ip_is_set(via))
		return 0;
	return NLA_HDRLEN + (via->family == family ? ip_len(via)
						   : NLA_ALIGN(sizeof(struct rtvia) + ip_len(via)));
}

/* RTA_VIA carries a gateway of another family (RFC 5549: IPv4 via an IPv6 neighbour). */
static void put_via(struct nl_req *q, const struct ip_addr *via, uint8_t family)
{
	_Alignas(struct rtvia) uint8_t buf[sizeof(struct rtvia) + sizeof(via->b)];
	struct rtvia *v = (struct rtvia *)buf;

	if (!ip_is_set(via))
		return;
	if (via->family == family) {
		nl_put_ip(q, RTA_GATEWAY, via);
		return;
	}
	v->rtvia_family = via->family;
	memcpy(v->rtvia_addr, via->b, ip_len(via));
	nl_put(q, RTA_VIA, buf, sizeof(*v) + ip_len(via));
}

static void put_hops(struct nl_req *q, const struct route_spec *s)
{
	struct rtnexthop *nh;

	nl_nest(q, RTA_MULTIPATH);
	for (size_t i = 0; i < s->n_hops; i++) {
		const struct route_hop *h = &s->hops[i];

		nh = nl_extra(q, sizeof(*nh));
		nh->rtnh_len =
			(unsigned short)(sizeof(*nh) + via_size(&h->via, s->dst.addr.family));
		nh->rtnh_flags = h->onlink ? RTNH_F_ONLINK : 0;
		nh->rtnh_hops = h->weight ? h->weight - 1 : 0;
		nh->rtnh_ifindex = (int)h->index;
		put_via(q, &h->via, s->dst.addr.family);
	}
	nl_nest_end(q);
}

/* "default", or the prefix, and the gateway: what names a route in messages. */
static const char *dst_str(const struct route_spec *s, char *buf, size_t size)
{
	char dst[IP_PREFIX_STRLEN], via[IP_STRLEN];

	snprintf(buf, size, "%s%s%s", s->dst.len ? prefix_str(&s->dst, dst) : "default",
		 ip_is_set(&s->via) ? " via " : "", ip_is_set(&s->via) ? ip_str(&s->via, via) : "");
	return buf;
}

static struct rtmsg *route_begin(struct nl_req *q, uint16_t type, uint16_t flags,
				 const struct route_spec *s, const char *what)
{
	char name[128];
	struct rtmsg *rt;

	rt = nl_msg(q, type, flags, sizeof(*rt), "%s %s", what, dst_str(s, name, sizeof(name)));
	rt->rtm_family = s->dst.addr.family;
	rt->rtm_dst_len = s->dst.len;
	rt->rtm_table = RT_TABLE_MAIN;
	if (s->onlink)
		rt->rtm_flags = RTNH_F_ONLINK;
	return rt;
}

static void put_attrs(struct nl_req *q, const struct route_spec *s)
{
	if (s->dst.len)
		nl_put_ip(q, RTA_DST, &s->dst.addr);
	if (ip_is_set(&s->src))
		nl_put_ip(q, RTA_PREFSRC, &s->src);
	if (s->metric)
		nl_put_u32(q, RTA_PRIORITY, s->metric);
	if (s->n_hops) {
		put_hops(q, s);
		return;
	}
	put_via(q, &s->via, s->dst.addr.family);
	if (s->index)
		nl_put_u32(q, RTA_OIF, s->index);
}

/* ip route add|replace [TYPE] DST [via GW] [dev LINK] [metric N] [src A] [onlink] [nexthop ...] */
void route_add_put(struct nl_req *q, const struct route_spec *s)
{
	uint16_t flags = NLM_F_CREATE | (s->replace ? NLM_F_REPLACE : NLM_F_EXCL);
	struct rtmsg *rt = route_begin(q, RTM_NEWROUTE, flags, s, "add route");

	rt->rtm_protocol = RTPROT_BOOT;
	rt->rtm_scope = scope_of(s);
	rt->rtm_type = type_of(s);
	put_attrs(q, s);
}

int route_add(struct nl *nl, const struct route_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	route_add_put(&q, s);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* ip route del DST ...; only what is set is compared. -ESRCH, or no such link: it is gone. */
int route_del(struct nl *nl, const struct route_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	struct rtmsg *rt;
	int r;

	nl_req_init(&q);
	rt = route_begin(&q, RTM_DELROUTE, 0, s, "delete route");
	rt->rtm_scope = RT_SCOPE_NOWHERE;
	rt->rtm_type = s->type;
	put_attrs(&q, s);
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -ESRCH || r == -ENODEV)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

static bool parse_via(const struct nlattr *a, struct ip_addr *ret)
{
	const struct rtvia *v;
	struct ip_addr ip = { 0 };

	if (!a || mnl_attr_get_payload_len(a) < sizeof(*v))
		return false;
	v = mnl_attr_get_payload(a);
	if (v->rtvia_family != AF_INET && v->rtvia_family != AF_INET6)
		return false;
	ip.family = (uint8_t)v->rtvia_family;
	if (mnl_attr_get_payload_len(a) < sizeof(*v) + ip_len(&ip))
		return false;
	memcpy(ip.b, v->rtvia_addr, ip_len(&ip));
	*ret = ip;
	return true;
}

/* The first hop of a multipath route stands for it. */
static void parse_hop(const struct nlattr *multipath, uint8_t family, struct route_info *info)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct rtnexthop *nh;

	if (!multipath || mnl_attr_get_payload_len(multipath) < sizeof(*nh))
		return;
	nh = mnl_attr_get_payload(multipath);
	if (nh->rtnh_len < sizeof(*nh) || nh->rtnh_len > mnl_attr_get_payload_len(multipath))
		return;
	nl_parse_at(nh + 1, nh->rtnh_len - sizeof(*nh), tb, RTA_MAX);
	info->index = (uint32_t)nh->rtnh_ifindex;
	if (!nl_attr_ip(tb[RTA_GATEWAY], family, &info->via))
		parse_via(tb[RTA_VIA], &info->via);
}

bool route_parse(const struct nlmsghdr *msg, struct route_info *ret)
{
	const struct rtmsg *rt = nl_msg_extra(msg, sizeof(*rt));
	const struct nlattr *tb[RTA_MAX + 1];
	struct route_info info;

	if (msg->nlmsg_type != RTM_NEWROUTE || !rt)
		return false;
	if (rt->rtm_family != AF_INET && rt->rtm_family != AF_INET6)
		return false;
	nl_parse(msg, sizeof(*rt), tb, RTA_MAX);
	info = (struct route_info){ .dst = { .addr.family = rt->rtm_family,
					     .len = rt->rtm_dst_len },
				    .index = nl_attr_u32(tb[RTA_OIF], 0),
				    .metric = nl_attr_u32(tb[RTA_PRIORITY], 0),
				    .table = nl_attr_u32(tb[RTA_TABLE], rt->rtm_table),
				    .type = rt->rtm_type,
				    .protocol = rt->rtm_protocol };
	if (info.dst.len > ip_bits(&info.dst.addr))
		return false;
	if (!nl_attr_ip(tb[RTA_DST], rt->rtm_family, &info.dst.addr) && info.dst.len)
		return false;
	if (!nl_attr_ip(tb[RTA_GATEWAY], rt->rtm_family, &info.via))
		parse_via(tb[RTA_VIA], &info.via);
	nl_attr_ip(tb[RTA_PREFSRC], rt->rtm_family, &info.src);
	parse_hop(tb[RTA_MULTIPATH], rt->rtm_family, &info);
	*ret = info;
	return true;
}

struct list {
	uint8_t family;
	route_fn *fn;
	void *ctx;
};

static int list_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct list *l = ctx;
	struct route_info info;

	if (!route_parse(msg, &info) || info.dst.addr.family != l->family ||
	    info.table != RT_TABLE_MAIN)
		return 0;
	return l->fn(&info, l->ctx);
}

static int list_family(struct nl *nl, struct list *l, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	struct rtmsg *rt;
	int r;

	nl_req_init(&q);
	rt = nl_msg(&q, RTM_GETROUTE, 0, sizeof(*rt), "list routes");
	rt->rtm_family = l->family;
	rt->rtm_table = RT_TABLE_MAIN;
	r = nl_dump(nl, &q, list_reply, l, &own);
	/* the main table is made with its first route: "FIB table does not exist" */
	if (r == -ENOENT && own.num == -ENOENT)
		return 0;
	/* fn's own failure has its own words */
	if (own.num && e)
		*e = own;
	return r;
}

/*
 * ip route show table main. One dump a family: AF_UNSPEC would ask the
 * multicast routers too, who do not know this table.
 */
int route_list(struct nl *nl, uint8_t family, route_fn *fn, void *ctx, struct err *e)
{
	struct list l = { .family = AF_INET, .fn = fn, .ctx = ctx };
	int r = 0;

	if (family != AF_INET6)
		r = list_family(nl, &l, e);
	if (r < 0 || family == AF_INET)
		return r;
	l.family = AF_INET6;
	return list_family(nl, &l, e);
}

struct get {
	struct route_info info;
	bool found;
};

static int get_reply(const struct nlmsghdr *msg, void *ctx)
{
	struct get *g = ctx;

	g->found |= route_parse(msg, &g->info);
	return 0;
}

/* ip route get DST; -ENETUNREACH, -EHOSTUNREACH, -EACCES by the kind of refusal. */
int route_get(struct nl *nl, const struct ip_addr *dst, struct route_info *ret, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct get g = { .found = false };
	char buf[IP_STRLEN];
	struct rtmsg *rt;
	int r;

	nl_req_init(&q);
	rt = nl_msg(&q, RTM_GETROUTE, 0, sizeof(*rt), "find a route to %s", ip_str(dst, buf));
	rt->rtm_family = dst->family;
	rt->rtm_dst_len = (uint8_t)ip_bits(dst);
	/* the table the route is in, not always main; IPv6 says it unasked and refuses the flag */
	if (dst->family == AF_INET)
		rt->rtm_flags = RTM_F_LOOKUP_TABLE;
	nl_put_ip(&q, RTA_DST, dst);
	r = nl_run(nl, &q, get_reply, &g, e);
	if (r < 0)
		return r;
	if (!g.found)
		return err_sys(e, ENETUNREACH, "%s", nl_req_label(&q, 0));
	*ret = g.info;
	return 0;
}
