/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written where, for every limit, on hosts of each shape: as a list, and into
 * directories that look like groups. No kernel is behind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/cgroup_devices.h"
#include "core/cgroup_settings.h"
#include "core/cgroup_stats.h"
#include "core/spec.h"

static const char pure_v2[] = "30 23 0:26 / /2 rw - cgroup2 cgroup2 rw\n";

static const char hybrid[] = "32 31 0:29 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
			     "33 31 0:30 / /cpuset rw - cgroup cgroup rw,cpuset\n"
			     "35 31 0:32 / /memory rw - cgroup cgroup rw,memory\n"
			     "36 31 0:33 / /devices rw - cgroup cgroup rw,devices\n"
			     "38 31 0:35 / /blkio rw - cgroup cgroup rw,blkio\n"
			     "39 31 0:36 / /pids rw - cgroup cgroup rw,pids\n"
			     "41 31 0:38 / /2 rw - cgroup2 cgroup2 rw\n";

static const char pure_v1[] = "32 31 0:29 / /cpu rw - cgroup cgroup rw,cpu\n"
			      "35 31 0:32 / /memory rw - cgroup cgroup rw,memory\n"
			      "36 31 0:33 / /hugetlb rw - cgroup cgroup rw,hugetlb\n"
			      "37 31 0:34 / /freezer rw - cgroup cgroup rw,freezer\n"
			      "38 31 0:35 / /blkio rw - cgroup cgroup rw,blkio\n";

static char *trees_of(const char *text, struct cg_trees *t)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_int_equal(cg_trees_parse(copy, t), 0);
	return copy;
}

/* "/memory/memory.limit_in_bytes=64; ..." of a host, or "error: ..." */
static char *written(const char *host, const struct ct_limits *l)
{
	static char text[2048];
	struct cg_settings s = CG_SETTINGS_INIT;
	struct err e = ERR_INIT;
	struct cg_trees t;
	char *copy = trees_of(host, &t);
	size_t len = 0;

	text[0] = '\0';
	if (cg_settings_make(&t, l, &s, &e) < 0)
		snprintf(text, sizeof(text), "error: %s", e.msg);
	for (size_t i = 0; i < s.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s/%s=%s", i ? "; " : "",
					s.v[i].tree->mount, s.v[i].file, s.v[i].text);
	cg_settings_free(&s);
	free(copy);
	return text;
}

#define LIST(...)                                                          \
	{                                                                  \
		(char *[]){ __VA_ARGS__, NULL },                           \
			sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *) \
	}

static void every_limit_on_every_host(void **state)
{
	const struct {
		struct ct_limits l;
		const char *v2, *v1; /* v1: of the hybrid host */
	} cases[] = {
		{ { .memory = 64 },
		  "/2/memory.max=64; /2/memory.swap.max=0",
		  "/memory/memory.limit_in_bytes=64; /memory/memory.memsw.limit_in_bytes=64" },
		{ { .memory = 64, .memory_swap = 100 },
		  "/2/memory.max=64; /2/memory.swap.max=36",
		  "/memory/memory.limit_in_bytes=64; /memory/memory.memsw.limit_in_bytes=100" },
		{ { .memory = 64, .memory_swap = -1 },
		  "/2/memory.max=64; /2/memory.swap.max=max",
		  "/memory/memory.limit_in_bytes=64; /memory/memory.memsw.limit_in_bytes=-1" },
		{ { .memory_reservation = 5 },
		  "/2/memory.low=5",
		  "/memory/memory.soft_limit_in_bytes=5" },
		{ { .oom_kill_disable = true },
		  "error: --oom-kill-disable: version 2 of control groups has no such limit",
		  "/memory/memory.oom_control=1" },
		{ { .cpus_milli = 200 },
		  "/2/cpu.max=20000 100000",
		  "/cpu/cpu.cfs_period_us=100000; /cpu/cpu.cfs_quota_us=20000" },
		{ { .cpus_milli = 5 },
		  "/2/cpu.max=5000 1000000",
		  "/cpu/cpu.cfs_period_us=1000000; /cpu/cpu.cfs_quota_us=5000" },
		{ { .cpu_shares = 1024 }, "/2/cpu.weight=39", "/cpu/cpu.shares=1024" },
		{ { .cpu_shares = 2 }, "/2/cpu.weight=1", "/cpu/cpu.shares=2" },
		{ { .cpu_shares = 262144 }, "/2/cpu.weight=10000", "/cpu/cpu.shares=262144" },
		{ { .cpuset_cpus = "0-3,5" }, "/2/cpuset.cpus=0-3,5", "/cpuset/cpuset.cpus=0-3,5" },
		{ { .cpuset_mems = "0" }, "/2/cpuset.mems=0", "/cpuset/cpuset.mems=0" },
		{ { .pids = 20 }, "/2/pids.max=20", "/pids/pids.max=20" },
		{ { .pids = UINT32_MAX }, "/2/pids.max=max", "/pids/pids.max=max" },
		{ { .io_weight = 1000 },
		  "/2/io.bfq.weight=1000; /2/io.weight=10000",
		  "/blkio/blkio.weight=1000; /blkio/blkio.bfq.weight=1000" },
		{ { .io_weight = 1 },
		  "/2/io.bfq.weight=1; /2/io.weight=1",
		  "/blkio/blkio.weight=1; /blkio/blkio.bfq.weight=1" },
		{ { .io_max =
			    LIST((char *)"8:16:rbps=1mb,wiops=7", (char *)"8:0:wbps=1K,riops=2") },
		  "/2/io.max=8:16 rbps=1048576; /2/io.max=8:16 wiops=7; "
		  "/2/io.max=8:0 wbps=1024; /2/io.max=8:0 riops=2",
		  "/blkio/blkio.throttle.read_bps_device=8:16 1048576; "
		  "/blkio/blkio.throttle.write_iops_device=8:16 7; "
		  "/blkio/blkio.throttle.write_bps_device=8:0 1024; "
		  "/blkio/blkio.throttle.read_iops_device=8:0 2" },
		{ { .hugetlb = LIST((char *)"2M=64M", (char *)"1GB=1G", (char *)"64K=1M") },
		  "/2/hugetlb.2MB.max=67108864; /2/hugetlb.1GB.max=1073741824; "
		  "/2/hugetlb.64KB.max=1048576",
		  /* that one is where v1 has not mounted it */
		  "/2/hugetlb.2MB.max=67108864; /2/hugetlb.1GB.max=1073741824; "
		  "/2/hugetlb.64KB.max=1048576" },
		{ { .raw = LIST((char *)"memory.high=9", (char *)"io.latency=8:0 target=1",
				(char *)"cgroup.max.depth=3") },
		  "/2/memory.high=9; /2/io.latency=8:0 target=1; /2/cgroup.max.depth=3",
		  "/memory/memory.high=9; /blkio/io.latency=8:0 target=1; "
		  "/2/cgroup.max.depth=3" },
		{ { .memory_swap = 9 },
		  "error: --memory-swap: memory and swap together are limited only where memory is",
		  "error: --memory-swap: memory and swap together are limited only where memory "
		  "is" },
		{ { 0 }, "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(written(pure_v2, &cases[i].l), cases[i].v2);
		assert_string_equal(written(hybrid, &cases[i].l), cases[i].v1);
	}
}

static void v1_alone_has_its_own_names_or_lacks(void **state)
{
	struct ct_limits huge = { .hugetlb = LIST((char *)"2M=64M") }, pids = { .pids = 4 };
	struct ct_limits raw = { .raw = LIST((char *)"cgroup.max.depth=1") };

	assert_string_equal(written(pure_v1, &huge),
			    "/hugetlb/hugetlb.2MB.limit_in_bytes=67108864");
	assert_string_equal(written(pure_v1, &pids),
			    "error: --pids: the pids controller is mounted nowhere");
	assert_string_equal(
		written(pure_v1, &raw),
		"error: --cgroup: cgroup.max.depth: version 2, cgroup is mounted nowhere");
}

/* Of two ways to say a weight the kernel has one. */
static void a_weight_is_written_once(void **state)
{
	struct ct_limits l = { .io_weight = 505 };
	struct cg_settings s = CG_SETTINGS_INIT;
	struct err e = ERR_INIT;
	struct cg_trees t;
	char *copy = trees_of(hybrid, &t), dir[] = "/tmp/ct-unit-XXXXXX", *text = NULL;
	const struct cg_tree *io = cg_tree_of(&t, CG_IO);
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(cg_settings_make(&t, &l, &s, &e), 0);
	/* neither */
	assert_int_equal(cg_settings_write(&s, io, "x", fd, &e), -ENOTSUP);
	assert_non_null(strstr(e.msg, "--io-weight: this kernel has no blkio.bfq.weight"));
	assert_non_null(strstr(e.hint, "version 1"));
	/* the second */
	close(openat(fd, "blkio.bfq.weight", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(cg_settings_write(&s, io, "x", fd, &e), 0);
	assert_int_equal(file_read_at(fd, "blkio.bfq.weight", 100, &text, NULL), 0);
	assert_string_equal(text, "505");
	free(text);
	/* both: the first */
	unlinkat(fd, "blkio.bfq.weight", 0);
	close(openat(fd, "blkio.bfq.weight", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(fd, "blkio.weight", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(cg_settings_write(&s, io, "x", fd, &e), 0);
	assert_int_equal(file_read_at(fd, "blkio.bfq.weight", 100, &text, NULL), 0);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(file_read_at(fd, "blkio.weight", 100, &text, NULL), 0);
	assert_string_equal(text, "505");
	free(text);
	unlinkat(fd, "blkio.bfq.weight", 0);
	unlinkat(fd, "blkio.weight", 0);
	close(fd);
	rmdir(dir);
	cg_settings_free(&s);
	free(copy);
}

/* What cg_setting_undo() writes when a file said this before. */
static void what_a_file_said_is_said_again(void **state)
{
	static const struct {
		const char *file, *now, *text, *back;
		bool by_device;
	} cases[] = {
		{ "pids.max", "max\n", "5", "max", false },
		{ "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "1", "0",
		  false },
		{ "io.weight", "default 100\n8:0 50\n", "7", "100", false },
		{ "cpuset.cpus", "\n", "0", "\n", false },
		{ "io.max", "8:16 rbps=5 wbps=max\n8:0 rbps=1 wbps=2 riops=max wiops=max\n",
		  "8:0 rbps=9", "8:0 rbps=1 wbps=2 riops=max wiops=max", true },
		{ "io.max", "8:16 rbps=5\n", "8:1 rbps=9",
		  "8:1 rbps=max wbps=max riops=max wiops=max", true },
	};
	struct cg_trees t;
	char *copy = trees_of(pure_v2, &t), dir[] = "/tmp/ct-unit-XXXXXX";
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cg_setting s = { .option = "x",
					.tree = &t.v[0],
					.by_device = cases[i].by_device,
					.text = (char *)cases[i].text };
		struct err e = ERR_INIT;

		snprintf(s.file, sizeof(s.file), "%s", cases[i].file);
		assert_int_equal(file_replace_at(fd, s.file, cases[i].now, strlen(cases[i].now),
						 0600, false),
				 0);
		assert_int_equal(cg_setting_change(&s, "x", fd, &e), 1);
		assert_string_equal(s.before, cases[i].back);
		free(s.before);
		unlinkat(fd, s.file, 0);
	}
	close(fd);
	rmdir(dir);
	free(copy);
}

static void words_that_cannot_be_meant(void **state)
{
	static const struct {
		int (*check)(const char *word, struct err *e);
		const char *word, *msg;
	} cases[] = {
		{ cgroup_io_max_check, "", "is not DEVICE:KEY=N" },
		{ cgroup_io_max_check, ":rbps=1", "is not DEVICE:KEY=N" },
		{ cgroup_io_max_check, "/dev/sda:", "is not DEVICE:KEY=N" },
		{ cgroup_io_max_check, "/dev/sda:rbps", "is none of" },
		{ cgroup_io_max_check, "/dev/sda:rbps=x", "is not a size" },
		{ cgroup_io_max_check, "/dev/sda:rbps=0", "would stop" },
		{ cgroup_io_max_check, "/dev/sda:riops=1K", "is not a number" },
		{ cgroup_io_max_check, "/dev/sda:bps=1", "is none of" },
		{ cgroup_hugetlb_check, "2M", "=" },
		{ cgroup_hugetlb_check, "3M=1M", "not the size of a huge page" },
		{ cgroup_hugetlb_check, "0=1M", "not the size of a huge page" },
		{ cgroup_raw_check, "memory.high", "=" },
		{ cgroup_raw_check, "memory.high=", "no value" },
		{ cgroup_raw_check, "memory.high=1\n2", "control character" },
		{ cgroup_raw_check, "../memory.high=1", "is not the name of a file" },
		{ cgroup_raw_check, "memory..high=1", "is not the name of a file" },
		{ cgroup_raw_check, "memory/x.high=1", "is not the name of a file" },
		{ cgroup_raw_check, ".memory=1", "is not the name of a file" },
		{ cgroup_raw_check, "cgroup.procs=1", "is no limit" },
		{ cgroup_raw_check, "cgroup.threads=1", "is no limit" },
		{ cgroup_raw_check, "cgroup.kill=1", "is no limit" },
		{ cgroup_raw_check, "cgroup.freeze=1", "is no limit" },
		{ cgroup_raw_check, "cgroup.subtree_control=+io", "is no limit" },
		{ cgroup_raw_check, "freezer.state=FROZEN", "is no limit" },
		{ cgroup_raw_check, "tasks=1", "is no limit" },
		{ cgroup_raw_check, "release_agent=/x", "is no limit" },
		{ cgroup_raw_check, "notify_on_release=1", "is no limit" },
		{ cgroup_raw_check, "foo.bar=1", "belongs to no controller" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;

		assert_true(cases[i].check(cases[i].word, &e) < 0);
		if (!strstr(e.msg, cases[i].msg))
			fail_msg("'%s' said: %s", cases[i].word, e.msg);
	}
	assert_int_equal(cgroup_io_max_check("/dev/sda:rbps=10M,wbps=1gb,riops=5,wiops=6", NULL),
			 0);
	assert_int_equal(cgroup_hugetlb_check("2MB=0", NULL), 0);
	assert_int_equal(cgroup_raw_check("io.max=8:0 rbps=1 wbps=2", NULL), 0);
}

/* ---- what was counted ---- */

static void numbers_of_files(void **state)
{
	static const char stat[] =
		"usage_usec 17\nuser_usec 9\nthrottled_usec 18446744073709551615\n";
	uint64_t r, w;

	assert_int_equal(cg_stat_number("42\n", NULL), 42);
	assert_int_equal(cg_stat_number("max\n", NULL), UINT64_MAX);
	assert_int_equal(cg_stat_number("9223372036854771712\n", NULL), UINT64_MAX);
	assert_int_equal(cg_stat_number("", NULL), UINT64_MAX);
	assert_int_equal(cg_stat_number("12 13\n", NULL), UINT64_MAX);
	assert_int_equal(cg_stat_number(stat, "usage_usec"), 17);
	assert_int_equal(cg_stat_number(stat, "user_usec"), 9);
	assert_int_equal(cg_stat_number(stat, "usage"), UINT64_MAX);
	assert_int_equal(cg_stat_number(stat, "nothing"), UINT64_MAX);
	assert_int_equal(cg_stat_number(stat, "throttled_usec"), UINT64_MAX);
	assert_int_equal(
		cg_stat_number("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill"), 3);
	cg_stat_io("254:0 Read 10\n254:0 Write 20\n254:0 Sync 5\n8:0 Read 1\nTotal 31\n", false, &r,
		   &w);
	assert_int_equal(r, 11);
	assert_int_equal(w, 20);
	cg_stat_io("254:0 rbytes=10 wbytes=20 rios=3 wios=4\n8:0 rbytes=1 wbytes=2 rios=0\n", true,
		   &r, &w);
	assert_int_equal(r, 11);
	assert_int_equal(w, 22);
	cg_stat_io("", true, &r, &w);
	assert_int_equal(r, 0);
}

struct file {
	const char *name, *text;
};

static void fill(int fd, const struct file *files)
{
	for (; files->name; files++)
		assert_int_equal(file_replace_at(fd, files->name, files->text, strlen(files->text),
						 0600, false),
				 0);
}

static void a_group_of_v2(void **state)
{
	static const struct file files[] = {
		{ "cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nthrottled_usec 1\n" },
		{ "memory.current", "100\n" },
		{ "memory.max", "max\n" },
		{ "memory.stat", "anon 5\ninactive_file 30\n" },
		{ "memory.events", "low 0\noom 2\noom_kill 1\noom_group_kill 0\n" },
		{ "pids.current", "4\n" },
		{ "pids.max", "20\n" },
		{ "io.stat", "8:0 rbytes=7 wbytes=8 rios=1 wios=1 dbytes=0 dios=0\n" },
		{ NULL, NULL },
	};
	struct cgroup_stats s;
	struct cg_trees t;
	char *copy = trees_of(pure_v2, &t), dir[] = "/tmp/ct-unit-XXXXXX";
	int fds[CG_TREES_MAX];

	assert_non_null(mkdtemp(dir));
	fds[0] = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fill(fds[0], files);
	cg_stats_read(&t, fds, CG_STATS_ALL, &s);
	assert_int_equal(s.cpu_ns, 5000);
	assert_int_equal(s.cpu_user_ns, 3000);
	assert_int_equal(s.cpu_system_ns, 2000);
	assert_int_equal(s.throttled_ns, 1000);
	assert_int_equal(s.memory, 100);
	assert_int_equal(s.memory_peak, UINT64_MAX); /* before Linux 5.19 */
	assert_int_equal(s.memory_limit, UINT64_MAX);
	assert_int_equal(s.memory_cache, 30);
	assert_int_equal(s.oom_kills, 1);
	assert_int_equal(s.pids, 4);
	assert_int_equal(s.pids_limit, 20);
	assert_int_equal(s.io_read, 7);
	assert_int_equal(s.io_write, 8);
	for (const struct file *f = files; f->name; f++)
		unlinkat(fds[0], f->name, 0);
	close(fds[0]);
	rmdir(dir);
	free(copy);
}

/* memory in v1; cpu time by the v2 tree, since nobody joined cpuacct; no pids, no io */
static void a_group_of_a_hybrid_host(void **state)
{
	static const struct file v1[] = {
		{ "memory.usage_in_bytes", "100\n" },
		{ "memory.max_usage_in_bytes", "200\n" },
		{ "memory.limit_in_bytes", "67108864\n" },
		{ "memory.stat", "inactive_file 1\ntotal_inactive_file 30\n" },
		{ "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n" },
		{ NULL, NULL },
	};
	static const struct file v2[] = { { "cpu.stat", "usage_usec 5\n" }, { NULL, NULL } };
	char dir1[] = "/tmp/ct-unit-XXXXXX", dir2[] = "/tmp/ct-unit-XXXXXX";
	struct cgroup_stats s;
	struct cg_trees t;
	char *copy = trees_of(hybrid, &t);
	int fds[CG_TREES_MAX], memory, held;

	for (size_t i = 0; i < CG_TREES_MAX; i++)
		fds[i] = -ENOENT;
	assert_non_null(mkdtemp(dir1));
	assert_non_null(mkdtemp(dir2));
	memory = open(dir1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	held = open(dir2, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds[cg_tree_of(&t, CG_MEMORY) - t.v] = memory;
	fds[cg_tree_v2(&t) - t.v] = held;
	fill(memory, v1);
	fill(held, v2);
	cg_stats_read(&t, fds, CG_STATS_ALL, &s);
	assert_int_equal(s.cpu_ns, 5000);
	assert_int_equal(s.cpu_user_ns, UINT64_MAX);
	assert_int_equal(s.memory, 100);
	assert_int_equal(s.memory_peak, 200);
	assert_int_equal(s.memory_limit, 67108864);
	assert_int_equal(s.memory_cache, 30);
	assert_int_equal(s.oom_kills, 2);
	assert_int_equal(s.pids, UINT64_MAX);
	assert_int_equal(s.io_read, UINT64_MAX);
	for (const struct file *f = v1; f->name; f++)
		unlinkat(memory, f->name, 0);
	unlinkat(held, "cpu.stat", 0);
	close(memory);
	close(held);
	rmdir(dir1);
	rmdir(dir2);
	free(copy);
}

static void what_counts_where(void **state)
{
	struct cg_trees t;
	char *copy = trees_of(pure_v2, &t);

	assert_int_equal(cg_counted_in(&t, cg_tree_v2(&t)),
			 1u << CG_MEMORY | 1u << CG_PIDS | 1u << CG_IO);
	free(copy);
	copy = trees_of(hybrid, &t);
	assert_int_equal(cg_counted_in(&t, cg_tree_v2(&t)), 0);
	assert_int_equal(cg_counted_in(&t, cg_tree_of(&t, CG_MEMORY)), 1u << CG_MEMORY);
	/* its cpu time is counted by the v2 tree */
	assert_int_equal(cg_counted_in(&t, cg_tree_of(&t, CG_CPUACCT)), 0);
	free(copy);
	copy = trees_of("32 31 0:29 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n", &t);
	assert_int_equal(cg_counted_in(&t, cg_tree_of(&t, CG_CPUACCT)), 1u << CG_CPUACCT);
	free(copy);
}

/* ---- devices: what the v1 list can say ---- */

static void the_list_or_a_program(void **state)
{
	static const struct ct_device_rule can[] = {
		{ false, 'a', -1, -1, "rwm" }, { true, 'c', 1, 3, "rw" }, { true, 'c', 1, -1, "m" },
		{ false, 'c', 1, 3, "w" }, /* the same numbers: taken back */
		{ false, 'b', 1, -1, "w" }, /* another type */
	};
	static const struct ct_device_rule part[] = {
		{ false, 'a', -1, -1, "rwm" },
		{ true, 'c', 1, -1, "rw" },
		{ false, 'c', 1, 3, "w" },
	};
	static const struct ct_device_rule most[] = {
		{ true, 'a', -1, -1, "rwm" },
		{ false, 'c', -1, -1, "w" },
		{ true, 'c', 1, 3, "w" },
	};
	static const struct ct_device_rule anew[] = {
		{ true, 'c', 1, -1, "rw" },
		{ false, 'c', 1, 3, "w" },
		{ false, 'a', -1, -1, "rwm" },
		{ true, 'c', 1, 3, "w" },
	};
	struct ct_limits l = { .devices = can, .n_devices = ARRAY_SIZE(can) };
	struct cg_trees t;
	char *copy = trees_of(hybrid, &t);

	assert_ptr_equal(cg_devices_tree(&t, &l), cg_tree_of(&t, CG_DEVICES));
	l = (struct ct_limits){ .devices = part, .n_devices = ARRAY_SIZE(part) };
	assert_null(cg_devices_tree(&t, &l));
	l = (struct ct_limits){ .devices = most, .n_devices = ARRAY_SIZE(most) };
	assert_null(cg_devices_tree(&t, &l));
	l = (struct ct_limits){ .devices = anew, .n_devices = ARRAY_SIZE(anew) };
	assert_non_null(cg_devices_tree(&t, &l));
	free(copy);
	copy = trees_of(pure_v2, &t);
	assert_null(cg_devices_tree(&t, &l));
	free(copy);
}

static void the_list_of_v1(void **state)
{
	static const struct ct_device_rule rules[] = {
		{ false, 'a', -1, -1, "rwm" },
		{ true, 'c', 5, -1, "rw" },
		{ true, 'a', 7, 8, "r" },
	};
	struct ct_limits l = { .devices = rules, .n_devices = 1 };
	struct err e = ERR_INIT;
	struct cg_trees t;
	char *copy = trees_of(hybrid, &t), dir[] = "/tmp/ct-unit-XXXXXX", *text = NULL;
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fill(fd, (const struct file[]){
			 { "devices.allow", "" }, { "devices.deny", "" }, { NULL, NULL } });
	assert_int_equal(cg_devices_list(&t.v[3], "x", fd, &l, &e), 0);
	assert_int_equal(file_read_at(fd, "devices.deny", 100, &text, NULL), 0);
	assert_string_equal(text, "a");
	free(text);
	l.n_devices = 2;
	assert_int_equal(cg_devices_list(&t.v[3], "x", fd, &l, &e), 0);
	assert_int_equal(file_read_at(fd, "devices.allow", 100, &text, NULL), 0);
	assert_string_equal(text, "c 5:* rw");
	free(text);
	/* of "a" with numbers v1 would make "all": both types, the last of which is c */
	l.n_devices = 3;
	unlinkat(fd, "devices.allow", 0);
	fill(fd, (const struct file[]){ { "devices.allow", "" }, { NULL, NULL } });
	l.devices += 2;
	l.n_devices = 1;
	assert_int_equal(cg_devices_list(&t.v[3], "x", fd, &l, &e), 0);
	assert_int_equal(file_read_at(fd, "devices.allow", 100, &text, NULL), 0);
	assert_string_equal(text, "c 7:8 r");
	free(text);
	unlinkat(fd, "devices.allow", 0);
	unlinkat(fd, "devices.deny", 0);
	close(fd);
	rmdir(dir);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_limit_on_every_host),
		cmocka_unit_test(v1_alone_has_its_own_names_or_lacks),
		cmocka_unit_test(a_weight_is_written_once),
		cmocka_unit_test(what_a_file_said_is_said_again),
		cmocka_unit_test(words_that_cannot_be_meant),
		cmocka_unit_test(numbers_of_files),
		cmocka_unit_test(a_group_of_v2),
		cmocka_unit_test(a_group_of_a_hybrid_host),
		cmocka_unit_test(what_counts_where),
		cmocka_unit_test(the_list_or_a_program),
		cmocka_unit_test(the_list_of_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
