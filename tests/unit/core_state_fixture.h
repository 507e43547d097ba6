/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A state root for a test, and containers in it. */
#ifndef CT_TESTS_CORE_STATE_FIXTURE_H
#define CT_TESTS_CORE_STATE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/spec.h"
#include "core/state.h"

static char *argv_true[] = { "true", "a b", NULL };

static inline int setup(void **state)
{
	static char dir[32];

	snprintf(dir, sizeof(dir), "/tmp/ct-state-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	*state = dir;
	return 0;
}

static inline int teardown(void **state)
{
	return dir_remove_at(AT_FDCWD, *state) < 0 ? -1 : 0;
}

static inline int root_of(void **state)
{
	int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static inline void create(int root, const char *name, struct ct_info *ret)
{
	struct ct_spec spec = { .name = name, .argv = argv_true, .caps = 5, .workdir = "/w" };
	struct err e = ERR_INIT;

	assert_int_equal(strv_add(&spec.env, "K=secret-of-it"), 0);
	assert_int_equal(state_create(root, &spec, ret, &e), 0);
	assert_string_equal(spec.id, ret->id);
	strv_free(&spec.env);
}

static inline int text_at(int root, const char *dir, const char *name, char *buf, size_t size)
{
	char path[128];
	int fd, n;

	snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = (int)read(fd, buf, size - 1);
	buf[n < 0 ? 0 : n] = '\0';
	close(fd);
	return n;
}

/* A record as another boot or a dead runner would have left it. */
static inline void make_dead(int root, const struct ct_info *i)
{
	struct ct_info dead = *i;
	struct err e = ERR_INIT;

	dead.runner.start++;
	assert_int_equal(state_save(root, &dead, &e), 0);
}

static inline void count_dead(const char *id, void *ctx)
{
	(void)id;
	(*(int *)ctx)++;
}

#endif
