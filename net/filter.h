/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter - classifiers of what arrives on a link with clsact (net/qdisc.h) and
 * what they do with it.
 */
#ifndef CT_NET_FILTER_H
#define CT_NET_FILTER_H

#include <stdint.h>

struct err;
struct nl;

/*
 * Everything that arrives on index leaves by link `to`, before anything else
 * sees it. -EOPNOTSUPP, with what the kernel lacks.
 */
int filter_redirect(struct nl *nl, uint32_t index, uint32_t to, struct err *e);

#endif
