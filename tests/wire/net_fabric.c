/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric of a lab with nodes that are network namespaces and nothing else:
 * each kind of wire carries datagrams, is shaped, cut, changed and taken away.
 */
#include "net_fabric.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/wait.h>

#include "net/fabric_need.h"

#define MBIT 1000000ull
#define MS   1000000ull

/* Before anything is counted: neighbours are asked for, and old kernels take a moment. */
static void acquaint(struct world *w)
{
	assert_true(reaches(w, 0, 1));
	assert_true(reaches(w, 1, 0));
}

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
	acquaint(w);
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
	acquaint(&w);
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
	/* of one that is down */
	fabric_trunk_put(w.f, 5, 1, 6, 2, 1500);
	fabric_carrier_put(w.f, 5, false);
	fabric_carrier_put(w.f, 6, false);
	port_put(&w, 1, 0, 1);
	port_put(&w, 2, 1, 2);
	flush(&w);
	nodes_up(&w);
	acquaint(&w);
	assert_int_equal(exchange(&w, 0, 1, 10), 10);
	fabric_carrier_put(w.f, 3, false);
	fabric_carrier_put(w.f, 4, false);
	flush(&w);
	assert_int_equal(exchange(&w, 0, 1, 10), 0);
	world_close(&w);
}

/* A cut takes carriers, not addresses; plugged in again all is as before. */
static void test_cut(void **state)
{
	struct world w;

	setup_two(&w, true);
	fabric_carrier_put(w.f, 1, false);
	fabric_carrier_put(w.f, 2, false);
	flush(&w);
	assert_false(node_carrier(&w, 0));
	assert_false(node_carrier(&w, 1));
	assert_int_equal(addresses(&w, 0), 1);
	assert_int_equal(exchange(&w, 0, 1, 4), 0);
	fabric_carrier_put(w.f, 1, true);
	fabric_carrier_put(w.f, 2, true);
	flush(&w);
	settle(&w);
	assert_true(reaches(&w, 0, 1));
	assert_int_equal(exchange(&w, 0, 1, 4), 4);
	world_close(&w);
}

/* state = down: born without a carrier. */
static void test_born_down(void **state)
{
	struct world w;

	world_open(&w, 2);
	port_put(&w, 1, 0, FABRIC_NONE);
	port_put(&w, 2, 1, FABRIC_NONE);
	fabric_stitch_put(w.f, 1, 2);
	fabric_carrier_put(w.f, 1, false);
	fabric_carrier_put(w.f, 2, false);
	flush(&w);
	node_up(&w, 0);
	node_up(&w, 1);
	assert_false(node_carrier(&w, 0));
	assert_false(node_carrier(&w, 1));
	world_close(&w);
}

static struct topo_impair impair(enum topo_param p, uint64_t v)
{
	struct topo_impair i = { .has = 1U << p };

	i.v[p] = v;
	return i;
}

static struct topo_impair rate(uint64_t bps, uint64_t queue_packets)
{
	struct topo_impair i = impair(TOPO_RATE, bps);

	i.has |= 1U << TOPO_QUEUE;
	i.v[TOPO_QUEUE] = queue_packets;
	return i;
}

/* 99 frames of 1442 bytes at 10 mbit, but for the bucket of 12500: no less than 104 ms */
#define SHAPED_MIN 0.1
#define SHAPED_MAX 1.0 /* on a busy machine */

/* A busy machine may lose one on the way (netdev_max_backlog), which is not what is asked. */
static double transferred(struct world *w, size_t a, size_t b)
{
	double t = -1;

	for (int i = 0; i < 5 && t < 0; i++)
		t = transfer(w, a, b, 100, NULL);
	return t;
}

static void assert_shaped(struct world *w, size_t a, size_t b)
{
	double t = transferred(w, a, b);

	if (t < SHAPED_MIN || t > SHAPED_MAX)
		fail_msg("%zu to %zu: %.3f s", a, b, t);
}

static void assert_free(struct world *w, size_t a, size_t b)
{
	double t = transferred(w, a, b);

	if (t < 0 || t > SHAPED_MIN)
		fail_msg("%zu to %zu: %.3f s", a, b, t);
}

/* Skips where the kernel lacks it. */
static void need(const char *word)
{
	struct fabric_lacks l = { 0 };
	const char *why;

	if (fabric_has(&l, word, &why))
		return;
	print_message("skipped: %s\n", why);
	skip();
}

/* Of the direction it was asked for, and no other; then of none. */
static void test_rate(void **state)
{
	struct topo_impair r = rate(10 * MBIT, 200), none = { 0 };
	struct world w;

	need("rate");
	setup_two(&w, true);
	fabric_impair_put(w.f, 2, &r, 1500);
	flush(&w);
	assert_shaped(&w, 0, 1);
	assert_free(&w, 1, 0);
	/* what comes from the node of a stitched wire leaves by the other port */
	fabric_impair_put(w.f, 2, &none, 1500);
	fabric_impair_from_put(w.f, 2, &r, 1500);
	flush(&w);
	assert_free(&w, 0, 1);
	assert_shaped(&w, 1, 0);
	fabric_impair_from_put(w.f, 2, &none, 1500);
	/* nothing twice is nothing */
	fabric_impair_put(w.f, 2, &none, 1500);
	flush(&w);
	assert_free(&w, 1, 0);
	world_close(&w);
}

static void faster(struct world *w)
{
	struct topo_impair r = rate(100 * MBIT, 200);

	fabric_impair_put(w->f, 2, &r, 1500);
	flush(w);
}

/* What waits when a rate changes arrives, at the new rate. */
static void test_change(void **state)
{
	struct topo_impair r = rate(MBIT, 200);
	struct world w;
	double t;

	need("rate");
	setup_two(&w, true);
	fabric_impair_put(w.f, 2, &r, 1500);
	flush(&w);
	t = transfer(&w, 0, 1, 100, faster);
	/* at the old one more than a second */
	assert_true(t >= 0 && t < 0.8);
	world_close(&w);
}

#define LOSS_SENT 3000
/* 20 % of them, 4 standard deviations: 1 of 15,000 runs is out of luck */
#define LOSS_MIN 512
#define LOSS_MAX 688

static void assert_lossy(struct world *w, size_t a, size_t b)
{
	unsigned lost = LOSS_SENT - exchange(w, a, b, LOSS_SENT);

	if (lost < LOSS_MIN || lost > LOSS_MAX)
		fail_msg("%zu to %zu: %u of %u lost", a, b, lost, LOSS_SENT);
}

static int see_drops(const struct fabric_state *s, void *ctx)
{
	((struct fabric_state *)ctx)[s->port & 3] = *s;
	return 0;
}

static void test_loss(void **state)
{
	struct topo_impair l = impair(TOPO_LOSS, 200000000), none = { 0 };
	struct fabric_state seen[4] = { 0 };
	struct err e = ERR_INIT;
	struct world w;

	need("loss");
	need("rate");
	setup_two(&w, true);
	fabric_impair_put(w.f, 2, &l, 1500);
	flush(&w);
	assert_lossy(&w, 0, 1);
	assert_int_equal(exchange(&w, 1, 0, 500), 500);
	ok(fabric_states(w.f, see_drops, seen, &e), &e);
	assert_true(seen[2].up && seen[2].carrier);
	assert_in_range(seen[2].drops, LOSS_MIN, LOSS_MAX + 10);
	/* of the first moments, before it knew of its carrier */
	assert_in_range(seen[1].drops, 0, 10);
	assert_true(seen[1].from_node_packets >= LOSS_SENT);
	assert_true(seen[1].to_node_packets >= 500);
	/* with a rate beside it, and alone again */
	l.v[TOPO_RATE] = 100 * MBIT;
	fabric_impair_put(w.f, 2, &l, 1500);
	flush(&w);
	assert_lossy(&w, 0, 1);
	fabric_impair_put(w.f, 2, &none, 1500);
	flush(&w);
	assert_int_equal(exchange(&w, 0, 1, 500), 500);
	world_close(&w);
}

/* What only netem does; where there is none this is skipped. */
static void test_delay(void **state)
{
	struct topo_impair d = impair(TOPO_DELAY, 30 * MS), none = { 0 };
	struct world w;

	need("delay");
	setup_two(&w, true);
	fabric_impair_put(w.f, 2, &d, 1500);
	flush(&w);
	assert_true(latency(&w, 0, 1, 3) >= 0.03);
	assert_true(latency(&w, 0, 1, 3) < 0.13);
	assert_true(latency(&w, 1, 0, 3) < 0.03);
	/* beside a rate, which alone would be another kind: taken back to it, and to nothing */
	d.v[TOPO_RATE] = 10 * MBIT;
	d.v[TOPO_QUEUE] = 200;
	fabric_impair_put(w.f, 2, &d, 1500);
	flush(&w);
	assert_true(latency(&w, 0, 1, 3) >= 0.03);
	assert_shaped(&w, 0, 1);
	d.v[TOPO_DELAY] = 0;
	fabric_impair_put(w.f, 2, &d, 1500);
	flush(&w);
	assert_shaped(&w, 0, 1);
	assert_true(latency(&w, 0, 1, 3) < 0.03);
	fabric_impair_put(w.f, 2, &none, 1500);
	flush(&w);
	assert_free(&w, 0, 1);
	world_close(&w);
}

static void test_order(void **state)
{
	struct topo_impair i = impair(TOPO_DELAY, 10 * MS);
	struct world w;

	need("delay");
	setup_two(&w, true);
	/* what varies keeps its order */
	i.v[TOPO_JITTER] = 8 * MS;
	fabric_impair_put(w.f, 2, &i, 1500);
	flush(&w);
	assert_int_equal(overtaken(&w, 0, 1, 200), 0);
	i.v[TOPO_REORDER] = 250000000;
	fabric_impair_put(w.f, 2, &i, 1500);
	flush(&w);
	assert_true(overtaken(&w, 0, 1, 200) > 0);
	/* and twice is twice */
	i = impair(TOPO_DUP, 1000000000);
	fabric_impair_put(w.f, 2, &i, 1500);
	flush(&w);
	assert_int_equal(exchange(&w, 0, 1, 10), 20);
	world_close(&w);
}

/* On a LAN, both ways of one member. */
static void test_lan(void **state)
{
	struct topo_impair r = rate(10 * MBIT, 200), l = impair(TOPO_LOSS, 200000000), none = { 0 };
	struct world w;

	need("loss");
	need("rate");
	need("ifb");
	setup_two(&w, false);
	fabric_impair_from_put(w.f, 1, &r, 1500);
	flush(&w);
	assert_shaped(&w, 0, 1);
	assert_free(&w, 1, 0);
	fabric_impair_from_put(w.f, 1, &l, 1500);
	fabric_impair_put(w.f, 1, &r, 1500);
	flush(&w);
	assert_lossy(&w, 0, 1);
	assert_shaped(&w, 1, 0);
	fabric_impair_from_put(w.f, 1, &none, 1500);
	fabric_impair_put(w.f, 1, &none, 1500);
	flush(&w);
	assert_free(&w, 0, 1);
	assert_free(&w, 1, 0);
	world_close(&w);
}

/* A node that starts again: its port is made anew, the neighbour's stays, and is joined again. */
static void test_again(void **state)
{
	struct topo_impair r = rate(10 * MBIT, 200);
	struct err e = ERR_INIT;
	struct world w;

	need("rate");
	setup_two(&w, true);
	fabric_impair_put(w.f, 1, &r, 1500);
	flush(&w);
	ok(fabric_port_del(w.f, 1, &e), &e);
	ok(fabric_port_del(w.f, 1, &e), &e);
	port_put(&w, 1, 0, FABRIC_NONE);
	fabric_stitch_put(w.f, 1, 2);
	flush(&w);
	node_up(&w, 0);
	settle(&w);
	assert_free(&w, 0, 1);
	assert_free(&w, 1, 0);
	ok(fabric_unstitch(w.f, 1, 2, &e), &e);
	ok(fabric_unstitch(w.f, 1, 2, &e), &e);
	assert_int_equal(exchange(&w, 0, 1, 4), 0);
	world_close(&w);
}

static int read_segs(const struct nlmsghdr *msg, void *ctx)
{
	const struct nlattr *tb[IFLA_MAX + 1];

	nl_parse(msg, sizeof(struct ifinfomsg), tb, IFLA_MAX);
	*(uint32_t *)ctx = nl_attr_u32(tb[IFLA_GSO_MAX_SEGS], 0);
	return 0;
}

/* Of the node's interface. */
static uint32_t gso_segs_of(const struct world *w, size_t i)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	_cleanup_nl_req_ struct nl_req q;
	struct link_info l;
	struct err e = ERR_INIT;
	uint32_t segs = 0;

	ok(netns_nl_open(w->node[i], &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "eth0", &l, &e), &e);
	nl_req_init(&q);
	link_get_put(&q, l.index);
	ok(nl_run(&nl, &q, read_segs, &segs, &e), &e);
	return segs;
}

/* A process that lives in the node, by whose pid it is reached later. */
static pid_t inhabit(const struct world *w, size_t i)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (setns(w->node[i], CLONE_NEWNET) == 0)
			raise(SIGSTOP);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	return pid;
}

/* Who sends to a wire that loses packets sends them one by one, from the start or from then on. */
static void test_single(void **state)
{
	struct topo_impair l = impair(TOPO_LOSS, 200000000), fast = l, none = { 0 };
	struct world w;
	pid_t pid;

	need("loss");
	fast.v[TOPO_RATE] = 1000 * MBIT;
	world_open(&w, 2);
	pid = inhabit(&w, 0);
	port_put(&w, 2, 1, FABRIC_NONE);
	fabric_port_put(
		w.f, &(struct fabric_port){
			     .id = 1,
			     .end = { .netns_fd = -1, .pid = pid, .node = "n0", .ifname = "eth0" },
			     .bridge = FABRIC_NONE });
	fabric_stitch_put(w.f, 1, 2);
	fabric_impair_put(w.f, 2, &l, 1500);
	flush(&w);
	assert_int_equal(gso_segs_of(&w, 0), 1);
	assert_true(gso_segs_of(&w, 1) > 1);
	fabric_impair_put(w.f, 2, &none, 1500);
	flush(&w);
	assert_true(gso_segs_of(&w, 0) > 1);
	fabric_impair_put(w.f, 2, &l, 1500);
	flush(&w);
	assert_int_equal(gso_segs_of(&w, 0), 1);
	/* where it costs too much it is not done */
	fabric_impair_put(w.f, 2, &fast, 1500);
	flush(&w);
	assert_true(gso_segs_of(&w, 0) > 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	world_close(&w);
}

static int count_link(const struct link_info *l, void *ctx)
{
	++*(unsigned *)ctx;
	return 0;
}

/* In the fabric. */
static unsigned links(struct world *w)
{
	struct err e = ERR_INIT;
	unsigned n = 0;

	ok(link_list(&w->nl, 0, count_link, &n, &e), &e);
	return n;
}

/* Deletions of what is not there, and by one who did not make it. */
static void test_absent(void **state)
{
	struct topo_impair none = { 0 }, r = rate(10 * MBIT, 200);
	struct err e = ERR_INIT;
	struct fabric *other;
	struct world w;

	need("rate");
	need("ifb");
	setup_two(&w, false);
	fabric_impair_from_put(w.f, 1, &r, 1500);
	flush(&w);
	ok(fabric_open(w.ns, "lab", &other, &e), &e);
	fabric_impair_from_put(other, 1, &none, 1500);
	fabric_impair_put(other, 1, &none, 1500);
	ok(fabric_flush(other, &e), &e);
	assert_free(&w, 0, 1);
	fabric_impair_from_put(other, 1, &r, 1500);
	ok(fabric_flush(other, &e), &e);
	assert_shaped(&w, 0, 1);
	ok(fabric_port_del(other, 1, &e), &e);
	ok(fabric_port_del(other, 77, &e), &e);
	assert_int_equal(links(&w), 3); /* lo, the bridge, the other port */
	ok(fabric_ports_del(other, (const uint32_t[]){ 9, 2, 1 }, 3, &e), &e);
	assert_int_equal(links(&w), 2);
	ok(fabric_bridge_del(other, 1, &e), &e);
	ok(fabric_bridge_del(other, 1, &e), &e);
	ok(fabric_unstitch(other, 7, 8, &e), &e);
	fabric_close(other);
	world_close(&w);
}

/* The first error is told by the name of its object; a number that is none is refused. */
static void test_errors(void **state)
{
	struct err e = ERR_INIT;
	struct world w;

	setup_two(&w, false);
	port_put(&w, 9, 0, 1);
	assert_int_equal(fabric_flush(w.f, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "n0:eth0"));
	err_clear(&e);
	port_put(&w, FABRIC_IDS, 0, 1);
	assert_int_equal(fabric_flush(w.f, &e), -EINVAL);
	/* and what was put with it is forgotten */
	err_clear(&e);
	ok(fabric_flush(w.f, &e), &e);
	/* no number of ours, but what is on the other side */
	ok(link_del(&w.nl, "p1", &e), &e);
	fabric_carrier_put(w.f, 1, false);
	assert_int_equal(fabric_flush(w.f, &e), -ENODEV);
	assert_non_null(strstr(e.msg, "set n0:eth0: "));
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge), cmocka_unit_test(test_stitch),
		cmocka_unit_test(test_direct), cmocka_unit_test(test_trunk),
		cmocka_unit_test(test_cut),    cmocka_unit_test(test_born_down),
		cmocka_unit_test(test_rate),   cmocka_unit_test(test_change),
		cmocka_unit_test(test_loss),   cmocka_unit_test(test_lan),
		cmocka_unit_test(test_delay),  cmocka_unit_test(test_order),
		cmocka_unit_test(test_again),  cmocka_unit_test(test_single),
		cmocka_unit_test(test_absent), cmocka_unit_test(test_errors),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
