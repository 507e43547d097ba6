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

/* What a full disk cut short does not swallow the next line. */
static void test_torn(void **state)
{
	struct tmp *t = *state;
	int fd;

	join(t, "10.88.0.2", "web", NULL);
	fd = openat(t->net.state_fd, "hosts/n", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "10.88.0.3\td", 11), 11);
	close(fd);
	join(t, "10.88.0.4", "x", NULL);
	assert_hosts(t, "10.88.0.2\tweb\n10.88.0.3\td\n10.88.0.4\tx\n");
	leave(t, "10.88.0.4");
	assert_hosts(t, "10.88.0.2\tweb\n10.88.0.3\td\n           \n");
	/* and is as much a line of its address as any other */
	fd = openat(t->net.state_fd, "hosts/n", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "10.88.0.2\tw", 11), 11);
	close(fd);
	leave(t, "10.88.0.2");
	assert_hosts(t, "             \n10.88.0.3\td\n           \n           ");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_join_leave),	 test_on_tmp(test_join_replaces),
		test_on_tmp(test_smallest_hole), test_on_tmp(test_inode_kept),
		test_on_tmp(test_torn),		 test_on_tmp(test_bad_names),
		test_on_tmp(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
