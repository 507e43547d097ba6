/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe - measurements between network namespaces, done from one process: sockets are
 * opened inside the namespaces and driven from here, so a node needs no tool.
 */
#ifndef CT_NET_PROBE_H
#define CT_NET_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/inet.h"

struct err;

/* From where to where; src unset: the kernel's choice. */
struct probe_path {
	int netns_fd; /* borrowed */
	struct ip_addr src, dst;
	uint32_t scope; /* index of the interface, of a link-local dst */
};

/* Echo requests: ping(8). */
struct probe_echo {
	uint32_t count; /* 0: 1 */
	uint64_t interval, timeout; /* nanoseconds; 0: 10 ms, 1 s; each is waited for so long */
	uint8_t ttl;
	/* of the whole IP packet, with "don't fragment"; 0: small, may be fragmented */
	uint32_t size;
};
struct probe_echo_result {
	uint32_t sent, received;
	uint64_t rtt_min, rtt_avg, rtt_max; /* nanoseconds */
	uint8_t ttl; /* of the last answer as it arrived; 0: none */
	struct ip_addr from; /* of the last answer, or of who refused */
	int error; /* of the last refusal (EHOSTUNREACH ...), 0: none, only silence */
	uint32_t mtu; /* that a refusal told */
};
int probe_echo(const struct probe_path *p, const struct probe_echo *o,
	       struct probe_echo_result *ret, struct err *e);

/*
 * All ordered pairs; ok[i * n + j], allocated, is 1 where j answered i, 0 on the diagonal.
 * Neighbour entries that it made in the hosts' namespaces are deleted; a full
 * neighbour table is waited for. All addresses are of one family: -EAFNOSUPPORT.
 */
struct probe_host {
	int netns_fd;
	struct ip_addr addr;
};
int probe_pairs(const struct probe_host *hosts, size_t n, uint64_t timeout, uint8_t **ret_ok,
		struct err *e);

/*
 * The largest whole IP packet that passes, found by echoes that may not be fragmented.
 * -EHOSTUNREACH: not even the smallest one does.
 */
int probe_pmtu(const struct probe_path *p, uint32_t *ret, struct err *e);
/*
 * The addresses of the hops (unset: silent), dst or who refused last. 1: dst was reached; 0: not,
 * and silent ones at the end are left out. max: at most 255.
 */
int probe_trace(const struct probe_path *p, struct ip_addr *hops, size_t max, size_t *ret_n,
		struct err *e);

/*
 * What arrives in to_netns_fd in so many seconds: bits of payload a second, counted by
 * the receiver once the first are through (a token bucket that is full lets them
 * pass faster). Ports are chosen by the kernel.
 */
int probe_tcp_rate(const struct probe_path *p, int to_netns_fd, uint32_t seconds, uint64_t *ret_bps,
		   struct err *e);
/* want: the rate it is sent at; 0: 1 gbit. */
int probe_udp_rate(const struct probe_path *p, int to_netns_fd, uint32_t seconds, uint64_t want,
		   uint64_t *ret_bps, struct err *e);

/*
 * GET http://HOST[:PORT]/PATH over p (host: its Host header). body: allocated, cut at
 * 1 MiB, a NUL behind it. -EPROTO: what came is no answer of HTTP; -ETIMEDOUT.
 */
int probe_http(const struct probe_path *p, uint16_t port, const char *host, const char *path,
	       uint64_t timeout, int *ret_status, char **ret_body, size_t *ret_len, struct err *e);

#endif
