/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qdisc - queueing disciplines, classifiers and their actions on a link, one
 * verb for each `tc` command that is used; one file per kind.
 */
#ifndef CT_NET_QDISC_H
#define CT_NET_QDISC_H

#include <stdint.h>

#include "net/nl.h"

struct err;

/* What a rate of bits per second on a link needs beside: burst and queue, in bytes. */
struct tbf_spec {
	uint64_t rate; /* bits per second */
	uint32_t burst; /* bytes; 0: follows from rate and MTU */
	uint64_t latency_ns; /* longest stay in the queue; 0: 50 ms */
	uint32_t mtu;
};

/* tc qdisc replace dev LINK root tbf rate R burst B limit L */
void qdisc_tbf_put(struct nl_req *q, uint32_t index, const struct tbf_spec *s);
int qdisc_tbf(struct nl *nl, uint32_t index, const struct tbf_spec *s, struct err *e);
/* tc qdisc del dev LINK root (ingress: clsact too); absent: success */
int qdisc_del(struct nl *nl, uint32_t index, struct err *e);

/*
 * The two limits of an attachment, on the host's end of its veth: towards the
 * container a tbf; from it, what arrives is redirected to an ifb of its own
 * whose tbf holds it back, or where the other end can be reached (netns_fd), a
 * tbf there; see the file for which and why. 0: no limit in that direction.
 */
struct attach_info;
int attach_rate_apply(struct nl *nl, const struct attach_info *a, int netns_fd, struct err *e);

#endif
