/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts of every shape: as the text of a mountinfo, and made out of this one
 * by unmounting in a mount namespace.
 */
#include "core/base/fd.h"
#include "tests/unit/cgroup_fixture.h"

/* ---- hierarchies in the text of a mountinfo ---- */

static const char pure_v2[] =
	"22 27 0:21 / /proc rw,nosuid - proc proc rw\n"
	"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

static const char hybrid[] =
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"37 31 0:34 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
	"38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n"
	"40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
	/* a container's view of one of them, seen from the host */
	"90 31 0:32 /docker/1 /mnt/ct/sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";

static const char pure_v1[] =
	"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	"33 31 0:32 /docker/1 /c/memory rw - cgroup cgroup rw,memory\n"
	"34 31 0:34 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
	"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"36 31 0:40 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls,net_prio\n";

static char *trees_of(const char *text, struct cg_trees *t)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_int_equal(cg_trees_parse(copy, t), 0);
	return copy;
}

static void v2_alone_has_every_controller(void **state)
{
	struct cg_trees t;
	char *copy = trees_of(pure_v2, &t);

	assert_int_equal(t.n, 1);
	assert_string_equal(cg_tree_v2(&t)->mount, "/sys/fs/cgroup");
	assert_ptr_equal(cg_tree_of(&t, CG_MEMORY), cg_tree_v2(&t));
	assert_ptr_equal(cg_tree_of(&t, CG_IO), cg_tree_v2(&t));
	assert_null(cg_tree_of(&t, CG_FREEZER));
	free(copy);
}

static void hybrid_has_controllers_in_v1(void **state)
{
	struct cg_trees t;
	char *copy = trees_of(hybrid, &t);

	assert_int_equal(t.n, 5);
	assert_string_equal(cg_tree_v2(&t)->mount, "/sys/fs/cgroup/unified");
	assert_string_equal(cg_tree_of(&t, CG_MEMORY)->mount, "/sys/fs/cgroup/memory");
	assert_string_equal(cg_tree_of(&t, CG_CPUACCT)->mount, "/sys/fs/cgroup/cpu,cpuacct");
	assert_ptr_equal(cg_tree_of(&t, CG_CPU), cg_tree_of(&t, CG_CPUACCT));
	assert_string_equal(cg_tree_of(&t, CG_IO)->mount, "/sys/fs/cgroup/blkio");
	/* not mounted as v1: the v2 tree may have it */
	assert_ptr_equal(cg_tree_of(&t, CG_PIDS), cg_tree_v2(&t));
	free(copy);
}

static void v1_prefers_the_mount_of_the_whole(void **state)
{
	struct cg_trees t;
	char *copy = trees_of(pure_v1, &t);

	assert_int_equal(t.n, 3);
	assert_null(cg_tree_v2(&t));
	assert_string_equal(cg_tree_of(&t, CG_MEMORY)->mount, "/sys/fs/cgroup/memory");
	assert_string_equal(cg_tree_of(&t, CG_FREEZER)->mount, "/sys/fs/cgroup/freezer");
	assert_null(cg_tree_of(&t, CG_PIDS));
	free(copy);
}

static void a_malformed_table_is_refused(void **state)
{
	struct cg_trees t = { .n = 7 };
	char text[] = "22 27 0:21 / /proc rw,nosuid - proc proc rw\nrubbish\n";

	assert_int_equal(cg_trees_parse(text, &t), -EBADMSG);
	assert_int_equal(t.n, 7);
}

static void too_many_hierarchies_are_refused(void **state)
{
	struct cg_trees t;
	char text[CG_TREES_MAX * 100] = "";

	for (int i = 0; i <= CG_TREES_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%d 1 0:%d / /c%d rw - cgroup2 cgroup2 rw\n", i + 2, i + 2, i);
	assert_int_equal(cg_trees_parse(text, &t), -E2BIG);
}

static void nothing_is_where_it_is_not_mounted(void **state)
{
	static const char *const texts[] = {
		"4:memory,nothing:/\n0::/\n",
		"4:memory,../x:/\n0::/\n",
		"4:pids",
		"memory:/a\n4",
	};
	struct cg_trees t = { .n = 7 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(cg_trees_at_usual_places(texts[i], &t));
	assert_int_equal(t.n, 7);
}

/* Where they are expected are the same ones as the mount table has. */
static void usual_places_are_those_of_the_table(void **state)
{
	struct cg_trees usual, table;
	char *text = NULL, *mounts = NULL;

	assert_true(file_read_at(AT_FDCWD, "/proc/self/cgroup", 1 << 16, &text, NULL) >= 0);
	assert_true(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &mounts, NULL) >= 0);
	assert_int_equal(cg_trees_parse(mounts, &table), 0);
	if (!cg_trees_at_usual_places(text, &usual)) {
		print_message("skipped: cgroups are mounted elsewhere\n");
		skip();
	}
	assert_int_equal(usual.n, table.n);
	for (unsigned c = 0; c < CG_N_CONTROLLERS; c++) {
		const struct cg_tree *u = cg_tree_of(&usual, c), *m = cg_tree_of(&table, c);

		assert_int_equal(!u, !m);
		if (!u || !m)
			continue;
		assert_string_equal(u->mount, m->mount);
		assert_ptr_equal(u->ops, m->ops);
		assert_int_equal(u->controllers, m->controllers);
	}
	cg_trees_free(&usual);
	free(mounts);
	free(text);
}

static void bad_names_are_refused(void **state)
{
	static const char *const parents[] = { "..", "a/../b", ".", "a//b", "a/", "./a" };
	static const char *const ids[] = { "", ".", "..", "a/b", "../x", "-x" };
	struct ct_limits none = { 0 };
	struct cgroup cg = CGROUP_INIT;

	for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(cgroup_create(parents[i], "x", &none, &cg, &e), -EINVAL);
		assert_non_null(strstr(e.msg, parents[i]));
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		assert_int_equal(cgroup_create(NULL, ids[i], &none, &cg, NULL), -EINVAL);
	/* nothing but a group of ours is ever removed */
	assert_int_equal(cgroup_remove("system.slice"), -EINVAL);
	assert_int_equal(cgroup_remove("system.slice/x"), -EINVAL);
	assert_int_equal(cgroup_remove("notctnet/x"), -EINVAL);
	assert_int_equal(cgroup_remove(""), 0);
}

/* ---- other hosts, made in a mount namespace of a child ---- */

/* Runs fn there; it returns 0, or a line number for the message. */
static void on_another_host(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			_exit(77);
		_exit(fn());
	}
	status = status_of(pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: may not mount\n");
		skip();
	}
	if (WEXITSTATUS(status))
		fail_msg("step %d failed", WEXITSTATUS(status));
	remove_parent();
}

#define STEP(n, ok)               \
	do {                      \
		if (!(ok))        \
			return n; \
	} while (0)

/* Unmounts the hierarchies of one version. */
static int unmount_all(const struct cg_ops *ops)
{
	struct cg_trees t;
	size_t left = 0;

	if (cg_trees_load(&t, NULL) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].ops != ops)
			left++;
		else if (umount2(t.v[i].mount, MNT_DETACH) < 0)
			return -1;
	cg_trees_free(&t);
	return left ? 0 : -1;
}

static int v1_alone(void)
{
	struct ct_limits l = { .memory = 64 * MIB, .pids = 30 };
	struct cgroup cg;
	volatile uint32_t *n;
	uint32_t seen;
	pid_t pid;

	STEP(77, unmount_all(&cg_v2) == 0);
	STEP(1, cgroup_create(parent, "v1", &l, &cg, NULL) == 0);
	STEP(2, cg.v2_fd < 0 && cg.n_tasks >= 2 && group_exists(cg.path, CG_FREEZER));
	n = counting_child(&cg, &pid);
	STEP(3, cgroup_freeze(cg.path, true) == 0);
	seen = *n;
	usleep(50000);
	STEP(4, *n == seen);
	STEP(5, cgroup_freeze(cg.path, false) == 0);
	usleep(50000);
	STEP(6, *n > seen);
	STEP(7, cgroup_freeze(cg.path, true) == 0);
	STEP(8, cgroup_remove(cg.path) == 0); /* kills what is frozen */
	STEP(9, WTERMSIG(status_of(pid)) == SIGKILL);
	STEP(10, !group_exists(cg.path, CG_FREEZER) && !group_exists(cg.path, CG_PIDS));
	cgroup_close(&cg);
	STEP(11, cgroup_create(parent, "v1", &l, &cg, NULL) == 0);
	pid = spawn_in(&cg);
	if (pid == 0)
		for (;;)
			if (fork() < 0)
				usleep(100);
	usleep(50000);
	STEP(12, cgroup_remove(cg.path) == 0);
	STEP(13, WTERMSIG(status_of(pid)) == SIGKILL);
	cgroup_close(&cg);
	return 0;
}

static void a_host_with_v1_alone(void **state)
{
	on_another_host(v1_alone);
}

static int v2_empty(void)
{
	struct ct_limits none = { 0 }, l = { .memory = 64 * MIB };
	struct err e = ERR_INIT;
	struct cgroup cg;

	STEP(77, unmount_all(&cg_v1) == 0);
	STEP(1, cgroup_create(parent, "v2", &none, &cg, NULL) == 0);
	STEP(2, cg.v2_fd >= 0 && cg.n_tasks == 0);
	cgroup_close(&cg);
	STEP(3, cgroup_remove(cg.path) == 0);
	if (cgroup_create(parent, "v2", &l, &cg, &e) == 0) { /* it has the controller */
		cgroup_close(&cg);
		return cgroup_remove(cg.path) < 0 ? 4 : 0;
	}
	STEP(5, e.num == -ENOTSUP && strstr(e.msg, "+memory") && e.hint[0]);
	STEP(6, !group_exists(cg.path, CG_MEMORY));
	return 0;
}

static void a_host_whose_v2_tree_lacks_the_controller(void **state)
{
	on_another_host(v2_empty);
}

static int read_only(void)
{
	struct ct_limits none = { 0 }, l = { .pids = 9 };
	struct err e = ERR_INIT;
	struct cg_trees t;
	struct cgroup cg;

	STEP(77, cg_trees_load(&t, NULL) == 0);
	for (size_t i = 0; i < t.n; i++)
		STEP(77,
		     mount(NULL, t.v[i].mount, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	STEP(1, cgroup_create(parent, "ro", &none, &cg, &e) == 0);
	STEP(2, cg.path[0] == '\0' && cg.v2_fd < 0 && cg.n_tasks == 0);
	STEP(3, cgroup_remove(cg.path) == 0);
	STEP(4, cgroup_create(parent, "ro", &l, &cg, &e) == -ENOTSUP);
	STEP(5, strstr(e.msg, "--pids") && strstr(e.msg, "Read-only") && e.hint[0]);
	STEP(6, cgroup_remove("ctnet/nothing") == 0);
	return 0;
}

static void a_host_with_read_only_groups(void **state)
{
	on_another_host(read_only);
}

static bool none_alive(const char *id, void *ctx)
{
	return false;
}

static int nothing_mounted(void)
{
	struct ct_limits none = { 0 }, l = { .cpus_milli = 500 };
	struct err e = ERR_INIT;
	struct cgroup cg;

	unmount_all(&cg_v1);
	unmount_all(&cg_v2);
	STEP(1, cgroup_create(parent, "x", &none, &cg, &e) == 0 && !cg.path[0]);
	STEP(2, cgroup_create(parent, "x", &l, &cg, &e) == -ENOTSUP);
	STEP(3, strstr(e.msg, "--cpus: the cpu controller is mounted nowhere") && e.hint[0]);
	STEP(4, cgroup_gc(parent, none_alive, NULL) == 0);
	return 0;
}

static void a_host_without_cgroups(void **state)
{
	on_another_host(nothing_mounted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_alone_has_every_controller),
		cmocka_unit_test(hybrid_has_controllers_in_v1),
		cmocka_unit_test(v1_prefers_the_mount_of_the_whole),
		cmocka_unit_test(a_malformed_table_is_refused),
		cmocka_unit_test(too_many_hierarchies_are_refused),
		cmocka_unit_test(nothing_is_where_it_is_not_mounted),
		cmocka_unit_test(usual_places_are_those_of_the_table),
		cmocka_unit_test(bad_names_are_refused),
		cmocka_unit_test(a_host_with_v1_alone),
		cmocka_unit_test(a_host_whose_v2_tree_lacks_the_controller),
		cmocka_unit_test(a_host_with_read_only_groups),
		cmocka_unit_test(a_host_without_cgroups),
	};

	snprintf(parent, sizeof(parent), "ctnet-test-%d", getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
