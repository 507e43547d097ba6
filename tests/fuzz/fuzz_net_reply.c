/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as what the kernel says: read by the message parsers, and as an
 * answer to a request.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/err.h"
#include "net/addr.h"
#include "net/link.h"
#include "net/monitor.h"
#include "net/neigh.h"
#include "net/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a caller may rely on after a parser said yes. */
static int parse(const struct nlmsghdr *msg, void *ctx)
{
	struct neigh_info neigh;
	struct route_info route;
	struct link_info link;
	struct addr_info addr;

	if (link_parse(msg, &link) &&
	    (strlen(link.name) >= sizeof(link.name) || strlen(link.kind) >= sizeof(link.kind) ||
	     strlen(link.alias) >= sizeof(link.alias)))
		abort();
	if (addr_parse(msg, &addr) && addr.addr.len > ip_bits(&addr.addr.addr))
		abort();
	if (route_parse(msg, &route) && route.dst.len > ip_bits(&route.dst.addr))
		abort();
	if (neigh_parse(msg, &neigh) && !ip_is_set(&neigh.addr))
		abort();
	return 0;
}

/* As an event of what is there, or is gone. */
static void as_event(struct nlmsghdr *msg)
{
	struct monitor_event ev;

	if (!monitor_parse(msg, &ev))
		return;
	if (ev.object == MONITOR_LINK && strlen(ev.link.name) >= sizeof(ev.link.name))
		abort();
	if (ev.object != MONITOR_LINK && ev.object != MONITOR_ADDRESS &&
	    ev.object != MONITOR_ROUTE && ev.object != MONITOR_NEIGH)
		abort();
}

/* Each kind of message with this body, in a buffer that ends where it ends. */
static void as_messages(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH,
					  RTM_DELLINK, RTM_DELADDR, RTM_DELROUTE, RTM_DELNEIGH };
	struct nlmsghdr *msg = malloc(sizeof(*msg) + size);

	if (!msg)
		return;
	memcpy(msg + 1, data, size);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		*msg = (struct nlmsghdr){ .nlmsg_len = (uint32_t)(sizeof(*msg) + size),
					  .nlmsg_type = types[i] };
		parse(msg, NULL);
		as_event(msg);
	}
	free(msg);
}

/* A request answered by these bytes, and then by an ack, so that it ends. */
static void as_answer(const uint8_t *data, size_t size)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr ack;
	} end = { .h = { .nlmsg_len = sizeof(end), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 1 } };
	_cleanup_nl_req_ struct nl_req q;
	struct nl nl = { .family = NETLINK_ROUTE };
	struct err e = ERR_INIT;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) < 0)
		return;
	nl.fd = sv[0];
	nl_req_init(&q);
	nl_msg(&q, RTM_GETLINK, 0, sizeof(struct ifinfomsg), "find link");
	if (send(sv[1], data, size, 0) >= 0 && send(sv[1], &end, sizeof(end), 0) >= 0 &&
	    nl_run(&nl, &q, parse, NULL, &e) < 0 && !e.msg[0])
		abort();
	nl_close(&nl);
	close(sv[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 16384)
		return 0;
	as_messages(data, size);
	as_answer(data, size);
	return 0;
}
