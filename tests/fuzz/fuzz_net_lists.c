/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any messages as the kernel's links, counters, addresses, routes, neighbours, queues
 * and tracked connections: what a caller is told is whole.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/addr.h"
#include "net/conntrack.h"
#include "net/fabric_real.h"
#include "net/link_stats.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/route_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/kernel.h"

static int see_link(const struct link_info *l, void *ctx)
{
	fuzz_check(strlen(l->name) < sizeof(l->name) && strlen(l->alias) < sizeof(l->alias) &&
		   strlen(l->kind) < sizeof(l->kind));
	return 0;
}

static int see_counters(const struct link_stats *s, void *ctx)
{
	return see_link(&s->link, ctx);
}

static int see_addr(const struct addr_info *a, void *ctx)
{
	char text[IP_PREFIX_STRLEN];

	fuzz_check(a->addr.len <= ip_bits(&a->addr.addr) && prefix_str(&a->addr, text)[0]);
	return 0;
}

static int see_route(const struct route_info *r, void *ctx)
{
	char text[IP_PREFIX_STRLEN];

	fuzz_check(r->dst.len <= ip_bits(&r->dst.addr) && prefix_str(&r->dst, text)[0]);
	return 0;
}

static int see_neigh(const struct neigh_info *n, void *ctx)
{
	fuzz_check(ip_is_set(&n->addr));
	return 0;
}

static int see_state(const struct fabric_state *s, void *ctx)
{
	fuzz_check(s->port < FABRIC_IDS);
	return 0;
}

/* A deletion is made of it. */
static int see_connection(const struct conntrack_entry *c, void *ctx)
{
	fuzz_check(c->src.family == c->dst.family && c->src.family == c->reply_src.family);
	conntrack_del_put(ctx, c);
	return 0;
}

static void texts(struct nl *nl)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	_cleanup_free_ char *neighbour = NULL;
	struct ip_addr a;

	parse_ip("10.0.0.2", &a, NULL);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(families); i++) {
		_cleanup_free_ char *routes = NULL;
		struct route_text_query q = { .family = families[i / 2], .exact = i % 2 };

		q.dst.addr.family = q.family;
		fuzz_check(route_text(nl, &q, &routes, NULL) < 0 || routes);
	}
	fuzz_check(neigh_text(nl, &a, &neighbour, NULL) < 0 || neighbour);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fabric f = { .nl = NL_INIT };
	_cleanup_nl_req_ struct nl_req q;
	struct err e = ERR_INIT;
	struct link_info link;

	kernel_says(data, size);
	nl_req_init(&q);
	link_list(&f.nl, 0, see_link, NULL, NULL);
	if (link_get_index(&f.nl, 7, &link, &e) >= 0)
		see_link(&link, NULL);
	else
		fuzz_check(e.msg[0]);
	link_stats_list(&f.nl, see_counters, NULL, NULL);
	addr_list(&f.nl, 0, AF_UNSPEC, see_addr, NULL, NULL);
	route_list(&f.nl, AF_UNSPEC, see_route, NULL, NULL);
	neigh_list(&f.nl, 0, AF_UNSPEC, see_neigh, NULL, NULL);
	fabric_states(&f, see_state, NULL, NULL);
	conntrack_list(&f.nl, &(struct conntrack_match){ 0 }, see_connection, &q, NULL);
	nl_req_finish(&q);
	texts(&f.nl);
	kernel_forget();
	return 0;
}
