/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is found to be missing agrees with what the kernel has, whichever that is; and what
 * is taken out of a lab for it leaves the rest.
 */
#include "net_sandbox.h"

#include <errno.h>
#include <string.h>

#include "net/fabric_need.h"

static const char lab[] = "[lab]\n" /* 1 */
			  "name = x\n"
			  "[node.a]\n"
			  "[node.b]\n"
			  "[node.c]\n" /* 5 */
			  "[link.ab]\n"
			  "ends = a:e0 b:e0\n"
			  "delay = 10ms\n"
			  "rate = 10mbit\n"
			  "loss.ab = 1%\n" /* 10 */
			  "[link.bc]\n"
			  "ends = b:e1 c:e1\n"
			  "corrupt.ba = 1%\n"
			  "[net.lan]\n"
			  "members = a:e2 b:e2 c:e2\n" /* 15 */
			  "rate = 1mbit\n"
			  "[scenario.s]\n"
			  "step.1 = impair ab delay=20ms rate=1mbit\n";

static void parse(struct topology *t, const char *text)
{
	struct topo_problems p = { 0 };
	int r = topology_parse("x.ini", text, strlen(text), t, &p);

	if (r < 0)
		fail_msg("%s", p.n ? p.v[0].msg : "?");
	topo_problems_free(&p);
}

static bool kernel_has(const char *word)
{
	struct fabric_lacks none = { 0 };
	const char *why = NULL;
	bool has = fabric_has(&none, word, &why);

	if (!has)
		assert_non_null(why);
	return has;
}

static const struct fabric_lack *find(const struct fabric_lacks *l, const char *what)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].what, what))
			return &l->v[i];
	return NULL;
}

static void assert_lack(const struct fabric_lacks *l, const char *what, unsigned line,
			const char *cure)
{
	const struct fabric_lack *v = find(l, what);

	if (!v) {
		for (size_t i = 0; i < l->n; i++)
			print_message("%s\n", l->v[i].what);
		fail_msg("not found: %s", what);
	} else {
		assert_int_equal(v->at.line, line);
		assert_non_null(strstr(v->cure, cure));
	}
}

static void test_lacks(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct fabric_lacks l;
	struct err e = ERR_INIT;

	parse(&t, lab);
	ok(fabric_lacks(&t, false, &l, &e), &e);
	/* it was only looked at */
	assert_int_equal(t.links[0].impair[TOPO_AB].v[TOPO_DELAY], 10000000);
	if (kernel_has("delay")) {
		assert_null(find(&l, "link ab, ab: delay 10ms"));
	} else {
		assert_lack(&l, "link ab, ab: delay 10ms", t.links[0].impair[TOPO_AB].at.line,
			    "CONFIG_NET_SCH_NETEM");
		assert_lack(&l, "link ab, ba: delay 10ms", t.links[0].impair[TOPO_BA].at.line,
			    "CONFIG_NET_SCH_NETEM");
		assert_lack(&l, "link bc, ba: corrupt 1%", 13, "CONFIG_NET_SCH_NETEM");
		assert_lack(&l, "scenario s, step 1: delay 20ms", 18, "CONFIG_NET_SCH_NETEM");
	}
	if (kernel_has("rate") && kernel_has("ifb"))
		for (size_t i = 0; i < l.n; i++)
			assert_null(strstr(l.v[i].what, "rate"));
	fabric_lacks_free(&l);
}

static void test_drop(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct fabric_lacks l, again;
	struct err e = ERR_INIT;
	struct topo_impair *i;

	parse(&t, lab);
	ok(fabric_lacks(&t, true, &l, &e), &e);
	i = &t.links[0].impair[TOPO_AB];
	assert_int_equal(i->v[TOPO_DELAY], kernel_has("delay") ? 10000000 : 0);
	assert_int_equal(i->v[TOPO_RATE], kernel_has("rate") ? 10000000 : 0);
	assert_int_equal(i->v[TOPO_LOSS], kernel_has("loss") ? 10000000 : 0);
	i = t.scenarios[0].steps[0].dirs;
	assert_int_equal(i->v[TOPO_DELAY], kernel_has("delay") ? 20000000 : 0);
	if (!kernel_has("delay"))
		assert_false(i->has & 1U << TOPO_DELAY);
	/* nothing is left that it lacks */
	ok(fabric_lacks(&t, false, &again, &e), &e);
	assert_int_equal(again.n, 0);
	fabric_lacks_free(&l);
	fabric_lacks_free(&again);
}

static void test_can(void **state)
{
	struct topo_impair delay = { .has = 1U << TOPO_DELAY, .v[TOPO_DELAY] = 1000 };
	struct topo_impair rate = { .has = 1U << TOPO_RATE, .v[TOPO_RATE] = 1000000 };
	struct fabric_lacks none = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(fabric_can(&none, &delay, &e), kernel_has("delay") ? 0 : -EOPNOTSUPP);
	if (e.num) {
		assert_non_null(strstr(e.msg, "delay 1us"));
		assert_non_null(strstr(e.hint, "CONFIG_NET_SCH_NETEM"));
	}
	err_clear(&e);
	assert_int_equal(fabric_can(&none, &rate, &e), kernel_has("rate") ? 0 : -EOPNOTSUPP);
}

/* A lab that asks for nothing is not asked much. */
static void test_plain(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct fabric_lacks l;
	struct err e = ERR_INIT;

	parse(&t, "[lab]\nname = x\n[node.a]\n[node.b]\n[net.n]\nmembers = a:e0 b:e0\n");
	ok(fabric_lacks(&t, false, &l, &e), &e);
	assert_int_equal(l.n, 0);
	assert_true(__builtin_popcount(l.asked) == 2);
	fabric_lacks_free(&l);
}

static void test_words(void **state)
{
	struct fabric_lacks none = { 0 };
	const char *why = NULL;

	assert_true(kernel_has("bin:sh"));
	assert_false(kernel_has("bin:there-is-no-such-program"));
	assert_true(kernel_has("veth"));
	assert_true(kernel_has("bridge"));
	assert_false(fabric_has(&none, "telepathy", &why));
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lacks), cmocka_unit_test(test_drop),
		cmocka_unit_test(test_can),   cmocka_unit_test(test_plain),
		cmocka_unit_test(test_words),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
