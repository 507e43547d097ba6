/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/link_stats.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core/base/err.h"
#include "net/link_kind.h"

struct list {
	link_stats_fn *fn;
	void *ctx;
};

/* An older kernel's struct is a shorter one: what it does not have is 0. */
static void read_counters(const struct nlattr *a, struct link_stats *ret)
{
	struct rtnl_link_stats64 s = { 0 };
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (a)
		memcpy(&s, mnl_attr_get_payload(a), len < sizeof(s) ? len : sizeof(s));
	ret->rx_bytes = s.rx_bytes;
	ret->rx_packets = s.rx_packets;
	ret->rx_errors = s.rx_errors;
	ret->rx_dropped = s.rx_dropped;
	ret->tx_bytes = s.tx_bytes;
	ret->tx_packets = s.tx_packets;
	ret->tx_errors = s.tx_errors;
	ret->tx_dropped = s.tx_dropped;
}

static int list_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct list *l = ctx;
	struct link_stats s;

	if (!link_parse(msg, &s.link))
		return 0;
	nl_parse(msg, sizeof(struct ifinfomsg), tb, IFLA_MAX);
	read_counters(tb[IFLA_STATS64], &s);
	return l->fn(&s, l->ctx);
}

static int keep(const struct link_stats *s, void *ctx)
{
	*(struct link_stats *)ctx = *s;
	return 0;
}

int link_stats_get(struct nl *nl, const char *name, struct link_stats *ret, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct list l = { .fn = keep, .ctx = ret };
	int r;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "find the counters of link %s", name);
	link_put_name(&q, name);
	ret->link.index = 0;
	r = nl_run(nl, &q, list_reply, &l, e);
	return r < 0 || ret->link.index ? r : err_sys(e, ENODEV, "%s", nl_req_label(&q, 0));
}

int link_stats_list(struct nl *nl, link_stats_fn *fn, void *ctx, struct err *e)
{
	struct list l = { .fn = fn, .ctx = ctx };
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "list links and their counters");
	return nl_dump(nl, &q, list_reply, &l, e);
}
