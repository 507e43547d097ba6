/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A struct net on a temporary directory, with no kernel behind it but a socket
 * that answers whether a link exists.
 */
#ifndef TESTS_NET_TMP_H
#define TESTS_NET_TMP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/store.h"

struct tmp {
	char path[64];
	int fd;
	struct net_config config;
	struct net net;
};

static inline int tmp_setup(void **state)
{
	struct tmp *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	/* in memory, as /run is: the cost of a change is measured too */
	snprintf(t->path, sizeof(t->path), "/dev/shm/ctnet-test.XXXXXX");
	if (!mkdtemp(t->path)) {
		snprintf(t->path, sizeof(t->path), "/tmp/ctnet-test.XXXXXX");
		assert_non_null(mkdtemp(t->path));
	}
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
	t->net = (struct net)NET_INIT;
	t->net.config = &t->config;
	t->net.state_fd = dir_open_at(t->fd, "state", true);
	t->net.defs_fd = dir_open_at(t->fd, "defs", true);
	t->net.rt.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(t->net.state_fd >= 0 && t->net.defs_fd >= 0 && t->net.rt.fd >= 0);
	*state = t;
	return 0;
}

static inline int tmp_teardown(void **state)
{
	struct tmp *t = *state;

	close(t->net.rt.fd);
	close(t->net.state_fd);
	close(t->net.defs_fd);
	dir_remove_at(AT_FDCWD, t->path);
	close(t->fd);
	free(t);
	return 0;
}

static inline struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	assert_int_equal(parse_ip(s, &a, NULL), 0);
	return a;
}

static inline struct ip_prefix prefix(const char *s)
{
	struct ip_prefix p = { 0 };

	assert_int_equal(parse_prefix(s, &p, NULL), 0);
	return p;
}

static inline struct ip_range range(const char *s)
{
	struct ip_range r = { 0 };

	assert_int_equal(parse_ip_range(s, &r, NULL), 0);
	return r;
}

#define assert_ip(a, text)                                           \
	do {                                                         \
		char assert_ip_[IP_STRLEN];                          \
		assert_string_equal(ip_str(&(a), assert_ip_), text); \
	} while (0)

#define test_on_tmp(f) cmocka_unit_test_setup_teardown(f, tmp_setup, tmp_teardown)

#endif
