/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach_rate - the two limits of an attachment (rate_in, rate_out), on the
 * host's end of its link, where the container cannot reach them.
 */
#ifndef CT_NET_ATTACH_RATE_H
#define CT_NET_ATTACH_RATE_H

#include <stdbool.h>

struct attach_info;
struct err;
struct net;

/* Whether it has a limit at all. */
bool attach_rate_is_set(const struct attach_info *a);
/* Behind the creation of the link; whatever fails, attach_rate_drop undoes it. */
int attach_rate_apply(struct net *net, const struct attach_info *a, struct err *e);
/* What does not die with the host's end; absent: success. Nothing is done without a limit. */
int attach_rate_drop(struct net *net, const struct attach_info *a, struct err *e);

#endif
