/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What processes of a start say to each other, when it is not as it should be. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/order.h"
#include "core/report.h"
#include "core/spec.h"
#include "core/sync.h"
#include "core/trees.h"

#define FILL 'x' /* no string ends */

static void pair(int sv[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv),
			 0);
}

static void part(const int sv[2])
{
	close(sv[0]);
	close(sv[1]);
}

/* The next descriptor that will be given out: the same before and after, none was lost. */
static int next_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

static void assert_ended(const struct err *e)
{
	assert_int_equal(strlen(e->msg), sizeof(e->msg) - 1);
	assert_int_equal(strlen(e->hint), sizeof(e->hint) - 1);
}

static void test_sync_strings(void **state)
{
	struct sync_msg m, got;
	int sv[2], fd = -1;

	(void)state;
	pair(sv);
	memset(&m, FILL, sizeof(m));
	m.type = SYNC_FAILED;
	m.err.msg[7] = '\n'; /* and one line */
	assert_true(fd_send(sv[0], &m, sizeof(m), NULL, 0) >= 0);
	assert_int_equal(sync_recv(sv[1], &got, &fd), 1);
	assert_ended(&got.err);
	assert_int_equal(got.err.msg[7], ' ');
	part(sv);
}

/* A length that is none, a word that is none: refused, with what came along. */
static void test_sync_refused(void **state)
{
	static const struct {
		uint32_t type;
		size_t len;
	} bad[] = { { SYNC_GO, sizeof(struct sync_msg) - 1 },
		    { SYNC_GO, 1 },
		    { SYNC_GO, sizeof(struct sync_msg) + 1 },
		    { 0, sizeof(struct sync_msg) },
		    { SYNC_FAILED + 1, sizeof(struct sync_msg) },
		    { UINT32_MAX, sizeof(struct sync_msg) } };
	struct sync_msg m[2] = { { .type = 0 } }, got;
	int sv[2], fd = -1, next;

	(void)state;
	pair(sv);
	next = next_fd();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		m[0].type = bad[i].type;
		assert_true(fd_send(sv[0], m, bad[i].len, sv, 1) >= 0);
		assert_true(sync_recv(sv[1], &got, &fd) < 0);
		assert_int_equal(fd, -1);
		assert_int_equal(next_fd(), next);
	}
	part(sv);
}

static void test_report_strings(void **state)
{
	struct {
		int value;
		struct err err;
	} r;
	struct err e = ERR_INIT;
	int sv[2];

	(void)state;
	pair(sv);
	memset(&r, FILL, sizeof(r));
	r.value = -EPERM;
	assert_true(fd_send(sv[0], &r, sizeof(r), NULL, 0) >= 0);
	assert_int_equal(report_take(sv[1], NULL, &e), -EPERM);
	assert_ended(&e);
	assert_true(fd_send(sv[0], &r, sizeof(r) - 1, NULL, 0) >= 0);
	assert_int_equal(report_take(sv[1], NULL, &e), -ECHILD);
	part(sv);
}

/* Of the order as it is sent, one byte after the other is another one: nothing is lost of it. */
static void test_order_bytes(void **state)
{
	struct ct_spec from = { .id = "0123456789ab", .name = "web" };
	int trees[ORDER_FILES], sv[2], next;
	char text[8192];
	ssize_t len;

	(void)state;
	pair(sv);
	assert_int_equal(order_send(sv[0], &from, NULL, NULL), 0);
	len = recv(sv[1], text, sizeof(text), 0);
	assert_true(len > 0);
	next = next_fd();
	for (ssize_t i = 0; i < len; i++) {
		struct ct_spec to = { .name = NULL };

		text[i] ^= (char)0x81;
		assert_true(fd_send(sv[0], text, (size_t)len, sv, 1) >= 0);
		if (order_take(sv[1], &to, trees) == 0) {
			assert_true(strlen(to.id) < (size_t)len);
			free((void *)(uintptr_t)to.id);
		}
		assert_int_equal(next_fd(), next);
		text[i] ^= (char)0x81;
	}
	part(sv);
}

/* The same of the groups; a path that did not end would be read on. */
static void test_group_bytes(void **state)
{
	struct cgroup cg = { .path = "ctnet/0123456789ab", .v2_fd = 0 }, got;
	int sv[2], next;
	char text[8192];
	ssize_t len;

	(void)state;
	pair(sv);
	assert_int_equal(order_send_groups(sv[0], &cg, NULL), 0);
	len = recv(sv[1], text, sizeof(text), 0);
	assert_true(len > 0);
	next = next_fd();
	for (ssize_t i = 0; i < len; i++) {
		text[i] ^= (char)0x81;
		assert_true(fd_send(sv[0], text, (size_t)len, sv, 1) >= 0);
		if (order_take_groups(sv[1], &got) == 0) {
			assert_true(strlen(got.path) < sizeof(got.path));
			cgroup_close(&got);
		}
		assert_int_equal(next_fd(), next);
		text[i] ^= (char)0x81;
	}
	memset(text, 'x', sizeof(got.path));
	assert_true(fd_send(sv[0], text, (size_t)len, sv, 1) >= 0);
	assert_int_equal(order_take_groups(sv[1], &got), -EPIPE);
	assert_int_equal(next_fd(), next);
	part(sv);
}

static void test_trees_refused(void **state)
{
	static const char *const bad[] = { "\0\0\0\0\0\0\0\0/x", "\7\0\0\0\0\0\0\0/\0",
					   "\0\0\0\0\0" };
	struct trees t = { .n = 0 };
	int sv[2], next;

	(void)state;
	pair(sv);
	next = next_fd();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(fd_send(sv[0], bad[i], 10 - 5 * (i == 2), sv, 1) >= 0);
		assert_int_equal(trees_take(sv[1], &t), -EPIPE);
		assert_int_equal(t.n, 0);
		assert_int_equal(next_fd(), next);
	}
	part(sv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sync_strings),   cmocka_unit_test(test_sync_refused),
		cmocka_unit_test(test_report_strings), cmocka_unit_test(test_order_bytes),
		cmocka_unit_test(test_group_bytes),    cmocka_unit_test(test_trees_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
