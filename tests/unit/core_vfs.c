/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts that nobody sees: owners of another user namespace, and a tree copied. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/idmap.h"
#include "core/tree.h"
#include "core/vfs.h"

static int tmpfs(void)
{
	int fd = vfs_new("tmpfs", NULL, 0, NULL);

	if (fd == -EPERM)
		skip();
	assert_true(fd >= 0);
	return fd;
}

static void put(int dir, const char *name, const char *text, uid_t uid, mode_t mode)
{
	int fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchown(fd, uid, uid), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* A user namespace in which 0 is 100000 outside; *ret_pid keeps it. */
static int userns(pid_t *ret_pid)
{
	char path[64];
	int made[2], fd;
	char c = 0;

	assert_int_equal(pipe(made), 0);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(1);
		(void)!write(made[1], &c, 1);
		pause();
		_exit(0);
	}
	close(made[1]);
	fd = (int)read(made[0], &c, 1);
	close(made[0]);
	if (fd != 1)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)*ret_pid);
	assert_int_equal(file_write_at(AT_FDCWD, path, "0 100000 1000"), 0);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)*ret_pid);
	assert_int_equal(file_write_at(AT_FDCWD, path, "0 100000 1000"), 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)*ret_pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void idmap(void **state)
{
	int mnt = tmpfs(), ns, r;
	struct stat st;
	pid_t pid;

	(void)state;
	put(mnt, "root", "x", 0, 0644);
	put(mnt, "five", "x", 5, 0644);
	ns = userns(&pid);
	r = ns < 0 ? -EINVAL : idmap_mount(mnt, ns, false);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ns);
	if (r == -EINVAL) {
		print_message("skipped: tmpfs takes no map of ids before Linux 6.3, or there "
			      "are no user namespaces\n");
		close(mnt);
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(fstatat(mnt, "root", &st, 0), 0);
	assert_int_equal(st.st_uid, 100000);
	assert_int_equal(fstatat(mnt, "five", &st, 0), 0);
	assert_int_equal(st.st_uid, 100005);
	close(mnt);
}

static void copy(void **state)
{
	int from = tmpfs(), to = tmpfs();
	char text[16] = "", link[16] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkdirat(from, "d", 0750), 0);
	put(from, "d/file", "content", 7, 04711);
	put(from, "empty", "", 0, 0);
	assert_int_equal(symlinkat("/etc/passwd", from, "link"), 0);
	assert_int_equal(mknodat(from, "fifo", S_IFIFO | 0600, 0), 0);
	assert_int_equal(mknodat(from, "null", S_IFCHR | 0666, 0x103), 0);
	assert_int_equal(tree_copy(from, to), 0);
	assert_int_equal(fstatat(to, "d", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	assert_int_equal(fstatat(to, "d/file", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 04711);
	assert_int_equal(st.st_uid, 7);
	fd = openat(to, "d/file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd_read_all(fd, text, sizeof(text) - 1), 7);
	assert_string_equal(text, "content");
	close(fd);
	assert_int_equal(readlinkat(to, "link", link, sizeof(link) - 1), 11);
	assert_int_equal(fstatat(to, "fifo", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(fstatat(to, "null", &st, AT_SYMLINK_NOFOLLOW), -1);
	/* what is there already is not written through */
	assert_int_equal(tree_copy(from, to), -EEXIST);
	close(from);
	close(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idmap),
		cmocka_unit_test(copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
