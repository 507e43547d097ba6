/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/net_tmp.h"

#include "core/base/fd.h"
#include "net/network.h"
#include "net/resolv.h"

static void put(struct tmp *t, const char *dir, const char *path, const char *text)
{
	assert_int_equal(dir_make_at(t->fd, dir, 0755), 0);
	assert_int_equal(file_replace_at(t->fd, path, text, strlen(text), 0644, false), 0);
}

static void resolv(struct tmp *t, const struct resolv_want *w, unsigned want_n, const char *want)
{
	static const char head[] = "# made by ctnet; use --dns to give other servers\n";
	char *text = NULL;
	unsigned n = 99;

	assert_int_equal(resolv_conf_at(t->fd, w, &text, &n, NULL), 0);
	assert_int_equal(n, want_n);
	assert_true(str_starts(text, head));
	assert_string_equal(text + strlen(head), want);
	free(text);
}

static void test_host(void **state)
{
	const struct resolv_want want = { .loopback_ok = false }, shared = { .loopback_ok = true };
	struct tmp *t = *state;

	resolv(t, &want, 0, "");
	put(t, "etc", "etc/resolv.conf",
	    "; comment\nsearch corp.example\nnameserver 127.0.0.53\nnameserver ::1\n"
	    "nameserver fe80::1%eth0\nnameserver 127.9.9.9\n");
	resolv(t, &want, 0, "");
	resolv(t, &shared, 3, "nameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\n");
	put(t, "run/systemd/resolve", "run/systemd/resolve/resolv.conf",
	    "nameserver 192.0.2.1\nsearch x\noptions edns0\nnameserver 192.0.2.1\n"
	    "nameserver 2001:db8::1\n");
	resolv(t, &want, 2, "nameserver 192.0.2.1\nnameserver 2001:db8::1\noptions edns0\n");
}

static void test_given(void **state)
{
	struct strv dns = { 0 }, config = { 0 };
	struct resolv_want w = { .dns = &dns, .config = &config };
	struct tmp *t = *state;
	struct err e = ERR_INIT;
	char *text = NULL;
	unsigned n;

	put(t, "etc", "etc/resolv.conf", "nameserver 192.0.2.1\n");
	resolv(t, &w, 1, "nameserver 192.0.2.1\n");
	assert_int_equal(strv_add(&config, "8.8.8.8"), 0);
	resolv(t, &w, 1, "nameserver 8.8.8.8\n");
	assert_int_equal(strv_add(&dns, "9.9.9.9"), 0);
	resolv(t, &w, 1, "nameserver 9.9.9.9\n");
	assert_int_equal(strv_add(&dns, "nine"), 0);
	assert_true(resolv_conf_at(t->fd, &w, &text, &n, &e) < 0);
	assert_null(text);
	assert_true(e.msg[0]);
	strv_free(&dns);
	strv_free(&config);
}

static struct network network(const char *gateway4, const char *gateway6)
{
	struct network n = { .n_subnets = 2 };

	n.subnets[0].gateway = ip(gateway4);
	n.subnets[1].gateway = ip(gateway6);
	return n;
}

/* Whoever knows the world is enough; who does not stands in front of those who do. */
static void test_networks(void **state)
{
	struct network plain = network("10.1.0.1", "fd01::1");
	struct network inner = network("10.2.0.1", "fd02::1");
	struct network outer = network("10.3.0.1", "fd03::1");
	struct resolv_nets nets = { 0 };
	struct strv dns = { 0 };
	struct resolv_want w = { .nets = &nets };
	struct tmp *t = *state;

	put(t, "etc", "etc/resolv.conf", "nameserver 192.0.2.1\noptions edns0\n");
	inner.dns_server = inner.internal = outer.dns_server = true;
	assert_int_equal(resolv_add_network(&nets, &inner), 0);
	resolv(t, &w, 2, "nameserver 10.2.0.1\nnameserver fd02::1\n");
	assert_int_equal(resolv_add_network(&nets, &plain), 0);
	resolv(t, &w, 3,
	       "nameserver 10.2.0.1\nnameserver fd02::1\nnameserver 192.0.2.1\noptions edns0\n");
	assert_int_equal(resolv_add_network(&nets, &outer), 0);
	resolv(t, &w, 3, "nameserver 10.2.0.1\nnameserver fd02::1\nnameserver 10.3.0.1\n");
	assert_int_equal(strv_add(&dns, "9.9.9.9"), 0);
	w.dns = &dns;
	resolv(t, &w, 1, "nameserver 9.9.9.9\n");
	strv_free(&dns);
	resolv_nets_free(&nets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_host),
		test_on_tmp(test_given),
		test_on_tmp(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
