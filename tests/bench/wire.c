/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/die.h"

static void *put(struct wire_batch *b, const void *data, size_t len)
{
	void *at = b->buf + b->len;

	memset(at, 0, NLMSG_ALIGN(len));
	if (data)
		memcpy(at, data, len);
	b->len += NLMSG_ALIGN(len);
	b->last->nlmsg_len = (uint32_t)(b->buf + b->len - (char *)b->last);
	return at;
}

static void begin(struct wire_batch *b, uint16_t type, uint16_t flags, const void *head, size_t len)
{
	b->last = (struct nlmsghdr *)(b->buf + b->len);
	*b->last = (struct nlmsghdr){ .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags };
	b->len += NLMSG_HDRLEN;
	put(b, head, len);
}

static struct rtattr *attr(struct wire_batch *b, uint16_t type, const void *data, size_t len)
{
	struct rtattr *a = put(b, NULL, sizeof(*a));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	if (data)
		put(b, data, len);
	return a;
}

static void nest_end(struct wire_batch *b, struct rtattr *a)
{
	a->rta_len = (uint16_t)(b->buf + b->len - (char *)a);
}

/* Only the last message is acknowledged; errors of the others come anyway. */
void wire_send(struct wire_batch *b)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char reply[4096];
	const struct nlmsghdr *n = (const struct nlmsghdr *)reply;
	const struct nlmsgerr *result = NLMSG_DATA(n);

	if (!b->len)
		return;
	b->last->nlmsg_flags |= NLM_F_ACK;
	if (!b->fd)
		b->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (b->fd < 0 ||
	    sendto(b->fd, b->buf, b->len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    recv(b->fd, reply, sizeof(reply), 0) < 0)
		die("netlink");
	errno = -result->error;
	if (n->nlmsg_type != NLMSG_ERROR || result->error)
		die("netlink answer");
	b->len = 0;
}

/* One whose socket is of a namespace that nobody asks again. */
static void send_once(struct wire_batch *b)
{
	wire_send(b);
	close(b->fd);
}

/* A pair numbered num: the near end at a bridge, up, the far end where far_attr says. */
static void put_veth(struct wire_batch *b, const char *const names[2], uint32_t num,
		     uint32_t master, uint16_t far_attr, uint32_t far)
{
	struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, none = { 0 };
	const uint8_t *n = (const uint8_t *)&num;
	const uint8_t near_mac[6] = { 2, 0, n[2], n[1], n[0], 1 };
	const uint8_t far_mac[6] = { 2, 0, n[2], n[1], n[0], 2 };
	struct rtattr *info, *data, *inner;

	begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	attr(b, IFLA_IFNAME, names[0], strlen(names[0]) + 1);
	attr(b, IFLA_ADDRESS, near_mac, 6);
	attr(b, IFLA_MASTER, &master, 4);
	info = attr(b, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
	attr(b, IFLA_INFO_KIND, "veth", 4);
	data = attr(b, IFLA_INFO_DATA | NLA_F_NESTED, NULL, 0);
	inner = attr(b, VETH_INFO_PEER | NLA_F_NESTED, NULL, 0);
	put(b, &none, sizeof(none));
	attr(b, IFLA_IFNAME, names[1], strlen(names[1]) + 1);
	attr(b, IFLA_ADDRESS, far_mac, 6);
	if (far_attr)
		attr(b, far_attr, &far, 4);
	nest_end(b, inner);
	nest_end(b, data);
	nest_end(b, info);
}

void wire_veth(const char *name, const char *bridge, unsigned short peer_attr, int peer)
{
	const char *const names[2] = { name, "eth0" };
	uint32_t master = if_nametoindex(bridge);
	struct wire_batch b;

	if (!master)
		die(bridge);
	b.fd = 0;
	b.len = 0;
	put_veth(&b, names, 0, master, peer_attr, (uint32_t)peer);
	send_once(&b);
}

void wire_bridge_put(struct wire_batch *b, const char *name, uint32_t index)
{
	struct ifinfomsg up = { .ifi_index = (int)index,
				.ifi_flags = IFF_UP,
				.ifi_change = IFF_UP };
	struct rtattr *info, *data;

	begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	attr(b, IFLA_IFNAME, name, strlen(name) + 1);
	info = attr(b, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
	attr(b, IFLA_INFO_KIND, "bridge", 6);
	data = attr(b, IFLA_INFO_DATA | NLA_F_NESTED, NULL, 0);
	attr(b, IFLA_BR_MCAST_SNOOPING, "", 1);
	nest_end(b, data);
	nest_end(b, info);
}

void wire_port_put(struct wire_batch *b, uint32_t num, uint32_t bridge, int pid)
{
	char name[16];
	const char *const names[2] = { name, "eth0" };

	snprintf(name, sizeof(name), "p%u", num);
	put_veth(b, names, num, bridge, IFLA_NET_NS_PID, (uint32_t)pid);
}

void wire_trunk_put(struct wire_batch *b, uint32_t num, uint32_t bridge, uint32_t other)
{
	struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	char near[16], far[16];
	const char *const names[2] = { near, far };

	snprintf(near, sizeof(near), "t%u", num);
	snprintf(far, sizeof(far), "u%u", num);
	put_veth(b, names, num, bridge, 0, 0);
	begin(b, RTM_NEWLINK, 0, &up, sizeof(up));
	attr(b, IFLA_IFNAME, far, strlen(far) + 1);
	attr(b, IFLA_MASTER, &other, 4);
}

/* ip link set INDEX addrgenmode none: in a message that sets up, too, it would come too late */
static void put_no_linklocal(struct wire_batch *b, unsigned index)
{
	static const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	struct ifinfomsg link = { .ifi_index = (int)index };
	struct rtattr *spec, *inet6;

	begin(b, RTM_NEWLINK, 0, &link, sizeof(link));
	spec = attr(b, IFLA_AF_SPEC | NLA_F_NESTED, NULL, 0);
	inet6 = attr(b, AF_INET6 | NLA_F_NESTED, NULL, 0);
	attr(b, IFLA_INET6_ADDR_GEN_MODE, &none, 1);
	nest_end(b, inet6);
	nest_end(b, spec);
}

void wire_inside(const char *address, unsigned char len, const char *gateway, bool no_linklocal)
{
	unsigned index = if_nametoindex("eth0");
	struct ifinfomsg lo = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifinfomsg eth = { .ifi_index = (int)index,
				 .ifi_flags = IFF_UP,
				 .ifi_change = IFF_UP };
	struct ifaddrmsg addr = { .ifa_family = AF_INET, .ifa_prefixlen = len, .ifa_index = index };
	struct rtmsg route = { .rtm_family = AF_INET,
			       .rtm_table = RT_TABLE_MAIN,
			       .rtm_protocol = RTPROT_BOOT,
			       .rtm_type = RTN_UNICAST };
	struct in_addr ip, via;
	struct wire_batch b;

	b.fd = 0;
	b.len = 0;
	if (!index || inet_pton(AF_INET, address, &ip) != 1 ||
	    inet_pton(AF_INET, gateway, &via) != 1)
		die("eth0");
	if (no_linklocal)
		put_no_linklocal(&b, index);
	begin(&b, RTM_NEWLINK, 0, &lo, sizeof(lo));
	begin(&b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &addr, sizeof(addr));
	attr(&b, IFA_LOCAL, &ip, 4);
	begin(&b, RTM_NEWLINK, 0, &eth, sizeof(eth));
	begin(&b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof(route));
	attr(&b, RTA_GATEWAY, &via, 4);
	send_once(&b);
}
