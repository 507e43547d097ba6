/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_jobs - tests of a lab side by side: who may begin while others run, and the
 * processes they run in.
 */
#ifndef CT_CLI_LAB_JOBS_H
#define CT_CLI_LAB_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/topology_test.h"

struct err;

enum lab_job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };
/*
 * Whether test i may begin now. Rates are measured alone; what times or counts
 * packets, or looks at neighbours, does not run beside what makes many packets;
 * commands in one node keep their order; and one behind a test that has a wait of its
 * own, and has none itself, begins when that one is through: so the first test may
 * wait for a network to converge.
 */
bool lab_jobs_may_begin(const struct topo_test *const *t, const enum lab_job_state *state, size_t n,
			size_t i);

/* Runs each, in a process of its own, which may end at any time. */
struct lab_jobs {
	const struct topo_test *const *tests;
	size_t n;
	/* in the process: the result as text, allocated; NULL: it could not */
	char *(*run)(size_t i, void *ctx);
	/* in the caller: what it said; NULL: it died */
	void (*done)(size_t i, const char *text, uint64_t took, void *ctx);
	void *ctx;
	int interrupt_fd; /* readable: end; cli/interrupt.h */
};
/* 0; -EINTR: interrupted, and none of them runs any more. */
int lab_jobs_run(const struct lab_jobs *j, struct err *e);

#endif
