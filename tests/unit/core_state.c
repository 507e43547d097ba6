/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of containers: ids, names, who is dead, what gc removes, what stays of nobody. */
#include "core_state_fixture.h"

#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/fd.h"
#include "core/base/json.h"

static void test_round_trip(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, "web.1", &a);
	assert_string_equal(a.name, "web.1");
	assert_int_equal(state_find(root, "web.1", &b, &e), 0);
	assert_string_equal(b.id, a.id);
	assert_string_equal(b.status, "created");
	assert_string_equal(b.command[1], "a b");
	assert_null(b.command[2]);
	assert_string_equal(b.env.v[0], "K=secret-of-it");
	assert_string_equal(b.workdir, "/w");
	assert_int_equal(b.caps, 5);
	assert_int_equal(b.exit_code, -1);
	ct_info_free(&b);
	assert_int_equal(state_find(root, a.id, &b, &e), 0);
	ct_info_free(&b);
	a.id[4] = '\0';
	assert_int_equal(state_find(root, a.id, &b, &e), 0);
	ct_info_free(&b);
	ct_info_free(&a);
	close(root);
}

static void test_shorter_record(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, NULL, &a);
	strv_free(&a.env);
	free(a.workdir);
	a.workdir = NULL;
	memcpy(a.status, "running", sizeof("running"));
	assert_int_equal(state_save(root, &a, &e), 0);
	assert_int_equal(state_find(root, a.id, &b, &e), 0);
	assert_string_equal(b.status, "running");
	assert_null(b.workdir);
	ct_info_free(&b);
	state_remove(root, a.id);
	ct_info_free(&a);
	close(root);
}

static void test_names_are_unique(void **state)
{
	int root = root_of(state);
	struct ct_spec spec = { .name = "one", .argv = argv_true };
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, "one", &a);
	assert_int_equal(state_create(root, &spec, &b, &e), -EEXIST);
	assert_non_null(strstr(e.msg, a.id));
	state_remove(root, a.id);
	create(root, "one", &b);
	/* the slow remover of the first must not take the second's name */
	state_remove(root, a.id);
	state_forget(root, &a);
	ct_info_free(&a);
	assert_int_equal(state_find(root, "one", &a, &e), 0);
	assert_string_equal(a.id, b.id);
	ct_info_free(&a);
	state_forget(root, &b);
	assert_int_equal(state_find(root, "one", &a, &e), -ENOENT);
	ct_info_free(&b);
	close(root);
}

static void test_name_of_another_id(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 };
	struct ct_spec spec = { .argv = argv_true };
	struct err e = ERR_INIT;

	create(root, NULL, &a);
	spec.name = a.id;
	assert_int_equal(state_create(root, &spec, &b, &e), -EEXIST);
	state_remove(root, a.id);
	ct_info_free(&a);
	close(root);
}

/* Of a removal that could not be finished: the record is gone, and with it every claim. */
static void test_leftovers(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 };
	char id[32];

	create(root, "taken", &a);
	assert_int_equal(symlinkat("0123456789ab", root, "names/free"), 0);
	assert_int_equal(symlinkat("0123456789ab", root, "names/left"), 0);
	assert_int_equal(dir_make_at(root, "files/0123456789ab/sub", 0700), 0);
	ct_info_free(&a);
	create(root, "free", &a);
	assert_int_equal(readlinkat(root, "names/free", id, sizeof(id)), CT_ID_LEN);
	assert_memory_equal(id, a.id, CT_ID_LEN);
	assert_int_equal(state_gc(root, 0, NULL, NULL), 0);
	assert_int_equal(faccessat(root, "names/left", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(faccessat(root, "files/0123456789ab", F_OK, 0), -1);
	assert_int_equal(faccessat(root, "names/taken", F_OK, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(faccessat(root, "names/free", F_OK, AT_SYMLINK_NOFOLLOW), 0);
	ct_info_free(&a);
	close(root);
}

static void test_bad_names(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "../x", "-a", "a b" };
	int root = root_of(state);
	struct ct_info a = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ct_spec spec = { .name = bad[i], .argv = argv_true };

		e = (struct err)ERR_INIT;
		assert_int_equal(state_create(root, &spec, &a, &e), -EINVAL);
		assert_true(state_find(root, bad[i], &a, &e) < 0);
		assert_int_equal(state_dir(root, bad[i]), -EINVAL);
		state_remove(root, bad[i]);
	}
	close(root);
}

static void test_nothing_of_the_dead_stays(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 };
	char buf[8192];
	int dir;

	create(root, "gone", &a);
	dir = state_dir(root, a.id);
	assert_true(dir >= 0);
	assert_int_equal(file_replace_at(dir, "hosts", "x", 1, 0644, false), 0);
	close(dir);
	state_forget(root, &a);
	assert_int_equal(text_at(root, "containers", a.id, buf, sizeof(buf)), -ENOENT);
	assert_int_equal(text_at(root, "names", "gone", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(faccessat(root, "files", F_OK, 0), 0);
	assert_int_equal(state_dir(root, a.id), -ENOENT);
	assert_true(text_at(root, "", "spare", buf, sizeof(buf)) > 0);
	assert_null(strstr(buf, "secret-of-it"));
	ct_info_free(&a);
	/* and the file serves the next one */
	create(root, NULL, &a);
	assert_int_equal(text_at(root, "", "spare", buf, sizeof(buf)), -ENOENT);
	state_forget(root, &a);
	ct_info_free(&a);
	close(root);
}

static int count_status(struct ct_info *i, void *ctx)
{
	int *n = ctx;

	n[!strcmp(i->status, "dead")]++;
	return 0;
}

static void test_gc(void **state)
{
	int root = root_of(state), n[2] = { 0, 0 }, dead = 0;
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, "dead1", &a);
	create(root, "alive", &b);
	make_dead(root, &a);
	assert_int_equal(state_list(root, count_status, n, &e), 0);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 1);
	/* reserved a moment ago, not written yet: not rubbish */
	close(openat(root, "containers/0123456789ab", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(state_gc(root, 0, count_dead, &dead), 0);
	assert_int_equal(dead, 1);
	ct_info_free(&a);
	assert_int_equal(state_find(root, "dead1", &a, &e), -ENOENT);
	assert_int_equal(state_find(root, "alive", &a, &e), 0);
	assert_int_equal(faccessat(root, "containers/0123456789ab", F_OK, 0), 0);
	ct_info_free(&a);
	ct_info_free(&b);
	close(root);
}

/* A runner elsewhere: its pid says nothing here, so its container must be left alone. */
static void test_other_pid_namespace(void **state)
{
	int root = root_of(state), dir, n[2] = { 0, 0 }, dead = 0;
	struct ct_info a = { 0 };
	struct err e = ERR_INIT;
	_cleanup_json_ json_t *o = NULL;
	json_int_t ns;

	create(root, "elsewhere", &a);
	dir = openat(root, "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_dead(root, &a);
	assert_int_equal(json_load_at(dir, a.id, &o), 0);
	ns = json_integer_value(json_object_get(o, "pidns"));
	assert_int_equal(ns, proc_namespace());
	assert_int_equal(json_object_set_new(o, "pidns", json_integer(ns + 1)), 0);
	assert_int_equal(json_save_at(dir, a.id, o), 0);
	assert_int_equal(state_list(root, count_status, n, &e), 0);
	assert_int_equal(n[1], 0);
	assert_int_equal(state_gc(root, 0, count_dead, &dead), 0);
	assert_int_equal(dead, 0);
	ct_info_free(&a);
	assert_int_equal(state_find(root, "elsewhere", &a, &e), 0);
	ct_info_free(&a);
	close(dir);
	close(root);
}

/* Two sweep up after one runner: what the first holds is not blanked by the second. */
static void test_drop_of_the_locked(void **state)
{
	int root = root_of(state), fd;
	struct ct_info a = { 0 };
	char path[32], first = 0;

	create(root, "twice", &a);
	snprintf(path, sizeof(path), "containers/%s", a.id);
	fd = openat(root, path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	state_remove(root, a.id);
	assert_int_equal(faccessat(root, path, F_OK, 0), -1);
	assert_int_equal(pread(fd, &first, 1, 0), 1);
	assert_int_equal(first, '{');
	ct_info_free(&a);
	close(fd);
	close(root);
}

/* Who was killed while it put a record aside left line feeds, and nobody waits for those. */
static void test_blank_records(void **state)
{
	static const struct {
		const char *text;
		bool stays;
	} of[] = { { "\n\n\n\n", false }, { "", true }, { "\n{", true } };
	int root = root_of(state), all;
	struct ct_info a = { 0 };

	create(root, NULL, &a);
	state_forget(root, &a);
	ct_info_free(&a);
	all = dir_open_at(root, "containers", true);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		assert_int_equal(file_replace_at(all, "aaaaaaaaaaaa", of[i].text,
						 strlen(of[i].text), 0600, false),
				 0);
		assert_int_equal(state_gc(root, 0, NULL, NULL), 0);
		assert_int_equal(faccessat(all, "aaaaaaaaaaaa", F_OK, 0) == 0, of[i].stays);
	}
	unlinkat(all, "aaaaaaaaaaaa", 0);
	close(all);
	close(root);
}

static void test_suggestion(void **state)
{
	int root = root_of(state);
	struct ct_info a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;

	create(root, "frontend", &a);
	assert_int_equal(state_find(root, "fronted", &b, &e), -ENOENT);
	assert_non_null(strstr(e.hint, "frontend"));
	ct_info_free(&a);
	close(root);
}

static void test_rubbish_records(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"id\":\"../../../etc\"}",
		"{\"id\":\"aaaaaaaaaaaa\",\"name\":5}",
		"{\"id\":\"bbbbbbbbbbbb\",\"name\":\"x\",\"status\":\"running\"}",
		"{\"id\":\"aaaaaaaaaaaa\",\"name\":\"x\",\"status\":\"a status that is too long\"}",
		"{\"id\":\"aaaaaaaaaaaa\",\"name\":\"x\",\"status\":\"r\",\"command\":[1]}",
	};
	int root = root_of(state), all, n[2] = { 0, 0 };
	struct ct_info a = { 0 };
	struct err e = ERR_INIT;

	create(root, NULL, &a);
	state_forget(root, &a);
	ct_info_free(&a);
	all = dir_open_at(root, "containers", true);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(file_replace_at(all, "aaaaaaaaaaaa", texts[i], strlen(texts[i]),
						 0600, false),
				 0);
		assert_true(state_find(root, "aaaaaaaaaaaa", &a, &e) < 0);
		assert_int_equal(state_list(root, count_status, n, &e), 0);
		assert_int_equal(n[0] + n[1], 0);
	}
	close(all);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shorter_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_are_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(test_name_of_another_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_of_the_dead_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gc, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_pid_namespace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drop_of_the_locked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_blank_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_suggestion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rubbish_records, setup, teardown),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
