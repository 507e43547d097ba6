/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All pairs at once, from one process.
 *
 * Neighbour tables are one for all namespaces and have room for gc_thresh3
 * (1024) entries by default, young ones of which the kernel does not give up. A pair on
 * a LAN makes one at each of its ends, and over IPv6 one more for each solicited-node
 * group. So both directions of a pair are sent one after the other, which share their
 * entries, and after so many pairs those that were not there before are deleted. Answers
 * are not waited for in between: a window of pairs is on its way, so that those
 * that nobody answers cost one timeout for all, not one each. Where the table is
 * full nevertheless (somebody else's entries), the pair waits a little.
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/neigh.h"
#include "net/netns.h"
#include "net/probe_icmp.h"

#define ENTRIES_MAX 512U /* neighbours made before they are deleted */
#define WINDOW	    512U /* echoes on their way */
#define HOSTS_MAX   65536U /* a sequence number is the target's */
#define FULL_WAIT   (2 * PROBE_MS)

struct key {
	uint32_t index;
	struct ip_addr addr;
};

struct host {
	struct sockaddr_storage to;
	socklen_t to_len;
	int fd; /* of echoes */
	struct key *before; /* neighbours that were there, sorted */
	size_t n_before;
};

struct flight {
	uint32_t from, to;
	uint64_t until;
};

struct pairs {
	const struct probe_host *in;
	struct host *hosts;
	size_t n;
	uint8_t *ok, family;
	uint64_t timeout;
	struct flight *ring; /* WINDOW of them, in the order they were sent */
	size_t head, flying, open; /* ring entries; those nobody answered or refused */
	uint64_t *state; /* of each pair: until when it is waited for; 0: not on its way */
	uint32_t i, j; /* the next pair, i < j */
	bool back; /* its other direction is next */
	unsigned made; /* neighbours, at most, since the last look */
	bool crowded; /* there was no room for a neighbour */
	int epoll;
	uint16_t id;
	struct err *e;
};

static int by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return x->index != y->index ? (x->index > y->index) - (x->index < y->index)
				    : ip_cmp(&x->addr, &y->addr);
}

/* ---- neighbours ---- */

static int note_before(const struct neigh_info *i, void *ctx)
{
	struct host *h = ctx;
	struct key *k = VEC_ADD(h->before, h->n_before);

	if (!k)
		return -ENOMEM;
	*k = (struct key){ i->index, i->addr };
	return 0;
}

static int look_before(struct pairs *p, size_t i)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct host *h = &p->hosts[i];
	int r = netns_nl_open(p->in[i].netns_fd, &nl, NETLINK_ROUTE, p->e);

	r = r < 0 ? r : neigh_list(&nl, 0, p->family, note_before, h, p->e);
	if (r >= 0 && h->n_before)
		qsort(h->before, h->n_before, sizeof(*h->before), by_key);
	return r;
}

struct clean {
	struct nl *nl;
	const struct host *host;
	bool all;
};

/* One that is being asked for has packets waiting in it, which would be lost. */
static int forget_new(const struct neigh_info *i, void *ctx)
{
	const struct clean *c = ctx;
	const struct key k = { i->index, i->addr };

	if (i->state & NUD_PERMANENT || (!c->all && i->state & NUD_INCOMPLETE))
		return 0;
	if (c->host->n_before && bsearch(&k, c->host->before, c->host->n_before, sizeof(k), by_key))
		return 0;
	neigh_del(c->nl, i->index, &i->addr, NULL);
	return 0;
}

static int clean_host(struct pairs *p, size_t i, bool all)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct clean c = { .nl = &nl, .host = &p->hosts[i], .all = all };
	int r = netns_nl_open(p->in[i].netns_fd, &nl, NETLINK_ROUTE, p->e);

	return r < 0 ? r : neigh_list(&nl, 0, p->family, forget_new, &c, p->e);
}

static int clean(struct pairs *p, bool all)
{
	int r = 0;

	for (size_t i = 0; i < p->n; i++) {
		int one = clean_host(p, i, all);

		r = r < 0 ? r : one;
	}
	p->made = 0;
	return r;
}

/* ---- one echo ---- */

static uint64_t *state_of(struct pairs *p, uint32_t from, uint32_t to)
{
	return &p->state[(size_t)from * p->n + to];
}

static void fly(struct pairs *p, uint32_t from, uint32_t to, uint64_t now)
{
	const uint64_t until = now + p->timeout;

	p->ring[(p->head + p->flying++) % WINDOW] = (struct flight){ from, to, until };
	*state_of(p, from, to) = until;
	p->open++;
}

/* The front of the ring goes when it is settled or its time is over. */
static void land(struct pairs *p, uint64_t now)
{
	while (p->flying) {
		struct flight *f = &p->ring[p->head];
		uint64_t *until = state_of(p, f->from, f->to);

		if (*until && f->until > now)
			return;
		if (*until) {
			*until = 0;
			p->open--;
		}
		p->head = (p->head + 1) % WINDOW;
		p->flying--;
	}
}

static void settle(struct pairs *p, uint32_t from, const struct icmp_answer *a)
{
	uint64_t *until;

	if (a->seq >= p->n)
		return;
	until = state_of(p, from, a->seq);
	if (!*until || (a->reply && !ip_eq(&a->from, &p->in[a->seq].addr)))
		return;
	p->ok[(size_t)from * p->n + a->seq] = a->reply;
	*until = 0;
	p->open--;
}

static int hear(struct pairs *p, uint32_t from)
{
	struct icmp_answer a;
	int r;

	while ((r = icmp_recv(p->hosts[from].fd, p->family, p->id, &a)) > 0)
		settle(p, from, &a);
	return r < 0 ? err_sys(p->e, r, "hear echoes") : 0;
}

static int hear_all(struct pairs *p, uint64_t until)
{
	struct epoll_event ev[64];
	uint64_t now = probe_now();
	int ms = until > now ? (int)((until - now + PROBE_MS - 1) / PROBE_MS) : 0;
	int n = epoll_wait(p->epoll, ev, ARRAY_SIZE(ev), ms), r = 0;

	if (n < 0 && errno != EINTR)
		return err_sys(p->e, errno, "wait for echoes");
	for (int i = 0; i < n && r >= 0; i++)
		r = hear(p, ev[i].data.u32);
	return r;
}

/* 1: it is on its way or refused at once, 0: there is no room for a neighbour. */
static int launch(struct pairs *p, uint32_t from, uint32_t to)
{
	const struct icmp_echo m = { .to = &p->hosts[to].to,
				     .to_len = p->hosts[to].to_len,
				     .id = p->id,
				     .seq = (uint16_t)to };
	uint64_t now = probe_now();
	int r;

	fly(p, from, to, now);
	r = icmp_send(p->hosts[from].fd, &m);
	if (r >= 0)
		return hear(p, from) < 0 ? -EIO : 1;
	*state_of(p, from, to) = 0;
	p->open--;
	land(p, now);
	return r == -ENOBUFS ? 0 : 1;
}

/* ---- all of them ---- */

/* As launch; a full table is waited for as long as an echo. */
static int launch_patiently(struct pairs *p, uint32_t from, uint32_t to)
{
	const uint64_t until = probe_now() + p->timeout;
	int r;

	while ((r = launch(p, from, to)) == 0 && probe_now() < until) {
		p->crowded = true;
		r = clean(p, false);
		r = r < 0 ? r : hear_all(p, probe_now() + FULL_WAIT);
		if (r < 0)
			return r;
		land(p, probe_now());
	}
	return r < 0 ? r : 0;
}

/* Until the window has room for one more. */
static int make_room(struct pairs *p, size_t window)
{
	int r = 0;

	land(p, probe_now());
	while (r >= 0 && p->flying >= window) {
		r = hear_all(p, p->ring[p->head].until);
		land(p, probe_now());
	}
	return r;
}

static int send_pair(struct pairs *p, uint32_t i, uint32_t j, size_t window)
{
	const unsigned cost = p->family == AF_INET ? 2 : 4;
	int r = 0;

	if (p->made + cost > ENTRIES_MAX)
		r = clean(p, false);
	p->made += cost;
	for (int back = 0; back < 2 && r >= 0; back++) {
		uint32_t from = back ? j : i, to = back ? i : j;

		if (p->ok[(size_t)from * p->n + to])
			continue;
		r = make_room(p, window);
		r = r < 0 ? r : launch_patiently(p, from, to);
	}
	return r;
}

static int send_all(struct pairs *p, size_t window)
{
	int r = 0;

	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t j = i + 1; j < p->n && r >= 0; j++)
			r = send_pair(p, i, j, window);
	while (r >= 0 && p->open) {
		r = hear_all(p, p->ring[p->head].until);
		land(p, probe_now());
	}
	return r;
}

static int run(struct pairs *p)
{
	int r = send_all(p, WINDOW);

	/* where tables were full an answer may have found no room either */
	if (r >= 0 && p->crowded) {
		r = clean(p, true);
		r = r < 0 ? r : send_all(p, WINDOW / 4);
	}
	return r;
}

/* ---- what it needs ---- */

/* A socket each, beside the caller's descriptor of the namespace. */
static void allow_descriptors(size_t n)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= 2 * n + 64)
		return;
	l.rlim_cur = 2 * n + 64 < l.rlim_max ? 2 * n + 64 : l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static int open_host(struct pairs *p, uint32_t i)
{
	const struct probe_path path = { .netns_fd = p->in[i].netns_fd,
					 .src = p->in[i].addr,
					 .dst = p->in[i].addr };
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
	struct host *h = &p->hosts[i];

	h->fd = icmp_open(&path, ICMP_ERRORS, p->e);
	if (h->fd < 0)
		return h->fd;
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, h->fd, &ev) < 0)
		return err_sys(p->e, errno, "watch a socket");
	h->to_len = probe_sockaddr(&p->in[i].addr, 0, 0, &h->to);
	return look_before(p, i);
}

static int open_all(struct pairs *p)
{
	int r = 0;

	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->hosts = calloc(p->n + 1, sizeof(*p->hosts));
	p->ring = calloc(WINDOW, sizeof(*p->ring));
	p->state = calloc(p->n * p->n + 1, sizeof(*p->state));
	p->ok = calloc(p->n * p->n + 1, 1);
	if (p->epoll < 0 || !p->hosts || !p->ring || !p->state || !p->ok)
		return err_sys(p->e, p->epoll < 0 ? errno : ENOMEM, "echoes of all pairs");
	for (size_t i = 0; i < p->n; i++)
		p->hosts[i].fd = -1;
	allow_descriptors(p->n);
	for (uint32_t i = 0; i < p->n && r >= 0; i++)
		r = open_host(p, i);
	return r;
}

static void pairs_close(struct pairs *p)
{
	for (size_t i = 0; p->hosts && i < p->n; i++) {
		fd_close(p->hosts[i].fd);
		free(p->hosts[i].before);
	}
	fd_close(p->epoll);
	free(p->hosts);
	free(p->ring);
	free(p->state);
	free(p->ok);
}

int probe_pairs(const struct probe_host *hosts, size_t n, uint64_t timeout, uint8_t **ret_ok,
		struct err *e)
{
	_cleanup_(pairs_close) struct pairs p = { .in = hosts,
						  .n = n,
						  .family = n ? hosts[0].addr.family : AF_INET,
						  .timeout = timeout ? timeout : PROBE_S,
						  .epoll = -1,
						  .id = icmp_id(),
						  .e = e };
	int r;

	if (n >= HOSTS_MAX)
		return err_set(e, E2BIG, "echoes among %zu hosts: at most %u", n, HOSTS_MAX - 1);
	for (size_t i = 0; i < n; i++)
		if (hosts[i].addr.family != p.family)
			return err_set(e, EAFNOSUPPORT, "echoes of two families at once");
	r = open_all(&p);
	if (r >= 0) {
		int cleaned;

		r = run(&p);
		cleaned = clean(&p, true);
		r = r < 0 ? r : cleaned;
	}
	if (r < 0)
		return r;
	*ret_ok = take_ptr(p.ok);
	return 0;
}
