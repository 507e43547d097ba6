/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - the least rtnetlink that puts a container on a bridge, for the floor
 * programs: no library, no error text, nothing that could be left out.
 */
#ifndef CT_BENCH_WIRE_H
#define CT_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/*
 * ip link add NAME master BRIDGE up type veth peer name eth0 netns PEER
 * (each end with a MAC, both in one message); attr tells what peer is:
 * IFLA_NET_NS_PID or IFLA_NET_NS_FD
 */
void wire_veth(const char *name, const char *bridge, unsigned short attr, int peer);

/*
 * In the namespace, in one send: ip link set lo up; ip addr add ADDRESS/LEN dev
 * eth0; ip link set eth0 [addrgenmode none] up; ip route add default via GATEWAY
 */
void wire_inside(const char *address, unsigned char len, const char *gateway, bool no_linklocal);

/* ---- many links in one send; indices are chosen, not asked for ---- */

struct wire_batch {
	int fd; /* made by the first send */
	size_t len;
	struct nlmsghdr *last;
	char buf[16384]; /* a link takes less than 300 bytes */
};
/* ip link add NAME index INDEX up type bridge mcast_snooping 0 */
void wire_bridge_put(struct wire_batch *b, const char *name, uint32_t index);
/* One of wire_veth, numbered num (its MAC addresses), with a bridge's index. */
void wire_port_put(struct wire_batch *b, uint32_t num, uint32_t bridge, int pid);
/* ... and one with both ends here, each at a bridge. */
void wire_trunk_put(struct wire_batch *b, uint32_t num, uint32_t bridge, uint32_t other);
void wire_send(struct wire_batch *b);

#endif
