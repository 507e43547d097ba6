/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts files of single containers: made, following two networks, dropped, swept. */
#include "tests/unit/net_tmp.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "net/names.h"
#include "net/names_own.h"

static void join(struct tmp *t, const char *network, const char *a, const char *name)
{
	struct ip_addr addr = ip(a);

	assert_int_equal(names_join(&t->net, network, &addr, &name, 1), 0);
}

static void leave(struct tmp *t, const char *network, const char *a)
{
	struct ip_addr addr = ip(a);

	assert_int_equal(names_leave(&t->net, network, &addr), 0);
}

static int make(struct tmp *t, const char *id, const char *extra, const struct proc_id *holder)
{
	struct strv networks = { 0 };
	struct proc_id self;
	int fd;

	assert_int_equal(proc_identify(getpid(), &self), 0);
	assert_int_equal(strv_add(&networks, "a"), 0);
	assert_int_equal(strv_add(&networks, "b"), 0);
	fd = names_own_make(&t->net, id, holder ? holder : &self, &networks, extra, NULL);
	assert_true(fd >= 0);
	strv_free(&networks);
	return fd;
}

/* What stands behind the head, read through the descriptor a container would have. */
static void assert_lines(int fd, const char *lines)
{
	char text[4096] = "";

	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	assert_true(fd_read_all(fd, text, sizeof(text) - 1) > 0);
	assert_string_equal(text + strlen(names_hosts_head), lines);
}

static void test_follows(void **state)
{
	struct tmp *t = *state;
	int fd;

	join(t, "a", "10.1.0.2", "old");
	join(t, "a", "10.1.0.3", "gone");
	leave(t, "a", "10.1.0.3");
	join(t, "b", "10.2.0.2", "other");
	fd = make(t, "c1", "10.1.0.9 extra\n", NULL);
	assert_lines(fd, "10.1.0.9 extra\n10.1.0.2\told\n10.2.0.2\tother\n");
	join(t, "b", "10.2.0.3", "late");
	join(t, "c", "10.3.0.2", "stranger");
	leave(t, "a", "10.1.0.2");
	/* an address of --add-host that somebody leases and leaves stays */
	join(t, "a", "10.1.0.9", "x");
	leave(t, "a", "10.1.0.9");
	assert_lines(fd, "10.1.0.9 extra\n            \n10.2.0.2\tother\n10.2.0.3\tlate\n");
	close(fd);
}

static void test_dropped(void **state)
{
	struct tmp *t = *state;
	int fd = make(t, "c1", "", NULL);

	names_own_drop(&t->net, "c1");
	names_own_drop(&t->net, "c1");
	join(t, "a", "10.1.0.2", "later");
	assert_lines(fd, "");
	assert_int_equal(faccessat(t->net.state_fd, "hosts-own/c1", F_OK, 0), -1);
	assert_int_equal(faccessat(t->net.state_fd, "follow/a/c1", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	close(fd);
}

static void test_swept(void **state)
{
	struct tmp *t = *state;
	struct proc_id dead;
	int living = make(t, "c1", "", NULL), gone;

	assert_int_equal(proc_identify(getpid(), &dead), 0);
	dead.start++;
	gone = make(t, "c2", "", &dead);
	names_own_sweep(&t->net);
	assert_int_equal(faccessat(t->net.state_fd, "hosts-own/c1", F_OK, 0), 0);
	assert_int_equal(faccessat(t->net.state_fd, "hosts-own/c2", F_OK, 0), -1);
	assert_int_equal(faccessat(t->net.state_fd, "hosts-own/.c2", F_OK, AT_SYMLINK_NOFOLLOW),
			 -1);
	close(living);
	close(gone);
}

static void follow(struct tmp *t, const char *n1, const char *n2)
{
	struct strv networks = { 0 };
	struct proc_id self;

	assert_int_equal(proc_identify(getpid(), &self), 0);
	if (n1)
		assert_int_equal(strv_add(&networks, n1), 0);
	if (n2)
		assert_int_equal(strv_add(&networks, n2), 0);
	assert_int_equal(names_own_follow(&t->net, "c1", &self, &networks, "10.9.0.1 extra\n"), 0);
	strv_free(&networks);
}

/* Networks come and go; the file that is open stays the one. */
static void test_follow_changes(void **state)
{
	struct tmp *t = *state;
	int fd;

	join(t, "a", "10.1.0.2", "x");
	join(t, "b", "10.2.0.2", "y");
	assert_int_equal(names_own_open(&t->net, "c1"), -ENOENT);
	follow(t, "a", NULL);
	fd = names_own_open(&t->net, "c1");
	assert_true(fd >= 0);
	assert_lines(fd, "10.9.0.1 extra\n10.1.0.2\tx\n");
	follow(t, "a", "b");
	follow(t, "b", "a");
	assert_lines(fd, "10.9.0.1 extra\n10.1.0.2\tx\n10.2.0.2\ty\n");
	follow(t, "b", NULL);
	join(t, "a", "10.1.0.3", "stranger");
	join(t, "b", "10.2.0.3", "z");
	assert_lines(fd, "10.9.0.1 extra\n10.2.0.3\tz\n10.2.0.2\ty\n");
	follow(t, NULL, NULL);
	assert_lines(fd, "10.9.0.1 extra\n          \n          \n");
	assert_int_equal(faccessat(t->net.state_fd, "follow/b/c1", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_follows),
		test_on_tmp(test_dropped),
		test_on_tmp(test_swept),
		test_on_tmp(test_follow_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
