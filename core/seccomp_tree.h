/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_tree - from the table of a filter to its BPF program. Used by the
 * program that compiles core/seccomp_default.list and by seccomp.c; private to
 * them.
 */
#ifndef CT_CORE_SECCOMP_TREE_H
#define CT_CORE_SECCOMP_TREE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/seccomp.h"

#define SECCOMP_MAX_INSNS 150

/* System calls first..last are let through to who has one of caps; 0: to all. */
struct sc_range {
	uint16_t first, last;
	uint64_t caps;
};

enum sc_op {
	SC_ANY, /* always holds */
	SC_EQ, /* (arg & mask) == value */
	SC_BITS, /* (arg & mask) != 0 */
};

/* Checks of one call stand together, in order. */
struct sc_check {
	uint16_t nr;
	uint8_t op, arg;
	uint32_t mask, value;
	uint32_t verdict; /* SECCOMP_RET_* */
	uint64_t unless_caps; /* one of these: the check does not count */
	bool unless_packet;
};

struct sc_table {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint16_t newest; /* above: ENOSYS */
	const struct sc_range *range; /* sorted, disjoint */
	size_t n_ranges;
	const struct sc_check *check; /* sorted by nr */
	size_t n_checks;
};

int sc_build(const struct sc_table *t, const struct seccomp_want *want, struct sock_filter *out,
	     size_t max);

/* The embedded filter for these wants, as sc_build. */
int seccomp_program(const struct seccomp_want *want, struct sock_filter *out, size_t max);

#endif
