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
	uint32_t queue; /* or how much waits, bytes */
	uint32_t mtu; /* of the link; 0: Ethernet's */
};

/* tc qdisc replace dev LINK root tbf rate R burst B latency L */
void qdisc_tbf_put(struct nl_req *q, uint32_t index, const struct tbf_spec *s);
int qdisc_tbf(struct nl *nl, uint32_t index, const struct tbf_spec *s, struct err *e);
/* What happens to packets; 0: nothing of the kind. */
struct netem_spec {
	uint64_t delay_ns, jitter_ns, rate; /* bit/s */
	uint32_t loss, dup, reorder, corrupt; /* billionths */
	uint32_t queue; /* packets that wait for the rate; 0: 50 ms of it, at least 100 */
	uint32_t mtu; /* of the link; 0: Ethernet's */
	uint64_t seed; /* of the random events, from Linux 6.7; 0: none */
};

/* tc qdisc replace dev LINK root netem limit N delay T J loss P ... rate R */
void qdisc_netem_put(struct nl_req *q, uint32_t index, const struct netem_spec *s);
/* tc qdisc replace dev LINK clsact: where filters of what arrives and leaves are */
void qdisc_clsact_put(struct nl_req *q, uint32_t index);
/* tc qdisc add dev LINK clsact; -EEXIST */
int qdisc_clsact(struct nl *nl, uint32_t index, struct err *e);
/* tc qdisc del dev LINK root, or clsact with its filters; absent: success */
void qdisc_del_put(struct nl_req *q, uint32_t index); /* absent: an error */
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
extern const struct qdisc_part qdisc_part_tbf, qdisc_part_netem, qdisc_part_clsact;
int qdisc_run(struct nl *nl, struct nl_req *q, const struct qdisc_part *part, struct err *e);
/*
 * Whether this kernel has the kind, loading its module if need be: -EOPNOTSUPP as above.
 * Asked of lo, of which nothing is changed but that of clsact remains.
 */
int qdisc_probe(struct nl *nl, const struct qdisc_part *part, struct err *e);

#endif
