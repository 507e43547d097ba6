/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labs from text, for tests: what is wrong, and the text that expand makes of them. */
#ifndef CT_TESTS_NET_TOPOLOGY_FIXTURE_H
#define CT_TESTS_NET_TOPOLOGY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/topology.h"

/* Parses what must be right. */
static inline void lab(const char *text, struct topology *t)
{
	struct topo_problems p = { 0 };

	if (topology_parse("f", text, strlen(text), t, &p) < 0)
		fail_msg("%s\n%s", text, p.n ? p.v[0].msg : "?");
	topo_problems_free(&p);
}

static inline char *expanded(const struct topology *t)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	topology_expand(t, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Expanded and parsed again it is the same. */
static inline void round_trip(const char *text)
{
	_cleanup_topology_ struct topology t = { 0 }, again = { 0 };
	_cleanup_free_ char *one = NULL, *two = NULL;

	lab(text, &t);
	one = expanded(&t);
	lab(one, &again);
	two = expanded(&again);
	assert_string_equal(one, two);
	assert_int_equal(t.n_nodes, again.n_nodes);
	assert_int_equal(t.n_ifaces, again.n_ifaces);
	assert_int_equal(t.n_segments, again.n_segments);
	for (size_t i = 0; i < t.n_nodes; i++) {
		const struct topo_node *a = &t.nodes[i];
		uint32_t n = topology_node(&again, a->name);

		assert_int_not_equal(n, TOPO_NONE);
		assert_int_equal(again.nodes[n].n_ifaces, a->n_ifaces);
		assert_int_equal(again.nodes[n].n_routes, a->n_routes);
		for (size_t k = 0; k < a->n_ifaces; k++) {
			const struct topo_iface *x = &t.ifaces[a->ifaces[k]];
			const struct topo_iface *y = &again.ifaces[again.nodes[n].ifaces[k]];

			assert_string_equal(x->name, y->name);
			assert_memory_equal(&x->mac, &y->mac, sizeof(x->mac));
			assert_int_equal(x->n_addrs, y->n_addrs);
			assert_int_equal(x->mtu, y->mtu);
		}
	}
}

/* The address of node:if as text, the k-th; "" when there is none. */
static inline const char *addr(const struct topology *t, const char *node, const char *ifname,
			       size_t k, char buf[IP_PREFIX_STRLEN])
{
	uint32_t n = topology_node(t, node);
	uint32_t i = n == TOPO_NONE ? TOPO_NONE : topology_iface(t, n, ifname);

	if (i == TOPO_NONE || k >= t->ifaces[i].n_addrs)
		return "";
	return prefix_str(&t->ifaces[i].addrs[k], buf);
}

#endif
