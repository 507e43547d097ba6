/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ports carry, and what is lost at them: the counters of our ends, and the drops
 * of what shapes them (a filter's are counted by its clsact).
 */
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/fabric_real.h"
#include "net/link_stats.h"

/* By port number; those of an ifb count for its port. */
struct drops {
	uint64_t *v;
	size_t n;
};

static void cleanup_drops(struct drops *d)
{
	free(d->v);
}

static int drops_add(struct drops *d, uint32_t port, uint64_t n)
{
	size_t size = d->n ? d->n : 64;
	uint64_t *v;

	while (size <= port)
		size *= 2;
	if (size > d->n) {
		v = realloc(d->v, size * sizeof(*v));
		if (!v)
			return -ENOMEM;
		memset(v + d->n, 0, (size - d->n) * sizeof(*v));
		d->v = v;
		d->n = size;
	}
	d->v[port] += n;
	return 0;
}

/* The port that a link of ours belongs to; false: none. */
static bool port_of(uint32_t index, uint32_t *port)
{
	if (index - PORT_INDEX < FABRIC_IDS)
		*port = index - PORT_INDEX;
	else if (index - IFB_INDEX < FABRIC_IDS)
		*port = index - IFB_INDEX;
	else
		return false;
	return true;
}

static int read_drops(const struct nlmsghdr *msg, void *ctx)
{
	const struct tcmsg *tc = nl_msg_extra(msg, sizeof(*tc));
	const struct nlattr *tb[TCA_MAX + 1], *stats[TCA_STATS_MAX + 1];
	struct gnet_stats_queue queue = { 0 };
	uint32_t port;
	size_t len;

	if (msg->nlmsg_type != RTM_NEWQDISC || !tc || !port_of((uint32_t)tc->tcm_ifindex, &port))
		return 0;
	nl_parse(msg, sizeof(*tc), tb, TCA_MAX);
	if (!tb[TCA_STATS2])
		return 0;
	nl_parse_nested(tb[TCA_STATS2], stats, TCA_STATS_MAX);
	if (!stats[TCA_STATS_QUEUE])
		return 0;
	len = mnl_attr_get_payload_len(stats[TCA_STATS_QUEUE]);
	memcpy(&queue, mnl_attr_get_payload(stats[TCA_STATS_QUEUE]),
	       len < sizeof(queue) ? len : sizeof(queue));
	return queue.drops ? drops_add(ctx, port, queue.drops) : 0;
}

struct states {
	const struct drops *drops;
	fabric_state_fn *fn;
	void *ctx;
};

static int read_state(const struct link_stats *l, void *ctx)
{
	const struct states *s = ctx;
	uint32_t port = l->link.index - PORT_INDEX;
	struct fabric_state state;

	if (port >= FABRIC_IDS)
		return 0;
	state = (struct fabric_state){ .port = port,
				       .up = l->link.flags & IFF_UP,
				       .carrier = l->link.flags & IFF_RUNNING,
				       .to_node_bytes = l->tx_bytes,
				       .to_node_packets = l->tx_packets,
				       .from_node_bytes = l->rx_bytes,
				       .from_node_packets = l->rx_packets };
	if (port < s->drops->n)
		state.drops = s->drops->v[port];
	return s->fn(&state, s->ctx);
}

/* tc -s qdisc show; ip -s link show */
int fabric_states(struct fabric *f, fabric_state_fn *fn, void *ctx, struct err *e)
{
	_cleanup_(cleanup_drops) struct drops drops = { 0 };
	struct states s = { .drops = &drops, .fn = fn, .ctx = ctx };
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	nl_msg(&q, RTM_GETQDISC, 0, sizeof(struct tcmsg), "list queues");
	r = nl_dump(&f->nl, &q, read_drops, &drops, e);
	return r < 0 ? r : link_stats_list(&f->nl, read_state, &s, e);
}
