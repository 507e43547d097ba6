/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The token bucket: tc-tbf(8), net/sched/sch_tbf.c.
 *
 * burst: a packet that is larger than the bucket is cut into its segments, each
 * of them queued by itself. Large ones (GSO, up to 64 KiB) pass whole where
 * the bucket holds them, which is what a fast link needs; a slow one needs a
 * small bucket, or a short transfer never sees the limit. So it is 10 ms of
 * the rate, and no less than two frames.
 *
 * limit: what waits is 50 ms of the rate, and no less than a first window of
 * TCP (ten segments, RFC 6928), without which a slow link loses of every flow.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "core/base/err.h"
#include "net/qdisc.h"

#define NS_PER_S   1000000000ull
#define LATENCY_NS 50000000ull
#define BURST_MS   10
#define WINDOW	   10 /* frames */

static uint32_t at_most_u32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * The bucket as a time, for a kernel that does not read it in bytes: tc's own
 * arithmetic, whole microseconds, of which 64 ns are one tick.
 */
static uint32_t ticks(uint64_t bytes, uint64_t bytes_per_s)
{
	return at_most_u32(bytes * 1000000 / bytes_per_s * 1000 / 64);
}

void qdisc_tbf_put(struct nl_req *q, uint32_t index, const struct tbf_spec *s)
{
	uint64_t rate = s->rate / 8, frame = (s->mtu ? s->mtu : ETH_DATA_LEN) + ETH_HLEN;
	uint64_t latency = s->latency_ns ? s->latency_ns : LATENCY_NS;
	uint64_t queue = rate / 1000 * (latency / 1000) / 1000;
	uint32_t burst =
		s->burst ? s->burst : at_most_u32(larger(rate * BURST_MS / 1000, 2 * frame));
	struct tc_tbf_qopt opt = { .rate = { .cell_log = 3,
					     .linklayer = TC_LINKLAYER_ETHERNET,
					     .cell_align = -1,
					     .rate = at_most_u32(rate) } };

	if (!rate) {
		nl_req_fail(q, -EINVAL);
		return;
	}
	if (s->queue)
		queue = s->queue;
	else if (!s->latency_ns)
		queue = larger(queue, WINDOW * frame);
	opt.limit = at_most_u32(queue + burst);
	opt.buffer = ticks(burst, opt.rate.rate);
	qdisc_begin(q, NLM_F_REPLACE, index, TC_H_ROOT, "tbf");
	nl_nest(q, TCA_OPTIONS);
	nl_put(q, TCA_TBF_PARMS, &opt, sizeof(opt));
	/* the bucket in bytes, so that no table of times (TCA_TBF_RTAB) is needed: 3.13 */
	nl_put_u32(q, TCA_TBF_BURST, burst);
	if (rate > UINT32_MAX)
		nl_put_u64(q, TCA_TBF_RATE64, rate);
	nl_nest_end(q);
}

const struct qdisc_part qdisc_part_tbf = { "tbf", "sch_tbf", "CONFIG_NET_SCH_TBF" };

int qdisc_tbf(struct nl *nl, uint32_t index, const struct tbf_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	qdisc_tbf_put(&q, index, s);
	return qdisc_run(nl, &q, &qdisc_part_tbf, e);
}
