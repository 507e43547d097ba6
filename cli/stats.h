/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats - what containers use, from one look to the next: collected by
 * stats_sample.c, shown by stats.c.
 */
#ifndef CT_CLI_STATS_H
#define CT_CLI_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/proc.h"
#include "core/cgroup.h"
#include "core/state.h"
#include "net/link_stats.h"

struct err;

#define STATS_LINKS_MAX 64

struct stats_one {
	char id[CT_ID_LEN + 1], name[NAME_MAX_CT + 1];
	struct proc_id init; /* whose namespace rt is in */
	struct nl rt; /* closed: it has no network namespace of its own */
	struct cgroup_stats now; /* memory: without what could be dropped of the page cache */
	double cpu_percent; /* of one CPU; negative: not known yet */
	uint64_t cpu_before;
	int64_t looked; /* CLOCK_MONOTONIC, nanoseconds */
	struct link_stats links[STATS_LINKS_MAX]; /* without lo */
	size_t n_links;
	bool seen; /* in this look */
};

struct stats {
	struct stats_one **v; /* in the order of their creation, or of the words */
	size_t n;
};

/*
 * One look at the containers of these words, of which one that does not run is
 * an error, unless gone_ok; n_words 0: at all that run. Who does not run any more
 * is forgotten.
 */
int stats_look(struct stats *s, int root_fd, char *const *words, size_t n_words, bool gone_ok,
	       struct err *e);
void stats_free(struct stats *s);

#endif
