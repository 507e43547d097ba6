/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/die.h"

struct batch {
	char buf[2048];
	size_t len;
	struct nlmsghdr *last;
};

static void *put(struct batch *b, const void *data, size_t len)
{
	void *at = b->buf + b->len;

	if (data)
		memcpy(at, data, len);
	b->len += NLMSG_ALIGN(len);
	b->last->nlmsg_len = (uint32_t)(b->buf + b->len - (char *)b->last);
	return at;
}

static void begin(struct batch *b, uint16_t type, uint16_t flags, const void *head, size_t len)
{
	b->last = (struct nlmsghdr *)(b->buf + b->len);
	b->last->nlmsg_type = type;
	b->last->nlmsg_flags = NLM_F_REQUEST | flags;
	b->len += NLMSG_HDRLEN;
	put(b, head, len);
}

static struct rtattr *attr(struct batch *b, uint16_t type, const void *data, size_t len)
{
	struct rtattr *a = put(b, NULL, sizeof(*a));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	if (data)
		put(b, data, len);
	return a;
}

static void nest_end(struct batch *b, struct rtattr *a)
{
	a->rta_len = (uint16_t)(b->buf + b->len - (char *)a);
}

/* Only the last message is acknowledged; errors of the others come anyway. */
static void exchange(struct batch *b)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char reply[4096];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const struct nlmsghdr *n = (const struct nlmsghdr *)reply;
	const struct nlmsgerr *result = NLMSG_DATA(n);

	b->last->nlmsg_flags |= NLM_F_ACK;
	if (fd < 0 ||
	    sendto(fd, b->buf, b->len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    recv(fd, reply, sizeof(reply), 0) < 0)
		die("netlink");
	errno = -result->error;
	if (n->nlmsg_type != NLMSG_ERROR || result->error)
		die("netlink answer");
	close(fd);
}

void wire_veth(const char *name, const char *bridge, unsigned short peer_attr, int peer)
{
	static const uint8_t macs[2][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };
	struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, none = { 0 };
	struct batch b = { .len = 0 };
	struct rtattr *info, *data, *inner;
	uint32_t master = if_nametoindex(bridge);

	if (!master)
		die(bridge);
	begin(&b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	attr(&b, IFLA_IFNAME, name, strlen(name) + 1);
	attr(&b, IFLA_ADDRESS, macs[0], 6);
	attr(&b, IFLA_MASTER, &master, 4);
	info = attr(&b, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
	attr(&b, IFLA_INFO_KIND, "veth", 4);
	data = attr(&b, IFLA_INFO_DATA | NLA_F_NESTED, NULL, 0);
	inner = attr(&b, VETH_INFO_PEER | NLA_F_NESTED, NULL, 0);
	put(&b, &none, sizeof(none));
	attr(&b, IFLA_IFNAME, "eth0", 5);
	attr(&b, IFLA_ADDRESS, macs[1], 6);
	attr(&b, peer_attr, &peer, 4);
	nest_end(&b, inner);
	nest_end(&b, data);
	nest_end(&b, info);
	exchange(&b);
}

void wire_inside(const char *address, const char *gateway)
{
	unsigned index = if_nametoindex("eth0");
	struct ifinfomsg lo = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifinfomsg eth = { .ifi_index = (int)index,
				 .ifi_flags = IFF_UP,
				 .ifi_change = IFF_UP };
	struct ifaddrmsg addr = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index };
	struct rtmsg route = { .rtm_family = AF_INET,
			       .rtm_table = RT_TABLE_MAIN,
			       .rtm_protocol = RTPROT_BOOT,
			       .rtm_type = RTN_UNICAST };
	struct in_addr ip, via;
	struct batch b = { .len = 0 };

	if (!index || inet_pton(AF_INET, address, &ip) != 1 ||
	    inet_pton(AF_INET, gateway, &via) != 1)
		die("eth0");
	begin(&b, RTM_NEWLINK, 0, &lo, sizeof(lo));
	begin(&b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &addr, sizeof(addr));
	attr(&b, IFA_LOCAL, &ip, 4);
	begin(&b, RTM_NEWLINK, 0, &eth, sizeof(eth));
	begin(&b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof(route));
	attr(&b, RTA_GATEWAY, &via, 4);
	exchange(&b);
}
