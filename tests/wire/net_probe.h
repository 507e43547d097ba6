/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be seen of a host of net_host.h: an echo, links, state, settings. */
#ifndef TESTS_NET_PROBE_H
#define TESTS_NET_PROBE_H

#include "tests/wire/net_host.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/time.h>

static inline uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += p[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

struct ping {
	struct ip_addr to;
	int tries;
};

/* One echo through a datagram socket, as ping(8) without privileges does it. */
static inline int ping_inside(void *ctx)
{
	struct ping *p = ctx;
	bool v4 = p->to.family == AF_INET;
	struct icmphdr echo = { .type = v4 ? ICMP_ECHO : 128, .un.echo.sequence = 1 };
	struct timeval timeout = { .tv_usec = 300000 };
	struct sockaddr_in s4 = { .sin_family = AF_INET };
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6 };
	struct sockaddr *to = v4 ? (struct sockaddr *)&s4 : (struct sockaddr *)&s6;
	socklen_t len = v4 ? sizeof(s4) : sizeof(s6);
	int fd =
		socket(p->to.family, SOCK_DGRAM | SOCK_CLOEXEC, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	char buf[64];
	int r = -ETIMEDOUT;

	if (fd < 0)
		return -errno;
	memcpy(&s4.sin_addr, p->to.b, 4);
	memcpy(&s6.sin6_addr, p->to.b, 16);
	echo.checksum = v4 ? checksum(&echo, sizeof(echo)) : 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	for (int i = 0; i < p->tries && r < 0; i++) {
		if (sendto(fd, &echo, sizeof(echo), 0, to, len) < 0)
			r = -errno;
		else if (recv(fd, buf, sizeof(buf), 0) > 0)
			r = 0;
	}
	close(fd);
	return r;
}

static inline int ping(int ns, const char *to, int tries)
{
	struct ping p = { ip(to), tries };

	return netns_do(ns, ping_inside, &p);
}

static inline bool exists(struct host *h, const char *path)
{
	return faccessat(h->net.state_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline bool link_there(struct host *h, const char *name)
{
	struct link_info l;

	return link_get(&h->net.rt, name, &l, NULL) == 0;
}

static inline char *text_of(struct host *h, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read_at(h->net.state_fd, path, 1 << 20, &text, NULL), 0);
	return text;
}

static inline void assert_sysctl(int ns, const char *path, const char *want)
{
	int self = netns_open_self();
	char got[32] = "";

	if (ns >= 0)
		assert_int_equal(setns(ns, CLONE_NEWNET), 0);
	sysctl_get(path, got, sizeof(got), NULL);
	assert_int_equal(setns(self, CLONE_NEWNET), 0);
	close(self);
	if (strcmp(got, want) != 0)
		fail_msg("%s is %s, not %s", path, got, want);
}

static inline bool table_there(struct host *h)
{
	const char *const argv[] = { "nft", "list", "table", "inet", "ctnet", NULL };
	int status = -1;

	OK(proc_run(argv, &status));
	return status == 0;
}

static inline double ms_since(const struct timespec *t0)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - t0->tv_sec) * 1e3 + (double)(t.tv_nsec - t0->tv_nsec) / 1e6;
}

#endif
