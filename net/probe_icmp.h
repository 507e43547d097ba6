/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_icmp - echo requests and what comes back: raw sockets inside network
 * namespaces, messages built and read. Raw ones, since ping sockets want
 * net.ipv4.ping_group_range, which is the node's to set, and tell less.
 */
#ifndef CT_NET_PROBE_ICMP_H
#define CT_NET_PROBE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/probe.h"

/* Nanoseconds of CLOCK_MONOTONIC, for waiting; of CLOCK_REALTIME, as the kernel stamps packets. */
uint64_t probe_now(void);
uint64_t probe_stamp(void);
#define PROBE_MS 1000000ULL
#define PROBE_S	 1000000000ULL
/* Until fd is readable; at most so long. 1, 0: the time is over, -errno. */
int probe_wait(int fd, short events, uint64_t until);

/* socket(2) inside the namespace: close-on-exec, not blocking. */
int probe_socket(int netns_fd, int domain, int type, int proto, struct err *e);
socklen_t probe_sockaddr(const struct ip_addr *a, uint16_t port, uint32_t scope,
			 struct sockaddr_storage *ret);
/* Binds to src, when there is one; leaves the port to the kernel. */
int probe_bind(int fd, const struct probe_path *p, struct err *e);

enum icmp_flags {
	ICMP_DF = 1, /* "don't fragment", and what the kernel learned of the path is not heeded */
	ICMP_STAMPS = 2, /* the kernel stamps what arrives */
	ICMP_ERRORS = 4, /* sending tells when there is no room for a neighbour */
};
int icmp_open(const struct probe_path *p, unsigned flags, struct err *e);
int icmp_set_ttl(int fd, uint8_t family, uint8_t ttl);

/* A number that tells our echoes from others'. */
uint16_t icmp_id(void);
struct icmp_echo {
	const struct sockaddr_storage *to;
	socklen_t to_len;
	uint16_t id, seq;
	uint32_t size; /* of the whole IP packet; less than fits in: as small as it gets */
};
/* -ENOBUFS: no room for a neighbour; another -errno: the kernel's refusal, at once. */
int icmp_send(int fd, const struct icmp_echo *m);

struct icmp_answer {
	bool reply; /* else a refusal */
	uint16_t seq;
	uint8_t ttl;
	struct ip_addr from;
	int error; /* of a refusal: EHOSTUNREACH ..., ETIME: its time to live was over */
	uint32_t mtu; /* with EMSGSIZE; 0: it does not tell */
	uint64_t when; /* probe_stamp's clock */
};
/* The next that belongs to id. 1, 0: none is there, -errno. */
int icmp_recv(int fd, uint8_t family, uint16_t id, struct icmp_answer *ret);
/*
 * What arrived, cut to len bytes: of IPv4 with its header, of IPv6 without (raw(7), RFC 3542).
 * False: it answers no echo of id. ttl and from are set for IPv4 alone.
 */
bool icmp_parse(uint8_t family, const void *buf, size_t len, uint16_t id, struct icmp_answer *ret);

#endif
