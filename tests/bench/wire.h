/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - the least rtnetlink that puts a container on a bridge, for the floor
 * programs: no library, no error text, nothing that could be left out.
 */
#ifndef CT_BENCH_WIRE_H
#define CT_BENCH_WIRE_H

/*
 * ip link add NAME master BRIDGE up type veth peer name eth0 netns PEER
 * (each end with a MAC, both in one message); attr tells what peer is:
 * IFLA_NET_NS_PID or IFLA_NET_NS_FD
 */
void wire_veth(const char *name, const char *bridge, unsigned short attr, int peer);

/*
 * In the namespace, in one send: ip link set lo up; ip addr add ADDRESS/24 dev
 * eth0; ip link set eth0 up; ip route add default via GATEWAY
 */
void wire_inside(const char *address, const char *gateway);

#endif
