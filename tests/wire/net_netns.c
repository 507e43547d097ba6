/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces and their settings, against the real kernel.
 */
#include "net_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "net/link.h"
#include "net/sysctl.h"

/* Each test has a new network namespace. */
static int setup(void **state)
{
	return unshare(CLONE_NEWNET);
}

struct named {
	unsigned n;
	ino_t inode;
};

static int see_netns(const char *name, int fd, void *ctx)
{
	struct named *s = ctx;

	s->n++;
	assert_string_equal(name, "blue");
	s->inode = netns_inode(fd);
	return 0;
}

static void test_named(void **state)
{
	_cleanup_close_ int self = netns_open_self(), fd = -1;
	_cleanup_close_ int again = -1;
	_cleanup_nl_ struct nl nl = NL_INIT;
	ino_t home = netns_inode(self);
	struct named seen = { 0 };
	struct link_info lo;
	struct err e = ERR_INIT;

	ok(netns_list(see_netns, &seen, &e), &e);
	assert_int_equal(seen.n, 0);
	ok(netns_add("blue", &e), &e);
	assert_int_equal(netns_add("blue", &e), -EEXIST);
	again = netns_open_self();
	assert_int_equal(netns_inode(again), home);
	/* a file that is none is passed over, and cannot be opened */
	close(open(NETNS_RUN_DIR "/stale", O_CREAT | O_CLOEXEC, 0600));
	ok(netns_list(see_netns, &seen, &e), &e);
	assert_int_equal(seen.n, 1);
	assert_int_equal(netns_open_name("stale", &e), -EINVAL);
	fd = netns_open_name("blue", &e);
	ok(fd, &e);
	assert_int_equal(netns_inode(fd), seen.inode);
	assert_int_not_equal(seen.inode, home);
	ok(netns_nl_open(fd, &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "lo", &lo, &e), &e);
	assert_true(lo.flags & IFF_UP);
	ok(netns_del("blue", &e), &e);
	assert_int_equal(netns_del("blue", &e), -ENOENT);
	ok(netns_del("stale", &e), &e);
	assert_int_equal(netns_open_name("../run", &e), -EINVAL);
	assert_int_equal(netns_add("", &e), -EINVAL);
	assert_int_equal(netns_add("..", &e), -EINVAL);
	assert_int_equal(netns_open_path("/dev/null", &e), -EINVAL);
}

static int fail_inside(void *ctx)
{
	*(ino_t *)ctx = netns_inode(netns_open_self());
	return -ENOTTY;
}

static void test_do(void **state)
{
	_cleanup_close_ int ns = make_netns_fd(), self = netns_open_self(), after = -1;
	ino_t inside = 0;

	assert_int_equal(netns_do(ns, fail_inside, &inside), -ENOTTY);
	assert_int_equal(inside, netns_inode(ns));
	after = netns_open_self();
	assert_int_equal(netns_inode(after), netns_inode(self));
	assert_int_equal(netns_do(-1, fail_inside, &inside), -EBADF);
}

static void test_sysctl(void **state)
{
	_cleanup_close_ int ns = make_netns_fd();
	struct sysctl table[] = { { "ipv4/ip_forward", "1" },
				  { "ipv4/no_such_thing", "1" },
				  { "ipv4/ip_local_port_range", "20000 60000" } };
	struct err e = ERR_INIT;
	char buf[32];

	ok(sysctl_set("ipv4/ip_forward", "0", &e), &e);
	ok(sysctl_apply(ns, table, 3, &e), &e);
	ok(sysctl_get("ipv4/ip_forward", buf, sizeof(buf), &e), &e);
	assert_string_equal(buf, "0");
	ok(sysctl_apply(-1, table, 3, &e), &e);
	ok(sysctl_get("ipv4/ip_forward", buf, sizeof(buf), &e), &e);
	assert_string_equal(buf, "1");
	assert_int_equal(sysctl_get("ipv4/no_such_thing", buf, sizeof(buf), &e), -ENOENT);
	assert_int_equal(sysctl_set("ipv4/ip_forward", "x", &e), -EINVAL);
	assert_string_equal(e.msg, "set sysctl net/ipv4/ip_forward to x: Invalid argument");
	assert_true(sysctl_set("../kernel/hostname", "x", &e) < 0);
	assert_true(sysctl_set("/proc/sys/net/ipv4/ip_forward", "0", &e) < 0);
}

static void write_file(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* CVE-2025-52881: what lies over /proc is neither read nor written. */
static void test_overmount(void **state)
{
	struct err e = ERR_INIT;
	char buf[32];

	write_file("/run/bait", "7\n");
	ok(sysctl_set("ipv4/ip_forward", "1", &e), &e);
	assert_int_equal(mount("/run/bait", "/proc/sys/net/ipv4/ip_forward", NULL, MS_BIND, NULL),
			 0);
	assert_int_equal(sysctl_set("ipv4/ip_forward", "0", &e), -EXDEV);
	assert_non_null(strstr(e.hint, "mounted over"));
	assert_int_equal(umount2("/proc/sys/net/ipv4/ip_forward", MNT_DETACH), 0);
	/* a whole directory, as docker does: a procfs of our own serves */
	assert_int_equal(mount("none", "/proc/sys", "tmpfs", 0, NULL), 0);
	if (sysctl_get("ipv4/ip_forward", buf, sizeof(buf), &e) == -EXDEV) {
		/* a user namespace whose pid namespace is another's may not make one */
		assert_int_equal(umount2("/proc/sys", MNT_DETACH), 0);
		return;
	}
	assert_string_equal(buf, "1");
	ok(sysctl_set("ipv4/ip_forward", "0", &e), &e);
	assert_int_equal(umount2("/proc/sys", MNT_DETACH), 0);
	ok(sysctl_get("ipv4/ip_forward", buf, sizeof(buf), &e), &e);
	assert_string_equal(buf, "0");
	/* another place of the same procfs over its root */
	assert_int_equal(mount("/proc/sys", "/proc", NULL, MS_BIND, NULL), 0);
	ok(sysctl_set("ipv4/ip_forward", "1", &e), &e);
	assert_int_equal(umount2("/proc", MNT_DETACH), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_named),
		TEST(test_do),
		TEST(test_sysctl),
		TEST(test_overmount),
	};

	if (!netns_sandbox())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
