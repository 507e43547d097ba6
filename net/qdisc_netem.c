/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network emulator: tc-netem(8), net/sched/sch_netem.c.
 *
 * limit: netem holds what is under way as well as what waits, and drops past a
 * number of packets. So the limit is what fits the delay at the rate, and the
 * queue behind it: its default of 1000 would cap the rate at limit / delay.
 * Packets are counted at full size. Without a rate there is no queue, and the
 * delay is taken to be filled at FAST.
 *
 * jitter: each packet draws its own delay, and what drew less overtakes. Only
 * where netem keeps a rate does it send in order, so one beyond every link is
 * given unless reordering is wanted.
 *
 * Times go twice, in ticks of 64 ns and in nanoseconds (LATENCY64, 4.16), of
 * which a kernel that knows these takes the latter.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "net/qdisc.h"

#define NS_PER_S	1000000000ull
#define NS_PER_TICK	64
#define FAST		10000000000ull /* bit/s */
#define ORDERED		1000000000000ull /* bit/s, 12 ns a frame */
#define QUEUE_NS	50000000ull
#define QUEUE_PACKETS	100
#define LIMIT_MIN	1000 /* without a rate: netem's own */
#define LIMIT_MAX	250000 /* without a rate: some 600 MB of memory */
#define NETEM_PRNG_SEED 14 /* TCA_NETEM_PRNG_SEED, Linux 6.7; ignored by older ones */
#define SHARE_ALL	1000000000ull

static uint32_t at_most_u32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* As tc rounds it: rint(share * UINT32_MAX). */
static uint32_t probability(uint32_t share)
{
	return (uint32_t)(((uint64_t)share * UINT32_MAX + SHARE_ALL / 2) / SHARE_ALL);
}

/* Full frames that a time at a rate holds, rounded up; ns up to an hour. */
static uint64_t frames_in(uint64_t ns, uint64_t bits_per_s, uint64_t frame)
{
	uint64_t bytes = bits_per_s / 8 / 1000 * (ns / 1000) / 1000;

	return (bytes + frame - 1) / frame;
}

static uint32_t limit_of(const struct netem_spec *s)
{
	uint64_t frame = (uint64_t)(s->mtu ? s->mtu : ETH_DATA_LEN) + ETH_HLEN;
	uint64_t held, queue = s->queue;

	held = frames_in(s->delay_ns + s->jitter_ns, s->rate ? s->rate : FAST, frame);
	if (!s->rate)
		return held > LIMIT_MAX - LIMIT_MIN ? LIMIT_MAX : (uint32_t)held + LIMIT_MIN;
	if (!queue)
		queue = frames_in(QUEUE_NS, s->rate, frame);
	if (!s->queue && queue < QUEUE_PACKETS)
		queue = QUEUE_PACKETS;
	return at_most_u32(held + queue);
}

static void put_rate(struct nl_req *q, uint64_t bits_per_s)
{
	struct tc_netem_rate r = { .rate = at_most_u32(bits_per_s / 8) };

	if (bits_per_s / 8 > UINT32_MAX)
		nl_put_u64(q, TCA_NETEM_RATE64, bits_per_s / 8);
	nl_put(q, TCA_NETEM_RATE, &r, sizeof(r));
}

static void put_options(struct nl_req *q, const struct netem_spec *s)
{
	struct tc_netem_reorder reorder = { .probability = probability(s->reorder) };
	struct tc_netem_corrupt corrupt = { .probability = probability(s->corrupt) };
	uint64_t rate = s->rate;

	if (s->reorder)
		nl_put(q, TCA_NETEM_REORDER, &reorder, sizeof(reorder));
	if (s->corrupt)
		nl_put(q, TCA_NETEM_CORRUPT, &corrupt, sizeof(corrupt));
	if (!rate && s->jitter_ns && !s->reorder)
		rate = ORDERED;
	if (rate)
		put_rate(q, rate);
	if (s->delay_ns)
		nl_put_u64(q, TCA_NETEM_LATENCY64, s->delay_ns);
	if (s->jitter_ns)
		nl_put_u64(q, TCA_NETEM_JITTER64, s->jitter_ns);
	if (s->seed)
		nl_put_u64(q, NETEM_PRNG_SEED, s->seed);
}

void qdisc_netem_put(struct nl_req *q, uint32_t index, const struct netem_spec *s)
{
	struct tc_netem_qopt *opt;

	if (s->rate && s->rate < 8) {
		nl_req_fail(q, -EINVAL);
		return;
	}
	qdisc_begin(q, NLM_F_REPLACE, index, TC_H_ROOT, "netem");
	nl_nest(q, TCA_OPTIONS);
	opt = nl_extra(q, sizeof(*opt));
	*opt = (struct tc_netem_qopt){ .latency = at_most_u32(s->delay_ns / NS_PER_TICK),
				       .limit = limit_of(s),
				       .loss = probability(s->loss),
				       /* every packet may overtake, not each n-th */
				       .gap = s->reorder != 0,
				       .duplicate = probability(s->dup),
				       .jitter = at_most_u32(s->jitter_ns / NS_PER_TICK) };
	put_options(q, s);
	nl_nest_end(q);
}

const struct qdisc_part qdisc_part_netem = { "netem", "sch_netem", "CONFIG_NET_SCH_NETEM" };
