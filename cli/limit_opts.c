/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/limit_opts.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/cgroup.h"
#include "core/spec.h"

#define SHARES_MIN    2 /* of the kernel */
#define SHARES_MAX    262144
#define IO_WEIGHT_MAX 1000

/* "-1" is no limit, as docker has it. */
static int set_swap(void *member, const char *value, struct err *e)
{
	int64_t *swap = member;
	uint64_t v;
	int r;

	if (!strcmp(value, "-1")) {
		*swap = -1;
		return 0;
	}
	r = parse_size(value, &v, e);
	if (r < 0)
		return r;
	if (!v || v > INT64_MAX)
		return err_set(e, ERANGE, "%s is neither -1 nor a size that memory can have",
			       value);
	*swap = (int64_t)v;
	return 0;
}

static int set_pids(void *member, const char *value, struct err *e)
{
	if (!strcmp(value, "-1")) {
		*(uint32_t *)member = UINT32_MAX;
		return 0;
	}
	return parse_u32(value, 1, UINT32_MAX - 1, member, e);
}

static int set_shares(void *member, const char *value, struct err *e)
{
	return parse_u32(value, SHARES_MIN, SHARES_MAX, member, e);
}

static int set_io_weight(void *member, const char *value, struct err *e)
{
	uint32_t v;
	int r = parse_u32(value, 1, IO_WEIGHT_MAX, &v, e);

	if (r >= 0)
		*(uint16_t *)member = (uint16_t)v;
	return r;
}

static int set_cpuset(void *member, const char *value, struct err *e)
{
	char text[4096];
	int r = parse_cpuset(value, text, sizeof(text), e);

	if (r >= 0)
		*(const char **)member = value;
	return r;
}

static int set_io_max(void *member, const char *value, struct err *e)
{
	int r = cgroup_io_max_check(value, e);

	return r < 0 ? r : strv_add(member, value);
}

/* docker's "DEVICE:RATE", in the words of the kernel. */
static int add_rate(void *member, const char *value, const char *key, struct err *e)
{
	const char *colon = strrchr(value, ':');
	_cleanup_free_ char *word = NULL;

	if (!colon)
		return err_set(e, EINVAL, "'%s' is not DEVICE:RATE", value);
	word = str_printf("%.*s:%s=%s", (int)(colon - value), value, key, colon + 1);
	return word ? set_io_max(member, word, e) : -ENOMEM;
}

static int add_rbps(void *member, const char *value, struct err *e)
{
	return add_rate(member, value, "rbps", e);
}

static int add_wbps(void *member, const char *value, struct err *e)
{
	return add_rate(member, value, "wbps", e);
}

static int add_riops(void *member, const char *value, struct err *e)
{
	return add_rate(member, value, "riops", e);
}

static int add_wiops(void *member, const char *value, struct err *e)
{
	return add_rate(member, value, "wiops", e);
}

static int add_hugetlb(void *member, const char *value, struct err *e)
{
	int r = cgroup_hugetlb_check(value, e);

	return r < 0 ? r : strv_add(member, value);
}

static int add_raw(void *member, const char *value, struct err *e)
{
	int r = cgroup_raw_check(value, e);

	return r < 0 ? r : strv_add(member, value);
}

#define ROW(name, letter, type, arg, member, help) \
	OPT_ROW(struct ct_limits, name, letter, type, arg, member, help)
#define AT(name, arg, member, fn, help) OPT_ROW_FN(struct ct_limits, name, 0, arg, member, fn, help)

const struct opt limit_opts[] = {
	OPT_HEADING("Limits"),
	ROW("memory", 'm', OPT_SIZE, "SIZE", memory, "bytes, or with K M G"),
	AT("memory-swap", "SIZE", memory_swap, set_swap,
	   "memory and swap together; -1: swap without limit (default: no swap)"),
	ROW("memory-reservation", 0, OPT_SIZE, "SIZE", memory_reservation,
	    "what is left to it when the host lacks memory"),
	ROW("oom-kill-disable", 0, OPT_FLAG, NULL, oom_kill_disable,
	    "who wants more than --memory waits (cgroup v1)"),
	ROW("cpus", 0, OPT_CPUS, "N", cpus_milli, "CPU time, as 0.2 or 2"),
	AT("cpu-shares", "N", cpu_shares, set_shares,
	   "weight against others, 2 to 262144 (default: 1024)"),
	AT("cpuset-cpus", "LIST", cpuset_cpus, set_cpuset, "CPUs it runs on, as 0-3,5"),
	AT("cpuset-mems", "LIST", cpuset_mems, set_cpuset, "memory nodes it takes memory of"),
	AT("pids", "N", pids, set_pids, "number of processes and threads; -1: no limit"),
	AT("pids-limit", "N", pids, set_pids, "the same"),
	AT("io-weight", "N", io_weight, set_io_weight,
	   "weight against others, 1 to 1000 (default: 100)"),
	AT("blkio-weight", "N", io_weight, set_io_weight, "the same"),
	AT("io-max", "DEVICE:KEY=N[,..]", io_max, set_io_max,
	   "rbps=, wbps= bytes, riops=, wiops= operations a second; repeatable"),
	AT("device-read-bps", "DEVICE:SIZE", io_max, add_rbps, "bytes a second; repeatable"),
	AT("device-write-bps", "DEVICE:SIZE", io_max, add_wbps, "bytes a second; repeatable"),
	AT("device-read-iops", "DEVICE:N", io_max, add_riops, "operations a second; repeatable"),
	AT("device-write-iops", "DEVICE:N", io_max, add_wiops, "operations a second; repeatable"),
	AT("hugetlb", "PAGE=SIZE", hugetlb, add_hugetlb, "huge pages, as 2M=64M; repeatable"),
	AT("cgroup", "KEY=VALUE", raw, add_raw,
	   "a file of the control group, as memory.high=32M; repeatable"),
	OPT_END,
};

void limit_opts_free(struct ct_limits *l)
{
	strv_free(&l->io_max);
	strv_free(&l->hugetlb);
	strv_free(&l->raw);
}
