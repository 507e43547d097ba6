/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox - a network and a mount namespace of the test's own, with a /run of
 * its own: nothing a test does is seen outside.
 */
#ifndef CT_TESTS_NET_SANDBOX_H
#define CT_TESTS_NET_SANDBOX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sched.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/netns.h"

/* False, and a reason on stderr, where they cannot be made: the test is skipped (77). */
static inline bool netns_sandbox(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/run", "tmpfs", 0, NULL) == 0)
		return true;
	fprintf(stderr, "skipped: cannot make a network and a mount namespace\n");
	return false;
}

/* Success, or the error that was not expected. */
static inline void ok(int r, const struct err *e)
{
	if (r < 0)
		fail_msg("%d: %s", r, e->msg);
}

/* A new network namespace; the caller stays where it is. */
static inline int make_netns_fd(void)
{
	_cleanup_close_ int self = netns_open_self();
	int fd;

	assert_true(self >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = netns_open_self();
	assert_int_equal(setns(self, CLONE_NEWNET), 0);
	return fd;
}

#endif
