/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of an image: no link and no ".." leads out, and what is made is made inside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/env.h"
#include "core/inroot.h"

struct dirs {
	char path[32];
	int top, root, outside;
};

static int setup(void **state)
{
	struct dirs *d = calloc(1, sizeof(*d));

	snprintf(d->path, sizeof(d->path), "/tmp/ct-inroot-XXXXXX");
	if (!mkdtemp(d->path))
		return -1;
	d->top = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->root = dir_open_at(d->top, "root", true);
	d->outside = dir_open_at(d->top, "outside", true);
	*state = d;
	return d->top < 0 || d->root < 0 || d->outside < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct dirs *d = *state;

	close(d->root);
	close(d->outside);
	close(d->top);
	dir_remove_at(AT_FDCWD, d->path);
	free(d);
	return 0;
}

static bool is_in(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_make(void **state)
{
	struct dirs *d = *state;
	struct stat st;
	int fd = inroot_make(d->root, "/a/b/../b/file", false);

	assert_int_equal(fd, -EINVAL); /* ".." where something is missing */
	fd = inroot_make(d->root, "//a//b/file", false);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fstatat(d->root, "a/b/file", &st, 0), 0);
	assert_true(S_ISREG(st.st_mode) && st.st_size == 0);
	fd = inroot_make(d->root, "/a/c/", true);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fstatat(d->root, "a/c", &st, 0), 0);
	assert_true(S_ISDIR(st.st_mode));
}

static void test_links_stay_inside(void **state)
{
	struct dirs *d = *state;
	char target[64];
	int fd;

	snprintf(target, sizeof(target), "%s/outside", d->path);
	assert_int_equal(symlinkat(target, d->root, "abs"), 0);
	assert_int_equal(symlinkat("../outside", d->root, "rel"), 0);
	assert_int_equal(symlinkat("/", d->root, "top"), 0);
	/* dangling, seen from inside */
	assert_int_equal(inroot_make(d->root, "/abs/x", true), -ELOOP);
	assert_int_equal(inroot_make(d->root, "/abs", true), -ELOOP);
	assert_int_equal(inroot_make(d->root, "/rel/x", false), -ELOOP);
	assert_int_equal(inroot_make(d->root, "/abs", false), -ELOOP);
	fd = inroot_make(d->root, "/top/inside/x", true);
	assert_true(fd >= 0);
	close(fd);
	assert_true(is_in(d->root, "inside/x"));
	assert_false(is_in(d->outside, "x"));
	fd = inroot_open(d->root, "/../../../../..", O_PATH);
	assert_true(fd >= 0);
	assert_true(is_in(fd, "inside"));
	close(fd);
}

static void test_real_directories(void **state)
{
	struct dirs *d = *state;
	int fd;

	assert_int_equal(mkdirat(d->root, "proc", 0755), 0);
	assert_int_equal(symlinkat("proc", d->root, "link"), 0);
	close(openat(d->root, "file", O_CREAT | O_WRONLY, 0600));
	fd = inroot_open_dir(d->root, "/proc");
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(inroot_open_dir(d->root, "/link"), -ENOTDIR);
	assert_int_equal(inroot_open_dir(d->root, "/file"), -ENOTDIR);
	assert_int_equal(inroot_open_dir(d->root, "/none"), -ENOENT);
}

static void test_read(void **state)
{
	struct dirs *d = *state;
	char buf[8];

	assert_int_equal(mkfifoat(d->root, "fifo", 0600), 0);
	assert_int_equal(file_replace_at(d->outside, "secret", "s", 1, 0600, false), 0);
	assert_int_equal(symlinkat("../outside/secret", d->root, "s"), 0);
	assert_int_equal(file_replace_at(d->root, "f", "0123456789", 10, 0600, false), 0);
	assert_int_equal(inroot_read(d->root, "/fifo", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(inroot_read(d->root, "/s", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(inroot_read(d->root, "/f", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "0123456");
}

static const char *home_with(int root, const char *passwd, uint32_t uid, struct strv *env)
{
	struct env_spec s = { .root_fd = root, .uid = uid };

	strv_free(env);
	assert_int_equal(file_replace_at(root, "etc/passwd", passwd, strlen(passwd), 0644, false),
			 0);
	assert_int_equal(env_build(&s, env), 0);
	return env_get(env, "HOME");
}

static void test_home(void **state)
{
	struct dirs *d = *state;
	struct strv env = { 0 };

	assert_int_equal(mkdirat(d->root, "etc", 0755), 0);
	assert_string_equal(home_with(d->root, "", 0, &env), "/root");
	assert_string_equal(home_with(d->root, "", 7, &env), "/");
	assert_string_equal(home_with(d->root, "a:x:0:0::/zero:/bin/sh\nb:x:7:7::/seven:", 7, &env),
			    "/seven");
	assert_string_equal(home_with(d->root, "a:x:0:0::/zero:/bin/sh\nb:x:7:7::/seven:", 0, &env),
			    "/zero");
	/* short lines, no slash, a longer number, nothing at the end */
	assert_string_equal(home_with(d->root, "a\nb:x:7\nc:x:7:7::relative:\n", 7, &env), "/");
	assert_string_equal(home_with(d->root, "c:x:77:7::/wrong:\n:::::\n", 7, &env), "/");
	assert_string_equal(home_with(d->root, "c:x:7:7::/end", 7, &env), "/end");
	strv_free(&env);
}

static void test_environment_order(void **state)
{
	struct dirs *d = *state;
	struct strv env = { 0 }, a = { 0 }, b = { 0 };
	char *caller[] = { "PATH=/caller", "X=caller", "Y=caller", NULL };
	struct env_spec s = { .root_fd = d->root,
			      .hostname = "h",
			      .tty = true,
			      .caller = caller,
			      .given = { &a, &b } };

	strv_add(&a, "X=a");
	strv_add(&a, "Z=a=1");
	strv_add(&b, "X=b");
	strv_add(&b, "=broken");
	strv_add(&b, "broken");
	assert_int_equal(env_build(&s, &env), 0);
	assert_string_equal(env_get(&env, "PATH"), "/caller");
	assert_string_equal(env_get(&env, "X"), "b");
	assert_string_equal(env_get(&env, "Y"), "caller");
	assert_string_equal(env_get(&env, "Z"), "a=1");
	assert_string_equal(env_get(&env, "HOSTNAME"), "h");
	assert_non_null(env_get(&env, "TERM"));
	assert_null(env_get(&env, "broken"));
	assert_int_equal(env.n, 7);
	strv_free(&env);
	strv_free(&a);
	strv_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_make, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_stay_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_real_directories, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_home, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment_order, setup, teardown),
	};

	return cmocka_run_group_tests_name("inroot", tests, NULL, NULL);
}
