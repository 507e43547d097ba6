/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a link. */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "core/base/err.h"
#include "net/link_kind.h"

bool link_is_physical(const struct link_info *l)
{
	return !l->kind[0] && !(l->flags & IFF_LOOPBACK);
}

static void copy_str(char *to, size_t size, const struct nlattr *a)
{
	snprintf(to, size, "%s", nl_attr_str(a, ""));
}

bool link_parse(const struct nlmsghdr *msg, struct link_info *ret)
{
	const struct ifinfomsg *ifi = nl_msg_extra(msg, sizeof(*ifi));
	const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];

	if (msg->nlmsg_type != RTM_NEWLINK || !ifi)
		return false;
	nl_parse(msg, sizeof(*ifi), tb, IFLA_MAX);
	nl_parse_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX);
	*ret = (struct link_info){ .index = (uint32_t)ifi->ifi_index,
				   .flags = ifi->ifi_flags,
				   .master = nl_attr_u32(tb[IFLA_MASTER], 0),
				   .mtu = nl_attr_u32(tb[IFLA_MTU], 0),
				   .group = nl_attr_u32(tb[IFLA_GROUP], 0),
				   .peer_index = nl_attr_u32(tb[IFLA_LINK], 0),
				   .peer_elsewhere = tb[IFLA_LINK_NETNSID] };
	copy_str(ret->name, sizeof(ret->name), tb[IFLA_IFNAME]);
	copy_str(ret->alias, sizeof(ret->alias), tb[IFLA_IFALIAS]);
	copy_str(ret->kind, sizeof(ret->kind), info[IFLA_INFO_KIND]);
	nl_attr_mac(tb[IFLA_ADDRESS], &ret->mac);
	return true;
}

struct get {
	struct link_info info;
	bool found;
};

static int get_reply(const struct nlmsghdr *msg, void *ctx)
{
	struct get *g = ctx;

	g->found |= link_parse(msg, &g->info);
	return 0;
}

static int get_run(struct nl *nl, struct nl_req *q, struct link_info *ret, struct err *e)
{
	struct get g = { .found = false };
	int r;

	/* counters are half of the answer and nobody reads them */
	nl_put_u32(q, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = nl_run(nl, q, get_reply, &g, e);
	if (r < 0)
		return r;
	if (!g.found)
		return err_sys(e, ENODEV, "%s", nl_req_label(q, 0));
	*ret = g.info;
	return 0;
}

/* ip link show dev NAME, without a dump; -ENODEV. */
int link_get(struct nl *nl, const char *name, struct link_info *ret, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "find link %s", name);
	link_put_name(&q, name);
	return get_run(nl, &q, ret, e);
}

void link_get_put(struct nl_req *q, uint32_t index)
{
	struct ifinfomsg *ifi;

	ifi = nl_msg(q, RTM_GETLINK, 0, sizeof(*ifi), "find link %u", index);
	ifi->ifi_index = (int)index;
}

int link_get_index(struct nl *nl, uint32_t index, struct link_info *ret, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	link_get_put(&q, index);
	return get_run(nl, &q, ret, e);
}

struct list {
	uint32_t master;
	link_fn *fn;
	void *ctx;
};

static int list_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct list *l = ctx;
	struct link_info info;

	if (!link_parse(msg, &info) || (l->master && info.master != l->master))
		return 0;
	return l->fn(&info, l->ctx);
}

/* ip link show [master BR] */
int link_list(struct nl *nl, uint32_t master, link_fn *fn, void *ctx, struct err *e)
{
	struct list l = { .master = master, .fn = fn, .ctx = ctx };
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "list links");
	nl_put_u32(&q, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	link_put_u32(&q, IFLA_MASTER, master);
	return nl_dump(nl, &q, list_reply, &l, e);
}
