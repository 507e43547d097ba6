/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/base_tmp.h"

static bool there(const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void touch(const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void test_make(void **state)
{
	struct stat st;

	assert_int_equal(dir_make_at(dir, "a", 0700), 0);
	assert_int_equal(dir_make_at(dir, "a", 0700), 0);
	assert_int_equal(dir_make_at(dir, "a/b//c/", 0700), 0);
	assert_int_equal(dir_make_at(dir, "a/b/c", 0700), 0);
	assert_int_equal(fstatat(dir, "a/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(dir_make_at(dir, "", 0700), -ENOENT);
	touch("file");
	assert_int_equal(dir_make_at(dir, "file", 0700), -ENOTDIR);
	assert_int_equal(dir_make_at(dir, "file/x", 0700), -ENOTDIR);
	assert_int_equal(symlinkat("a", dir, "link"), 0);
	assert_int_equal(dir_make_at(dir, "link", 0700), -ELOOP);
	assert_int_equal(dir_make_at(dir, "link/x", 0700), -ELOOP);
	assert_false(there("a/x"));
}

static void test_make_long(void **state)
{
	char name[300];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name[10] = '/';
	assert_int_equal(dir_make_at(dir, name, 0700), -ENAMETOOLONG);
}

static void test_open(void **state)
{
	int fd;

	assert_int_equal(dir_open_at(dir, "o", false), -ENOENT);
	fd = dir_open_at(dir, "o", true);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
	fd = dir_open_at(dir, "o", false);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlinkat("o", dir, "o.link"), 0);
	assert_int_equal(dir_open_at(dir, "o.link", true), -ELOOP);
	touch("o.file");
	assert_int_equal(dir_open_at(dir, "o.file", true), -ENOTDIR);
}

static int open_private(const char *name, bool create, struct err *e)
{
	char path[128];
	int fd = -1, r;

	err_clear(e);
	snprintf(path, sizeof(path), "%s/%s", top, name);
	r = dir_open_private(path, create, &fd, e);
	if (r == 0)
		close(fd);
	assert_int_equal(e->num, r);
	return r;
}

static void test_private(void **state)
{
	struct err e;
	struct stat st;

	assert_int_equal(open_private("p/q/r", false, &e), -ENOENT);
	assert_int_equal(open_private("p/q/r", true, &e), 0);
	assert_int_equal(open_private("p/q/r/", true, &e), 0);
	assert_int_equal(fstatat(dir, "p/q/r", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* a link on the way is the administrator's, one at the end is not followed */
	assert_int_equal(symlinkat("q", dir, "p/s"), 0);
	assert_int_equal(open_private("p/s/r", false, &e), 0);
	assert_int_equal(open_private("p/s/new/x", true, &e), 0);
	assert_int_equal(open_private("p/s", true, &e), -ELOOP);
	assert_int_equal(open_private("p/s//", true, &e), -ELOOP);
	assert_non_null(strstr(e.msg, "p/s is a symbolic link"));
	assert_int_equal(fchmodat(dir, "p/q/r", 0770, 0), 0);
	assert_int_equal(open_private("p/q/r", true, &e), -EPERM);
	assert_non_null(strstr(e.msg, "writable by others (mode 0770)"));
	assert_non_null(strstr(e.hint, "chmod go-w "));
	assert_int_equal(fchmodat(dir, "p/q/r", 01777, 0), 0);
	assert_int_equal(open_private("p/q/r", true, &e), -EPERM);
	assert_null(strstr(e.hint, "chmod"));
	touch("p/file");
	assert_int_equal(open_private("p/file", true, &e), -ENOTDIR);
	assert_int_equal(open_private("p/file/x", true, &e), -ENOTDIR);
	assert_int_equal(dir_open_private("", true, &(int){ -1 }, &e), -ENOENT);
	if (geteuid() != 0)
		return;
	assert_int_equal(fchmodat(dir, "p/q/r", 0700, 0), 0);
	assert_int_equal(fchownat(dir, "p/q/r", 12345, 0, 0), 0);
	assert_int_equal(open_private("p/q/r", true, &e), -EPERM);
	assert_non_null(strstr(e.msg, "belongs to uid 12345"));
}

static void test_names(void **state)
{
	struct strv names = { 0 };
	int fd;

	assert_int_equal(dir_make_at(dir, "list/sub", 0700), 0);
	touch("list/file");
	touch("list/.hidden");
	fd = dir_open_at(dir, "list", false);
	for (int i = 0; i < 2; i++) { /* a second look sees it all again */
		assert_int_equal(dir_names(fd, &names), 0);
		assert_int_equal(names.n, 2);
		assert_true(strv_has(&names, "sub") && strv_has(&names, "file"));
		strv_free(&names);
	}
	close(fd);
	fd = openat(dir, "list/file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(dir_names(fd, &names), -ENOTDIR);
	assert_int_equal(dir_names(-1, &names), -EBADF);
	close(fd);
}

static void test_remove(void **state)
{
	assert_int_equal(dir_remove_at(dir, "absent"), 0);
	assert_int_equal(dir_make_at(dir, "t/u/v", 0700), 0);
	touch("t/f");
	touch("t/u/.hidden");
	touch("outside");
	assert_int_equal(symlinkat("../../outside", dir, "t/u/link"), 0);
	assert_int_equal(symlinkat("..", dir, "t/u/up"), 0);
	assert_int_equal(mkfifoat(dir, "t/u/fifo", 0600), 0);
	assert_int_equal(dir_remove_at(dir, "t"), 0);
	assert_false(there("t"));
	assert_true(there("outside"));
	/* a link or a file is removed itself */
	assert_int_equal(dir_make_at(dir, "kept", 0700), 0);
	assert_int_equal(symlinkat("kept", dir, "to-kept"), 0);
	assert_int_equal(dir_remove_at(dir, "to-kept"), 0);
	assert_true(there("kept"));
	assert_int_equal(dir_remove_at(dir, "outside"), 0);
	assert_false(there("outside"));
}

/* Deeper than there are descriptors, and than PATH_MAX; names that the removal uses itself. */
static void test_remove_deep(void **state)
{
	struct rlimit old, few = { .rlim_cur = 64, .rlim_max = 64 };
	int fd = dir_open_at(dir, "deep", true);

	for (int i = 0; i < 2500; i++) {
		int next;

		assert_int_equal(mkdirat(fd, ".deep.0", 0700), 0);
		if (i % 100 == 0)
			assert_int_equal(mkdirat(fd, ".deep.1", 0700), 0);
		next = openat(fd, ".deep.0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(dir_remove_at(dir, "deep"), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_false(there("deep"));
}

static bool is_rubbish(const char *name)
{
	return !strcmp(name, "rubbish") || !strcmp(name, ".rubbish");
}

static void test_sweep(void **state)
{
	int fd;

	assert_int_equal(dir_make_at(dir, "sweep/a/b/rubbish", 0700), 0);
	assert_int_equal(dir_make_at(dir, "swept/elsewhere", 0700), 0);
	touch("sweep/rubbish");
	touch("sweep/kept");
	touch("sweep/a/b/.rubbish");
	touch("swept/elsewhere/rubbish");
	assert_int_equal(symlinkat("../swept/elsewhere", dir, "sweep/a/link"), 0);
	fd = dir_open_at(dir, "sweep", false);
	dir_sweep_at(fd, is_rubbish);
	close(fd);
	assert_false(there("sweep/rubbish") || there("sweep/a/b/.rubbish"));
	assert_true(there("sweep/kept") && there("sweep/a/b/rubbish") && there("sweep/a/link"));
	assert_true(there("swept/elsewhere/rubbish"));
	dir_sweep_at(-1, is_rubbish);
}

/* In a mount namespace of its own: 77 when that is not permitted. */
static int remove_with_mount(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	/* a descriptor from before still stands in the old namespace's mounts */
	if (chdir(top) < 0 || (dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 1;
	if (dir_make_at(dir, "m/point", 0700) < 0 || dir_make_at(dir, "m/other/x", 0700) < 0 ||
	    dir_make_at(dir, "source/kept", 0700) < 0)
		return 1;
	/* the same file system: only the mount tells the difference */
	if (mount("source", "m/point", NULL, MS_BIND, NULL) < 0)
		return 77;
	if (dir_remove_at(dir, "m") != -EBUSY || !there("source/kept") || !there("m/point"))
		return 2;
	/* the rest went all the same */
	if (there("m/other"))
		return 3;
	if (umount("m/point") < 0 || dir_remove_at(dir, "m") < 0 || there("m"))
		return 4;
	return 0;
}

static void test_remove_mount(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(remove_with_mount());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: may not mount\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),	    cmocka_unit_test(test_make_long),
		cmocka_unit_test(test_open),	    cmocka_unit_test(test_private),
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_remove),
		cmocka_unit_test(test_remove_deep), cmocka_unit_test(test_remove_mount),
		cmocka_unit_test(test_sweep),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
