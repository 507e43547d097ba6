/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_test - the tests and scenarios of a lab as values: what to do, in
 * which nodes, and what is expected of it. Who runs them is elsewhere.
 */
#ifndef CT_NET_TOPOLOGY_TEST_H
#define CT_NET_TOPOLOGY_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "net/topology_impair.h"

enum topo_test_type {
	TOPO_TEST_PING,
	TOPO_TEST_PINGALL,
	TOPO_TEST_RTT,
	TOPO_TEST_LOSS,
	TOPO_TEST_TTL,
	TOPO_TEST_TCP_RATE,
	TOPO_TEST_UDP_RATE,
	TOPO_TEST_EXEC,
	TOPO_TEST_HTTP,
	TOPO_TEST_ROUTE,
	TOPO_TEST_NEIGH,
	TOPO_TEST_PMTU,
	TOPO_TEST_TRACE,
};

/* A node, node:if, an address; of route a prefix, of http a URL. */
struct topo_target {
	const char *text; /* NULL: not given */
	uint32_t node, iface; /* TOPO_NONE: none */
	struct ip_prefix prefix; /* an address has its full length; default: length 0 */
};

/* What the numbers of an expectation are in. */
enum topo_unit {
	TOPO_UNIT_NONE, /* the test yields no number */
	TOPO_UNIT_COUNT, /* millionths */
	TOPO_UNIT_NS,
	TOPO_UNIT_BPS,
	TOPO_UNIT_SHARE, /* billionths */
};

struct topo_expect {
	enum {
		TOPO_EXPECT_OK,
		TOPO_EXPECT_FAIL,
		TOPO_EXPECT_RANGE,
		TOPO_EXPECT_MATCH,
		TOPO_EXPECT_TEXT
	} what;
	int64_t low, high; /* RANGE: both inclusive, in the type's unit */
	const char *text; /* as in the file; of MATCH the expression begins behind '~' */
};

struct topo_test {
	const char *name;
	struct topo_pos at;
	enum topo_test_type type;
	struct topo_target from, to;
	uint32_t node; /* exec, http, route, neigh */
	const char *nodes_text; /* pingall; NULL: all hosts */
	uint32_t *nodes;
	size_t n_nodes;
	uint8_t family; /* 0: not given */
	uint32_t count, seconds; /* 0: not given */
	const char *cmd;
	struct topo_expect expect;
	uint64_t wait; /* ns */
	bool wait_given, warn; /* level = warn */
	const char **needs; /* "delay", "vlan", "bin:frr" */
	size_t n_needs;
};

/* The word of a type, NULL past the end; what its numbers are in. */
const char *topo_test_name(enum topo_test_type type);
enum topo_unit topo_test_unit(enum topo_test_type type);

enum topo_step_what {
	TOPO_STEP_LINK, /* link up or down */
	TOPO_STEP_IMPAIR, /* dirs laid over what is there; clear: nothing left first */
	TOPO_STEP_EXEC, /* node, cmd */
	TOPO_STEP_EXPECT, /* ping from to: up is ok, else fail */
	TOPO_STEP_NODE, /* node: up is start, else stop */
	TOPO_STEP_SLEEP, /* ns */
};

struct topo_step {
	uint32_t num;
	enum topo_step_what what;
	const char *text; /* as in the file */
	struct topo_pos at;
	uint32_t link, node;
	bool up, clear;
	struct topo_impair dirs[TOPO_DIRS];
	const char *cmd;
	struct topo_target from, to;
	uint8_t family;
	uint64_t ns; /* of sleep, or to wait; 0: tried once */
};

struct topo_scenario {
	const char *name;
	struct topo_pos at;
	struct topo_step *steps; /* by number */
	size_t n_steps;
	const char **needs; /* as of a test */
	size_t n_needs;
};

#endif
