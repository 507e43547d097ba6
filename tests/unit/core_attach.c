/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's side of terminals that come and go. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/attach.h"
#include "core/base/cleanup.h"

/* A client; returns the other side. */
static int join(struct attach_server *s)
{
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
	s->v[s->n++] = (struct attach_client){ .fd = sv[0] };
	return sv[1];
}

static void told(int sock, const char *text)
{
	struct attach_msg m;

	assert_int_equal(attach_recv(sock, &m), 1);
	assert_int_equal(m.head.type, ATTACH_OUT);
	assert_int_equal(m.len, strlen(text));
	assert_memory_equal(m.data, text, m.len);
}

/* What was seen of one that left must not be taken for the one in its place. */
static void one_leaves(void **state)
{
	struct attach_server s = { .listener = -1 };
	struct pollfd p[1 + ATTACH_MAX];
	int leaves = join(&s), stays = join(&s);
	size_t n;

	(void)state;
	fd_close(leaves);
	/* the command takes no input, so a client is only looked at for its end */
	n = attach_wait_for(&s, false, p);
	assert_int_equal(n, 3);
	assert_int_equal(poll(p, n, 0), 1);
	attach_output(&s, ATTACH_OUT, "one", 3);
	attach_ready(&s, p, NULL, NULL);
	assert_int_equal(s.n, 1);
	attach_output(&s, ATTACH_OUT, "two", 3);
	told(stays, "one");
	told(stays, "two");
	fd_close(stays);
	attach_close(&s);
}

/* It holds the others up for a moment only, and learns how much it has missed. */
static void one_is_slow(void **state)
{
	static char text[ATTACH_DATA];
	struct attach_server s = { .listener = -1 };
	struct attach_msg m;
	int slow = join(&s), timeout = -1;
	uint64_t sent = 0, got = 0;

	(void)state;
	while (!attach_is_busy(&s, &timeout)) {
		attach_output(&s, ATTACH_OUT, text, sizeof(text));
		sent += sizeof(text);
	}
	assert_in_range(timeout, 0, 1000);
	attach_settle(&s);
	assert_false(attach_is_busy(&s, &timeout));
	assert_int_equal(s.n, 1);
	attach_output(&s, ATTACH_OUT, text, 5);
	sent += 5;
	attach_end(&s, 7);
	/* what it has not room for is dropped here too, its end with it */
	while (attach_recv(slow, &m) == 1)
		got += m.head.type == ATTACH_OUT ? m.len : 0;
	assert_true(got < sent);
	fd_close(slow);
	attach_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_leaves),
		cmocka_unit_test(one_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
