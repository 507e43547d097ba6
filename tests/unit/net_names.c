/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/net_tmp.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "net/names.h"

static char *hosts(struct tmp *t)
{
	char *text = NULL;

	assert_int_equal(file_read_at(t->net.state_fd, "hosts/n", 65536, &text, NULL), 0);
	return text;
}

static void assert_hosts(struct tmp *t, const char *lines)
{
	char *text = hosts(t);

	assert_true(str_starts(text, names_hosts_head));
	assert_string_equal(text + strlen(names_hosts_head), lines);
	free(text);
}

static void join(struct tmp *t, const char *a, const char *n1, const char *n2)
{
	const char *names[] = { n1, n2 };
	struct ip_addr addr = ip(a);

	assert_int_equal(names_join(&t->net, "n", &addr, names, n2 ? 2 : 1), 0);
}

static void leave(struct tmp *t, const char *a)
{
	struct ip_addr addr = ip(a);

	assert_int_equal(names_leave(&t->net, "n", &addr), 0);
}

static void test_join_leave(void **state)
{
	struct tmp *t = *state;

	leave(t, "10.88.0.2");
	join(t, "10.88.0.2", "web", "web.lab");
	join(t, "10.88.0.20", "db", NULL);
	assert_hosts(t, "10.88.0.2\tweb web.lab\n10.88.0.20\tdb\n");
	leave(t, "10.88.0.2");
	leave(t, "10.88.0.2");
	assert_hosts(t, "                     \n10.88.0.20\tdb\n");
	/* too long for the hole: appended; what fits fills it */
	join(t, "10.88.0.33", "a-longer-name", NULL);
	join(t, "10.88.0.4", "x", NULL);
	assert_hosts(t, "10.88.0.4\tx          \n10.88.0.20\tdb\n10.88.0.33\ta-longer-name\n");
}

static void test_join_replaces(void **state)
{
	struct tmp *t = *state;

	join(t, "10.88.0.2", "old", "name");
	join(t, "10.88.0.2", "new", NULL);
	assert_hosts(t, "10.88.0.2\tnew     \n");
	join(t, "fd00::2", "new", NULL);
	assert_hosts(t, "10.88.0.2\tnew     \nfd00::2\tnew\n");
}

static void test_smallest_hole(void **state)
{
	struct tmp *t = *state;

	join(t, "10.88.0.2", "a-rather-long-name", NULL);
	join(t, "10.88.0.3", "short", NULL);
	leave(t, "10.88.0.2");
	leave(t, "10.88.0.3");
	join(t, "10.88.0.4", "s", NULL);
	assert_hosts(t, "                            \n10.88.0.4\ts    \n");
}

static void test_inode_kept(void **state)
{
	struct tmp *t = *state;
	int fd = names_open_hosts(&t->net, "n", NULL);
	struct stat st;
	char buf[512];
	ssize_t n;

	assert_true(fd >= 0);
	join(t, "10.88.0.2", "web", NULL);
	n = pread(fd, buf, sizeof(buf) - 1, 0);
	assert_true(n > 0);
	buf[n] = '\0';
	assert_non_null(strstr(buf, "10.88.0.2\tweb\n"));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	names_drop(&t->net, "n");
	assert_int_equal(faccessat(t->net.state_fd, "hosts/n", F_OK, 0), -1);
	close(fd);
}

static void test_bad_names(void **state)
{
	static const char *const bad[] = { "",	 "a b",	 "a\nb", "#a",	     "-a",
					   ".a", "a..b", "a.",	 "\xc3\xa4", "a/b" };
	struct tmp *t = *state;
	struct ip_addr a = ip("10.88.0.2");
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(names_join(&t->net, "n", &a, &bad[i], 1), -EINVAL);
		assert_int_equal(names_check("alias", bad[i], &e), -EINVAL);
	}
	assert_int_equal(names_check("alias", "Web_1.lab-2", &e), 0);
	assert_int_equal(names_check("alias", "a b", &e), -EINVAL);
	assert_string_equal(e.msg, "\"a b\" is no alias");
}

static void test_many(void **state)
{
	struct tmp *t = *state;
	char name[32], addr[32], *text;

	for (int turn = 0; turn < 3; turn++)
		for (int i = 2; i < 250; i++) {
			snprintf(addr, sizeof(addr), "10.88.0.%d", i);
			snprintf(name, sizeof(name), "host-%d", i);
			join(t, addr, name, NULL);
		}
	text = hosts(t);
	assert_true(strlen(text) < 248 * 24 + 200);
	free(text);
}

static void put(struct tmp *t, const char *dir, const char *path, const char *text)
{
	assert_int_equal(dir_make_at(t->fd, dir, 0755), 0);
	assert_int_equal(file_replace_at(t->fd, path, text, strlen(text), 0644, false), 0);
}

static void resolv(struct tmp *t, const struct strv *dns, bool loopback, unsigned want_n,
		   const char *want)
{
	static const char head[] = "# made by ctnet; use --dns to give other servers\n";
	char *text = NULL;
	unsigned n = 99;

	assert_int_equal(names_resolv_conf_at(t->fd, dns, NULL, loopback, &text, &n, NULL), 0);
	assert_int_equal(n, want_n);
	assert_true(str_starts(text, head));
	assert_string_equal(text + strlen(head), want);
	free(text);
}

static void test_resolv(void **state)
{
	struct tmp *t = *state;
	struct strv dns = { 0 };
	struct err e = ERR_INIT;
	char *text = NULL;
	unsigned n;

	resolv(t, NULL, false, 0, "");
	put(t, "etc", "etc/resolv.conf",
	    "; comment\nsearch corp.example\nnameserver 127.0.0.53\nnameserver ::1\n"
	    "nameserver fe80::1%eth0\nnameserver 127.9.9.9\n");
	resolv(t, NULL, false, 0, "");
	resolv(t, NULL, true, 3,
	       "nameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\n");
	put(t, "run/systemd/resolve", "run/systemd/resolve/resolv.conf",
	    "nameserver 192.0.2.1\nsearch x\noptions edns0\nnameserver 192.0.2.1\n"
	    "nameserver 2001:db8::1\n");
	resolv(t, NULL, false, 2, "nameserver 192.0.2.1\nnameserver 2001:db8::1\noptions edns0\n");
	assert_int_equal(strv_add(&dns, "9.9.9.9"), 0);
	resolv(t, &dns, false, 1, "nameserver 9.9.9.9\n");
	assert_int_equal(strv_add(&dns, "nine"), 0);
	assert_true(names_resolv_conf_at(t->fd, &dns, NULL, false, &text, &n, &e) < 0);
	assert_null(text);
	assert_true(e.msg[0]);
	strv_free(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_join_leave),	 test_on_tmp(test_join_replaces),
		test_on_tmp(test_smallest_hole), test_on_tmp(test_inode_kept),
		test_on_tmp(test_bad_names),	 test_on_tmp(test_many),
		test_on_tmp(test_resolv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
