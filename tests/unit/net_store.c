/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/net_tmp.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/fd.h"
#include "net/note.h"

static void test_note(void **state)
{
	struct tmp *t = *state;
	char buf[16];

	assert_int_equal(note_get(t->fd, "x", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(note_add(t->fd, "x", "one"), 0);
	assert_int_equal(note_add(t->fd, "x", "two"), -EEXIST);
	assert_int_equal(note_get(t->fd, "x", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "one");
	assert_int_equal(note_set(t->fd, "x", "0123456789abcdef"), 0);
	assert_int_equal(note_get(t->fd, "x", buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(note_del(t->fd, "x"), 0);
	assert_int_equal(note_del(t->fd, "x"), 0);
}

static void test_note_after_crash(void **state)
{
	struct tmp *t = *state;
	char buf[16];

	assert_int_equal(symlinkat("half", t->fd, ".x"), 0);
	assert_int_equal(note_set(t->fd, "x", "whole"), 0);
	assert_int_equal(note_get(t->fd, "x", buf, sizeof(buf)), 5);
	assert_string_equal(buf, "whole");
}

/* net_open as processes have it: closes everything again */
static void open_close(struct tmp *t, bool expect_mark)
{
	struct net net = NET_INIT;
	struct err e = ERR_INIT;
	char defs[96], buf[64];
	int r;

	snprintf(defs, sizeof(defs), "%s/etc/networks", t->path);
	t->config.defs_dir = defs;
	r = net_open(&net, t->fd, &t->config, &e);
	if (r < 0)
		fail_msg("net_open: %s", e.msg);
	assert_true(net.rt.fd >= 0 && net.nft.fd >= 0 && net.defs_fd >= 0);
	assert_int_equal(note_get(net.state_fd, "generation", buf, sizeof(buf)) >= 0, expect_mark);
	assert_int_equal(note_set(net.state_fd, "generation", "7"), 0);
	close(net_dir(&net, "leases/n", true));
	net_close(&net);
	assert_int_equal(net.state_fd, -1);
	net_close(&net);
}

static int state_dir(struct tmp *t)
{
	char path[64];
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	snprintf(path, sizeof(path), "net/%ju", (uintmax_t)st.st_ino);
	return openat(t->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void test_open(void **state)
{
	struct tmp *t = *state;
	struct stat st;
	int fd;

	open_close(t, false);
	open_close(t, true);
	fd = state_dir(t);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* another boot, or another namespace with this inode */
	assert_int_equal(note_set(fd, "boot", "00000000-0000-0000-0000-000000000000 1"), 0);
	open_close(t, false);
	open_close(t, true);
	assert_int_equal(note_del(fd, "boot"), 0);
	open_close(t, false);
	close(fd);
}

static void test_open_refuses_links(void **state)
{
	struct tmp *t = *state;
	struct net net;
	struct err e = ERR_INIT;
	char defs[96];

	snprintf(defs, sizeof(defs), "%s/defs", t->path);
	t->config.defs_dir = defs;
	assert_int_equal(symlinkat("/tmp", t->fd, "net"), 0);
	assert_true(net_open(&net, t->fd, &t->config, &e) < 0);
	assert_true(e.msg[0]);
	assert_int_equal(net.rt.fd, -1);
}

static void test_lock_excludes(void **state)
{
	struct tmp *t = *state;
	int fd = net_lock(&t->net, NULL);

	assert_true(fd >= 0);
	assert_int_equal(lock_try_at(t->net.state_fd, "lock"), -EWOULDBLOCK);
	close(fd);
	fd = lock_try_at(t->net.state_fd, "lock");
	assert_true(fd >= 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_note),		 test_on_tmp(test_note_after_crash),
		test_on_tmp(test_open),		 test_on_tmp(test_open_refuses_links),
		test_on_tmp(test_lock_excludes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
