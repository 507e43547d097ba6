/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/base_tmp.h"

static void assert_content(const char *name, const char *want)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(file_read_at(dir, name, 1 << 20, &text, &len), 0);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
}

static void test_replace(void **state)
{
	struct stat st;
	mode_t mask = umask(077);

	assert_int_equal(file_replace_at(dir, "r", "one", 3, 0600, false), 0);
	assert_content("r", "one");
	assert_int_equal(file_replace_at(dir, "r", "", 0, 0644, true), 0);
	assert_content("r", "");
	assert_int_equal(fstatat(dir, "r", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	umask(mask);
	assert_int_equal(mkdirat(dir, "sub", 0700), 0);
	assert_int_equal(file_replace_at(dir, "sub/r", "two", 3, 0600, true), 0);
	assert_content("sub/r", "two");
	assert_int_equal(fstatat(dir, "sub/r", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_replace_at(dir, "absent/r", "x", 1, 0600, false), -ENOENT);
	/* a failed rename leaves no temporary file: the directory can go */
	assert_int_equal(mkdirat(dir, "sub/d", 0700), 0);
	assert_int_equal(mkdirat(dir, "sub/d/e", 0700), 0);
	assert_int_equal(file_replace_at(dir, "sub/d", "x", 1, 0600, false), -EISDIR);
	assert_int_equal(unlinkat(dir, "sub/r", 0), 0);
	assert_int_equal(unlinkat(dir, "sub/d/e", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(dir, "sub/d", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(dir, "sub", AT_REMOVEDIR), 0);
}

/* A symbolic link is replaced, never written through. */
static void test_replace_link(void **state)
{
	assert_int_equal(file_replace_at(dir, "target", "old", 3, 0600, false), 0);
	assert_int_equal(symlinkat("target", dir, "link"), 0);
	assert_int_equal(file_replace_at(dir, "link", "new", 3, 0600, false), 0);
	assert_content("target", "old");
	assert_content("link", "new");
}

static void test_read_limits(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 20000 };
	_cleanup_free_ char *data = malloc(20000);

	for (size_t i = 0; i < 20000; i++)
		data[i] = (char)('a' + i % 26);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *text = NULL;
		size_t len = 0, n = sizes[i];

		assert_int_equal(file_replace_at(dir, "size", data, n, 0600, false), 0);
		assert_int_equal(file_read_at(dir, "size", n, &text, &len), 0);
		assert_int_equal(len, n);
		assert_memory_equal(text, data, n);
		assert_int_equal(text[n], '\0');
		if (n)
			assert_int_equal(file_read_at(dir, "size", n - 1, &text, &len), -EFBIG);
	}
}

static void test_read_other(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(file_read_at(dir, "absent", 10, &text, NULL), -ENOENT);
	assert_int_equal(file_read_at(dir, ".", 10, &text, NULL), -EISDIR);
	assert_int_equal(file_read_at(dir, "absent", SIZE_MAX, &text, NULL), -EINVAL);
	assert_null(text);
	assert_int_equal(file_read_at(AT_FDCWD, "/proc/self/status", 1 << 16, &text, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, "Name:"));
}

static void test_write_at(void **state)
{
	assert_int_equal(file_replace_at(dir, "w", "12345", 5, 0600, false), 0);
	assert_int_equal(file_write_at(dir, "w", "ab"), 0);
	assert_content("w", "ab345");
	assert_int_equal(file_write_at(dir, "absent", "x"), -ENOENT);
	assert_int_equal(file_write_at(AT_FDCWD, "/dev/full", "x"), -ENOSPC);
	/* the kernel's refusal comes through */
	assert_int_equal(file_write_at(AT_FDCWD, "/proc/self/oom_score_adj", "junk"), -EINVAL);
}

static void test_write_all(void **state)
{
	char buf[8] = "";
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fd_write_all(p[1], "abc", 3), 0);
	assert_int_equal(fd_write_all(p[1], "de", 2), 0);
	close(p[1]);
	assert_int_equal(fd_read_all(p[0], buf, 4), 4);
	assert_int_equal(fd_read_all(p[0], buf + 4, 4), 1);
	assert_string_equal(buf, "abcde");
	assert_int_equal(fd_read_all(p[0], buf, 4), 0);
	close(p[0]);
	assert_int_equal(fd_read_all(p[0], buf, 4), -EBADF);
	assert_int_equal(fd_write_all(p[1], "x", 1), -EBADF);
}

static void test_lock(void **state)
{
	_cleanup_close_ int fd = lock_acquire_at(dir, "lock");
	struct stat st;
	int again;

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(lock_try_at(dir, "lock"), -EWOULDBLOCK);
	close(take_fd(&fd));
	again = lock_try_at(dir, "lock");
	assert_true(again >= 0);
	close(again);
	assert_int_equal(lock_try_at(dir, "absent/lock"), -ENOENT);
	assert_int_equal(symlinkat("lock", dir, "lock.link"), 0);
	assert_int_equal(lock_acquire_at(dir, "lock.link"), -ELOOP);
}

/* The holder removes the file and ends while another waits: the waiter gets a lock that counts. */
static void test_lock_removed(void **state)
{
	_cleanup_close_ int fd = lock_acquire_at(dir, "gone");
	pid_t pid;
	int status;

	assert_true(fd >= 0);
	pid = fork();
	if (pid == 0) {
		int mine;

		close(fd);
		mine = lock_acquire_at(dir, "gone");
		_exit(mine >= 0 && lock_try_at(dir, "gone") == -EWOULDBLOCK ? 0 : 1);
	}
	usleep(100000);
	assert_int_equal(unlinkat(dir, "gone", 0), 0);
	close(take_fd(&fd));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_send_fds(void **state)
{
	int sv[2], out[8], in[8];
	struct stat a, b;
	char buf[8];
	size_t n = 99;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
	for (int i = 0; i < 8; i++)
		out[i] = dir;
	assert_int_equal(fd_send(sv[0], "abc", 3, out, 8), 0);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), in, 8, &n), 3);
	assert_int_equal(n, 8);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(fstat(dir, &a), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(fstat(in[i], &b), 0);
		assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
		assert_int_equal(fcntl(in[i], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		close(in[i]);
	}
	assert_int_equal(fd_send(sv[0], "x", 1, NULL, 0), 0);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), NULL, 0, NULL), 1);
	assert_int_equal(fd_send(sv[0], "x", 0, out, 1), -EINVAL);
	assert_int_equal(fd_send(sv[0], "x", 1, out, 17), -EINVAL);
	close(sv[0]);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), in, 8, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(fd_send(sv[1], "x", 1, NULL, 0), -EPIPE);
	close(sv[1]);
}

static int open_count(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What does not fit is refused and leaks nothing: bytes, our array, the control buffer. */
static void test_recv_truncated(void **state)
{
	int sv[2], in[8], before;
	char control[CMSG_SPACE(20 * sizeof(int))] = { 0 }, buf[4];
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	size_t n = 99;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
	before = open_count();
	assert_int_equal(fd_send(sv[0], "abcdefgh", 8, &dir, 1), 0);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), in, 8, &n), -EMSGSIZE);
	assert_int_equal(fd_send(sv[0], "a", 1, (int[]){ dir, dir, dir }, 3), 0);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), in, 2, &n), -EMSGSIZE);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(20 * sizeof(int));
	for (int i = 0; i < 20; i++)
		((int *)CMSG_DATA(c))[i] = dir;
	assert_int_equal(sendmsg(sv[0], &msg, 0), 1);
	assert_int_equal(fd_recv(sv[1], buf, sizeof(buf), in, 8, &n), -EMSGSIZE);
	assert_int_equal(open_count(), before);
	assert_int_equal(n, 99);
	close(sv[0]);
	close(sv[1]);
}

/* Nobody is left who could hold it, so its end must come, though not at once. */
static void test_abandon(void **state)
{
	struct pollfd p = { .events = POLLIN };
	int fds[2];

	(void)state;
	fd_abandon(-1);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	p.fd = fds[0];
	assert_int_equal(poll(&p, 1, 0), 0);
	fd_abandon(fds[1]);
	assert_int_equal(fcntl(fds[1], F_GETFD), -1);
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(p.revents & POLLHUP, POLLHUP);
	close(fds[0]);
}

static void stale_temp(void **state)
{
	char old[64], young[64];

	snprintf(old, sizeof(old), ".tmp.%llx.5f5e0ff", (long long)time(NULL) - 60);
	snprintf(young, sizeof(young), ".tmp.%llx.0", (long long)time(NULL));
	assert_true(file_is_stale_temp(old));
	assert_false(file_is_stale_temp(young));
	for (const char *const *n = (const char *const[]){ ".tmp.", ".tmp.1", ".tmp.1.x", "tmp.1.1",
							   ".tmp.x.1", "a.tmp.1.1", "", NULL };
	     *n; n++)
		assert_false(file_is_stale_temp(*n));
}

/* In a process of its own, of whose descriptors nobody else has need. */
static void close_others(void **state)
{
	const int keep[] = { 13, -1, 10, 3, 11 };
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (int fd = 10; fd < 16; fd++)
			dup2(0, fd);
		if (fd_close_others(4, keep, ARRAY_SIZE(keep)) < 0)
			_exit(1);
		for (int fd = 4; fd < 20; fd++)
			if ((fcntl(fd, F_GETFD) >= 0) != (fd == 10 || fd == 11 || fd == 13))
				_exit(fd);
		_exit(fcntl(0, F_GETFD) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The same as printf(3) would make of it, up to the last byte of room. */
static void self_path(void **state)
{
	static const int fds[] = { 0, 9, 10, 1023, INT_MAX };
	char path[64], want[64];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		snprintf(want, sizeof(want), "/proc/self/fd/%d", fds[i]);
		assert_int_equal(fd_self_path(path, strlen(want) + 1, fds[i], NULL), 0);
		assert_string_equal(path, want);
		assert_int_equal(fd_self_path(path, strlen(want), fds[i], NULL), -ENAMETOOLONG);
		snprintf(want, sizeof(want), "/proc/self/fd/%d/a/b", fds[i]);
		assert_int_equal(fd_self_path(path, strlen(want) + 1, fds[i], "a/b"), 0);
		assert_string_equal(path, want);
		assert_int_equal(fd_self_path(path, strlen(want), fds[i], "a/b"), -ENAMETOOLONG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),	    cmocka_unit_test(test_replace_link),
		cmocka_unit_test(test_read_limits), cmocka_unit_test(test_read_other),
		cmocka_unit_test(test_write_at),    cmocka_unit_test(test_write_all),
		cmocka_unit_test(test_lock),	    cmocka_unit_test(test_lock_removed),
		cmocka_unit_test(test_send_fds),    cmocka_unit_test(test_recv_truncated),
		cmocka_unit_test(test_abandon),	    cmocka_unit_test(self_path),
		cmocka_unit_test(close_others),	    cmocka_unit_test(stale_temp),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
