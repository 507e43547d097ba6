/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User namespaces of who may not set ids: what subuid(5) gives them, and how the kernel
 * is told. As user 1000, with an /etc and helpers of the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/spec.h"
#include "core/userns.h"

#define ME     1000
#define PASSWD "me:x:1000:1000::/:/bin/sh\n"

/* newuidmap and newgidmap add their words to a file; of pid 1 they want to know nothing. */
static const char helper[] = "#!/bin/sh\n[ \"$1\" != 1 ] && echo \"${0##*/} $*\" >>/etc/said\n";

static int put(const char *path, const char *text, mode_t mode)
{
	int r = file_replace_at(AT_FDCWD, path, text, strlen(text), mode, false);

	return r < 0 ? r : chown(path, ME, ME);
}

/* 77: not here. */
static int become(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/etc", "tmpfs", 0, "mode=777") < 0) {
		fprintf(stderr, "skipped: cannot make a mount namespace\n");
		return 77;
	}
	if (put("/etc/passwd", PASSWD, 0644) < 0 || put("/etc/newuidmap", helper, 0755) < 0 ||
	    put("/etc/newgidmap", helper, 0755) < 0 || setresgid(ME, ME, ME) < 0 ||
	    setresuid(ME, ME, ME) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
	    setenv("PATH", "/etc:/usr/bin:/bin", 1) < 0)
		return 1;
	return 0;
}

static void test_ranges(void **state)
{
	struct userns u = USERNS_INIT;
	struct ct_spec spec = { .name = "x" };
	struct err e = ERR_INIT;

	assert_int_equal(put("/etc/subuid", "you:1:65536\nme:100000:65536\n", 0644), 0);
	assert_int_equal(put("/etc/subgid", "1000:300000:10\n", 0644), 0);
	assert_int_equal(userns_plan(-1, &spec, &u, &e), 0);
	assert_int_equal(u.n_uids, 2);
	assert_int_equal(u.uids[0].inside, 0);
	assert_int_equal(u.uids[0].outside, ME);
	assert_int_equal(u.uids[0].count, 1);
	assert_int_equal(u.uids[1].inside, 1);
	assert_int_equal(u.uids[1].outside, 100000);
	assert_int_equal(u.n_gids, 2);
	assert_int_equal(u.gids[1].outside, 300000);
	assert_int_equal(u.gids[1].count, 10);
	assert_int_equal(u.block, -1);
	userns_release(-1, &u);
}

/* Whom a directory service knows and /etc/passwd does not. */
static void test_login_name(void **state)
{
	struct userns u = USERNS_INIT;
	struct ct_spec spec = { .name = "x" };
	struct err e = ERR_INIT;

	assert_int_equal(put("/etc/passwd", "you:x:1001:1001::/:/bin/sh\nme:x\n", 0644), 0);
	assert_int_equal(put("/etc/subuid", "you:1:65536\nmy.self:100000:65536\n", 0644), 0);
	assert_int_equal(put("/etc/subgid", "my.self:300000:10\n", 0644), 0);
	assert_int_equal(setenv("LOGNAME", "my.self", 1), 0);
	assert_int_equal(userns_plan(-1, &spec, &u, &e), 0);
	assert_int_equal(u.uids[1].outside, 100000);
	assert_int_equal(u.gids[1].outside, 300000);
	userns_release(-1, &u);
	assert_int_equal(unsetenv("LOGNAME"), 0);
	err_clear(&e);
	assert_int_equal(userns_plan(-1, &spec, &u, &e), -ENOENT);
	assert_string_equal(e.msg, "/etc/subuid has no range for you");
	assert_int_equal(put("/etc/passwd", PASSWD, 0644), 0);
	userns_release(-1, &u);
}

static void test_no_range(void **state)
{
	struct userns u = USERNS_INIT;
	struct ct_spec spec = { .name = "x" };
	struct err e = ERR_INIT;

	assert_int_equal(put("/etc/subuid", "me:100000:65536\n", 0644), 0);
	assert_int_equal(put("/etc/subgid", "you:100000:65536\n", 0644), 0);
	assert_int_equal(userns_plan(-1, &spec, &u, &e), -ENOENT);
	assert_string_equal(e.msg, "/etc/subgid has no range for me");
	assert_string_equal(e.hint, "usermod --add-subuids 100000-165535 --add-subgids "
				    "100000-165535 me");
	userns_release(-1, &u);
	unlink("/etc/subuid");
	err_clear(&e);
	assert_int_equal(userns_plan(-1, &spec, &u, &e), -ENOENT);
	assert_string_equal(e.msg, "/etc/subuid has no range for me");
	userns_release(-1, &u);
}

/* A process in a user namespace of its own, which nobody has mapped. */
static pid_t unmapped(void)
{
	int line[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(line), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) == 0 && write(line[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(line[1]);
	if (read(line[0], &c, 1) != 1)
		pid = 0;
	close(line[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void says(pid_t pid, const char *file, const char *want)
{
	_cleanup_free_ char *text = NULL;
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	assert_true(file_read_at(AT_FDCWD, path, 4096, &text, NULL) >= 0);
	assert_string_equal(text, want);
}

/* One's own id needs no helper; groups that deny are not to be dropped by it. */
static void test_own_id(void **state)
{
	struct id_map own = { 7, ME, 1 }, other = { 0, ME + 1, 1 };
	struct userns u = { &own, &own, 1, 1, -1 };
	struct err e = ERR_INIT;
	pid_t pid = unmapped();

	if (!pid) {
		print_message("skipped: may not make a user namespace\n");
		skip();
	}
	assert_int_equal(userns_map(&u, pid, &e), 0);
	says(pid, "uid_map", "         7       1000          1\n");
	says(pid, "gid_map", "         7       1000          1\n");
	says(pid, "setgroups", "deny\n");
	end(pid);

	pid = unmapped();
	u.uids = &other;
	assert_int_equal(userns_map(&u, pid, &e), -EPERM);
	assert_string_equal(e.msg, "write uid_map of the container: Operation not permitted");
	assert_string_equal(e.hint, "these ids are not all in /proc/self/uid_map, or may not be "
				    "given away");
	end(pid);
}

static void test_helpers(void **state)
{
	struct id_map uids[] = { { 0, ME, 1 }, { 1, 100000, 65535 } };
	struct id_map gids[] = { { 0, ME, 1 }, { 1, 300000, 10 } };
	struct userns u = { uids, gids, 2, 2, -1 };
	_cleanup_free_ char *said = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(userns_map(&u, 4711, &e), 0);
	assert_true(file_read_at(AT_FDCWD, "/etc/said", 4096, &said, NULL) >= 0);
	assert_string_equal(said, "newuidmap 4711 0 1000 1 1 100000 65535\n"
				  "newgidmap 4711 0 1000 1 1 300000 10\n");
	assert_int_equal(userns_map(&u, 1, &e), -EPERM);
	assert_string_equal(e.msg, "newuidmap refused");
	assert_string_equal(e.hint, "install uidmap (shadow-utils), and see subuid(5)");
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_true(userns_map(&u, 4711, &e) < 0);
	assert_string_equal(e.msg, "newuidmap refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),	 cmocka_unit_test(test_login_name),
		cmocka_unit_test(test_no_range), cmocka_unit_test(test_own_id),
		cmocka_unit_test(test_helpers),
	};
	int r = become();

	return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
