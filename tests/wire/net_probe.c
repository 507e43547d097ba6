/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echoes between real network namespaces: one by one, and all pairs at once. */
#include "net_lan.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "net/neigh.h"
#include "net/probe_icmp.h"

static const uint8_t families[] = { AF_INET, AF_INET6 };

static struct probe_path path(const struct lan *l, uint8_t family, size_t from, size_t to)
{
	return (struct probe_path){ .netns_fd = l->ns[from - 1], .dst = lan_ip(family, to) };
}

static int count_neigh(const struct neigh_info *i, void *ctx)
{
	unsigned *n = ctx;

	/* groups are the kernel's own business, as when it tells of its addresses */
	*n += !(i->state & NUD_NOARP);
	return 0;
}

static unsigned neighbours(int ns, uint8_t family)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	unsigned n = 0;

	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	ok(neigh_list(&nl, 0, family, count_neigh, &n, &e), &e);
	return n;
}

static void test_echo(void **state)
{
	struct probe_echo_result r;
	struct err e = ERR_INIT;
	struct lan l;

	lan_make(&l, 2);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct probe_path p = path(&l, families[i], 1, 2);

		/* the kernel joins the groups of an address a moment after it is usable */
		r.received = 0;
		for (int k = 0; k < 100 && !r.received; k++)
			ok(probe_echo(&p, &(struct probe_echo){ .timeout = 50 * PROBE_MS }, &r, &e),
			   &e);
		ok(probe_echo(&p, &(struct probe_echo){ .count = 20, .interval = PROBE_MS }, &r,
			      &e),
		   &e);
		assert_int_equal(r.sent, 20);
		assert_int_equal(r.received, 20);
		assert_int_equal(r.ttl, 64);
		assert_int_equal(r.error, 0);
		assert_true(ip_eq(&r.from, &p.dst));
		assert_true(r.rtt_min > 0 && r.rtt_min <= r.rtt_avg && r.rtt_avg <= r.rtt_max);
		assert_true(r.rtt_min < 50 * PROBE_MS);
		p.src = lan_ip(families[i], 1);
		ok(probe_echo(&p, &(struct probe_echo){ 0 }, &r, &e), &e);
		assert_int_equal(r.received, 1);
		p.src = lan_ip(families[i], 9);
		assert_int_equal(probe_echo(&p, &(struct probe_echo){ 0 }, &r, &e), -EADDRNOTAVAIL);
		err_clear(&e);
	}
	lan_end(&l);
}

/* Nobody has the address; there is no route; it is larger than the link. */
static void test_echo_refused(void **state)
{
	struct probe_echo_result r;
	struct err e = ERR_INIT;
	struct lan l;

	lan_make(&l, 2);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct probe_path p = path(&l, families[i], 1, 77);
		uint64_t from = probe_now();

		ok(probe_echo(&p, &(struct probe_echo){ .timeout = 100 * PROBE_MS }, &r, &e), &e);
		assert_int_equal(r.received, 0);
		assert_int_equal(r.sent, 1);
		assert_true(probe_now() - from >= 100 * PROBE_MS);
		p.dst = ip(families[i] == AF_INET ? "192.0.2.1" : "2001:db8::1");
		from = probe_now();
		ok(probe_echo(&p, &(struct probe_echo){ .count = 2 }, &r, &e), &e);
		assert_int_equal(r.received, 0);
		assert_int_equal(r.error, ENETUNREACH);
		assert_true(probe_now() - from < PROBE_S);
		p = path(&l, families[i], 1, 2);
		ok(probe_echo(&p, &(struct probe_echo){ .size = 1501 }, &r, &e), &e);
		assert_int_equal(r.received, 0);
		assert_int_equal(r.error, EMSGSIZE);
		ok(probe_echo(&p, &(struct probe_echo){ .size = 1500 }, &r, &e), &e);
		assert_int_equal(r.received, 1);
	}
	lan_end(&l);
}

static void test_echo_linklocal(void **state)
{
	_cleanup_nl_ struct nl nl = NL_INIT, own = NL_INIT;
	struct link_info far, near;
	struct probe_echo_result r = { 0 };
	struct err e = ERR_INIT;
	struct probe_path p;
	uint64_t until;
	struct lan l;
	int got;

	lan_make(&l, 2);
	ok(netns_nl_open(l.ns[1], &nl, NETLINK_ROUTE, &e), &e);
	ok(netns_nl_open(l.ns[0], &own, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "eth0", &far, &e), &e);
	ok(link_get(&own, "eth0", &near, &e), &e);
	p = (struct probe_path){ .netns_fd = l.ns[0],
				 .dst = ip_eui64(&far.mac),
				 .src = ip_eui64(&near.mac),
				 .scope = near.index };
	/* the kernel makes the address when it has seen the carrier */
	until = probe_now() + 5 * PROBE_S;
	do {
		err_clear(&e);
		got = probe_echo(&p, &(struct probe_echo){ .timeout = 50 * PROBE_MS }, &r, &e);
	} while ((got < 0 || !r.received) && probe_now() < until);
	ok(got, &e);
	assert_int_equal(r.received, 1);
	lan_end(&l);
}

static void all_pairs(const struct lan *l, uint8_t family, uint8_t **ret)
{
	struct probe_host hosts[LAN_MAX];
	struct err e = ERR_INIT;

	for (size_t i = 0; i < l->n; i++)
		hosts[i] = (struct probe_host){ l->ns[i], lan_ip(family, i + 1) };
	ok(probe_pairs(hosts, l->n, PROBE_S, ret, &e), &e);
}

static size_t answered(const uint8_t *ok_, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n * n; i++)
		sum += ok_[i];
	return sum;
}

/* More entries than the tables have room for: all answered, and none left. */
static void test_pairs(void **state)
{
	const size_t n = 64;
	struct lan l;

	lan_make(&l, n);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		_cleanup_free_ uint8_t *got = NULL;
		unsigned before = neighbours(l.ns[0], families[i]);

		all_pairs(&l, families[i], &got);
		assert_int_equal(answered(got, n), n * (n - 1));
		for (size_t k = 0; k < n; k++)
			assert_int_equal(got[k * n + k], 0);
		assert_int_equal(neighbours(l.ns[0], families[i]), before);
		assert_int_equal(neighbours(l.ns[63], families[i]), before);
	}
	lan_end(&l);
}

/* Those who do not answer cost one timeout for all of them. */
static void test_pairs_dead(void **state)
{
	const size_t n = 20;
	struct lan l;

	lan_make(&l, n);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		_cleanup_free_ uint8_t *got = NULL;
		_cleanup_nl_ struct nl nl = NL_INIT;
		struct err e = ERR_INIT;
		uint64_t from = probe_now();

		ok(link_set(&l.nl, 0, "p4", &(struct link_change){ .up = OFF }, &e), &e);
		ok(link_set(&l.nl, 0, "p9", &(struct link_change){ .up = OFF }, &e), &e);
		all_pairs(&l, families[i], &got);
		assert_true(probe_now() - from < 4 * PROBE_S);
		assert_int_equal(answered(got, n), (n - 2) * (n - 3));
		assert_int_equal(got[0 * n + 3], 0);
		assert_int_equal(got[0 * n + 4], 1);
		ok(link_set(&l.nl, 0, "p4", &(struct link_change){ .up = ON }, &e), &e);
		ok(link_set(&l.nl, 0, "p9", &(struct link_change){ .up = ON }, &e), &e);
		lan_running(&l.nl, "p4");
		lan_running(&l.nl, "p9");
		assert_int_equal(neighbours(l.ns[0], AF_INET), 0);
	}
	lan_end(&l);
}

/* What was there before stays; who resolved it does not matter. */
static void test_pairs_keep(void **state)
{
	_cleanup_free_ uint8_t *got = NULL;
	struct probe_echo_result r;
	struct err e = ERR_INIT;
	struct probe_path p;
	struct lan l;

	lan_make(&l, 5);
	p = path(&l, AF_INET, 1, 2);
	ok(probe_echo(&p, &(struct probe_echo){ 0 }, &r, &e), &e);
	assert_int_equal(neighbours(l.ns[0], AF_INET), 1);
	all_pairs(&l, AF_INET, &got);
	assert_int_equal(answered(got, 5), 20);
	assert_int_equal(neighbours(l.ns[0], AF_INET), 1);
	assert_int_equal(neighbours(l.ns[2], AF_INET), 0);
	lan_end(&l);
}

static void test_pairs_none(void **state)
{
	_cleanup_free_ uint8_t *got = NULL;
	struct err e = ERR_INIT;
	struct probe_host mixed[] = { { -1, ip("10.0.0.1") }, { -1, ip("fd00::1") } };

	ok(probe_pairs(NULL, 0, 0, &got, &e), &e);
	assert_int_equal(probe_pairs(mixed, 2, 0, &got, &e), -EAFNOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),	       cmocka_unit_test(test_echo_refused),
		cmocka_unit_test(test_echo_linklocal), cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_pairs_dead),     cmocka_unit_test(test_pairs_keep),
		cmocka_unit_test(test_pairs_none),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
