/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits as one table: an option, the controller it needs, and the files
 * of either version with the way the value is written there. A new limit is a
 * field of struct ct_limits and a row here.
 */
#include <errno.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/cgroup_settings.h"
#include "core/spec.h"

#define CPU_PERIOD_US  100000
#define CPU_QUOTA_MIN  1000 /* of the kernel */
#define CPU_PERIOD_MAX 1000000
#define TEXT_MAX       4096 /* a list of CPUs */

/* Writes the value for one file, or "" when the limit is not set. */
typedef void limit_format(const struct ct_limits *l, char *buf, size_t size);
/* The same for an option that is given more than once. */
typedef int limit_list(const struct ct_limits *l, const struct cg_setting *like,
		       struct cg_settings *s, struct err *e);

struct limit_file {
	const char *name;
	limit_format *format;
	enum cg_missing missing;
};

struct limit {
	const char *option;
	enum cg_controller controller;
	struct limit_file v1[2], v2[2]; /* written in this order */
	limit_list *list; /* instead of the files */
	bool (*listed)(const struct ct_limits *l);
};

/* ---- values ---- */

static void fmt_u64(uint64_t v, char *buf, size_t size)
{
	if (v)
		snprintf(buf, size, "%llu", (unsigned long long)v);
}

static void fmt_str(const char *v, char *buf, size_t size)
{
	if (v)
		snprintf(buf, size, "%s", v);
}

static void fmt_memory(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_u64(l->memory, buf, size);
}

/* No swap besides: --memory is all there is. */
static void fmt_memory_alone(const struct ct_limits *l, char *buf, size_t size)
{
	if (!l->memory_swap)
		fmt_u64(l->memory, buf, size);
}

static void fmt_no_swap(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->memory && !l->memory_swap)
		snprintf(buf, size, "0");
}

/* v1 limits the sum ... */
static void fmt_memory_and_swap(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->memory_swap)
		snprintf(buf, size, "%lld", (long long)l->memory_swap);
}

/* ... and v2 what is swap. */
static void fmt_swap(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->memory_swap == -1)
		snprintf(buf, size, "max");
	else if (l->memory_swap)
		snprintf(buf, size, "%llu", (unsigned long long)l->memory_swap - l->memory);
}

static void fmt_reservation(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_u64(l->memory_reservation, buf, size);
}

static void fmt_oom_kill_disable(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_u64(l->oom_kill_disable, buf, size);
}

/* A quota under 1 ms is refused by the kernel: small shares get a longer period. */
static uint64_t cpu_period(const struct ct_limits *l)
{
	bool small = (uint64_t)l->cpus_milli * CPU_PERIOD_US / 1000 < CPU_QUOTA_MIN;

	return small ? CPU_PERIOD_MAX : CPU_PERIOD_US;
}

static uint64_t cpu_quota(const struct ct_limits *l)
{
	return l->cpus_milli * cpu_period(l) / 1000;
}

static void fmt_cpu_period(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpus_milli)
		fmt_u64(cpu_period(l), buf, size);
}

static void fmt_cpu_quota(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpus_milli)
		fmt_u64(cpu_quota(l), buf, size);
}

static void fmt_cpu_max(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpus_milli)
		snprintf(buf, size, "%llu %llu", (unsigned long long)cpu_quota(l),
			 (unsigned long long)cpu_period(l));
}

static void fmt_cpu_shares(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_u64(l->cpu_shares, buf, size);
}

/* 2..262144 onto 1..10000, as systemd and the OCI runtimes have it. */
static void fmt_cpu_weight(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpu_shares)
		fmt_u64(1 + ((uint64_t)l->cpu_shares - 2) * 9999 / 262142, buf, size);
}

static void fmt_cpuset_cpus(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_str(l->cpuset_cpus, buf, size);
}

static void fmt_cpuset_mems(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_str(l->cpuset_mems, buf, size);
}

static void fmt_pids(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->pids == UINT32_MAX)
		snprintf(buf, size, "max");
	else
		fmt_u64(l->pids, buf, size);
}

/* Of bfq, in either version: 1..1000. */
static void fmt_io_weight(const struct ct_limits *l, char *buf, size_t size)
{
	fmt_u64(l->io_weight, buf, size);
}

/* Of blk-iocost: 10..1000 onto 1..10000, as the OCI runtimes have it. */
static void fmt_iocost_weight(const struct ct_limits *l, char *buf, size_t size)
{
	uint64_t w = l->io_weight < 10 ? 10 : l->io_weight;

	if (l->io_weight)
		fmt_u64(1 + (w - 10) * 9999 / 990, buf, size);
}

static bool has_io_max(const struct ct_limits *l)
{
	return l->io_max.n;
}

static bool has_hugetlb(const struct ct_limits *l)
{
	return l->hugetlb.n;
}

/* ---- the table ---- */

static const struct limit limits_table[] = {
	{
		.option = "--memory",
		.controller = CG_MEMORY,
		/* memory+swap is never below memory, so it comes second */
		.v1 = { { "memory.limit_in_bytes", fmt_memory, CG_MUST },
			{ "memory.memsw.limit_in_bytes", fmt_memory_alone, CG_MAY } },
		.v2 = { { "memory.max", fmt_memory, CG_MUST },
			{ "memory.swap.max", fmt_no_swap, CG_MAY } },
	},
	{
		.option = "--memory-swap",
		.controller = CG_MEMORY,
		.v1 = { { "memory.memsw.limit_in_bytes", fmt_memory_and_swap, CG_MUST } },
		.v2 = { { "memory.swap.max", fmt_swap, CG_MUST } },
	},
	{
		.option = "--memory-reservation",
		.controller = CG_MEMORY,
		.v1 = { { "memory.soft_limit_in_bytes", fmt_reservation, CG_MUST } },
		.v2 = { { "memory.low", fmt_reservation, CG_MUST } },
	},
	{
		.option = "--oom-kill-disable",
		.controller = CG_MEMORY,
		.v1 = { { "memory.oom_control", fmt_oom_kill_disable, CG_MUST } },
	},
	{
		.option = "--cpus",
		.controller = CG_CPU,
		.v1 = { { "cpu.cfs_period_us", fmt_cpu_period, CG_MUST },
			{ "cpu.cfs_quota_us", fmt_cpu_quota, CG_MUST } },
		.v2 = { { "cpu.max", fmt_cpu_max, CG_MUST } },
	},
	{
		.option = "--cpu-shares",
		.controller = CG_CPU,
		.v1 = { { "cpu.shares", fmt_cpu_shares, CG_MUST } },
		.v2 = { { "cpu.weight", fmt_cpu_weight, CG_MUST } },
	},
	{
		.option = "--cpuset-cpus",
		.controller = CG_CPUSET,
		.v1 = { { "cpuset.cpus", fmt_cpuset_cpus, CG_MUST } },
		.v2 = { { "cpuset.cpus", fmt_cpuset_cpus, CG_MUST } },
	},
	{
		.option = "--cpuset-mems",
		.controller = CG_CPUSET,
		.v1 = { { "cpuset.mems", fmt_cpuset_mems, CG_MUST } },
		.v2 = { { "cpuset.mems", fmt_cpuset_mems, CG_MUST } },
	},
	{
		.option = "--pids",
		.controller = CG_PIDS,
		.v1 = { { "pids.max", fmt_pids, CG_MUST } },
		.v2 = { { "pids.max", fmt_pids, CG_MUST } },
	},
	{
		.option = "--io-weight",
		.controller = CG_IO,
		/* of CFQ, which Linux had until 5.0, and of bfq */
		.v1 = { { "blkio.weight", fmt_io_weight, CG_ELSE },
			{ "blkio.bfq.weight", fmt_io_weight, CG_MUST } },
		.v2 = { { "io.bfq.weight", fmt_io_weight, CG_ELSE },
			{ "io.weight", fmt_iocost_weight, CG_MUST } },
	},
	{
		.option = "--io-max or --device-*",
		.controller = CG_IO,
		.list = cg_io_max_settings,
		.listed = has_io_max,
	},
	{
		.option = "--hugetlb",
		.controller = CG_HUGETLB,
		.list = cg_hugetlb_settings,
		.listed = has_hugetlb,
	},
};

static bool limit_set(const struct limit *row, const struct ct_limits *l)
{
	char buf[TEXT_MAX];

	buf[0] = '\0';
	if (row->list)
		return row->listed(l);
	row->v1[0].format(l, buf, sizeof(buf));
	return buf[0];
}

bool cg_limits_any(const struct ct_limits *l)
{
	if (l->raw.n || l->n_devices)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(limits_table); i++)
		if (limit_set(&limits_table[i], l))
			return true;
	return false;
}

/* ---- what is written where ---- */

static int nowhere(const struct limit *row, struct err *e)
{
	int r = err_set(e, -ENOTSUP, "%s: the %s controller is mounted nowhere", row->option,
			cg_controller_name(row->controller, &cg_v1));

	err_hint(e, "mount -t cgroup2 none /sys/fs/cgroup, or run without %s", row->option);
	return r;
}

static int not_in_v2(const struct limit *row, struct err *e)
{
	int r = err_set(e, -ENOTSUP, "%s: version 2 of control groups has no such limit",
			row->option);

	err_hint(e, "run without %s", row->option);
	return r;
}

static int row_settings(const struct cg_trees *trees, const struct limit *row,
			const struct ct_limits *l, struct cg_settings *s, struct err *e)
{
	struct cg_setting like = { .option = row->option, .controller = row->controller };
	const struct limit_file *files;

	like.tree = cg_tree_of(trees, row->controller);
	if (!like.tree)
		return nowhere(row, e);
	if (row->list)
		return row->list(l, &like, s, e);
	files = like.tree->ops == &cg_v2 ? row->v2 : row->v1;
	if (!files[0].name)
		return not_in_v2(row, e);
	for (size_t i = 0; i < ARRAY_SIZE(row->v1) && files[i].name; i++) {
		char text[TEXT_MAX];
		int r;

		text[0] = '\0';
		files[i].format(l, text, sizeof(text));
		like.missing = files[i].missing;
		r = text[0] ? cg_settings_add(s, &like, files[i].name, text, e) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* As docker has it: the sum of both, so it is nothing by itself. */
static int check_swap(const struct ct_limits *l, struct err *e)
{
	if (!l->memory_swap)
		return 0;
	if (!l->memory) {
		err_hint(e, "give --memory too");
		return err_set(e, -EINVAL,
			       "--memory-swap: memory and swap together are limited only where "
			       "memory is");
	}
	if (l->memory_swap != -1 && (uint64_t)l->memory_swap < l->memory)
		return err_set(e, -EINVAL,
			       "--memory-swap: %lld is memory and swap together, and --memory "
			       "alone is %llu",
			       (long long)l->memory_swap, (unsigned long long)l->memory);
	return 0;
}

int cg_settings_make(const struct cg_trees *trees, const struct ct_limits *l,
		     struct cg_settings *ret, struct err *e)
{
	struct cg_settings s __attribute__((cleanup(cg_settings_free))) = CG_SETTINGS_INIT;
	int r = check_swap(l, e);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(limits_table); i++)
		if (limit_set(&limits_table[i], l))
			r = row_settings(trees, &limits_table[i], l, &s, e);
	/* last, so that it may say otherwise */
	if (r >= 0)
		r = cg_raw_settings(trees, l, &s, e);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct cg_settings)CG_SETTINGS_INIT;
	return 0;
}
