/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The largest packet that passes. Where routers tell (RFC 1191, RFC 8201) two
 * rounds are enough; where they are silent, or a link drops what its other end
 * takes, sizes in between are tried, many at once, since each that is lost costs
 * its time. What the kernel learned of the path is not heeded, and an answer that
 * is lost because its own way back was learned only then is asked for again.
 */
#include <errno.h>
#include <poll.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/probe_icmp.h"
#include "net/route.h"

#define SIZES 16U
#define TRIES 3U
#define AGAIN (100 * PROBE_MS)

struct round {
	uint32_t size[SIZES];
	bool settled[SIZES]; /* answered or refused */
	unsigned n, left;
};

struct pmtu {
	const struct probe_path *path;
	struct icmp_echo echo;
	struct sockaddr_storage to;
	int fd;
	uint32_t low, high; /* what is known to pass, 0: nothing; what is known not to */
	uint32_t hint; /* what a router told, 0: nothing */
	int error;
};

/* The link that packets leave by. */
static int link_mtu(const struct probe_path *p, uint32_t *ret, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct route_info route = { .index = p->scope };
	struct link_info link;
	int r = netns_nl_open(p->netns_fd, &nl, NETLINK_ROUTE, e);

	if (r >= 0 && !ip_is_linklocal(&p->dst))
		r = route_get(&nl, &p->dst, &route, e);
	r = r < 0 ? r : link_get_index(&nl, route.index, &link, e);
	if (r >= 0)
		*ret = link.mtu < 65535 ? link.mtu : 65535; /* lo has one more */
	return r;
}

static void settle(struct pmtu *x, struct round *o, const struct icmp_answer *a)
{
	uint32_t size = a->seq < o->n ? o->size[a->seq] : 0;

	if (!size || o->settled[a->seq] || (a->reply && !ip_eq(&a->from, &x->path->dst)))
		return;
	if (a->reply && size > x->low)
		x->low = size;
	if (!a->reply && a->error == EMSGSIZE) {
		x->high = size < x->high ? size : x->high;
		x->hint = a->mtu;
	} else if (!a->reply) {
		x->error = a->error;
	}
	o->settled[a->seq] = true;
	o->left--;
}

static void send_round(struct pmtu *x, struct round *o)
{
	for (unsigned i = 0; i < o->n; i++) {
		struct icmp_answer at_once = { .seq = (uint16_t)i };

		if (o->settled[i])
			continue;
		x->echo.seq = (uint16_t)i;
		x->echo.size = o->size[i];
		at_once.error = -icmp_send(x->fd, &x->echo);
		if (at_once.error)
			settle(x, o, &at_once);
	}
}

static int hear(struct pmtu *x, struct round *o, uint64_t until)
{
	struct icmp_answer a;
	int r = 1;

	while (r >= 0 && o->left && probe_now() < until) {
		r = probe_wait(x->fd, POLLIN, until);
		while (r >= 0 && (r = icmp_recv(x->fd, x->path->dst.family, x->echo.id, &a)) > 0)
			settle(x, o, &a);
	}
	return r;
}

/* What is silent to the end does not pass. */
static int try_sizes(struct pmtu *x, struct round *o)
{
	int r = 0;

	o->left = o->n;
	for (unsigned i = 1; i <= TRIES && o->left && r >= 0; i++) {
		send_round(x, o);
		r = hear(x, o, probe_now() + (i < TRIES ? AGAIN : PROBE_S));
	}
	for (unsigned i = 0; i < o->n; i++)
		if (!o->settled[i] && o->size[i] > x->low && o->size[i] < x->high)
			x->high = o->size[i];
	return r;
}

static void choose(const struct pmtu *x, struct round *o)
{
	const uint32_t gap = x->high - x->low - 1; /* sizes nothing is known of */

	*o = (struct round){ .n = 0 };
	if (x->hint > x->low && x->hint < x->high) {
		o->size[o->n++] = x->hint;
		if (x->hint + 1 < x->high)
			o->size[o->n++] = x->hint + 1;
		return;
	}
	o->n = gap < SIZES ? gap : SIZES;
	for (unsigned i = 0; i < o->n; i++)
		o->size[i] = x->low + 1 + (uint32_t)((uint64_t)gap * i / o->n);
}

static int search(struct pmtu *x, uint32_t mtu, struct err *e)
{
	const uint32_t least = x->path->dst.family == AF_INET ? 68 : 1280;
	struct round o = { .size = { least, mtu }, .n = mtu > least ? 2 : 1 };
	char buf[IP_STRLEN];
	int r;

	x->high = mtu + 1;
	r = try_sizes(x, &o);
	if (r >= 0 && !x->low)
		return err_sys(e, x->error && x->error != EMSGSIZE ? x->error : EHOSTUNREACH,
			       "no answer from %s", ip_str(&x->path->dst, buf));
	while (r >= 0 && x->high - x->low > 1) {
		choose(x, &o);
		x->hint = 0;
		r = try_sizes(x, &o);
	}
	return r < 0 ? err_sys(e, r, "send echoes") : 0;
}

int probe_pmtu(const struct probe_path *p, uint32_t *ret, struct err *e)
{
	_cleanup_close_ int fd = icmp_open(p, ICMP_DF, e);
	struct pmtu x = { .path = p, .fd = fd, .echo.id = icmp_id() };
	uint32_t mtu;
	int r;

	if (fd < 0)
		return fd;
	r = link_mtu(p, &mtu, e);
	if (r < 0)
		return r;
	x.echo.to = &x.to;
	x.echo.to_len = probe_sockaddr(&p->dst, 0, p->scope, &x.to);
	r = search(&x, mtu, e);
	if (r >= 0)
		*ret = x.low;
	return r;
}
