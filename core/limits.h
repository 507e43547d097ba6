/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits - what a container may use: a part of its spec (core/spec.h), and what
 * its control groups are told (core/cgroup.h).
 */
#ifndef CT_CORE_LIMITS_H
#define CT_CORE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"

/* What the devices controller lets through or not; the later wins. */
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): as the kernel lists one
struct ct_device_rule {
	bool allow;
	char type; /* 'a': all */
	int64_t major, minor; /* -1: every */
	char access[4];
};

/* 0: none, but where a line says otherwise. */
struct ct_limits {
	uint64_t memory, memory_reservation; /* bytes */
	int64_t memory_swap; /* memory and swap together, bytes; -1: no limit; 0: as memory */
	uint32_t cpus_milli; /* thousandths of a CPU */
	uint32_t cpu_shares; /* 2..262144, 1024: the kernel's default */
	const char *cpuset_cpus, *cpuset_mems; /* "0-3,5" */
	bool oom_kill_disable; /* of v1: who wants more memory waits for it */
	uint32_t pids; /* UINT32_MAX: no limit */
	uint16_t io_weight; /* 1..1000 */
	/* "DEVICE:rbps=..,wbps=..,riops=..,wiops=..", bytes or operations a second */
	struct strv io_max;
	struct strv hugetlb; /* "2M=SIZE" */
	struct strv raw; /* --cgroup KEY=VALUE: a file of the group and what is written there */
	bool accounting; /* memory, cpu and pids are counted though nothing limits them */
	/*
	 * All that the devices controller is told, in this order, the first one of
	 * type 'a'; NULL: it is not needed. Not an option: dev_rules_make() fills it.
	 */
	const struct ct_device_rule *devices;
	size_t n_devices;
};

#endif
