/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As iproute2 prints (ip/iproute.c, ip/ipneigh.c), for what a lab can have: words in that order,
 * numbers where it has no name. Other attributes are passed over.
 */
#include "net/route_text.h"

#include <errno.h>
#include <linux/icmpv6.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/link.h"
#include "net/neigh.h"

struct text {
	struct nl *nl;
	const struct route_text_query *q;
	FILE *f;
	char *buf;
	size_t size;
	unsigned n;
};

/* ---- words ---- */

struct word {
	unsigned value;
	const char *word;
};

static const struct word types[] = {
	{ RTN_LOCAL, "local" },		{ RTN_BROADCAST, "broadcast" },
	{ RTN_ANYCAST, "anycast" },	{ RTN_MULTICAST, "multicast" },
	{ RTN_BLACKHOLE, "blackhole" }, { RTN_UNREACHABLE, "unreachable" },
	{ RTN_PROHIBIT, "prohibit" },	{ RTN_THROW, "throw" }
};
static const struct word protocols[] = {
	{ RTPROT_REDIRECT, "redirect" }, { RTPROT_KERNEL, "kernel" },
	{ RTPROT_STATIC, "static" },	 { RTPROT_RA, "ra" },
	{ RTPROT_ZEBRA, "zebra" },	 { RTPROT_BIRD, "bird" },
	{ RTPROT_DHCP, "dhcp" },	 { RTPROT_BGP, "bgp" },
	{ RTPROT_ISIS, "isis" },	 { RTPROT_OSPF, "ospf" },
	{ RTPROT_RIP, "rip" },		 { RTPROT_BABEL, "babel" },
	{ RTPROT_EIGRP, "eigrp" },	 { RTPROT_OPENR, "openr" }
};
static const struct word scopes[] = { { RT_SCOPE_SITE, "site" },
				      { RT_SCOPE_LINK, "link" },
				      { RT_SCOPE_HOST, "host" },
				      { RT_SCOPE_NOWHERE, "nowhere" } };
static const struct word preferences[] = { { ICMPV6_ROUTER_PREF_LOW, "low" },
					   { ICMPV6_ROUTER_PREF_MEDIUM, "medium" },
					   { ICMPV6_ROUTER_PREF_HIGH, "high" } };
static const struct word flags[] = { { RTNH_F_DEAD, "dead" },
				     { RTNH_F_ONLINK, "onlink" },
				     { RTNH_F_PERVASIVE, "pervasive" },
				     { RTNH_F_LINKDOWN, "linkdown" },
				     { RTNH_F_UNRESOLVED, "unresolved" } };
static const struct word states[] = {
	{ NUD_INCOMPLETE, "INCOMPLETE" }, { NUD_REACHABLE, "REACHABLE" }, { NUD_STALE, "STALE" },
	{ NUD_DELAY, "DELAY" },		  { NUD_PROBE, "PROBE" },	  { NUD_FAILED, "FAILED" },
	{ NUD_NOARP, "NOARP" },		  { NUD_PERMANENT, "PERMANENT" }
};

static const char *find(const struct word *w, size_t n, unsigned value, char buf[16])
{
	for (size_t i = 0; i < n; i++)
		if (w[i].value == value)
			return w[i].word;
	snprintf(buf, 16, "%u", value);
	return buf;
}
#define FIND(table, value, buf) find(table, ARRAY_SIZE(table), value, buf)

static const char *link_name(struct text *x, uint32_t index, struct link_info *info)
{
	if (link_get_index(x->nl, index, info, NULL) < 0)
		snprintf(info->name, sizeof(info->name), "if%u", index);
	return info->name;
}

/* ---- a route ---- */

static void print_dev(struct text *x, uint32_t index)
{
	struct link_info info;

	if (index)
		fprintf(x->f, "dev %s ", link_name(x, index, &info));
}

/* A gateway of another family says which (RTA_VIA). */
static void print_via(struct text *x, const struct nlattr *const *tb, uint8_t family)
{
	struct ip_addr a = { 0 };
	const struct rtvia *v;
	char buf[IP_STRLEN];

	if (nl_attr_ip(tb[RTA_GATEWAY], family, &a)) {
		fprintf(x->f, "via %s ", ip_str(&a, buf));
		return;
	}
	if (!tb[RTA_VIA] || mnl_attr_get_payload_len(tb[RTA_VIA]) < sizeof(*v))
		return;
	v = mnl_attr_get_payload(tb[RTA_VIA]);
	a.family = (uint8_t)v->rtvia_family;
	if ((a.family != AF_INET && a.family != AF_INET6) ||
	    mnl_attr_get_payload_len(tb[RTA_VIA]) < sizeof(*v) + ip_len(&a))
		return;
	memcpy(a.b, v->rtvia_addr, ip_len(&a));
	fprintf(x->f, "via inet%s %s ", a.family == AF_INET6 ? "6" : "", ip_str(&a, buf));
}

static void print_flags(struct text *x, unsigned have)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (have & flags[i].value)
			fprintf(x->f, "%s ", flags[i].word);
}

static void print_hops(struct text *x, const struct nlattr *multipath, uint8_t family)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct rtnexthop *nh;
	size_t len;

	if (!multipath)
		return;
	nh = mnl_attr_get_payload(multipath);
	len = mnl_attr_get_payload_len(multipath);
	while (len >= sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= len) {
		size_t step = RTNH_ALIGN(nh->rtnh_len);

		nl_parse_at(nh + 1, nh->rtnh_len - sizeof(*nh), tb, RTA_MAX);
		fprintf(x->f, "\\\tnexthop ");
		print_via(x, tb, family);
		print_dev(x, (uint32_t)nh->rtnh_ifindex);
		fprintf(x->f, "weight %d ", nh->rtnh_hops + 1);
		print_flags(x, nh->rtnh_flags);
		if (step >= len)
			return;
		len -= step;
		nh = (const struct rtnexthop *)((const char *)nh + step);
	}
}

static void print_dst(struct text *x, const struct rtmsg *rt, const struct nlattr *dst)
{
	struct ip_prefix p = { .addr.family = rt->rtm_family, .len = rt->rtm_dst_len };
	char buf[IP_PREFIX_STRLEN];

	if (!nl_attr_ip(dst, rt->rtm_family, &p.addr))
		fprintf(x->f, rt->rtm_dst_len ? "0/%u " : "default ", rt->rtm_dst_len);
	else
		fprintf(x->f, "%s ",
			p.len == ip_bits(&p.addr) ? ip_str(&p.addr, buf) : prefix_str(&p, buf));
}

/* Only of those in the main table is the table not told. */
static void print_origin(struct text *x, const struct rtmsg *rt, uint32_t table)
{
	char buf[16];

	if (table && table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL)
		fprintf(x->f, "table %u ", table);
	else if (table == RT_TABLE_LOCAL)
		fprintf(x->f, "table local ");
	if (rt->rtm_flags & RTM_F_CLONED || !x->q->exact)
		return;
	if (rt->rtm_protocol != RTPROT_BOOT)
		fprintf(x->f, "proto %s ", FIND(protocols, rt->rtm_protocol, buf));
	if (rt->rtm_scope != RT_SCOPE_UNIVERSE)
		fprintf(x->f, "scope %s ", FIND(scopes, rt->rtm_scope, buf));
}

static void print_route(struct text *x, const struct rtmsg *rt, const struct nlattr *const *tb)
{
	struct ip_addr src;
	char buf[IP_STRLEN];
	uint32_t metric = nl_attr_u32(tb[RTA_PRIORITY], 0);

	if (x->n++)
		fputc('\n', x->f);
	if (rt->rtm_type != RTN_UNICAST)
		fprintf(x->f, "%s ", FIND(types, rt->rtm_type, buf));
	print_dst(x, rt, tb[RTA_DST]);
	print_via(x, tb, rt->rtm_family);
	print_dev(x, nl_attr_u32(tb[RTA_OIF], 0));
	print_origin(x, rt, nl_attr_u32(tb[RTA_TABLE], rt->rtm_table));
	if (nl_attr_ip(tb[RTA_PREFSRC], rt->rtm_family, &src))
		fprintf(x->f, "src %s ", ip_str(&src, buf));
	if (tb[RTA_PRIORITY])
		fprintf(x->f, "metric %u ", metric);
	print_flags(x, rt->rtm_flags);
	/* the one word that ip(8) puts no blank behind */
	if (tb[RTA_PREF])
		fprintf(x->f, "pref %s", FIND(preferences, nl_attr_u8(tb[RTA_PREF], 0), buf));
	print_hops(x, tb[RTA_MULTIPATH], rt->rtm_family);
}

/* ---- asking ---- */

static bool wanted(const struct text *x, const struct rtmsg *rt, const struct nlattr *const *tb)
{
	struct ip_prefix p = { .addr.family = rt->rtm_family, .len = rt->rtm_dst_len };

	if (!x->q->exact)
		return true;
	if (rt->rtm_family != x->q->family || p.len != x->q->dst.len ||
	    nl_attr_u32(tb[RTA_TABLE], rt->rtm_table) != RT_TABLE_MAIN)
		return false;
	return !p.len || (nl_attr_ip(tb[RTA_DST], rt->rtm_family, &p.addr) &&
			  ip_eq(&p.addr, &x->q->dst.addr));
}

static int hear_route(const struct nlmsghdr *msg, void *ctx)
{
	const struct rtmsg *rt = nl_msg_extra(msg, sizeof(*rt));
	const struct nlattr *tb[RTA_MAX + 1];
	struct text *x = ctx;

	if (msg->nlmsg_type != RTM_NEWROUTE || !rt)
		return 0;
	nl_parse(msg, sizeof(*rt), tb, RTA_MAX);
	if (wanted(x, rt, tb))
		print_route(x, rt, tb);
	return 0;
}

static int list_main(struct text *x, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	struct rtmsg *rt;
	int r;

	nl_req_init(&q);
	rt = nl_msg(&q, RTM_GETROUTE, 0, sizeof(*rt), "list routes");
	rt->rtm_family = x->q->family;
	rt->rtm_table = RT_TABLE_MAIN;
	r = nl_dump(x->nl, &q, hear_route, x, &own);
	/* the main table is made with its first route */
	if (r == -ENOENT)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

/* The socket is busy with the answer until all of it is read. */
static int keep_route(const struct nlmsghdr *msg, void *ctx)
{
	struct nlmsghdr **kept = ctx;

	free(*kept);
	*kept = malloc(msg->nlmsg_len);
	if (!*kept)
		return -ENOMEM;
	memcpy(*kept, msg, msg->nlmsg_len);
	return 0;
}

/* A refusal of the kernel is the answer that there is none. */
static int look_up(struct text *x, struct err *e)
{
	_cleanup_free_ struct nlmsghdr *kept = NULL;
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	struct rtmsg *rt;
	int r;

	nl_req_init(&q);
	rt = nl_msg(&q, RTM_GETROUTE, 0, sizeof(*rt), "find a route");
	rt->rtm_family = x->q->family;
	rt->rtm_dst_len = (uint8_t)ip_bits(&x->q->dst.addr);
	if (x->q->family == AF_INET)
		rt->rtm_flags = RTM_F_LOOKUP_TABLE;
	nl_put_ip(&q, RTA_DST, &x->q->dst.addr);
	r = nl_run(x->nl, &q, keep_route, &kept, &own);
	if (r >= 0 && kept)
		hear_route(kept, x);
	if (r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EACCES || r == -EINVAL)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

/* Closes the stream; blanks at the ends of lines go. */
static int finish(struct text *x, int r, char **ret, struct err *e)
{
	size_t to = 0;

	if (fclose(x->f) != 0 && r >= 0)
		r = err_sys(e, ENOMEM, "routes");
	if (r < 0) {
		free(x->buf);
		return r;
	}
	for (size_t i = 0; x->buf[i]; i++) {
		while (x->buf[i] == '\n' && to && x->buf[to - 1] == ' ')
			to--;
		x->buf[to++] = x->buf[i];
	}
	while (to && x->buf[to - 1] == ' ')
		to--;
	x->buf[to] = '\0';
	*ret = x->buf;
	return x->n > 0;
}

int route_text(struct nl *nl, const struct route_text_query *q, char **ret, struct err *e)
{
	struct text x = { .nl = nl, .q = q };

	x.f = open_memstream(&x.buf, &x.size);
	if (!x.f)
		return err_sys(e, ENOMEM, "routes");
	return finish(&x, q->exact ? list_main(&x, e) : look_up(&x, e), ret, e);
}

/* ---- neighbours ---- */

struct entry {
	struct text *x;
	const struct ip_addr *addr;
};

static int hear_neigh(const struct neigh_info *n, void *ctx)
{
	const struct entry *w = ctx;
	char addr[IP_STRLEN], mac[MAC_STRLEN], word[16];
	struct text *x = w->x;
	struct link_info link;

	if (!ip_eq(&n->addr, w->addr) || n->state == NUD_NOARP)
		return 0;
	fprintf(x->f, "%s%s dev %s ", x->n++ ? "\n" : "", ip_str(&n->addr, addr),
		link_name(x, n->index, &link));
	if (mac_is_set(&n->mac))
		fprintf(x->f, "lladdr %s ", mac_str(&n->mac, mac));
	fprintf(x->f, "%s ", FIND(states, n->state, word));
	return 0;
}

int neigh_text(struct nl *nl, const struct ip_addr *a, char **ret, struct err *e)
{
	struct text x = { .nl = nl };
	struct entry w = { &x, a };

	x.f = open_memstream(&x.buf, &x.size);
	if (!x.f)
		return err_sys(e, ENOMEM, "neighbours");
	return finish(&x, neigh_list(nl, 0, a->family, hear_neigh, &w, e), ret, e);
}
