/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening to one end of a veth pair: what passes in both directions is seen, whole
 * and in order, the interface stays as it was.
 */
#include "net_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link.h"
#include "net/nl.h"
#include "net/pcap_tap.h"

#define ETHERTYPE 0x88b5 /* for experiments: IEEE 802 */

struct seen {
	unsigned n, tagged, last_len, last_wire_len;
	uint8_t last;
	unsigned stop_at;
	int64_t time;
};

/* Only what the test sent: interfaces speak IPv6 by themselves. */
static int see(const struct pcap_packet *k, void *ctx)
{
	struct seen *s = ctx;
	const uint8_t *b = k->data;

	if (k->len < 15 || b[12] != ETHERTYPE >> 8 || b[13] != (ETHERTYPE & 0xff))
		return 0;
	s->n++;
	s->tagged += k->tagged;
	s->last = b[14];
	s->last_len = k->len;
	s->last_wire_len = k->wire_len;
	assert_true(k->time >= s->time);
	s->time = k->time;
	return s->n == s->stop_at ? 1 : 0;
}

struct wire {
	int netns;
	struct nl nl;
};

/* The kernel notices a carrier a moment later; until then what is sent is dropped. */
static void await_carrier(struct wire *w, const char *ifname)
{
	struct link_info l = { 0 };
	struct err e = ERR_INIT;

	for (int tries = 0; !(l.flags & IFF_RUNNING) && tries < 1000; tries++) {
		ok(link_get(&w->nl, ifname, &l, &e), &e);
		poll(NULL, 0, 10);
	}
	assert_true(l.flags & IFF_RUNNING);
}

/* A namespace with a pair "a" - "b" that is up. */
static int setup(void **state)
{
	struct wire *w = calloc(1, sizeof(*w));
	struct err e = ERR_INIT;

	w->netns = make_netns_fd();
	ok(netns_nl_open(w->netns, &w->nl, NETLINK_ROUTE, &e), &e);
	ok(link_add(&w->nl,
		    &(struct link_spec){
			    .kind = &link_veth, .name = "a", .up = ON, .veth = { .peer = "b" } },
		    &e),
	   &e);
	ok(link_set(&w->nl, 0, "b", &(struct link_change){ .up = ON }, &e), &e);
	ok(link_set(&w->nl, 0, "lo", &(struct link_change){ .up = ON }, &e), &e);
	await_carrier(w, "a");
	await_carrier(w, "b");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct wire *w = *state;

	nl_close(&w->nl);
	fd_close(w->netns);
	free(w);
	return 0;
}

struct sending {
	const char *ifname;
	unsigned n, len, vlan;
};

static int send_inside(void *ctx)
{
	const struct sending *s = ctx;
	uint8_t frame[1500] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8 };
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)if_nametoindex(s->ifname) };
	_cleanup_close_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	size_t at = 12;

	assert_true(fd >= 0);
	if (s->vlan) {
		frame[at++] = 0x81;
		frame[at++] = 0;
		frame[at++] = (uint8_t)(s->vlan >> 8);
		frame[at++] = (uint8_t)s->vlan;
	}
	frame[at++] = ETHERTYPE >> 8;
	frame[at++] = ETHERTYPE & 0xff;
	for (unsigned i = 1; i <= s->n; i++) {
		frame[at] = (uint8_t)i;
		assert_int_equal(sendto(fd, frame, s->len, 0, (void *)&to, sizeof(to)), s->len);
	}
	return 0;
}

static void send_from(const struct wire *w, const char *ifname, unsigned n, unsigned len,
		      unsigned vlan)
{
	struct sending s = { ifname, n, len, vlan };

	assert_int_equal(netns_do(w->netns, send_inside, &s), 0);
}

/* Until so many were seen. */
static void read_until(struct pcap_tap *t, struct seen *s, unsigned n)
{
	struct err e = ERR_INIT;

	for (int tries = 0; s->n < n && tries < 100; tries++) {
		struct pollfd p = { pcap_tap_fd(t), POLLIN, 0 };

		poll(&p, 1, 100);
		ok(pcap_tap_read(t, see, s, &e), &e);
	}
	assert_int_equal(s->n, n);
}

static void test_both_ways(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct link_info before, after;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(link_get(&w->nl, "a", &before, &e), &e);
	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	assert_int_equal(pcap_tap_linktype(t), PCAP_ETHERNET);
	ok(link_get(&w->nl, "a", &after, &e), &e);
	assert_int_equal(before.flags, after.flags);
	send_from(w, "b", 3, 60, 0);
	send_from(w, "a", 2, 1400, 0);
	read_until(t, &s, 5);
	assert_int_equal(s.last, 2);
	assert_int_equal(s.last_len, 1400);
	assert_int_equal(s.last_wire_len, 1400);
	assert_int_equal(pcap_tap_dropped(t), 0);
	pcap_tap_close(t);
}

static void test_cut(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", 100, &t, &e), &e);
	send_from(w, "b", 1, 1400, 0);
	read_until(t, &s, 1);
	assert_int_equal(s.last_len, 100);
	assert_int_equal(s.last_wire_len, 1400);
	pcap_tap_close(t);
}

/* The kernel takes the tag out of what arrives; it comes beside the packet. */
static void test_vlan(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	send_from(w, "b", 1, 64, 100);
	read_until(t, &s, 1);
	assert_int_equal(s.tagged, 1);
	assert_int_equal(s.last_len, 60);
	pcap_tap_close(t);
}

/* Many blocks, each given back; nothing twice. */
static void test_many(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	for (unsigned i = 1; i <= 100; i++) {
		send_from(w, i % 2 ? "a" : "b", 250, 1400, 0);
		read_until(t, &s, i * 250);
	}
	assert_int_equal(pcap_tap_dropped(t), 0);
	pcap_tap_close(t);
}

static void test_no_room(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	for (unsigned i = 0; i < 40; i++)
		send_from(w, "b", 250, 1400, 0);
	ok(pcap_tap_finish(t, see, &s, &e), &e);
	assert_true(pcap_tap_dropped(t) > 0);
	/* the kernel's own may be among them; asked again it is the same number */
	assert_in_range(s.n + pcap_tap_dropped(t), 40 * 250, 40 * 250 + 50);
	assert_in_range(s.n + pcap_tap_dropped(t), 40 * 250, 40 * 250 + 50);
	pcap_tap_close(t);
}

/* What passed before is read though its block was not full, and nothing after it. */
static void test_finish(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	send_from(w, "b", 7, 60, 0);
	assert_int_equal(pcap_tap_finish(t, see, &s, &e), 0);
	assert_int_equal(s.n, 7);
	send_from(w, "b", 7, 60, 0);
	assert_int_equal(pcap_tap_finish(t, see, &s, &e), 0);
	assert_int_equal(s.n, 7);
	pcap_tap_close(t);
}

static void test_stop(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { .stop_at = 2 };
	struct err e = ERR_INIT;
	int r = 0;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	send_from(w, "b", 5, 60, 0);
	for (int tries = 0; !r && tries < 100; tries++) {
		struct pollfd p = { pcap_tap_fd(t), POLLIN, 0 };

		poll(&p, 1, 100);
		r = pcap_tap_read(t, see, &s, &e);
	}
	assert_int_equal(r, 1);
	assert_int_equal(s.n, 2);
	pcap_tap_close(t);
}

static void test_lo(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "lo", PCAP_SNAPLEN, &t, &e), &e);
	send_from(w, "lo", 3, 60, 0);
	ok(pcap_tap_finish(t, see, &s, &e), &e);
	assert_int_equal(s.n, 3);
	pcap_tap_close(t);
}

/* Down and up again is no end; gone is one. */
static void test_down_gone(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	ok(link_set(&w->nl, 0, "a", &(struct link_change){ .up = OFF }, &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), 0);
	ok(link_set(&w->nl, 0, "a", &(struct link_change){ .up = ON }, &e), &e);
	/* the other end notices a moment later that it has a carrier again */
	for (int tries = 0; !s.n && tries < 100; tries++) {
		struct pollfd p = { pcap_tap_fd(t), POLLIN, 0 };

		send_from(w, "b", 1, 60, 0);
		poll(&p, 1, 100);
		ok(pcap_tap_read(t, see, &s, &e), &e);
	}
	assert_true(s.n > 0);
	ok(link_del(&w->nl, "a", &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), -ENODEV);
	assert_string_equal(e.msg, "interface a is gone");
	pcap_tap_close(t);
}

/* The kernel tells nothing of one that goes when it was down already. */
static void test_down_then_gone(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct seen s = { 0 };
	struct err e = ERR_INIT;

	ok(pcap_tap_open(w->netns, "a", PCAP_SNAPLEN, &t, &e), &e);
	assert_int_equal(pcap_tap_timeout(t), -1);
	ok(link_set(&w->nl, 0, "a", &(struct link_change){ .up = OFF }, &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), 0);
	assert_true(pcap_tap_timeout(t) > 0);
	ok(link_set(&w->nl, 0, "a", &(struct link_change){ .up = ON }, &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), 0);
	assert_int_equal(pcap_tap_timeout(t), -1);
	ok(link_set(&w->nl, 0, "a", &(struct link_change){ .up = OFF }, &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), 0);
	ok(link_del(&w->nl, "a", &e), &e);
	assert_int_equal(pcap_tap_read(t, see, &s, &e), -ENODEV);
	pcap_tap_close(t);
}

static void test_refused(void **state)
{
	struct wire *w = *state;
	struct pcap_tap *t;
	struct err e = ERR_INIT;

	assert_int_equal(pcap_tap_open(w->netns, "nosuch", PCAP_SNAPLEN, &t, &e), -ENODEV);
	assert_string_equal(e.msg, "listen to interface nosuch: No such device");
	err_clear(&e);
	assert_int_equal(pcap_tap_open(w->netns, "a-name-that-is-too-long", PCAP_SNAPLEN, &t, &e),
			 -ENODEV);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both_ways),	   TEST(test_cut),     TEST(test_vlan),
		TEST(test_many),	   TEST(test_no_room), TEST(test_finish),
		TEST(test_stop),	   TEST(test_lo),      TEST(test_down_gone),
		TEST(test_down_then_gone), TEST(test_refused),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests_name("net/pcap_tap", tests, NULL, NULL);
}
