/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes through the host's /proc, and ids of user namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/procfs.h"

static void ids_of_a_map(void **state)
{
	struct id_map v[] = { { .inside = 0, .outside = 100000, .count = 1000 },
			      { .inside = 2000, .outside = 5, .count = 1 } };
	const struct procfs_ids m = { .v = v, .n = ARRAY_SIZE(v) }, own = { .n = 0 };

	(void)state;
	assert_int_equal(procfs_id_outside(&m, 0), 100000);
	assert_int_equal(procfs_id_outside(&m, 999), 100999);
	assert_int_equal(procfs_id_outside(&m, 1000), UINT32_MAX);
	assert_int_equal(procfs_id_outside(&m, 2000), 5);
	assert_int_equal(procfs_id_inside(&m, 100999), 999);
	assert_int_equal(procfs_id_inside(&m, 5), 2000);
	assert_int_equal(procfs_id_inside(&m, 0), UINT32_MAX);
	assert_int_equal(procfs_id_inside(&own, 7), 7);
	assert_int_equal(procfs_id_outside(&own, 7), 7);
}

static void ids_read(void **state)
{
	_cleanup_close_ int fd = -1;
	struct procfs_ids m = { .n = 0 };
	struct proc_id self;

	(void)state;
	assert_int_equal(proc_identify(getpid(), &self), 0);
	fd = procfs_open(&self);
	assert_true(fd >= 0);
	assert_int_equal(procfs_ids(fd, "uid_map", &m), 0);
	assert_true(m.n >= 1);
	free(m.v);
}

/* A name that looks like what follows it. */
static void one_process(void **state)
{
	_cleanup_close_ int fd = -1;
	struct procfs_stat st;
	struct proc_id self;

	(void)state;
	prctl(PR_SET_NAME, "a) Z 1\nUid:\t9");
	assert_int_equal(proc_identify(getpid(), &self), 0);
	fd = procfs_open(&self);
	assert_true(fd >= 0);
	assert_int_equal(procfs_stat(fd, &st), 0);
	assert_string_equal(st.comm, "a) Z 1\nUid:\t9");
	assert_int_equal(st.state, 'R');
	assert_int_equal(st.ppid, getppid());
	assert_int_equal(st.uid, geteuid());
	assert_int_equal(st.gid, getegid());
	assert_true(st.n_pids >= 1);
	assert_int_equal(st.pids[0], getpid());
	assert_int_equal(st.start, self.start);
	assert_int_equal(st.threads, 1);
	assert_true(st.rss > 0 && st.vsize > st.rss);
}

static void another_one_of_that_pid(void **state)
{
	struct proc_id self;

	(void)state;
	assert_int_equal(proc_identify(getpid(), &self), 0);
	self.start++;
	assert_int_equal(procfs_open(&self), -ESRCH);
	self.pid = 0;
	assert_int_equal(procfs_open(&self), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_of_a_map),
		cmocka_unit_test(ids_read),
		cmocka_unit_test(one_process),
		cmocka_unit_test(another_one_of_that_pid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
