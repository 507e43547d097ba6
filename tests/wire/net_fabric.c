/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric of a lab with nodes that are network namespaces and nothing else:
 * each kind of wire carries datagrams, is shaped, cut, changed and taken away.
 */
#include "net_fabric.h"

#include <linux/if.h>

#define MBIT 1000000ull

static void setup_two(struct world *w, bool stitched)
{
	world_open(w, 2);
	if (!stitched) {
		fabric_bridge_put(w->f, &(struct fabric_bridge){ .id = 1, .name = "lan" });
		port_put(w, 1, 0, 1);
		port_put(w, 2, 1, 1);
	} else {
		port_put(w, 1, 0, FABRIC_NONE);
		port_put(w, 2, 1, FABRIC_NONE);
		fabric_stitch_put(w->f, 1, 2);
	}
	flush(w);
	nodes_up(w);
}

static void test_bridge(void **state)
{
	struct world w;

	setup_two(&w, false);
	assert_int_equal(exchange(&w, 0, 1, 10), 10);
	assert_int_equal(exchange(&w, 1, 0, 10), 10);
	world_close(&w);
}

static void test_stitch(void **state)
{
	struct world w;

	setup_two(&w, true);
	assert_int_equal(exchange(&w, 0, 1, 10), 10);
	assert_int_equal(exchange(&w, 1, 0, 10), 10);
	world_close(&w);
}

static void test_direct(void **state)
{
	struct fabric_end a, b;
	struct world w;

	world_open(&w, 2);
	a = end_of(&w, 0);
	b = end_of(&w, 1);
	fabric_direct_put(w.f, &a, &b);
	flush(&w);
	nodes_up(&w);
	assert_int_equal(exchange(&w, 0, 1, 10), 10);
	assert_int_equal(exchange(&w, 1, 0, 10), 10);
	world_close(&w);
}

static void test_trunk(void **state)
{
	struct world w;

	world_open(&w, 2);
	fabric_bridge_put(w.f, &(struct fabric_bridge){ .id = 1, .name = "s1" });
	fabric_bridge_put(w.f, &(struct fabric_bridge){ .id = 2, .name = "s2" });
	fabric_trunk_put(w.f, 3, 1, 4, 2, 1500);
	port_put(&w, 1, 0, 1);
	port_put(&w, 2, 1, 2);
	flush(&w);
	nodes_up(&w);
	assert_int_equal(exchange(&w, 0, 1, 10), 10);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge),
		cmocka_unit_test(test_stitch),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_trunk),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
