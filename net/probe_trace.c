/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hops to an address: echoes that live for so many hops, a few of them at once,
 * so that silent ones cost their time once. Not all at once: a router tells
 * the same sender only about six times in a row (icmp_ratelimit), which in a loop is soon over.
 * Other tests may have used these up, so a silent hop is asked again: by then a router has
 * one more.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/probe_icmp.h"

#define WAVE  8U
#define TRIES 3

struct trace {
	const struct probe_path *path;
	struct ip_addr *hops;
	size_t max, n; /* n: up to the last that said something */
	size_t end; /* the hop that is the last, 0: not known */
	bool reached;
	int fd;
	struct icmp_echo echo;
	struct sockaddr_storage to;
};

/* What a wave before was waited for, and came too late for it, is still good. */
static void settle(struct trace *x, size_t last, const struct icmp_answer *a)
{
	size_t hop = a->seq;

	if (!hop || hop > last || ip_is_set(&x->hops[hop - 1]))
		return;
	if (a->reply && !ip_eq(&a->from, &x->path->dst))
		return;
	x->hops[hop - 1] = a->from;
	if ((a->reply || a->error != ETIME) && (!x->end || hop <= x->end)) {
		x->end = hop;
		x->reached = a->reply;
	}
}

static bool all_said(const struct trace *x, size_t first, size_t last)
{
	for (size_t i = first; i <= (x->end && x->end < last ? x->end : last); i++)
		if (!ip_is_set(&x->hops[i - 1]))
			return false;
	return true;
}

/* Asks the silent ones of these hops, and waits for them. */
static int wave(struct trace *x, size_t first, size_t last, struct err *e)
{
	const uint64_t until = probe_now() + PROBE_S;
	struct icmp_answer a;
	char buf[IP_STRLEN];
	int r = 0;

	for (size_t i = first; i <= (x->end && x->end < last ? x->end : last); i++) {
		if (ip_is_set(&x->hops[i - 1]))
			continue;
		x->echo.seq = (uint16_t)i;
		r = icmp_set_ttl(x->fd, x->path->dst.family, (uint8_t)i);
		r = r < 0 ? r : icmp_send(x->fd, &x->echo);
		if (r < 0)
			return err_sys(e, r, "send to %s", ip_str(&x->path->dst, buf));
	}
	while (r >= 0 && !all_said(x, first, last) && probe_now() < until) {
		r = probe_wait(x->fd, POLLIN, until);
		while (r >= 0 && (r = icmp_recv(x->fd, x->path->dst.family, x->echo.id, &a)) > 0)
			settle(x, last, &a);
	}
	return r < 0 ? err_sys(e, r, "hear echoes") : 0;
}

/* Behind a hop that is not reached all are silent: those are not asked again. */
static int waves(struct trace *x, size_t first, size_t last, struct err *e)
{
	int r = 0;

	for (int i = 0; r == 0 && i < TRIES && !all_said(x, first, last); i++) {
		r = wave(x, first, last, e);
		if (!x->end)
			break;
	}
	return r;
}

int probe_trace(const struct probe_path *p, struct ip_addr *hops, size_t max, size_t *ret_n,
		struct err *e)
{
	_cleanup_close_ int fd = icmp_open(p, 0, e);
	struct trace x = { .path = p, .hops = hops, .max = max, .fd = fd, .echo.id = icmp_id() };
	int r = 0;

	if (fd < 0)
		return fd;
	if (max > 255)
		x.max = 255;
	memset(hops, 0, max * sizeof(*hops));
	x.echo.to = &x.to;
	x.echo.to_len = probe_sockaddr(&p->dst, 0, p->scope, &x.to);
	for (size_t i = 1; i <= x.max && !x.end && r >= 0; i += WAVE)
		r = waves(&x, i, i + WAVE - 1 < x.max ? i + WAVE - 1 : x.max, e);
	if (r < 0)
		return r;
	for (x.n = x.end ? x.end : x.max; x.n && !ip_is_set(&hops[x.n - 1]);)
		x.n--;
	*ret_n = x.n;
	return x.reached;
}
