/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of labs: what is written is read, and what of them counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "cli/lab_record.h"
#include "cli/lab_remains.h"
#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/sync.h"

struct place {
	char path[32];
	int fd;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->path, sizeof(p->path), "/tmp/lab_record.XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->fd < 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	close(p->fd);
	dir_remove_at(AT_FDCWD, p->path);
	free(p);
	return 0;
}

static struct lab_record some_record(void)
{
	struct lab_record r = { .nodes = 7, .stops = true };

	assert_int_equal(lab_record_init(&r, "net1", NULL), 0);
	assert_int_equal(proc_identify(getpid(), &r.supervisor), 0);
	assert_int_equal(strv_add(&r.unapplied, "one"), 0);
	assert_int_equal(strv_add(&r.unapplied, "two"), 0);
	return r;
}

static void test_written_and_read(void **state)
{
	const struct place *p = *state;
	_cleanup_(lab_record_free) struct lab_record r = some_record(), x = { 0 };

	assert_int_equal(lab_record_save(p->fd, &r), 0);
	assert_int_equal(lab_record_load(p->fd, &x), 0);
	assert_string_equal(x.name, "net1");
	assert_string_equal(x.id, r.id);
	assert_int_equal(strlen(x.id), 12);
	assert_int_equal(x.nodes, 7);
	assert_true(x.stops);
	assert_false(x.ready);
	assert_int_equal(x.created, r.created);
	assert_int_equal(x.supervisor.pid, getpid());
	assert_int_equal(x.supervisor.start, r.supervisor.start);
	assert_int_equal(x.unapplied.n, 2);
	assert_string_equal(x.unapplied.v[1], "two");
}

static void test_life(void **state)
{
	_cleanup_(lab_record_free) struct lab_record r = some_record();

	assert_int_equal(lab_record_life(&r), LAB_STARTING);
	r.ready = true;
	assert_int_equal(lab_record_life(&r), LAB_RUNNING);
	/* another process has that pid now */
	r.supervisor.start++;
	assert_int_equal(lab_record_life(&r), LAB_DEAD);
	/* its maker lives: it has seen it fail, or has not made it yet */
	r.ready = false;
	assert_int_equal(proc_identify(getpid(), &r.maker), 0);
	assert_int_equal(lab_record_life(&r), LAB_STARTING);
	r.supervisor.pid = 0;
	assert_int_equal(lab_record_life(&r), LAB_STARTING);
	/* one that stood has no maker any more */
	r.ready = true;
	assert_int_equal(lab_record_life(&r), LAB_DEAD);
}

/* A pid means nothing after a boot, or in another pid namespace. */
static void test_another_boot(void **state)
{
	static const char *const keys[] = { "boot", "pidns" };
	const struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		_cleanup_(lab_record_free) struct lab_record r = some_record(), x = { 0 };
		_cleanup_json_ json_t *o = NULL;

		r.ready = true;
		assert_int_equal(lab_record_save(p->fd, &r), 0);
		assert_int_equal(json_load_at(p->fd, "lab.json", &o), 0);
		json_object_set_new(o, keys[i], i ? json_integer(1) : json_string("no"));
		assert_int_equal(json_save_at(p->fd, "lab.json", o), 0);
		assert_int_equal(lab_record_load(p->fd, &x), 0);
		assert_int_equal(x.supervisor.pid, 0);
		assert_int_equal(lab_record_life(&x), LAB_DEAD);
		assert_string_equal(x.id, r.id);
	}
}

/* Who has no descriptor left cannot tell: what is dead would be removed. */
static void test_cannot_tell(void **state)
{
	const struct place *p = *state;
	_cleanup_(lab_record_free) struct lab_record r = some_record(), x = { 0 };
	struct rlimit was, none;

	r.ready = true;
	assert_int_equal(lab_record_save(p->fd, &r), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(lab_record_load(p->fd, &x), -EMFILE);
	assert_false(lab_is_dead(p->fd, &x));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_false(lab_is_dead(p->fd, &x));
	lab_record_free(&x);
	/* a record that says nothing, and nobody who listens */
	assert_int_equal(file_replace_at(p->fd, LAB_RECORD, "{}", 2, 0600, false), 0);
	assert_true(lab_is_dead(p->fd, &x));
}

static void test_damaged(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"name\": 7, \"id\": {}}",
		"{\"supervisor\": [1], \"unapplied\": 3}",
		"{\"id\": \"0123456789abcdef0\"}",
	};
	const struct place *p = *state;
	_cleanup_(lab_record_free) struct lab_record none = { 0 };

	assert_int_equal(lab_record_load(p->fd, &none), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(lab_record_free) struct lab_record x = { 0 };

		assert_int_equal(file_replace_at(p->fd, "lab.json", texts[i], strlen(texts[i]),
						 0600, false),
				 0);
		if (lab_record_load(p->fd, &x) >= 0)
			assert_int_equal(lab_record_life(&x), LAB_DEAD);
	}
}

static void test_last_words(void **state)
{
	struct err e = ERR_INIT, heard = ERR_INIT;
	int pair[2], r = 1;
	json_t *o = NULL;

	assert_int_equal(sync_pair(pair, NULL), 0);
	err_set(&e, -ENOSPC, "node a: \"quoted\"");
	err_hint(&e, "make room");
	assert_int_equal(lab_send_end(pair[0], -ENOSPC, &e), 0);
	assert_int_equal(lab_recv(pair[1], &o, NULL), 1);
	assert_true(lab_is_end(o, &r, &heard));
	assert_int_equal(r, -ENOSPC);
	assert_string_equal(heard.msg, e.msg);
	assert_string_equal(heard.hint, e.hint);
	json_decref(o);

	assert_int_equal(lab_send_end(pair[0], 0, &e), 0);
	assert_int_equal(lab_recv(pair[1], &o, NULL), 1);
	assert_true(lab_is_end(o, &r, &heard));
	assert_int_equal(r, 0);
	json_decref(o);

	/* what is no UTF-8 is told without its words */
	err_clear(&e);
	err_set(&e, -EIO, "node a: \xff\xfe");
	assert_int_equal(lab_send_end(pair[0], -EIO, &e), 0);
	assert_int_equal(lab_recv(pair[1], &o, NULL), 1);
	assert_true(lab_is_end(o, &r, &heard));
	assert_int_equal(r, -EIO);
	json_decref(o);

	assert_int_equal(fd_send(pair[0], "[1]", 3, NULL, 0), 0);
	assert_int_equal(lab_recv(pair[1], &o, NULL), -EPROTO);
	close(pair[0]);
	assert_int_equal(lab_recv(pair[1], &o, NULL), 0);
	close(pair[1]);
}

/* As the sweep of another command, which takes a new directory for what a dead lab left. */
static pid_t remover(int root_fd)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		unlinkat(root_fd, "labs/one/lock", 0);
		unlinkat(root_fd, "labs/one", AT_REMOVEDIR);
	}
}

static void test_removed_while_it_is_made(void **state)
{
	const struct place *p = *state;
	struct app app = { .root_fd = p->fd };
	struct lab_dir none = LAB_DIR_INIT;
	pid_t pid = remover(p->fd);

	for (int i = 0; i < 20000; i++) {
		_cleanup_lab_dir_ struct lab_dir d = LAB_DIR_INIT;

		assert_int_equal(lab_dir_lock(&app, "one", LAB_DIR_MAKE, &d), 0);
		assert_true(d.fd >= 0 && d.lock >= 0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	dir_remove_at(p->fd, "labs/one");
	assert_int_equal(lab_dir_lock(&app, "one", LAB_DIR_TRY, &none), -ENOENT);
	dir_remove_at(p->fd, "labs");
	assert_int_equal(lab_dir_lock(&app, "one", LAB_DIR_TRY, &none), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_and_read, setup, teardown),
		cmocka_unit_test(test_life),
		cmocka_unit_test_setup_teardown(test_another_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cannot_tell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed_while_it_is_made, setup, teardown),
		cmocka_unit_test(test_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
