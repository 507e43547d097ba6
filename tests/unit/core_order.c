/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/order.h"
#include "core/spec.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LONG 10000 /* more than one message */

static void pair(int sv[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
}

static int open_ro(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void assert_same_file(int fd, const char *path)
{
	struct stat is, want;

	assert_int_equal(fstat(fd, &is), 0);
	assert_int_equal(stat(path, &want), 0);
	assert_int_equal(is.st_ino, want.st_ino);
	assert_int_equal(is.st_dev, want.st_dev);
}

/* Everything there is, with a text longer than a message and a tree in between. */
static void test_all(void **state)
{
	_cleanup_free_ char *text = malloc(LONG + 1);
	struct ct_file out[] = { { .target = "/a", .fd = -1, .text = "short\n" },
				 { .target = "/b", .fd = -1 },
				 { .target = "/c", .fd = -1 } };
	struct ct_file in[] = { { .target = "/a" }, { .target = "/b" }, { .target = "/c" } };
	struct ct_spec from = { .id = "0123456789ab",
				.name = "web",
				.hostname = "",
				.netns = NETNS_FD,
				.files = out,
				.n_files = 3 };
	struct ct_spec to = { .hostname = NULL, .files = in, .n_files = 3 };
	struct cgroup cg = { .path = "ctnet/x", .v2_fd = open_ro("/"), .n_tasks = 1 }, got;
	int trees[ORDER_FILES] = { -1, open_ro("/proc"), -1 }, got_trees[ORDER_FILES], sv[2];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LONG);
	text[LONG] = '\0';
	out[2].text = text;
	cg.tasks_fds[0] = open_ro("/dev/null");
	pair(sv);
	assert_int_equal(order_send(sv[0], &from, trees, NULL), 0);
	assert_int_equal(order_take(sv[1], &to, got_trees), 0);
	assert_string_equal(to.id, from.id);
	assert_string_equal(to.name, from.name);
	assert_string_equal(to.hostname, "");
	assert_int_equal(to.netns, NETNS_FD);
	assert_string_equal(in[0].text, "short\n");
	assert_null(in[1].text);
	assert_string_equal(in[2].text, text);
	assert_int_equal(got_trees[0], -1);
	assert_same_file(got_trees[1], "/proc");
	assert_int_equal(order_send_groups(sv[0], &cg, NULL), 0);
	assert_int_equal(order_take_groups(sv[1], &got), 0);
	assert_string_equal(got.path, "ctnet/x");
	assert_same_file(got.v2_fd, "/");
	assert_int_equal(got.n_tasks, 1);
	assert_same_file(got.tasks_fds[0], "/dev/null");
	free((void *)(uintptr_t)to.id); /* where all of the texts begin */
	cgroup_close(&got);
	cgroup_close(&cg);
	close(got_trees[1]);
	close(trees[1]);
	close(sv[0]);
	close(sv[1]);
}

/* A host without groups, a container without files: nothing travels but who it is. */
static void test_little(void **state)
{
	struct ct_spec from = { .id = "0123456789ab" }, to = { .name = "junk" };
	struct cgroup cg = CGROUP_INIT, got;
	int trees[ORDER_FILES], sv[2];

	(void)state;
	pair(sv);
	assert_int_equal(order_send(sv[0], &from, NULL, NULL), 0);
	assert_int_equal(order_take(sv[1], &to, trees), 0);
	assert_string_equal(to.id, from.id);
	assert_null(to.name);
	assert_int_equal(order_send_groups(sv[0], &cg, NULL), 0);
	assert_int_equal(order_take_groups(sv[1], &got), 0);
	assert_int_equal(got.v2_fd, -1);
	assert_int_equal(got.n_tasks, 0);
	free((void *)(uintptr_t)to.id);
	close(sv[0]);
	close(sv[1]);
}

static void test_nobody(void **state)
{
	struct ct_file files[ORDER_FILES + 1] = { { .target = "/a" } };
	struct ct_spec spec = { .files = files, .n_files = ORDER_FILES + 1 };
	struct cgroup cg = CGROUP_INIT;
	struct err e = ERR_INIT;
	int trees[ORDER_FILES], sv[2];

	(void)state;
	pair(sv);
	assert_int_equal(order_send(sv[0], &spec, trees, &e), -E2BIG);
	spec.n_files = 0;
	close(sv[0]);
	assert_int_equal(order_take(sv[1], &spec, trees), -EPIPE);
	assert_int_equal(order_take_groups(sv[1], &cg), -EPIPE);
	close(sv[1]);
	pair(sv);
	close(sv[1]);
	assert_int_equal(order_send(sv[0], &spec, trees, &e), -EPIPE);
	assert_int_equal(order_send_groups(sv[0], &cg, &e), -EPIPE);
	close(sv[0]);
	/* with something that it has not read */
	pair(sv);
	assert_int_equal(order_send(sv[0], &spec, trees, &e), 0);
	close(sv[1]);
	assert_int_equal(order_send_groups(sv[0], &cg, &e), -EPIPE);
	close(sv[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_little),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
