/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A veth has its carrier as soon as both its ends are up, but the end that was up first acts
 * on it only when the kernel's work queue has come to it (net/core/link_watch.c): until
 * then its queueing discipline drops everything, and a bridge does not forward to it. That
 * takes a moment for a few links, and a second for each 200 of many. Whoever asks for a link
 * makes the kernel do it at once, since Linux 6.8 (linkwatch_sync_dev in rtnl_getlink).
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <poll.h>

#include "core/base/err.h"
#include "net/fabric_real.h"

/* Links asked for in one request: their answers, 1 KB and more each, fit the receive queue. */
#define SETTLE_AT_ONCE 32
/* Of kernels that are not made to notice by asking. */
#define SETTLE_PAUSE_MS 2
#define SETTLE_MS	1000

/* One that has its carrier but does not act on it is asked again. */
static int settle_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct ifinfomsg *ifi = nl_msg_extra(msg, sizeof(*ifi));
	struct fabric *f = ctx;
	uint32_t port = ifi ? (uint32_t)ifi->ifi_index - PORT_INDEX : UINT32_MAX;

	if (ifi && port < f->n_slots && ifi->ifi_flags & IFF_LOWER_UP &&
	    !(ifi->ifi_flags & IFF_RUNNING))
		f->slots[port].unsettled = true;
	return 0;
}

/* A port that went with its node is none to settle. */
static int settle_some(struct fabric *f, uint32_t *port, bool *asked, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	unsigned n;
	int r;

	nl_req_init(&q);
	for (n = 0; *port < f->n_slots && n < SETTLE_AT_ONCE; ++*port) {
		if (!f->slots[*port].unsettled || f->slots[*port].down)
			continue;
		f->slots[*port].unsettled = false;
		link_get_put(&q, PORT_INDEX + *port);
		n++;
	}
	*asked |= n > 0;
	r = nl_run(&f->nl, &q, settle_reply, f, &own);
	if (r < 0 && r != -ENODEV && e)
		*e = own;
	return r == -ENODEV ? 0 : r;
}

int fabric_settle(struct fabric *f, struct err *e)
{
	bool asked = true;
	int r = 0;

	for (unsigned ms = 0; asked && r >= 0 && ms < SETTLE_MS; ms += SETTLE_PAUSE_MS) {
		asked = false;
		if (ms)
			poll(NULL, 0, SETTLE_PAUSE_MS);
		for (uint32_t port = 0; r >= 0 && port < f->n_slots;)
			r = settle_some(f, &port, &asked, e);
	}
	return fabric_failed(f, r, e);
}
