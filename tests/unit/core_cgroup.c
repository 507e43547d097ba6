/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups on the host that runs the tests; what it lacks is skipped. */
#include "tests/unit/cgroup_fixture.h"

#include <poll.h>

static void the_memory_limit_holds(void **state)
{
	struct ct_limits l = { .memory = 32 * MIB };
	struct cgroup cg;
	int status;
	pid_t pid;

	create("memory", &l, &cg);
	pid = spawn_in(&cg);
	if (pid == 0) {
		char *p = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (size_t i = 0; p != MAP_FAILED && i < 128 * MIB; i += 4096)
			p[i] = 1;
		_exit(7);
	}
	status = status_of(pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	drop(&cg);
}

/* Takes more memory than it may, and is killed for it. */
static void overdraw(struct cgroup *cg)
{
	pid_t pid = spawn_in(cg);

	if (pid == 0) {
		char *p = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (size_t i = 0; p != MAP_FAILED && i < 128 * MIB; i += 4096)
			p[i] = 1;
		_exit(7);
	}
	assert_int_equal(WTERMSIG(status_of(pid)), SIGKILL);
}

static void a_kill_for_want_of_memory_is_told(void **state)
{
	struct ct_limits l = { .memory = 32 * MIB }, none = { 0 };
	struct err e = ERR_INIT;
	struct pollfd p = { .events = POLLIN };
	struct cgroup_stats s;
	struct cgroup cg;

	create("oom", &l, &cg);
	p.fd = cgroup_oom_fd(cg.path);
	assert_true(p.fd >= 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(cgroup_stats(cg.path, &s, &e), 0);
	assert_int_equal(s.oom_kills, 0);
	overdraw(&cg);
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(cgroup_stats(cg.path, &s, &e), 0);
	assert_int_equal(s.oom_kills, 1);
	assert_int_equal(s.memory_limit, 32 * MIB);
	if (s.memory_peak != UINT64_MAX) /* v2 has it since 5.19 */
		assert_in_range(s.memory_peak, 30 * MIB, 32 * MIB);
	close(p.fd);
	drop(&cg);
	assert_int_equal(cgroup_stats(cg.path, &s, &e), -ENOENT);
	create("free", &none, &cg);
	assert_true(cgroup_oom_fd(cg.path) < 0 || group_exists(cg.path, CG_MEMORY));
	drop(&cg);
	assert_int_equal(cgroup_oom_fd(""), -ENOTSUP);
}

/* Nothing limits it, and yet all is known of it. */
static void what_is_counted_without_limits(void **state)
{
	struct ct_limits l = { .accounting = true };
	struct cgroup_stats s;
	struct cgroup cg;
	bool counted;
	pid_t pid;
	int r;

	create("counted", &l, &cg);
	pid = spawn_in(&cg);
	if (pid == 0) {
		char *p = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (size_t i = 0;; i = (i + 4096) % (8 * MIB))
			p[i]++;
	}
	usleep(200000);
	r = cgroup_stats(cg.path, &s, NULL);
	counted = group_exists(cg.path, CG_PIDS);
	cgroup_close(&cg);
	assert_int_equal(cgroup_remove(cg.path), 0); /* first of all: it would spin on */
	status_of(pid);
	drop(&cg);
	assert_int_equal(r, 0);
	assert_in_range(s.cpu_ns, 1000000, 400000000);
	if (!counted)
		return;
	assert_int_equal(s.pids, 1);
	assert_int_equal(s.pids_limit, UINT64_MAX);
	assert_in_range(s.memory, 1, 64 * MIB);
	assert_int_equal(s.memory_limit, UINT64_MAX);
	assert_int_equal(s.oom_kills, 0);
}

static void the_pids_limit_holds(void **state)
{
	struct ct_limits l = { .pids = 5 };
	struct cgroup cg;
	int status;
	pid_t pid;

	create("pids", &l, &cg);
	pid = spawn_in(&cg);
	if (pid == 0) {
		int n = 1;

		for (; n < 100; n++) {
			pid_t p = fork();

			if (p < 0)
				_exit(errno == EAGAIN ? n : 98);
			if (p == 0)
				for (;;)
					pause();
		}
		_exit(n);
	}
	status = status_of(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 5);
	drop(&cg); /* kills the four that wait */
}

static int64_t cpu_time_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static void the_cpu_limit_holds(void **state)
{
	struct ct_limits l = { .cpus_milli = 200 };
	int64_t before = cpu_time_us(), used;
	struct cgroup cg;
	pid_t pid;

	create("cpu", &l, &cg);
	pid = spawn_in(&cg);
	if (pid == 0)
		for (;;)
			;
	usleep(2000000);
	kill(pid, SIGKILL);
	status_of(pid);
	used = cpu_time_us() - before;
	print_message("          2 s at 0.2 CPUs: %lld ms\n", (long long)used / 1000);
	/* at most 10 % more; less when the machine is busy */
	assert_in_range(used, 50000, 440000);
	drop(&cg);
}

static void small_cpu_shares_are_accepted(void **state)
{
	for (uint32_t milli = 1; milli <= 64000; milli = milli * 3 + 1) {
		struct ct_limits l = { .cpus_milli = milli };
		struct cgroup cg;

		create("cpu", &l, &cg);
		drop(&cg);
	}
}

static void freezing_stops_and_thawing_resumes(void **state)
{
	struct ct_limits none = { 0 };
	volatile uint32_t *n;
	struct cgroup cg;
	uint32_t seen;
	pid_t pid;

	create("freeze", &none, &cg);
	n = counting_child(&cg, &pid);
	assert_int_equal(cgroup_freeze(cg.path, true), 0);
	seen = *n;
	usleep(50000);
	assert_int_equal(*n, seen);
	assert_int_equal(cgroup_freeze(cg.path, true), 0); /* again: no wait */
	assert_int_equal(cgroup_freeze(cg.path, false), 0);
	for (int i = 0; i < 1000 && *n == seen; i++)
		usleep(1000);
	assert_true(*n > seen);
	/* a frozen container dies too */
	assert_int_equal(cgroup_freeze(cg.path, true), 0);
	assert_int_equal(cgroup_remove(cg.path), 0);
	assert_int_equal(WTERMSIG(status_of(pid)), SIGKILL);
	assert_int_equal(cgroup_freeze(cg.path, true), -ENOENT);
	assert_int_equal(cgroup_freeze("", true), -ENOTSUP);
	munmap((void *)n, 4096);
	drop(&cg);
}

static void removal_kills_a_fork_bomb_and_nested_groups(void **state)
{
	struct ct_limits l = { .pids = 40 };
	struct cg_trees t;
	struct cgroup cg;
	char sub[PATH_MAX];
	pid_t pid;

	create("bomb", &l, &cg);
	assert_int_equal(cg_trees_load(&t, NULL), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(sub, sizeof(sub), "%s/%s%s", cg_tree_of(&t, CG_PIDS)->mount, cg.path,
			 i ? "/a/b" : "/a");
		assert_int_equal(mkdir(sub, 0755), 0);
	}
	cg_trees_free(&t);
	pid = spawn_in(&cg);
	if (pid == 0)
		for (;;)
			if (fork() < 0)
				usleep(100);
	usleep(50000);
	assert_int_equal(cgroup_remove(cg.path), 0);
	status_of(pid);
	drop(&cg);
}

static void removal_accepts_half_and_nothing(void **state)
{
	struct ct_limits l = { .memory = 64 * MIB, .pids = 9 };
	struct cg_trees t;
	struct cgroup cg;
	char full[PATH_MAX];

	create("half", &l, &cg);
	assert_int_equal(cg_trees_load(&t, NULL), 0);
	snprintf(full, sizeof(full), "%s/%s", cg_tree_of(&t, CG_PIDS)->mount, cg.path);
	cg_trees_free(&t);
	assert_int_equal(rmdir(full), 0);
	assert_int_equal(cgroup_remove(cg.path), 0);
	assert_int_equal(cgroup_remove(cg.path), 0);
	drop(&cg);
}

static void nobody_is_born_into_a_killed_group(void **state)
{
	struct ct_limits none = { 0 };
	struct cgroup cg, again;
	int fd;
	pid_t pid;

	create("killed", &none, &cg);
	fd = cg.v2_fd < 0 ? -1 : openat(cg.v2_fd, "cgroup.kill", O_WRONLY);
	if (fd < 0) {
		drop(&cg);
		skip();
	}
	assert_int_equal(write(fd, "1", 1), 1);
	close(fd);
	create("killed", &none, &again);
	pid = spawn_in(&again);
	if (pid == 0)
		_exit(3);
	assert_int_equal(WEXITSTATUS(status_of(pid)), 3);
	cgroup_close(&cg);
	drop(&again);
}

static void another_process_can_join_later(void **state)
{
	struct ct_limits l = { .memory = 64 * MIB, .pids = 1 };
	struct cgroup cg, later;
	struct err e = ERR_INIT;
	pid_t pid;

	create("exec", &l, &cg);
	assert_int_equal(cgroup_open(cg.path, &later, &e), 0);
	assert_int_equal(later.n_tasks, cg.n_tasks);
	assert_int_equal(later.v2_fd >= 0, cg.v2_fd >= 0);
	pid = spawn_in(&later);
	if (pid == 0)
		_exit(fork() < 0 ? 4 : 5); /* the limit counts */
	assert_int_equal(WEXITSTATUS(status_of(pid)), 4);
	cgroup_close(&later);
	drop(&cg);
	assert_int_equal(cgroup_open(cg.path, &later, &e), -ENOENT);
	assert_int_equal(cgroup_open("", &later, &e), 0);
}

/* "ctnet" comes and goes under the hands of the others */
static void creators_at_once_do_not_disturb_each_other(void **state)
{
	struct ct_limits none = { 0 };
	struct cgroup cg;
	pid_t pids[6];

	create("first", &none, &cg); /* or skip */
	drop(&cg);
	for (int i = 0; i < 6; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (int k = 0; k < 50; k++) {
			char id[32];

			snprintf(id, sizeof(id), "c%d-%d", i, k);
			if (cgroup_create(parent, id, &none, &cg, NULL) < 0)
				_exit(1);
			cgroup_close(&cg);
			if (cgroup_remove(cg.path) < 0)
				_exit(2);
		}
		_exit(0);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(status_of(pids[i]), 0);
	remove_parent();
}

static bool is_kept(const char *id, void *ctx)
{
	return strcmp(id, ctx) == 0;
}

static void make_old(const struct cgroup *cg)
{
	struct timespec t[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct cg_trees trees;
	char full[PATH_MAX];

	assert_int_equal(cg_trees_load(&trees, NULL), 0);
	for (size_t i = 0; i < trees.n; i++) {
		snprintf(full, sizeof(full), "%s/%s", trees.v[i].mount, cg->path);
		utimensat(AT_FDCWD, full, t, 0);
	}
	cg_trees_free(&trees);
}

static void the_sweep_takes_only_old_empty_unknown_groups(void **state)
{
	struct ct_limits l = { .memory = 64 * MIB };
	struct cgroup known, old, young, busy;
	pid_t pid;

	create("known", &l, &known);
	create("old", &l, &old);
	create("young", &l, &young);
	create("busy", &l, &busy);
	pid = spawn_in(&busy);
	if (pid == 0)
		for (;;)
			pause();
	usleep(20000);
	make_old(&known);
	make_old(&old);
	make_old(&busy);
	assert_int_equal(cgroup_gc(parent, is_kept, (void *)"known"), 0);
	assert_true(group_exists(known.path, CG_MEMORY));
	assert_false(group_exists(old.path, CG_MEMORY));
	assert_false(group_exists(old.path, CG_PIDS));
	assert_true(group_exists(young.path, CG_MEMORY));
	assert_true(group_exists(busy.path, CG_MEMORY));
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	cgroup_close(&old);
	cgroup_close(&known);
	assert_int_equal(cgroup_remove(known.path), 0);
	cgroup_close(&busy);
	assert_int_equal(cgroup_remove(busy.path), 0);
	status_of(pid);
	drop(&young);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_memory_limit_holds),
		cmocka_unit_test(a_kill_for_want_of_memory_is_told),
		cmocka_unit_test(what_is_counted_without_limits),
		cmocka_unit_test(the_pids_limit_holds),
		cmocka_unit_test(the_cpu_limit_holds),
		cmocka_unit_test(small_cpu_shares_are_accepted),
		cmocka_unit_test(freezing_stops_and_thawing_resumes),
		cmocka_unit_test(removal_kills_a_fork_bomb_and_nested_groups),
		cmocka_unit_test(removal_accepts_half_and_nothing),
		cmocka_unit_test(nobody_is_born_into_a_killed_group),
		cmocka_unit_test(another_process_can_join_later),
		cmocka_unit_test(creators_at_once_do_not_disturb_each_other),
		cmocka_unit_test(the_sweep_takes_only_old_empty_unknown_groups),
	};

	if (geteuid() != 0)
		return 77;
	snprintf(parent, sizeof(parent), "ctnet-test-%d", getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
