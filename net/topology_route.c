/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routes of a node, read from the words that ip-route(8) has for them. */
#include <errno.h>
#include <string.h>

#include "core/base/parse.h"
#include "net/topology_build.h"

struct words {
	struct strv v;
	size_t i;
};

static bool next_is(struct words *w, const char *word)
{
	if (w->i >= w->v.n || strcmp(w->v.v[w->i], word))
		return false;
	w->i++;
	return true;
}

/* The word behind a keyword. */
static int take(struct words *w, const char **ret, struct err *e)
{
	if (w->i >= w->v.n)
		return err_set(e, EINVAL, "something is missing behind \"%s\"", w->v.v[w->i - 1]);
	*ret = w->v.v[w->i++];
	return 0;
}

static int take_hop(struct topo_build *b, struct words *w, struct topo_hop *h, struct err *e)
{
	const char *word = "";
	int r = 0;

	while (r == 0 && w->i < w->v.n) {
		if (next_is(w, "via")) {
			r = take(w, &word, e);
			r = r < 0 ? r : parse_ip(word, &h->via, e);
		} else if (next_is(w, "dev")) {
			r = take(w, &word, e);
			if (r == 0)
				h->dev = topo_keep(b, word, strlen(word));
		} else if (next_is(w, "weight")) {
			r = take(w, &word, e);
			r = r < 0 ? r : parse_u32(word, 1, 255, &h->weight, e);
		} else {
			break;
		}
	}
	if (r == 0 && !ip_is_set(&h->via) && !h->dev)
		return err_set(e, EINVAL, "a next hop needs via or dev");
	if (r == 0 && ip_is_set(&h->via) && h->via.family == AF_INET6 && ip_is_linklocal(&h->via) &&
	    !h->dev)
		return err_set(e, EINVAL, "a link-local next hop needs dev");
	return r;
}

static int add_hop(struct topo_build *b, struct topo_route *x, const struct topo_hop *h,
		   struct err *e)
{
	struct topo_hop *to = TOPO_ADD(b, x->hops, x->n_hops);

	if (!to)
		return topo_no_memory(b, e);
	*to = *h;
	return 0;
}

static int take_tail(struct topo_build *b, struct words *w, struct topo_route *x, struct err *e)
{
	struct topo_hop single = { 0 };
	bool plain = false;
	const char *word = "";
	int r = 0;

	while (r == 0 && w->i < w->v.n) {
		struct topo_hop h = { 0 };

		if (next_is(w, "src")) {
			r = take(w, &word, e);
			r = r < 0 ? r : parse_ip(word, &x->src, e);
		} else if (next_is(w, "metric")) {
			r = take(w, &word, e);
			r = r < 0 ? r : parse_u32(word, 1, UINT32_MAX, &x->metric, e);
		} else if (next_is(w, "nexthop")) {
			r = take_hop(b, w, &h, e);
			r = r < 0 ? r : add_hop(b, x, &h, e);
		} else if (!plain &&
			   (!strcmp(w->v.v[w->i], "via") || !strcmp(w->v.v[w->i], "dev"))) {
			plain = true;
			r = take_hop(b, w, &single, e);
		} else {
			r = err_set(e, EINVAL, "\"%.80s\" is not expected here", w->v.v[w->i]);
			err_hint(e, "DST via GW [dev IF] [src ADDR] [metric N], DST nexthop via GW "
				    "..., blackhole DST");
		}
	}
	if (r < 0)
		return r;
	if (plain && x->n_hops)
		return err_set(e, EINVAL, "either via or nexthop");
	return plain ? add_hop(b, x, &single, e) : 0;
}

/* The family of default comes from what the route says else; IPv4 when nothing does. */
static int fit_families(struct topo_route *x, bool is_default, struct err *e)
{
	uint8_t family = x->src.family;

	for (size_t i = 0; i < x->n_hops; i++)
		if (x->hops[i].via.family)
			family = x->hops[i].via.family;
	if (is_default)
		x->dst.addr.family = family ? family : AF_INET;
	family = x->dst.addr.family;
	if (x->src.family && x->src.family != family)
		return err_set(e, EINVAL, "src is of another family than the destination");
	for (size_t i = 0; i < x->n_hops; i++) {
		uint8_t via = x->hops[i].via.family;

		/* IPv4 over an IPv6 next hop is RFC 5549 */
		if (via && via != family && family == AF_INET6)
			return err_set(e, EINVAL, "an IPv6 route has an IPv4 next hop");
	}
	return 0;
}

static int take_dst(struct words *w, struct topo_route *x, bool *ret_default, struct err *e)
{
	const char *word = "";

	x->blackhole = next_is(w, "blackhole");
	if (w->i >= w->v.n)
		return err_set(e, EINVAL, "the destination is missing");
	word = w->v.v[w->i++];
	*ret_default = !strcmp(word, "default");
	if (*ret_default)
		return 0;
	if (strchr(word, '/'))
		return parse_subnet(word, &x->dst, e);
	if (parse_ip(word, &x->dst.addr, e) < 0)
		return -EINVAL;
	x->dst.len = (uint8_t)ip_bits(&x->dst.addr);
	return 0;
}

int topo_set_route(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	struct words w = { 0 };
	struct topo_route x = { .num = b->num }, *to;
	bool is_default = false;
	int r = strv_split(&w.v, value, " \t");

	r = r < 0 ? topo_no_memory(b, e) : take_dst(&w, &x, &is_default, e);
	r = r < 0 ? r : take_tail(b, &w, &x, e);
	r = r < 0 ? r : fit_families(&x, is_default, e);
	if (r == 0 && !x.n_hops != x.blackhole)
		r = err_set(e, EINVAL,
			    x.blackhole ? "a blackhole has no next hop"
					: "a next hop is missing: via or dev");
	strv_free(&w.v);
	if (r < 0)
		return r;
	to = TOPO_ADD(b, n->routes, n->n_routes);
	if (!to)
		return topo_no_memory(b, e);
	*to = x;
	return 0;
}
