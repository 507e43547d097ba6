/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echoes from one place to another. They go out on time whether or not those
 * before were answered, each is waited for on its own, and what comes twice counts
 * once. Round-trip times go from before sendmsg(2) to the kernel's own stamp of
 * the answer: how long this process takes to look is not in them.
 */
#include <errno.h>
#include <poll.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/probe_icmp.h"

#define SEQS 65536U

struct echo {
	const struct probe_path *path;
	const struct probe_echo *want;
	struct probe_echo_result *ret;
	uint64_t *sent; /* stamp of each that nobody answered yet, else 0 */
	uint64_t sum, due, last, interval, timeout; /* due, last: probe_now's clock */
	uint32_t count, n, open; /* n: sent; open: neither answered nor refused */
	struct sockaddr_storage to;
	socklen_t to_len;
	int fd;
	uint16_t id;
};

/* The newest with that number. */
static uint32_t index_of(const struct echo *x, uint16_t seq)
{
	uint32_t last = x->n - 1;

	return last - ((last - seq) & (SEQS - 1));
}

static void refused(struct echo *x, const struct icmp_answer *a)
{
	x->ret->error = a->error;
	if (ip_is_set(&a->from))
		x->ret->from = a->from;
	if (a->mtu)
		x->ret->mtu = a->mtu;
}

static void answered(struct echo *x, const struct icmp_answer *a, uint64_t rtt)
{
	struct probe_echo_result *r = x->ret;

	r->received++;
	x->sum += rtt;
	if (r->received == 1 || rtt < r->rtt_min)
		r->rtt_min = rtt;
	if (rtt > r->rtt_max)
		r->rtt_max = rtt;
	r->ttl = a->ttl;
	r->from = a->from;
}

static void take(struct echo *x, const struct icmp_answer *a)
{
	uint32_t i = x->n ? index_of(x, a->seq) : 0;
	uint64_t rtt;

	if (i >= x->n || !x->sent[i])
		return;
	/* somebody may have set the clock meanwhile */
	rtt = a->when > x->sent[i] ? a->when - x->sent[i] : 0;
	if (a->reply && (rtt > x->timeout || !ip_eq(&a->from, &x->path->dst)))
		return;
	if (a->reply)
		answered(x, a, rtt);
	else
		refused(x, a);
	x->sent[i] = 0;
	x->open--;
}

static void send_next(struct echo *x, uint64_t now)
{
	const struct icmp_echo m = { .to = &x->to,
				     .to_len = x->to_len,
				     .id = x->id,
				     .seq = (uint16_t)x->n,
				     .size = x->want->size };
	int r;

	x->sent[x->n] = probe_stamp();
	r = icmp_send(x->fd, &m);
	x->ret->sent++;
	x->open++;
	x->last = now;
	x->due = now - x->due > x->interval ? now + x->interval : x->due + x->interval;
	if (r < 0) {
		x->ret->error = -r;
		x->sent[x->n] = 0;
		x->open--;
	}
	x->n++;
}

static int drain(struct echo *x)
{
	struct icmp_answer a;
	int r;

	while ((r = icmp_recv(x->fd, x->path->dst.family, x->id, &a)) > 0)
		take(x, &a);
	return r;
}

static int run(struct echo *x)
{
	int r = 0;

	x->due = probe_now();
	while (r >= 0) {
		uint64_t now = probe_now();

		if (x->n < x->count && now >= x->due)
			send_next(x, now);
		r = drain(x);
		if (r < 0 || (x->n == x->count && !x->open))
			break;
		now = probe_now();
		if (x->n == x->count && now >= x->last + x->timeout)
			break;
		r = probe_wait(x->fd, POLLIN, x->n < x->count ? x->due : x->last + x->timeout);
	}
	return r;
}

int probe_echo(const struct probe_path *p, const struct probe_echo *o,
	       struct probe_echo_result *ret, struct err *e)
{
	_cleanup_close_ int fd = icmp_open(p, ICMP_STAMPS | (o->size ? ICMP_DF : 0), e);
	_cleanup_free_ uint64_t *sent = NULL;
	struct probe_echo_result result = { 0 };
	struct echo x = { .path = p,
			  .want = o,
			  .ret = &result,
			  .interval = o->interval ? o->interval : 10 * PROBE_MS,
			  .timeout = o->timeout ? o->timeout : PROBE_S,
			  .count = o->count ? o->count : 1,
			  .fd = fd,
			  .id = icmp_id() };
	int r;

	if (fd < 0)
		return fd;
	sent = calloc(x.count, sizeof(*sent));
	if (!sent)
		return err_sys(e, ENOMEM, "echoes");
	x.sent = sent;
	x.to_len = probe_sockaddr(&p->dst, 0, p->scope, &x.to);
	r = o->ttl ? icmp_set_ttl(fd, p->dst.family, o->ttl) : 0;
	r = r < 0 ? r : run(&x);
	if (r < 0)
		return err_sys(e, r, "send echoes");
	if (result.received)
		result.rtt_avg = x.sum / result.received;
	*ret = result;
	return 0;
}
