/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fabric_need - what a lab asks of the kernel, looked for in a scratch namespace
 * before anything is built: kinds of link, queueing disciplines, filters, nftables.
 */
#ifndef CT_NET_FABRIC_NEED_H
#define CT_NET_FABRIC_NEED_H

#include "net/topology.h"

struct err;

/* One thing that the kernel lacks and the file asks for. */
struct fabric_lack {
	struct topo_pos at;
	const char *what; /* "link r1-r2: delay 10ms" */
	const char
		*cure; /* "this kernel has no netem (CONFIG_NET_SCH_NETEM)": and what provides it */
};
struct fabric_lacks {
	struct fabric_lack *v;
	size_t n;
	unsigned asked, has; /* parts of the kernel that were looked for; the others may be there */
};

/*
 * Looks for all that t asks for. Every lack is listed and, when drop is set, taken
 * out of t (unsupported = warn), so that the rest can be built. Loss that netem is not
 * there for is done by a filter and is no lack.
 */
int fabric_lacks(struct topology *t, bool drop, struct fabric_lacks *ret, struct err *e);
/*
 * Whether the kernel can do what a word of a test's `needs` says ("delay", "bin:frr");
 * *ret_why: the reason if not. What was not looked for by fabric_lacks, or with a
 * struct of zeroes, is now.
 */
bool fabric_has(const struct fabric_lacks *l, const char *word, const char **ret_why);
/* The same for impairments given while the lab runs: -EOPNOTSUPP, with the cure. */
int fabric_can(const struct fabric_lacks *l, const struct topo_impair *i, struct err *e);
void fabric_lacks_free(struct fabric_lacks *l);

#endif
