/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of a running group, changed and changed back, on the host that runs the tests. */
#include "tests/unit/cgroup_fixture.h"

#include "core/base/fd.h"

/* The directory of a controller's group; "" where it has none. */
static char *dir_of(const char *path, enum cg_controller c)
{
	static char full[PATH_MAX];
	struct cg_trees t;
	const struct cg_tree *tree;

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	tree = cg_tree_of(&t, c);
	snprintf(full, sizeof(full), "%s/%s", tree ? tree->mount : "/nowhere", path);
	cg_trees_free(&t);
	return full;
}

/* What the v1 file says, or the v2 one where that is the version. */
static char *value(const char *path, enum cg_controller c, const char *v1, const char *v2)
{
	static char text[256];
	char file[PATH_MAX + 64];
	char *read = NULL;

	snprintf(file, sizeof(file), "%s/%s", dir_of(path, c), v1);
	if (file_read_at(AT_FDCWD, file, 4096, &read, NULL) < 0) {
		snprintf(file, sizeof(file), "%s/%s", dir_of(path, c), v2);
		if (file_read_at(AT_FDCWD, file, 4096, &read, NULL) < 0)
			return strcpy(text, "(none)");
	}
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(read, "\n"), read);
	free(read);
	return text;
}

#define MEMORY(cg) value((cg)->path, CG_MEMORY, "memory.limit_in_bytes", "memory.max")
#define SWAP(cg)   value((cg)->path, CG_MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max")
#define PIDS(cg)   value((cg)->path, CG_PIDS, "pids.max", "pids.max")

static void update(struct cgroup *cg, const struct ct_limits *l)
{
	struct err e = ERR_INIT;

	if (cgroup_update(cg->path, l, &e) < 0)
		fail_msg("update: %s", e.msg);
}

static bool swap_is_counted(struct cgroup *cg)
{
	return strcmp(SWAP(cg), "(none)") != 0;
}

/* Up and down, in either of which v1 wants another order of its two files. */
static void memory_goes_up_and_down(void **state)
{
	struct ct_limits l = { .memory = 64 * MIB };
	struct cgroup cg;

	create("updown", &l, &cg);
	for (int i = 0; i < 4; i++) {
		char want[32];

		l = (struct ct_limits){ .memory = (i % 2 ? 32UL : 256UL) * MIB };
		update(&cg, &l);
		snprintf(want, sizeof(want), "%lu", (unsigned long)l.memory);
		assert_string_equal(MEMORY(&cg), want);
		/* and no swap besides, as at the start */
		if (swap_is_counted(&cg))
			assert_true(!strcmp(SWAP(&cg), want) || !strcmp(SWAP(&cg), "0"));
	}
	drop(&cg);
}

static void swap_besides_stays(void **state)
{
	struct ct_limits l = { .memory = 32 * MIB, .memory_swap = 48 * MIB };
	struct err e = ERR_INIT;
	struct cgroup cg;

	create("swap", &l, &cg);
	update(&cg, &(struct ct_limits){ .memory = 64 * MIB });
	assert_true(!strcmp(SWAP(&cg), "83886080") || !strcmp(SWAP(&cg), "16777216"));
	update(&cg, &(struct ct_limits){ .memory_swap = 65 * MIB });
	assert_true(!strcmp(SWAP(&cg), "68157440") || !strcmp(SWAP(&cg), "1048576"));
	assert_string_equal(MEMORY(&cg), "67108864");
	assert_int_equal(cgroup_update(cg.path, &(struct ct_limits){ .memory_swap = 63 * MIB }, &e),
			 -EINVAL);
	update(&cg, &(struct ct_limits){ .memory_swap = -1 });
	assert_true(!strcmp(SWAP(&cg), "9223372036854771712") || !strcmp(SWAP(&cg), "max"));
	update(&cg, &(struct ct_limits){ .memory = 16 * MIB });
	assert_true(!strcmp(SWAP(&cg), "9223372036854771712") || !strcmp(SWAP(&cg), "max"));
	drop(&cg);
}

/* The group of a limit that nobody asked for at the start; who runs goes there. */
static void a_missing_group_is_made_and_entered(void **state)
{
	struct ct_limits none = { 0 }, l = { .pids = 7, .cpuset_cpus = "0" };
	struct cgroup cg;
	char *procs = NULL;
	char file[PATH_MAX + 16];
	pid_t pid;
	volatile uint32_t *n;

	create("late", &none, &cg);
	n = counting_child(&cg, &pid);
	update(&cg, &l);
	assert_string_equal(PIDS(&cg), "7");
	snprintf(file, sizeof(file), "%s/cgroup.procs", dir_of(cg.path, CG_PIDS));
	assert_int_equal(file_read_at(AT_FDCWD, file, 4096, &procs, NULL), 0);
	assert_int_equal(strtol(procs, NULL, 10), pid);
	free(procs);
	assert_string_equal(value(cg.path, CG_CPUSET, "cpuset.cpus", "cpuset.cpus"), "0");
	update(&cg, &(struct ct_limits){ .pids = UINT32_MAX });
	assert_string_equal(PIDS(&cg), "max");
	cgroup_close(&cg);
	assert_int_equal(cgroup_remove(cg.path), 0);
	status_of(pid);
	munmap((void *)n, 4096);
	drop(&cg);
}

/* What comes first is changed back when something later is refused. */
static void a_failure_changes_back(void **state)
{
	struct ct_limits l = { .memory = 64 * MIB, .pids = 9, .cpu_shares = 512 };
	char bad[] = "cpu.shares=nonsense", bad2[] = "cpu.weight=nonsense";
	char *raw[] = { bad, NULL };
	struct ct_limits wrong = { .memory = 32 * MIB, .pids = 5, .raw = { raw, 1 } };
	struct err e = ERR_INIT;
	struct cgroup cg;
	char was[32];

	create("undo", &l, &cg);
	if (strcmp(value(cg.path, CG_CPU, "cpu.shares", ""), "(none)") == 0)
		raw[0] = bad2;
	snprintf(was, sizeof(was), "%s", SWAP(&cg));
	assert_int_equal(cgroup_update(cg.path, &wrong, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "--cgroup"));
	assert_string_equal(MEMORY(&cg), "67108864");
	assert_string_equal(SWAP(&cg), was);
	assert_string_equal(PIDS(&cg), "9");
	drop(&cg);
}

/* A group made for nothing goes again, and nobody is in it. */
static void a_failure_removes_what_it_made(void **state)
{
	struct ct_limits none = { 0 };
	struct ct_limits wrong = { .pids = 5, .cpuset_cpus = "8191" };
	struct err e = ERR_INIT;
	struct cgroup cg;
	volatile uint32_t *n;
	pid_t pid;

	create("unmade", &none, &cg);
	if (group_exists(cg.path, CG_CPUSET)) {
		drop(&cg);
		print_message("skipped: one group has all controllers: nothing is made\n");
		skip();
	}
	n = counting_child(&cg, &pid);
	assert_true(cgroup_update(cg.path, &wrong, &e) < 0);
	assert_false(group_exists(cg.path, CG_PIDS));
	assert_false(group_exists(cg.path, CG_CPUSET));
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	cgroup_close(&cg);
	assert_int_equal(cgroup_remove(cg.path), 0);
	status_of(pid);
	munmap((void *)n, 4096);
	drop(&cg);
}

/*
 * A process of real time cannot enter a v1 cpu group that has no such time: by then
 * others were moved, and must be back.
 */
static void who_was_moved_goes_back(void **state)
{
	struct ct_limits none = { 0 }, l = { .pids = 5, .cpus_milli = 500 };
	struct sched_param p = { .sched_priority = 1 };
	struct err e = ERR_INIT;
	volatile uint32_t *n, *m;
	struct cgroup cg;
	pid_t first, second;
	int r;

	create("moved", &none, &cg);
	n = counting_child(&cg, &first);
	m = counting_child(&cg, &second);
	r = sched_setscheduler(second, SCHED_FIFO, &p) == 0 ? cgroup_update(cg.path, &l, &e) : 1;
	if (r < 0) {
		assert_non_null(strstr(e.msg, "--cpus: move the processes"));
		assert_false(group_exists(cg.path, CG_PIDS));
		assert_false(group_exists(cg.path, CG_CPU));
		assert_int_equal(waitpid(first, NULL, WNOHANG), 0);
		assert_int_equal(waitpid(second, NULL, WNOHANG), 0);
	} else {
		print_message("          %s\n",
			      r ? "real time is not to be had" : "real time may go anywhere here");
	}
	cgroup_close(&cg);
	assert_int_equal(cgroup_remove(cg.path), 0);
	status_of(first);
	status_of(second);
	munmap((void *)n, 4096);
	munmap((void *)m, 4096);
	drop(&cg);
}

static void what_is_gone_or_never_was(void **state)
{
	struct ct_limits l = { .pids = 5 };
	char path[96];

	snprintf(path, sizeof(path), "%s/ctnet/nobody", parent);
	assert_int_equal(cgroup_update(path, &l, NULL), -ENOENT);
	assert_int_equal(cgroup_update("", &l, NULL), -ENOTSUP);
	assert_false(group_exists(path, CG_PIDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_goes_up_and_down),
		cmocka_unit_test(swap_besides_stays),
		cmocka_unit_test(a_missing_group_is_made_and_entered),
		cmocka_unit_test(a_failure_changes_back),
		cmocka_unit_test(a_failure_removes_what_it_made),
		cmocka_unit_test(who_was_moved_goes_back),
		cmocka_unit_test(what_is_gone_or_never_was),
	};

	if (geteuid() != 0)
		return 77;
	snprintf(parent, sizeof(parent), "ctnet-test-%d", getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
