/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies between two namespaces, with a router and a link of its own in
 * the middle: a (10.1.0.1) - r - b (10.2.0.1).
 */
#include "net_lan.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/probe_http.h"
#include "net/probe_icmp.h"
#include "net/qdisc.h"

enum { A, R, B };

static void wire(struct nl *nl, int a, const char *if_a, int b, const char *if_b)
{
	struct err e = ERR_INIT;

	ok(link_add(nl,
		    &(struct link_spec){ .kind = &link_veth,
					 .name = if_a,
					 .netns_fd = a,
					 .veth = { .peer = if_b, .peer_netns = b } },
		    &e),
	   &e);
}

static struct probe_path to_b(const struct lan *l, int family)
{
	static const char *const addr[] = { "10.2.0.1", "fd02::1" };

	return (struct probe_path){ .netns_fd = l->ns[A], .dst = ip(addr[family]) };
}

static void routed(struct lan *l)
{
	struct sysctl forward[] = { { "ipv4/ip_forward", "1" },
				    { "ipv6/conf/all/forwarding", "1" } };
	struct err e = ERR_INIT;

	*l = (struct lan){ .nl = NL_INIT, .n = 3 };
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ok(nl_open(&l->nl, NETLINK_ROUTE, &e), &e);
	for (size_t i = 0; i < l->n; i++)
		l->ns[i] = lan_host();
	ok(sysctl_apply(l->ns[R], forward, ARRAY_SIZE(forward), &e), &e);
	wire(&l->nl, l->ns[A], "eth0", l->ns[R], "west");
	wire(&l->nl, l->ns[B], "eth0", l->ns[R], "east");
	lan_up(l->ns[R], "west", (const char *[]){ "10.1.0.254/24", "fd01::fe/64" }, 2);
	lan_up(l->ns[R], "east", (const char *[]){ "10.2.0.254/24", "fd02::fe/64" }, 2);
	lan_up(l->ns[A], "eth0", (const char *[]){ "10.1.0.1/24", "fd01::1/64" }, 2);
	lan_up(l->ns[B], "eth0", (const char *[]){ "10.2.0.1/24", "fd02::1/64" }, 2);
	lan_wait(l->ns[A], "eth0");
	lan_wait(l->ns[B], "eth0");
	lan_wait(l->ns[R], "west");
	lan_wait(l->ns[R], "east");
	lan_route(l->ns[A], "0.0.0.0/0", "10.1.0.254");
	lan_route(l->ns[A], "::/0", "fd01::fe");
	lan_route(l->ns[B], "0.0.0.0/0", "10.2.0.254");
	lan_route(l->ns[B], "::/0", "fd02::fe");
	/* the kernel joins the groups of IPv6 addresses a moment after they are usable */
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(l, f);
		struct probe_echo_result r = { 0 };

		for (int i = 0; i < 100 && !r.received; i++)
			ok(probe_echo(&p, &(struct probe_echo){ .timeout = 50 * PROBE_MS }, &r, &e),
			   &e);
		assert_int_equal(r.received, 1);
	}
}

static void set_mtu(int ns, const char *link, uint32_t mtu)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;

	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	ok(link_set(&nl, 0, link, &(struct link_change){ .mtu = mtu }, &e), &e);
}

static void test_ttl(void **state)
{
	struct probe_echo_result r;
	struct err e = ERR_INIT;
	struct lan l;

	routed(&l);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);

		ok(probe_echo(&p, &(struct probe_echo){ .count = 3 }, &r, &e), &e);
		assert_int_equal(r.received, 3);
		assert_int_equal(r.ttl, 63);
		ok(probe_echo(&p, &(struct probe_echo){ .ttl = 1 }, &r, &e), &e);
		assert_int_equal(r.received, 0);
		assert_int_equal(r.error, ETIME);
		p.dst = ip(f ? "fd01::fe" : "10.1.0.254");
		assert_true(ip_eq(&r.from, &p.dst));
	}
	lan_end(&l);
}

static void test_pmtu(void **state)
{
	struct probe_echo_result r;
	struct err e = ERR_INIT;
	uint32_t mtu = 0;
	struct lan l;

	routed(&l);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);

		ok(probe_pmtu(&p, &mtu, &e), &e);
		assert_int_equal(mtu, 1500);
	}
	/* the router tells */
	set_mtu(l.ns[R], "east", 1400);
	set_mtu(l.ns[B], "eth0", 1400);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);

		ok(probe_echo(&p, &(struct probe_echo){ .size = 1450 }, &r, &e), &e);
		assert_int_equal(r.error, EMSGSIZE);
		assert_int_equal(r.mtu, 1400);
		ok(probe_pmtu(&p, &mtu, &e), &e);
		assert_int_equal(mtu, 1400);
		/* twice: what the kernel remembers changes nothing */
		ok(probe_pmtu(&p, &mtu, &e), &e);
		assert_int_equal(mtu, 1400);
	}
	/* nobody tells: the other end takes less than is sent (and gives away 4 bytes) */
	set_mtu(l.ns[R], "east", 1500);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);

		ok(probe_pmtu(&p, &mtu, &e), &e);
		assert_in_range(mtu, 1400, 1404);
	}
	lan_end(&l);
}

static void test_pmtu_none(void **state)
{
	struct err e = ERR_INIT;
	uint32_t mtu = 0;
	struct lan l;

	routed(&l);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);

		p.dst = ip(f ? "fd03::1" : "10.3.0.1");
		assert_int_equal(probe_pmtu(&p, &mtu, &e), -ENETUNREACH);
		err_clear(&e);
		assert_int_equal(mtu, 0);
	}
	lan_end(&l);
}

static void test_trace(void **state)
{
	struct ip_addr hops[30];
	struct err e = ERR_INIT;
	struct lan l;
	size_t n;

	routed(&l);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);
		struct ip_addr r = ip(f ? "fd01::fe" : "10.1.0.254");

		assert_int_equal(probe_trace(&p, hops, ARRAY_SIZE(hops), &n, &e), 1);
		assert_int_equal(n, 2);
		assert_true(ip_eq(&hops[0], &r));
		assert_true(ip_eq(&hops[1], &p.dst));
		/* the router has no way there, and says so */
		p.dst = ip(f ? "fd03::1" : "10.3.0.1");
		ok(probe_trace(&p, hops, ARRAY_SIZE(hops), &n, &e), &e);
		assert_int_equal(n, 1);
		assert_true(ip_eq(&hops[0], &r));
	}
	lan_end(&l);
}

static void slow(int ns, const char *link, uint64_t bps)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info info;
	struct err e = ERR_INIT;

	ok(netns_nl_open(ns, &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, link, &info, &e), &e);
	ok(qdisc_tbf(&nl, info.index,
		     &(struct tbf_spec){ .rate = bps, .burst = 20000, .latency_ns = 50 * PROBE_MS },
		     &e),
	   &e);
}

static void test_rate(void **state)
{
	struct err e = ERR_INIT;
	struct lan l;

	routed(&l);
	slow(l.ns[R], "east", 20000000);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);
		uint64_t bps = 0;

		ok(probe_tcp_rate(&p, l.ns[B], 1, &bps, &e), &e);
		assert_in_range(bps, 5000000, 20000000);
		ok(probe_udp_rate(&p, l.ns[B], 1, 0, &bps, &e), &e);
		assert_in_range(bps, 5000000, 20000000);
		/* as much as is sent, when that is less */
		ok(probe_udp_rate(&p, l.ns[B], 1, 5000000, &bps, &e), &e);
		assert_in_range(bps, 2000000, 5500000);
		/* nobody there */
		p.dst = ip(f ? "fd03::1" : "10.3.0.1");
		assert_true(probe_tcp_rate(&p, l.ns[B], 1, &bps, &e) < 0);
		err_clear(&e);
	}
	lan_end(&l);
}

/* ---- HTTP ---- */

static int listen_inside(void *ctx)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* A server that says the same to each of n; the second half comes later. */
static pid_t serve(int ns, const char *text, int n)
{
	int fd = netns_do(ns, listen_inside, NULL);
	pid_t pid = fork();

	assert_true(pid >= 0);
	while (pid == 0 && n--) {
		int c = accept(fd, NULL, NULL);
		size_t len = strlen(text);
		char buf[4096];

		if (read(c, buf, sizeof(buf)) < 0 || write(c, text, len / 2) < 0)
			_exit(1);
		poll(NULL, 0, 5);
		if (write(c, text + len / 2, len - len / 2) < 0)
			_exit(1);
		close(c);
	}
	if (pid == 0)
		_exit(0);
	close(fd);
	return pid;
}

static void test_http(void **state)
{
	struct err e = ERR_INIT;
	struct lan l;
	pid_t pid;

	routed(&l);
	pid = serve(l.ns[B], "HTTP/1.1 404 Not here\r\nServer: x\r\n\r\nhello\nthere", 2);
	for (int f = 0; f < 2; f++) {
		struct probe_path p = to_b(&l, f);
		_cleanup_free_ char *body = NULL;
		size_t len = 0;
		int status = 0;

		ok(probe_http(&p, 80, "b", "/x", 5 * PROBE_S, &status, &body, &len, &e), &e);
		assert_int_equal(status, 404);
		assert_string_equal(body, "hello\nthere");
		assert_int_equal(len, 11);
	}
	waitpid(pid, NULL, 0);
	pid = serve(l.ns[B], "220 mail.example ESMTP\r\n", 1);
	for (int i = 0; i < 2; i++) {
		struct probe_path p = to_b(&l, 0);
		char *body = NULL;
		size_t len = 0;
		int status = 0;

		assert_int_equal(probe_http(&p, 80, "b", "/", PROBE_S, &status, &body, &len, &e),
				 i ? -ECONNREFUSED : -EPROTO);
		err_clear(&e);
		waitpid(pid, NULL, 0);
	}
	lan_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ttl),	  cmocka_unit_test(test_pmtu),
		cmocka_unit_test(test_pmtu_none), cmocka_unit_test(test_trace),
		cmocka_unit_test(test_rate),	  cmocka_unit_test(test_http),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
