/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of processes: who lives, who is dead, and whose life cannot be told. */
#include "tests/unit/net_tmp.h"

#include <errno.h>

#include "core/base/cleanup.h"
#include "core/base/proc.h"
#include "net/note.h"

static void test_process(void **state)
{
	struct tmp *t = *state;
	int dir = t->net.state_fd;
	struct proc_id self, got;

	assert_int_equal(proc_identify(getpid(), &self), 0);
	assert_false(note_get_proc(dir, "p", &got));
	assert_int_equal(note_add_proc(dir, "p", &self), 0);
	assert_int_equal(note_add_proc(dir, "p", &self), -EEXIST);
	assert_true(note_get_proc(dir, "p", &got));
	assert_int_equal(got.pid, self.pid);
	assert_int_equal(got.start, self.start);
	assert_true(note_proc_lives(dir, "p"));
	self.start--; /* the pid is another's by now */
	assert_int_equal(note_set_proc(dir, "p", &self), 0);
	assert_false(note_proc_lives(dir, "p"));
}

static void test_elsewhere(void **state)
{
	struct tmp *t = *state;
	int dir = t->net.state_fd;
	struct proc_id got = { .pid = 1 };

	assert_int_equal(note_set(dir, "p", "4711 99 1"), 0);
	assert_true(note_get_proc(dir, "p", &got));
	assert_int_equal(got.pid, 0);
	assert_true(note_proc_lives(dir, "p"));
}

static void test_refused(void **state)
{
	static const char *const texts[] = { "1", "1 2", "x 2 3", "0 2 3", "1 2 3 4", "-1 2 3" };
	struct tmp *t = *state;
	struct proc_id got;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(note_set(t->net.state_fd, "p", texts[i]), 0);
		assert_false(note_get_proc(t->net.state_fd, "p", &got));
		assert_false(note_proc_lives(t->net.state_fd, "p"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_tmp(test_process),
		test_on_tmp(test_elsewhere),
		test_on_tmp(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
