/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter - classifiers at a link with clsact (net/qdisc.h) and what they do
 * with what arrives there or leaves.
 */
#ifndef CT_NET_FILTER_H
#define CT_NET_FILTER_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct nl;
struct nl_req;

enum filter_hook { FILTER_ARRIVING, FILTER_LEAVING };

/* The classifiers by which everything can be matched; what a kernel has is found by trying. */
enum filter_all { FILTER_U32, FILTER_MATCHALL, FILTER_ALLS };

/*
 * Everything that arrives on index leaves by link `to`, before anything else
 * sees it. -EOPNOTSUPP, with what the kernel lacks; *ret: what did it, may be NULL.
 */
int filter_redirect(struct nl *nl, uint32_t index, uint32_t to, struct err *e);
int filter_redirect_by(struct nl *nl, uint32_t index, uint32_t to, enum filter_all *ret,
		       struct err *e);
/*
 * tc filter replace: the one that stands, whose target may be gone, is replaced (but for
 * matchall, which has to be deleted first).
 */
void filter_redirect_put(struct nl_req *q, enum filter_all by, uint32_t index, uint32_t to);
int filter_redirect_del(struct nl *nl, uint32_t index, struct err *e); /* absent: success */

/*
 * A share (billionths) of the packets is lost, each by itself. One that stands is
 * replaced. Needs cls_bpf, which reads a classic program: no load of eBPF.
 */
void filter_loss_put(struct nl_req *q, uint32_t index, enum filter_hook hook, uint32_t share);
int filter_loss_del(struct nl *nl, uint32_t index, enum filter_hook hook, struct err *e);
/*
 * Whether this kernel has both, asked of lo with clsact on it, as qdisc_probe leaves it:
 * -EOPNOTSUPP with the cure.
 */
int filter_redirect_probe(struct nl *nl, struct err *e);
int filter_loss_probe(struct nl *nl, struct err *e);

#endif
