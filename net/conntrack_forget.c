/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connections a change of published ports or addresses has made wrong. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/addr.h"
#include "net/conntrack.h"
#include "net/port.h"

#define PORTS 65536

struct wrong {
	const struct port_map *maps;
	size_t n;
	bool published;
	uint8_t *ports; /* a bit for each port of any of the maps */
	struct nl *rt;
	struct ip_addr *local; /* addresses of this host, read when first needed */
	size_t n_local;
	bool have_local;
	struct nl_req q; /* deletions */
};

static int add_local(const struct addr_info *a, void *ctx)
{
	struct wrong *w = ctx;
	struct ip_addr *added = VEC_ADD(w->local, w->n_local);

	if (!added)
		return -ENOMEM;
	*added = a->addr.addr;
	return 0;
}

static bool is_local(struct wrong *w, const struct ip_addr *a)
{
	if (ip_is_loopback(a))
		return true;
	if (!w->have_local)
		addr_list(w->rt, 0, AF_UNSPEC, add_local, w, NULL);
	w->have_local = true;
	for (size_t i = 0; i < w->n_local; i++)
		if (ip_eq(&w->local[i], a))
			return true;
	return false;
}

static bool is_wanted(const struct wrong *w, const struct port_map *m)
{
	return !w->published || m->proto == IPPROTO_UDP;
}

static bool is_of(const struct conntrack_entry *c, const struct port_map *m)
{
	return c->proto == m->proto && c->src.family == m->family && c->dport >= m->first &&
	       c->dport <= m->last && (!ip_is_set(&m->host_ip) || ip_eq(&m->host_ip, &c->dst));
}

/*
 * What was forwarded is none of ours.
 */
static bool is_stale(struct wrong *w, const struct conntrack_entry *c, const struct port_map *m)
{
	uint16_t to_port = (uint16_t)(m->to_port + (c->dport - m->first));

	if (!w->published)
		return ip_eq(&c->reply_src, &m->to);
	if (ip_eq(&c->reply_src, &m->to) && c->reply_sport == to_port)
		return false;
	return is_local(w, &c->dst);
}

static int look(const struct conntrack_entry *c, void *ctx)
{
	struct wrong *w = ctx;
	bool wrong = false;

	if (w->ports[c->dport / 8] & 1 << c->dport % 8)
		for (size_t i = 0; i < w->n && !wrong; i++)
			wrong = is_wanted(w, &w->maps[i]) && is_of(c, &w->maps[i]) &&
				is_stale(w, c, &w->maps[i]);
	if (wrong)
		conntrack_del_put(&w->q, c);
	return 0;
}

/* What vanished by itself meanwhile is as good as deleted. */
static int delete_all(struct nl *nft, struct wrong *w)
{
	int r = w->q.n ? nl_run(nft, &w->q, NULL, NULL, NULL) : 0;

	return r == -ENOENT ? 0 : r;
}

static void wrong_free(struct wrong *w)
{
	nl_req_free(&w->q);
	free(w->ports);
	free(w->local);
}

static bool has_family(const struct wrong *w, uint8_t family)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->maps[i].family == family)
			return true;
	return false;
}

/* Marks the ports; the one that all are about, NULL: several. False: there is none to look for. */
static bool mark_ports(struct wrong *w, const struct port_map **ret_one)
{
	const struct port_map *first = NULL;
	bool one = true;

	for (size_t i = 0; i < w->n; i++) {
		const struct port_map *m = &w->maps[i];

		if (!is_wanted(w, m))
			continue;
		first = first ? first : m;
		one = one && m->first == m->last && m->first == first->first &&
		      m->proto == first->proto;
		for (unsigned p = m->first; p <= m->last; p++)
			w->ports[p / 8] |= (uint8_t)(1 << p % 8);
	}
	*ret_one = one ? first : NULL;
	return first != NULL;
}

/* For one port the kernel looks, within a family; for many one look at everything is cheaper. */
static int look_at_all(struct nl *nft, struct wrong *w, struct err *e)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const struct port_map *one;
	int r = 0;

	if (!mark_ports(w, &one) || !conntrack_any())
		return 0;
	if (!one)
		return conntrack_list(nft, &(struct conntrack_match){ 0 }, look, w, e);
	for (size_t i = 0; i < ARRAY_SIZE(families) && r >= 0; i++) {
		struct conntrack_match m = { families[i], one->proto, one->first };

		if (has_family(w, families[i]))
			r = conntrack_list(nft, &m, look, w, e);
	}
	return r;
}

static int forget_ports(struct nl *nft, struct wrong *w, struct err *e)
{
	int r;

	w->ports = calloc(1, PORTS / 8);
	if (!w->ports)
		return err_sys(e, ENOMEM, "forget connections");
	r = look_at_all(nft, w, e);
	return r < 0 ? r : delete_all(nft, w);
}

int conntrack_forget_published(struct nl *nft, struct nl *rt, const struct port_map *maps, size_t n,
			       struct err *e)
{
	_cleanup_(
		wrong_free) struct wrong w = { .maps = maps, .n = n, .published = true, .rt = rt };

	nl_req_init(&w.q);
	return forget_ports(nft, &w, e);
}

int conntrack_forget_unpublished(struct nl *nft, const struct port_map *maps, size_t n,
				 struct err *e)
{
	_cleanup_(wrong_free) struct wrong w = { .maps = maps, .n = n };

	nl_req_init(&w.q);
	return forget_ports(nft, &w, e);
}
