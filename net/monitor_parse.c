/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "net/monitor.h"

static bool parse_link(const struct nlmsghdr *msg, struct monitor_event *ev)
{
	const struct ifinfomsg *ifi = nl_msg_extra(msg, sizeof(*ifi));

	/* of AF_BRIDGE and AF_INET6 are what these think of a link: an end there is none of it */
	if (!ifi || ifi->ifi_family != AF_UNSPEC || !link_parse(msg, &ev->link))
		return false;
	ev->on.index = ev->link.index;
	return true;
}

static bool parse_addr(const struct nlmsghdr *msg, struct monitor_event *ev)
{
	if (!addr_parse(msg, &ev->addr))
		return false;
	ev->on.index = ev->addr.index;
	return true;
}

static bool parse_route(const struct nlmsghdr *msg, struct monitor_event *ev)
{
	if (!route_parse(msg, &ev->route))
		return false;
	ev->on.index = ev->route.index;
	return true;
}

static bool parse_neigh(const struct nlmsghdr *msg, struct monitor_event *ev)
{
	if (!neigh_parse(msg, &ev->neigh))
		return false;
	ev->on.index = ev->neigh.index;
	return true;
}

static const struct {
	uint16_t new, del;
	enum monitor_object object;
	bool (*parse)(const struct nlmsghdr *msg, struct monitor_event *ev);
} messages[] = {
	{ RTM_NEWLINK, RTM_DELLINK, MONITOR_LINK, parse_link },
	{ RTM_NEWADDR, RTM_DELADDR, MONITOR_ADDRESS, parse_addr },
	{ RTM_NEWROUTE, RTM_DELROUTE, MONITOR_ROUTE, parse_route },
	{ RTM_NEWNEIGH, RTM_DELNEIGH, MONITOR_NEIGH, parse_neigh },
};

bool monitor_parse(struct nlmsghdr *msg, struct monitor_event *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		bool deleted = msg->nlmsg_type == messages[i].del;

		if (!deleted && msg->nlmsg_type != messages[i].new)
			continue;
		*ret = (struct monitor_event){ .object = messages[i].object,
					       .what = deleted ? MONITOR_DELETED
							       : MONITOR_CHANGED };
		msg->nlmsg_type = messages[i].new;
		return messages[i].parse(msg, ret);
	}
	return false;
}
