/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qdisc - queueing disciplines of a link, one verb for each `tc` command that
 * is used; one file per kind. What is filtered on the way in: filter.h.
 */
#ifndef CT_NET_QDISC_H
#define CT_NET_QDISC_H

#include <stdint.h>

#include "net/nl.h"

struct err;

/* What a rate on a link needs beside: burst and queue follow from it where they are 0. */
struct tbf_spec {
	uint64_t rate; /* bits per second */
	uint32_t burst; /* bytes */
	uint64_t latency_ns; /* the longest stay in the queue */
	uint32_t mtu; /* of the link; 0: Ethernet's */
};

/* tc qdisc replace dev LINK root tbf rate R burst B latency L */
void qdisc_tbf_put(struct nl_req *q, uint32_t index, const struct tbf_spec *s);
int qdisc_tbf(struct nl *nl, uint32_t index, const struct tbf_spec *s, struct err *e);
/* tc qdisc add dev LINK clsact: where filters of what arrives and leaves are; -EEXIST */
void qdisc_clsact_put(struct nl_req *q, uint32_t index);
int qdisc_clsact(struct nl *nl, uint32_t index, struct err *e);
/* tc qdisc del dev LINK root, or clsact with its filters; absent: success */
int qdisc_del(struct nl *nl, uint32_t index, struct err *e);
int qdisc_clsact_del(struct nl *nl, uint32_t index, struct err *e);

/* For the kinds: begins RTM_NEWQDISC, which carries the name of its kind. */
void qdisc_begin(struct nl_req *q, uint16_t flags, uint32_t index, uint32_t parent,
		 const char *kind);
/*
 * Sends it; -EOPNOTSUPP when the kernel has not that kind (it says ENOENT):
 * "this kernel has no tbf (CONFIG_NET_SCH_TBF)", and the cure.
 */
struct qdisc_part {
	const char *name, *module, *config;
};
int qdisc_run(struct nl *nl, struct nl_req *q, const struct qdisc_part *part, struct err *e);

#endif
