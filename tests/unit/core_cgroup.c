/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

#define MIB (1024 * 1024)

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

/* ---- the kernel ---- */

static char parent[64];

/* The group in the tree that holds processes and in that of a controller; "" if not there. */
static bool group_exists(const char *path, enum cg_controller c)
{
	struct cg_trees t;
	const struct cg_tree *tree;
	char full[PATH_MAX];
	bool there;

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	tree = cg_tree_of(&t, c);
	snprintf(full, sizeof(full), "%s/%s", tree ? tree->mount : "/nowhere", path);
	there = access(full, F_OK) == 0;
	cg_trees_free(&t);
	return there;
}

/* Our private parent is the administrator's for the code under test: removed here. */
static void remove_parent(void)
{
	struct cg_trees t;
	char full[PATH_MAX];

	assert_int_equal(cg_trees_load(&t, NULL), 0);
	for (size_t i = 0; i < t.n; i++) {
		snprintf(full, sizeof(full), "%s/%s", t.v[i].mount, parent);
		if (rmdir(full) < 0 && errno != ENOENT && errno != EROFS)
			fail_msg("%s: %s: groups were left", full, strerror(errno));
	}
	cg_trees_free(&t);
}

/* fork() into the group as the runner does it */
static pid_t spawn_in(struct cgroup *cg)
{
	struct clone_args a = { .exit_signal = SIGCHLD };
	pid_t pid;

	if (cg->v2_fd >= 0) {
		a.flags = CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cg->v2_fd;
	}
	pid = (pid_t)syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0 && cgroup_join(cg, NULL) < 0)
		_exit(99);
	return pid;
}

static void create(const char *id, const struct ct_limits *l, struct cgroup *cg)
{
	struct err e = ERR_INIT;
	int r = cgroup_create(parent, id, l, cg, &e);

	if (r == -ENOTSUP || (r == 0 && !cg->path[0])) {
		print_message("skipped: %s (%s)\n", e.msg, e.hint);
		skip();
	}
	if (r < 0)
		fail_msg("create: %s", e.msg);
}

static void drop(struct cgroup *cg)
{
	cgroup_close(cg);
	assert_int_equal(cgroup_remove(cg->path), 0);
	assert_false(group_exists(cg->path, CG_MEMORY));
	remove_parent();
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

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

static volatile uint32_t *counting_child(struct cgroup *cg, pid_t *pid)
{
	volatile uint32_t *n =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(n != MAP_FAILED);
	*pid = spawn_in(cg);
	if (*pid == 0)
		for (;;) {
			++*n;
			usleep(1000);
		}
	while (!*n)
		usleep(1000);
	return n;
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
	snprintf(sub, sizeof(sub), "%s/%s/a", cg_tree_of(&t, CG_PIDS)->mount, cg.path);
	assert_int_equal(mkdir(sub, 0755), 0);
	strcat(sub, "/b");
	assert_int_equal(mkdir(sub, 0755), 0);
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
	if (fd < 0)
		skip();
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
	if (WEXITSTATUS(status) == 77)
		skip();
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
	STEP(4, cgroup_gc(parent, is_kept, NULL) == 0);
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
		cmocka_unit_test(bad_names_are_refused),
	};
	const struct CMUnitTest kernel[] = {
		cmocka_unit_test(the_memory_limit_holds),
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
		cmocka_unit_test(a_host_with_v1_alone),
		cmocka_unit_test(a_host_whose_v2_tree_lacks_the_controller),
		cmocka_unit_test(a_host_with_read_only_groups),
		cmocka_unit_test(a_host_without_cgroups),
	};
	int failed = cmocka_run_group_tests_name("parsers", tests, NULL, NULL);

	snprintf(parent, sizeof(parent), "ctnet-test-%d", getpid());
	if (geteuid() == 0)
		failed += cmocka_run_group_tests_name("kernel", kernel, NULL, NULL);
	return failed;
}
