/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's terminal: nothing that was read of the pty is lost, in whatever order things end. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/console.h"

/* Our own ends while a console has descriptors 0 and 1. */
struct ends {
	int saved[2];
	int keys, screen; /* the other sides of 0 and 1 */
};

static void ends_replace(struct ends *n)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	for (int fd = 0; fd <= 1; fd++)
		assert_true((n->saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10)) >= 0);
	assert_true(dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1);
	close(in[0]);
	close(out[1]);
	n->keys = in[1];
	n->screen = out[0];
}

static void ends_restore(struct ends *n)
{
	for (int fd = 0; fd <= 1; fd++) {
		dup2(n->saved[fd], fd);
		close(n->saved[fd]);
	}
	close(n->keys);
}

static int slave_of(int master)
{
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	return open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* One turn of the relay's loop, as far as the ends are concerned. */
static void turn(struct relay *r)
{
	struct pollfd p[RELAY_ENDS_MAX];
	int timeout = -1;
	size_t n = r->ends->wait_for(r, p, &timeout);

	assert_true(poll(p, n, 5000) > 0);
	r->ends->ready(r, p);
}

/*
 * A key waits to go in and the command's last words wait to go out when the command
 * ends: poll says POLLHUP to who only asked to write.
 */
static void a_key_at_the_end(void **state)
{
	struct relay r = RELAY_INIT;
	struct ends ends;
	char seen[64] = "";
	int slave;

	ends_replace(&ends);
	r.ends = &console_ends;
	r.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	slave = slave_of(r.master);
	r.ends->opened(&r);
	r.started = true;
	assert_int_equal(write(slave, "last words", 10), 10);
	assert_int_equal(write(ends.keys, "k", 1), 1);
	turn(&r);
	close(slave);
	turn(&r);
	r.ends->drain(&r);
	r.ends->close(&r);
	close(r.master);
	ends_restore(&ends);
	assert_true(read(ends.screen, seen, sizeof(seen) - 1) >= 10);
	close(ends.screen);
	seen[10] = 0;
	assert_string_equal(seen, "last words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
