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
#include "core/base/fd.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

#define CPU_PERIOD_US  100000
#define CPU_QUOTA_MIN  1000 /* of the kernel */
#define CPU_PERIOD_MAX 1000000

/* Writes the value for one file, or "" when the limit is not set. */
typedef void limit_format(const struct ct_limits *l, char *buf, size_t size);

struct limit_file {
	const char *name;
	limit_format *format;
	bool optional; /* a kernel without it (no swap accounting) is no error */
};

struct limit {
	const char *option;
	enum cg_controller controller;
	struct limit_file v1[2], v2[2]; /* written in this order */
};

static void fmt_memory(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->memory)
		snprintf(buf, size, "%llu", (unsigned long long)l->memory);
}

/* No swap besides: --memory is all there is. */
static void fmt_no_swap(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->memory)
		snprintf(buf, size, "0");
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
		snprintf(buf, size, "%llu", (unsigned long long)cpu_period(l));
}

static void fmt_cpu_quota(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpus_milli)
		snprintf(buf, size, "%llu", (unsigned long long)cpu_quota(l));
}

static void fmt_cpu_max(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->cpus_milli)
		snprintf(buf, size, "%llu %llu", (unsigned long long)cpu_quota(l),
			 (unsigned long long)cpu_period(l));
}

static void fmt_pids(const struct ct_limits *l, char *buf, size_t size)
{
	if (l->pids)
		snprintf(buf, size, "%u", l->pids);
}

static const struct limit limits_table[] = {
	{
		.option = "--memory",
		.controller = CG_MEMORY,
		/* memory+swap is never below memory, so it comes second */
		.v1 = { { "memory.limit_in_bytes", fmt_memory, false },
			{ "memory.memsw.limit_in_bytes", fmt_memory, true } },
		.v2 = { { "memory.max", fmt_memory, false },
			{ "memory.swap.max", fmt_no_swap, true } },
	},
	{
		.option = "--cpus",
		.controller = CG_CPU,
		.v1 = { { "cpu.cfs_period_us", fmt_cpu_period, false },
			{ "cpu.cfs_quota_us", fmt_cpu_quota, false } },
		.v2 = { { "cpu.max", fmt_cpu_max, false } },
	},
	{
		.option = "--pids",
		.controller = CG_PIDS,
		.v1 = { { "pids.max", fmt_pids, false } },
		.v2 = { { "pids.max", fmt_pids, false } },
	},
};

static bool limit_set(const struct limit *row, const struct ct_limits *l)
{
	char buf[64] = "";

	row->v2[0].format(l, buf, sizeof(buf));
	return buf[0] != '\0';
}

bool cg_limits_any(const struct ct_limits *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits_table); i++)
		if (limit_set(&limits_table[i], l))
			return true;
	return false;
}

/* The row that needs a controller, for messages. */
const char *cg_limit_option(enum cg_controller c, const struct ct_limits *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits_table); i++)
		if (limits_table[i].controller == c && limit_set(&limits_table[i], l))
			return limits_table[i].option;
	return "a limit";
}

static int write_limit(const struct cg_tree *t, const char *path, int fd, const struct limit *row,
		       const struct ct_limits *l, struct err *e)
{
	const struct limit_file *files = t->ops == &cg_v2 ? row->v2 : row->v1;

	for (size_t i = 0; i < ARRAY_SIZE(row->v1) && files[i].name; i++) {
		char text[64] = "";
		int r;

		files[i].format(l, text, sizeof(text));
		r = text[0] ? file_write_at(fd, files[i].name, text) : 0;
		if (r >= 0 || (files[i].optional && r == -ENOENT))
			continue;
		if (r == -ENOENT) {
			r = err_set(e, -ENOTSUP, "%s: this kernel has no %s", row->option,
				    files[i].name);
			err_hint(e, "the kernel was built without this limit; run without %s",
				 row->option);
			return r;
		}
		err_sys(e, r, "%s: write %s to %s/%s/%s", row->option, text, t->mount, path,
			files[i].name);
		if (r == -EINVAL)
			err_hint(e, "a group above may allow less than that");
		return r;
	}
	return 0;
}

/* Which controllers of this hierarchy the limits need, as bits. */
uint32_t cg_limits_of(const struct cg_trees *trees, const struct cg_tree *t,
		      const struct ct_limits *l)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(limits_table); i++) {
		const struct limit *row = &limits_table[i];

		if (limit_set(row, l) && cg_tree_of(trees, row->controller) == t)
			bits |= 1u << row->controller;
	}
	return bits;
}

/*
 * Writes the limits of one hierarchy into the group at path, whose directory
 * is group_fd. -ENOTSUP when the kernel lacks the file or the controller, else
 * the errno of the write.
 */
int cg_limits_write(const struct cg_trees *trees, const struct cg_tree *t, const char *path,
		    int group_fd, const struct ct_limits *l, struct err *e)
{
	uint32_t bits = cg_limits_of(trees, t, l);
	int r = 0;

	if (bits && t->ops == &cg_v2)
		r = cg_v2_enable(t, path, group_fd, bits, e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(limits_table); i++)
		if (bits & 1u << limits_table[i].controller)
			r = write_limit(t, path, group_fd, &limits_table[i], l, e);
	return r;
}

/* -ENOTSUP for a limit whose controller no hierarchy has. */
int cg_limits_check(const struct cg_trees *trees, const struct ct_limits *l, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits_table); i++) {
		const struct limit *row = &limits_table[i];
		int r;

		if (!limit_set(row, l) || cg_tree_of(trees, row->controller))
			continue;
		r = err_set(e, -ENOTSUP, "%s: the %s controller is mounted nowhere", row->option,
			    cg_controller_name(row->controller, &cg_v1));
		err_hint(e, "mount -t cgroup2 none /sys/fs/cgroup, or run without %s", row->option);
		return r;
	}
	return 0;
}
