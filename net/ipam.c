/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ipam.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/note.h"
#include "net/store.h"

#define DIR_LEASES "leases"
#define DIR_DRAIN  "drain"
#define DIR_CURSOR "cursor"

/* ranges of a pool, cut into pieces that start behind the cursor */
#define SEGMENTS_MAX 33

struct segments {
	struct ip_range v[SEGMENTS_MAX];
	size_t n;
};

static bool range_has(const struct ip_range *r, const struct ip_addr *a)
{
	return r->first.family == a->family && ip_cmp(&r->first, a) <= 0 &&
	       ip_cmp(a, &r->last) <= 0;
}

static const struct ip_range *excluded(const struct ipam_pool *pool, const struct ip_addr *a)
{
	for (size_t i = 0; i < pool->n_excludes; i++)
		if (range_has(&pool->excludes[i], a))
			return &pool->excludes[i];
	return NULL;
}

/* The ranges that lie in this subnet, clipped to its hosts; without any, all hosts. */
static void pool_ranges(const struct ipam_pool *pool, struct segments *s)
{
	struct ip_range hosts = prefix_hosts(&pool->subnet);

	s->n = 0;
	for (size_t i = 0; i < pool->n_ranges && s->n < SEGMENTS_MAX - 1; i++) {
		struct ip_range r = pool->ranges[i];

		if (r.first.family != hosts.first.family || ip_cmp(&r.last, &hosts.first) < 0 ||
		    ip_cmp(&r.first, &hosts.last) > 0)
			continue;
		if (ip_cmp(&r.first, &hosts.first) < 0)
			r.first = hosts.first;
		if (ip_cmp(&r.last, &hosts.last) > 0)
			r.last = hosts.last;
		s->v[s->n++] = r;
	}
	if (s->n == 0)
		s->v[s->n++] = hosts;
}

/*
 * The order in which addresses are tried: from behind the cursor to the end of
 * its range, the ranges after it, those before it, and the part of its own
 * range up to the cursor.
 */
static void walk_order(const struct ipam_pool *pool, const struct ip_addr *cursor,
		       struct segments *ret)
{
	struct segments all;
	size_t at = 0;
	struct ip_range rest;

	pool_ranges(pool, &all);
	while (at < all.n && !range_has(&all.v[at], cursor))
		at++;
	if (at == all.n) {
		*ret = all;
		return;
	}
	rest = all.v[at];
	ret->n = 0;
	if (ip_cmp(cursor, &rest.last) < 0) {
		ret->v[ret->n] = rest;
		ip_add(cursor, 1, &ret->v[ret->n++].first);
	}
	for (size_t i = 1; i < all.n; i++)
		ret->v[ret->n++] = all.v[(at + i) % all.n];
	rest.last = *cursor;
	ret->v[ret->n++] = rest;
}

static int take(int leases, const struct ip_addr *a, const char *owner)
{
	char name[IP_STRLEN];

	return note_add(leases, ip_str(a, name), owner);
}

static int take_first(int leases, const struct ipam_pool *pool, const struct ip_range *seg,
		      const char *owner, struct ip_addr *ret)
{
	for (struct ip_addr a = seg->first;;) {
		const struct ip_range *ex = excluded(pool, &a);
		int r = -EEXIST;

		if (ex)
			a = ex->last;
		else if (!ip_eq(&a, &pool->gateway))
			r = take(leases, &a, owner);
		if (r == 0)
			*ret = a;
		if (r != -EEXIST)
			return r;
		if (ip_cmp(&a, &seg->last) >= 0 || !ip_add(&a, 1, &a))
			return -ENOSPC;
	}
}

static int lease_next(struct net *net, int leases, const struct ipam_pool *pool, const char *owner,
		      struct ip_addr *ret)
{
	_cleanup_close_ int dir = net_dir_of(net, DIR_CURSOR, pool->network, true);
	struct ip_addr base = prefix_network(&pool->subnet), cursor = { 0 };
	char name[IP_STRLEN], text[IP_STRLEN];
	struct segments order;
	int r = -ENOSPC;

	if (dir < 0)
		return dir;
	ip_str(&base, name);
	if (note_get(dir, name, text, sizeof(text)) >= 0)
		parse_ip(text, &cursor, NULL);
	walk_order(pool, &cursor, &order);
	for (size_t i = 0; i < order.n && r == -ENOSPC; i++)
		r = take_first(leases, pool, &order.v[i], owner, ret);
	return r < 0 ? r : note_set(dir, name, ip_str(ret, text));
}

static int check_wanted(const struct ipam_pool *pool, const struct ip_addr *want, struct err *e)
{
	char a[IP_STRLEN], p[IP_PREFIX_STRLEN];
	struct ip_range hosts = prefix_hosts(&pool->subnet);

	ip_str(want, a);
	if (!prefix_has(&pool->subnet, want))
		return err_set(e, EADDRNOTAVAIL, "%s is not in %s of network %s", a,
			       prefix_str(&pool->subnet, p), pool->network);
	if (ip_eq(want, &pool->gateway))
		return err_set(e, EADDRNOTAVAIL, "%s is the gateway of network %s", a,
			       pool->network);
	if (!range_has(&hosts, want))
		return err_set(e, EADDRNOTAVAIL, "%s is no host address of %s", a,
			       prefix_str(&pool->subnet, p));
	if (excluded(pool, want))
		return err_set(e, EADDRNOTAVAIL, "%s is excluded from network %s", a,
			       pool->network);
	return 0;
}

static int lease_wanted(struct net *net, int leases, const struct ipam_pool *pool,
			const struct ip_addr *want, const char *owner, struct err *e)
{
	char a[IP_STRLEN], holder[96] = "?", link[16];
	int r = check_wanted(pool, want, e);

	if (r < 0)
		return r;
	ip_str(want, a);
	r = take(leases, want, owner);
	if (r == -EEXIST && ipam_draining(net, pool->network, want, link) > 0) {
		ipam_sweep(net, pool->network, 0, NULL);
		r = take(leases, want, owner);
		if (r == -EEXIST)
			return err_set(e, EAGAIN, "%s is still being released by %s", a, link);
	}
	if (r == -EEXIST) {
		note_get(leases, a, holder, sizeof(holder));
		err_set(e, EADDRINUSE, "%s is held by %s", a, holder);
		err_hint(e, "see `ctnet inspect %s`, or leave the choice to ctnet", pool->network);
		return -EADDRINUSE;
	}
	return r < 0 ? err_sys(e, r, "lease %s", a) : 0;
}

static int used_up(struct net *net, const struct ipam_pool *pool, struct err *e)
{
	char p[IP_PREFIX_STRLEN];

	err_set(e, ENOSPC, "no free address is left in %s of network %s (%d leased)",
		prefix_str(&pool->subnet, p), pool->network, ipam_count(net, pool));
	err_hint(e, "end containers, widen --ip-range, or make a network with a larger --subnet");
	return -ENOSPC;
}

/*
 * Takes the address with one symlinkat, which fails when it is taken; the cost
 * does not depend on the number of leases, except that a walk meets those that
 * are in its way. A wanted address need not lie in an --ip-range.
 */
int ipam_lease(struct net *net, const struct ipam_pool *pool, const struct ip_addr *want,
	       const char *owner, struct ip_addr *ret, struct err *e)
{
	_cleanup_close_ int leases = net_dir_of(net, DIR_LEASES, pool->network, true);
	struct ip_addr got;
	int r;

	if (leases < 0)
		return err_sys(e, leases, "leases of network %s", pool->network);
	if (want && ip_is_set(want)) {
		r = lease_wanted(net, leases, pool, want, owner, e);
		if (r == 0)
			*ret = *want;
		return r;
	}
	r = lease_next(net, leases, pool, owner, &got);
	if (r == -ENOSPC && ipam_sweep(net, pool->network, 0, NULL) > 0)
		r = lease_next(net, leases, pool, owner, &got);
	if (r == -ENOSPC)
		return used_up(net, pool, e);
	if (r < 0)
		return err_sys(e, r, "lease an address of network %s", pool->network);
	*ret = got;
	return 0;
}

/*
 * Only the owner's own lease; that of another, or none, is left alone and is a
 * success. A draining address keeps its lease, so that taking an address needs
 * no second look.
 */
int ipam_release(struct net *net, const char *network, const struct ip_addr *a, const char *owner,
		 const char *link)
{
	_cleanup_close_ int leases = net_dir_of(net, DIR_LEASES, network, false);
	_cleanup_close_ int drain = -1;
	char name[IP_STRLEN], holder[96], text[32];
	uint32_t index;

	if (leases < 0)
		return leases == -ENOENT ? 0 : leases;
	ip_str(a, name);
	if (note_get(leases, name, holder, sizeof(holder)) < 0 || strcmp(holder, owner) != 0)
		return 0;
	index = link && link[0] ? net_link_index(net, link) : 0;
	if (index) {
		drain = net_dir_of(net, DIR_DRAIN, network, true);
		if (drain < 0 || str_fmt(text, sizeof(text), "%s %u", link, index) < 0)
			return drain < 0 ? drain : -ENAMETOOLONG;
		return note_set(drain, name, text);
	}
	drain = net_dir_of(net, DIR_DRAIN, network, false);
	if (drain >= 0)
		note_del(drain, name);
	return note_del(leases, name);
}

static DIR *open_list(struct net *net, const char *what, const char *network)
{
	int fd = net_dir_of(net, what, network, false);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		fd_close(fd);
	return d;
}

/* "LINK INDEX": the name alone may be another link's by now. */
static bool drain_read(int dir, const char *name, char link[16], uint32_t *ret_index)
{
	char text[32], *blank;

	if (note_get(dir, name, text, sizeof(text)) < 0)
		return false;
	blank = strchr(text, ' ');
	if (!blank || parse_u32(blank + 1, 1, UINT32_MAX, ret_index, NULL) < 0)
		return false;
	*blank = '\0';
	return str_fmt(link, 16, "%s", text) >= 0;
}

int ipam_sweep(struct net *net, const char *network, unsigned max, unsigned *ret_left)
{
	_cleanup_closedir_ DIR *d = open_list(net, DIR_DRAIN, network);
	_cleanup_close_ int leases = -1;
	unsigned looked = 0, freed = 0;
	struct dirent *ent;

	while (d && (max == 0 || looked < max) && (ent = readdir(d))) {
		uint32_t index;
		char link[16];

		if (ent->d_name[0] == '.')
			continue;
		looked++;
		if (drain_read(dirfd(d), ent->d_name, link, &index) &&
		    net_link_index(net, link) == index)
			continue;
		if (leases < 0)
			leases = net_dir_of(net, DIR_LEASES, network, true);
		/* the lease first: a crash in between leaves a note that is swept again */
		if (leases >= 0 && note_del(leases, ent->d_name) == 0 &&
		    note_del(dirfd(d), ent->d_name) == 0)
			freed++;
	}
	if (ret_left)
		*ret_left = looked - freed;
	return (int)freed;
}

int ipam_draining(struct net *net, const char *network, const struct ip_addr *a, char link[16])
{
	_cleanup_close_ int drain = net_dir_of(net, DIR_DRAIN, network, false);
	char name[IP_STRLEN];
	uint32_t index;

	return drain >= 0 && drain_read(drain, ip_str(a, name), link, &index);
}

int ipam_any_draining(struct net *net, const char *network, char link[16])
{
	_cleanup_closedir_ DIR *d = open_list(net, DIR_DRAIN, network);
	struct dirent *ent;
	uint32_t index;
	int r = 0;

	while (d && (ent = dir_next(d, &r)))
		if (ent->d_name[0] != '.' && drain_read(dirfd(d), ent->d_name, link, &index) &&
		    net_link_index(net, link) == index)
			return 1;
	return r;
}

int ipam_holder(struct net *net, const char *network, const struct ip_addr *a, char *buf,
		size_t size)
{
	_cleanup_close_ int leases = net_dir_of(net, DIR_LEASES, network, false);
	char name[IP_STRLEN];

	return leases < 0 ? leases : note_get(leases, ip_str(a, name), buf, size);
}

/* Draining ones count: they are not to be had. */
int ipam_count(struct net *net, const struct ipam_pool *pool)
{
	_cleanup_closedir_ DIR *d = open_list(net, DIR_LEASES, pool->network);
	struct dirent *ent;
	struct ip_addr a;
	int n = 0;

	while (d && (ent = readdir(d)))
		if (ent->d_name[0] != '.' && parse_ip(ent->d_name, &a, NULL) == 0 &&
		    prefix_has(&pool->subnet, &a))
			n++;
	return n;
}

int ipam_list(struct net *net, const char *network, ipam_fn *fn, void *ctx)
{
	_cleanup_closedir_ DIR *d = open_list(net, DIR_LEASES, network);
	char owner[96], link[16];
	struct dirent *ent;
	struct ip_addr a;
	int r = 0;

	while (r >= 0 && d && (ent = dir_next(d, &r))) {
		if (ent->d_name[0] == '.' || parse_ip(ent->d_name, &a, NULL) < 0 ||
		    note_get(dirfd(d), ent->d_name, owner, sizeof(owner)) < 0 ||
		    ipam_draining(net, network, &a, link) > 0)
			continue;
		r = fn(&a, owner, ctx);
	}
	return r < 0 ? r : 0;
}

int ipam_drop(struct net *net, const char *network)
{
	static const char *const kinds[] = { DIR_DRAIN, DIR_CURSOR, DIR_LEASES };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_close_ int dir = net_dir(net, kinds[i], false);
		int one = dir < 0 ? 0 : dir_remove_at(dir, network);

		if (one < 0)
			r = one;
	}
	return r;
}
