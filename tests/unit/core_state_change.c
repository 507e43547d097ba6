/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that several write to: changes, names, ends, and all of it at once. */
#include "core_state_fixture.h"

#include <sys/wait.h>

#include "core/base/json.h"

/* A detached one that ran; killed: its monitor is gone. */
static void create_detached(int root, const char *name, bool remove, bool killed,
			    struct ct_info *ret)
{
	struct ct_spec spec = { .name = name, .argv = argv_true, .detach = true, .remove = remove };
	struct err e = ERR_INIT;

	assert_int_equal(state_create(root, &spec, ret, &e), 0);
	memcpy(ret->status, "running", sizeof("running"));
	ret->started = 1;
	ret->init = ret->runner;
	assert_int_equal(state_save(root, ret, &e), 0);
	if (killed)
		make_dead(root, ret);
}

static int set_stopping(struct ct_info *i, void *ctx)
{
	i->stopping = true;
	free(i->config);
	i->config = strdup("{\"changed\":true}");
	return ctx ? *(int *)ctx : 0;
}

/* What others write is not lost when the runner writes what it has in memory. */
static void test_change(void **state)
{
	int root = root_of(state), minus = -EPERM, three = 3;
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, "web", &a);
	assert_int_equal(state_change(root, a.id, set_stopping, &minus, &e), -EPERM);
	assert_int_equal(state_find(root, "web", &b, &e), 0);
	assert_false(b.stopping);
	ct_info_free(&b);
	assert_int_equal(state_change(root, a.id, set_stopping, &three, &e), 3);
	assert_int_equal(state_rename(root, a.id, "shop", &e), 0);
	memcpy(a.status, "running", sizeof("running"));
	assert_int_equal(state_save(root, &a, &e), 0);
	assert_int_equal(state_find(root, "shop", &b, &e), 0);
	assert_string_equal(b.status, "running");
	assert_string_equal(b.name, "shop");
	assert_string_equal(b.config, "{\"changed\":true}");
	assert_true(b.stopping);
	ct_info_free(&b);
	/* and goes with the runner, who knows the old name alone */
	state_forget(root, &a);
	assert_int_equal(state_find(root, "shop", &b, &e), -ENOENT);
	assert_int_equal(faccessat(root, "names/shop", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(state_change(root, a.id, set_stopping, NULL, &e), -ENOENT);
	assert_int_equal(state_change(root, "../../etc", set_stopping, NULL, &e), -EINVAL);
	ct_info_free(&a);
	close(root);
}

static void test_rename(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 }, c = { 0 };
	struct err e = ERR_INIT;

	create(root, "one", &a);
	create(root, NULL, &b);
	assert_int_equal(state_rename(root, b.id, "one", &e), -EEXIST);
	assert_int_equal(state_rename(root, b.id, a.id, &e), -EEXIST);
	assert_int_equal(state_rename(root, a.id, "one", &e), -EINVAL);
	assert_int_equal(state_rename(root, a.id, "../x", &e), -EINVAL);
	assert_int_equal(state_rename(root, "0123456789ab", "x", &e), -ENOENT);
	assert_int_equal(faccessat(root, "names/x", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	/* the failures left every name where it was */
	assert_int_equal(state_find(root, "one", &c, &e), 0);
	assert_string_equal(c.id, a.id);
	ct_info_free(&c);
	assert_int_equal(state_rename(root, a.id, "two", &e), 0);
	assert_int_equal(state_rename(root, b.id, "one", &e), 0);
	assert_int_equal(state_find(root, "one", &c, &e), 0);
	assert_string_equal(c.id, b.id);
	ct_info_free(&c);
	/* back to no name but the id */
	assert_int_equal(state_rename(root, b.id, b.id, &e), 0);
	assert_int_equal(faccessat(root, "names/one", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	state_forget(root, &b);
	state_remove(root, a.id);
	assert_int_equal(faccessat(root, "names/two", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	ct_info_free(&a);
	ct_info_free(&b);
	close(root);
}

static void test_detached_is_kept(void **state)
{
	int root = root_of(state), dead = 0;
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create_detached(root, "kept", false, true, &a);
	assert_int_equal(state_gc(root, 0, count_dead, &dead), 0);
	assert_int_equal(state_gc(root, 0, count_dead, &dead), 0);
	assert_int_equal(dead, 1);
	assert_int_equal(state_find(root, "kept", &b, &e), 0);
	assert_string_equal(b.status, "exited");
	assert_int_equal(b.exit_code, 137);
	assert_int_equal(b.init.pid, 0);
	assert_string_equal(b.error, "its monitor was killed");
	assert_true(b.finished > b.started);
	ct_info_free(&b);
	assert_int_equal(state_create(root, &(struct ct_spec){ .name = "kept", .argv = argv_true },
				      &b, &e),
			 -EEXIST);
	assert_non_null(strstr(e.hint, "ct rm kept"));
	state_remove(root, a.id);
	assert_int_equal(state_find(root, "kept", &b, &e), -ENOENT);
	ct_info_free(&a);
	close(root);
}

static void test_detached_is_not_kept(void **state)
{
	int root = root_of(state), all;
	struct ct_info a = { 0 }, b = { 0 }, c = { 0 };
	struct err e = ERR_INIT;
	_cleanup_json_ json_t *o = NULL;

	create_detached(root, "rm", true, true, &a);
	/* it exited, in another boot */
	create_detached(root, "old", false, false, &b);
	memcpy(b.status, "exited", sizeof("exited"));
	assert_int_equal(state_save(root, &b, &e), 0);
	/* it never ran */
	assert_int_equal(
		state_create(root,
			     &(struct ct_spec){ .name = "new", .argv = argv_true, .detach = true },
			     &c, &e),
		0);
	make_dead(root, &c);
	all = dir_open_at(root, "containers", false);
	assert_int_equal(json_load_at(all, b.id, &o), 0);
	json_object_set_new(o, "boot", json_string("00000000-0000-0000-0000-000000000000"));
	assert_int_equal(json_save_at(all, b.id, o), 0);
	assert_int_equal(state_gc(root, 0, NULL, NULL), 0);
	ct_info_free(&a);
	assert_int_equal(state_find(root, "rm", &a, &e), -ENOENT);
	assert_int_equal(state_find(root, "old", &a, &e), -ENOENT);
	assert_int_equal(state_find(root, "new", &a, &e), -ENOENT);
	ct_info_free(&b);
	ct_info_free(&c);
	close(all);
	close(root);
}

/* Every member survives a round, and a small one is not written. */
static void test_members(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;
	char buf[4096];

	create(root, "all", &a);
	assert_true(text_at(root, "containers", a.id, buf, sizeof(buf)) > 0);
	assert_null(strstr(buf, "restarts"));
	assert_null(strstr(buf, "detached"));
	assert_null(strstr(buf, "health"));
	a.detached = a.auto_remove = a.stopping = a.oom_killed = true;
	a.stop_signal = 10;
	a.stop_timeout = UINT64_MAX - 1;
	a.restarts = 3;
	memcpy(a.health, "healthy", sizeof("healthy"));
	a.started = 1700000000000000001;
	a.finished = a.started + 5;
	a.memory_peak = UINT64_C(1) << 40;
	a.cpu_ns = 7;
	a.error = strdup("why \"not\"");
	assert_int_equal(state_save(root, &a, &e), 0);
	assert_int_equal(state_find(root, "all", &b, &e), 0);
	assert_true(b.detached && b.auto_remove && b.stopping && b.oom_killed);
	assert_int_equal(b.stop_signal, 10);
	assert_int_equal(b.stop_timeout, UINT64_MAX - 1);
	assert_int_equal(b.restarts, 3);
	assert_string_equal(b.health, "healthy");
	assert_int_equal(b.started, a.started);
	assert_int_equal(b.finished, a.finished);
	assert_int_equal(b.memory_peak, a.memory_peak);
	assert_int_equal(b.cpu_ns, 7);
	assert_string_equal(b.error, "why \"not\"");
	state_forget(root, &a);
	ct_info_free(&a);
	ct_info_free(&b);
	close(root);
}

static int count_up(struct ct_info *i, void *ctx)
{
	(void)ctx;
	i->restarts++;
	return 0;
}

/* Two who change, one who renames, and the runner, all at once: nothing is lost. */
static void test_many_writers(void **state)
{
	enum { WRITERS = 4, TIMES = 100 };
	int root = root_of(state), status;
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;
	pid_t pids[WRITERS];

	create(root, "busy0", &a);
	for (int w = 0; w < WRITERS; w++) {
		pids[w] = fork();
		if (pids[w])
			continue;
		for (int i = 1; i <= TIMES; i++) {
			char name[16];
			int r;

			snprintf(name, sizeof(name), "busy%d", i);
			r = w ? state_change(root, a.id, count_up, NULL, NULL)
			      : state_rename(root, a.id, name, NULL);
			if (r < 0)
				_exit(1);
		}
		_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(state_find(root, "busy100", &b, &e), 0);
	assert_int_equal(b.restarts, (WRITERS - 1) * TIMES);
	state_forget(root, &a);
	assert_int_equal(faccessat(root, "names/busy100", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	ct_info_free(&a);
	ct_info_free(&b);
	close(root);
}

/* A removal beside renames leaves neither record nor name. */
static void test_remove_beside_rename(void **state)
{
	int root = root_of(state), names;
	struct strv left = { 0 };

	for (int i = 0; i < 100; i++) {
		struct ct_info a = { 0 };
		pid_t pid;

		create(root, i % 2 ? "x" : NULL, &a);
		pid = fork();
		if (pid == 0) {
			for (int k = 0; k < 5; k++)
				state_rename(root, a.id, k % 2 ? "y" : "z", NULL);
			_exit(0);
		}
		if (i % 3)
			usleep((useconds_t)(i % 7) * 50);
		state_forget(root, &a);
		waitpid(pid, NULL, 0);
		ct_info_free(&a);
	}
	names = dir_open_at(root, "names", false);
	assert_true(names >= 0);
	assert_int_equal(dir_names(names, &left), 0);
	assert_int_equal(left.n, 0);
	close(names);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rename, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detached_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detached_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_writers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove_beside_rename, setup, teardown),
	};

	return cmocka_run_group_tests_name("state_change", tests, NULL, NULL);
}
