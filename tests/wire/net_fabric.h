/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_fabric - a fabric and its nodes, network namespaces in which nothing runs:
 * node i has the interface eth0 with 10.0.0.(i + 1)/24 and answers nothing, but
 * datagrams sent to it are counted.
 */
#ifndef CT_TESTS_NET_FABRIC_H
#define CT_TESTS_NET_FABRIC_H

#include "net_sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/addr.h"
#include "net/fabric.h"
#include "net/link.h"
#include "net/nl.h"

#define WORLD_NODES 4
#define WORLD_PORT  5001

struct world {
	int ns; /* of the fabric */
	int node[WORLD_NODES];
	size_t n;
	struct fabric *f;
	struct nl nl; /* in the fabric */
};

static inline void world_open(struct world *w, size_t n)
{
	struct err e = ERR_INIT;

	*w = (struct world){ .n = n };
	w->ns = netns_scratch(&e);
	assert_true(w->ns >= 0);
	for (size_t i = 0; i < n; i++) {
		w->node[i] = netns_scratch(&e);
		assert_true(w->node[i] >= 0);
	}
	ok(fabric_open(w->ns, "lab", &w->f, &e), &e);
	ok(netns_nl_open(w->ns, &w->nl, NETLINK_ROUTE, &e), &e);
}

static inline void world_close(struct world *w)
{
	fabric_close(w->f);
	nl_close(&w->nl);
	fd_close(w->ns);
	for (size_t i = 0; i < w->n; i++)
		fd_close(w->node[i]);
}

static inline struct fabric_end end_of(const struct world *w, size_t i)
{
	static const char *const names[] = { "n0", "n1", "n2", "n3" };

	return (struct fabric_end){ .netns_fd = w->node[i],
				    .node = names[i],
				    .ifname = "eth0",
				    .mac = { { 2, 0, 0, 0, 0, (uint8_t)(i + 1) } },
				    .mtu = 1500 };
}

static inline void port_put(struct world *w, uint32_t id, size_t node, uint32_t bridge)
{
	fabric_port_put(
		w->f, &(struct fabric_port){ .id = id, .end = end_of(w, node), .bridge = bridge });
}

static inline void flush(struct world *w)
{
	struct err e = ERR_INIT;

	ok(fabric_flush(w->f, &e), &e);
}

static inline uint32_t node_address(size_t i)
{
	return 0x0a000001 + (uint32_t)i;
}

static inline void node_up(const struct world *w, size_t i)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	struct link_info l;

	ok(netns_nl_open(w->node[i], &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "eth0", &l, &e), &e);
	ok(addr_add(&nl,
		    &(struct addr_spec){ .index = l.index,
					 .addr = { ip_from_v4(node_address(i)), 24 } },
		    &e),
	   &e);
	ok(link_set(&nl, l.index, NULL, &(struct link_change){ .up = ON }, &e), &e);
}

/* Whether the node's interface is up and has a carrier, and how many addresses. */
static inline bool node_carrier(const struct world *w, size_t i)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	struct link_info l;

	ok(netns_nl_open(w->node[i], &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "eth0", &l, &e), &e);
	return l.flags & 0x10000; /* IFF_LOWER_UP */
}

static inline int count_address(const struct addr_info *a, void *ctx)
{
	++*(unsigned *)ctx;
	return 0;
}

/* IPv4 ones of the node's interface. */
static inline unsigned addresses(const struct world *w, size_t i)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	struct link_info l;
	unsigned n = 0;

	ok(netns_nl_open(w->node[i], &nl, NETLINK_ROUTE, &e), &e);
	ok(link_get(&nl, "eth0", &l, &e), &e);
	ok(addr_list(&nl, l.index, AF_INET, count_address, &n, &e), &e);
	return n;
}

/* All have a carrier and know it: of a direct wire the nodes' ends, for want of ours. */
static inline void settle(struct world *w)
{
	struct err e = ERR_INIT;

	ok(fabric_settle(w->f, &e), &e);
	for (size_t i = 0; i < w->n; i++)
		assert_true(node_carrier(w, i));
}

static inline void nodes_up(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		node_up(w, i);
	settle(w);
}

/* ---- datagrams --------------------------------------------------------------------- */

static inline int node_socket_inside(void *ctx)
{
	const int *type = ctx;

	return socket(AF_INET, *type | SOCK_CLOEXEC, 0);
}

static inline int node_socket(const struct world *w, size_t i, int type)
{
	struct sockaddr_in self = { .sin_family = AF_INET,
				    .sin_port = htons(WORLD_PORT),
				    .sin_addr.s_addr = htonl(node_address(i)) };
	int fd = netns_do(w->node[i], node_socket_inside, &type), room = 4 << 20;

	assert_true(fd >= 0);
	/* what is shaped is what is lost, not what waits to be read */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	assert_int_equal(bind(fd, (struct sockaddr *)&self, sizeof(self)), 0);
	return fd;
}

/* Sends n datagrams from a to b, at most 16 under way; how many arrived. */
static inline unsigned exchange(const struct world *w, size_t a, size_t b, unsigned n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(WORLD_PORT),
				  .sin_addr.s_addr = htonl(node_address(b)) };
	int from = node_socket(w, a, SOCK_DGRAM), at = node_socket(w, b, SOCK_DGRAM);
	struct pollfd p = { .fd = at, .events = POLLIN };
	unsigned got = 0;
	char buf[64] = "";

	for (unsigned sent = 0; sent < n;) {
		for (unsigned i = 0; i < 16 && sent < n; i++, sent++)
			if (sendto(from, buf, sizeof(buf), 0, (struct sockaddr *)&to, sizeof(to)) <
			    0)
				print_message("send: %s\n", strerror(errno));
		while (poll(&p, 1, sent < n ? 2 : 200) > 0)
			got += recv(at, buf, sizeof(buf), MSG_DONTWAIT) > 0;
	}
	close(from);
	close(at);
	return got;
}

/* Once a neighbour that could not be asked is asked again: within a second. */
static inline bool reaches(const struct world *w, size_t a, size_t b)
{
	for (int i = 0; i < 25; i++)
		if (exchange(w, a, b, 1) == 1)
			return true;
	return false;
}

/*
 * Seconds from the arrival of the first of n datagrams of 1400 bytes to that of the last; -1:
 * some were lost. then: called when all are sent; may be NULL.
 */
static inline double transfer(struct world *w, size_t a, size_t b, unsigned n,
			      void (*then)(struct world *w))
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(WORLD_PORT),
				  .sin_addr.s_addr = htonl(node_address(b)) };
	int from = node_socket(w, a, SOCK_DGRAM), at = node_socket(w, b, SOCK_DGRAM);
	struct pollfd p = { .fd = at, .events = POLLIN };
	struct timespec first = { 0 }, last = { 0 };
	char buf[1400] = "";
	unsigned got = 0;

	/* the neighbour is known first, which queues only a few */
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(sendto(from, buf, sizeof(buf), 0, (struct sockaddr *)&to,
					sizeof(to)),
				 sizeof(buf));
		if (i == 0) {
			assert_int_equal(poll(&p, 1, 2000), 1);
			clock_gettime(CLOCK_MONOTONIC, &first);
		}
	}
	if (then)
		then(w);
	for (; got < n && poll(&p, 1, 2000) > 0; got++) {
		clock_gettime(CLOCK_MONOTONIC, &last);
		assert_true(recv(at, buf, sizeof(buf), MSG_DONTWAIT) > 0);
	}
	close(from);
	close(at);
	if (got < n)
		return -1;
	return (double)(last.tv_sec - first.tv_sec) + (double)(last.tv_nsec - first.tv_nsec) / 1e9;
}

/* Seconds until a datagram has arrived, the best of n. */
static inline double latency(struct world *w, size_t a, size_t b, unsigned n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(WORLD_PORT),
				  .sin_addr.s_addr = htonl(node_address(b)) };
	int from = node_socket(w, a, SOCK_DGRAM), at = node_socket(w, b, SOCK_DGRAM);
	struct pollfd p = { .fd = at, .events = POLLIN };
	double best = 1e9, t;
	char buf[64] = "";

	for (unsigned i = 0; i < n; i++) {
		struct timespec t0, t1;

		clock_gettime(CLOCK_MONOTONIC, &t0);
		sendto(from, buf, sizeof(buf), 0, (struct sockaddr *)&to, sizeof(to));
		if (poll(&p, 1, 5000) != 1)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &t1);
		assert_true(recv(at, buf, sizeof(buf), MSG_DONTWAIT) > 0);
		t = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
		best = t < best ? t : best;
	}
	close(from);
	close(at);
	return best;
}

/* Of n numbered datagrams, how many arrive behind a later one. */
static inline unsigned overtaken(struct world *w, size_t a, size_t b, uint32_t n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(WORLD_PORT),
				  .sin_addr.s_addr = htonl(node_address(b)) };
	int from = node_socket(w, a, SOCK_DGRAM), at = node_socket(w, b, SOCK_DGRAM);
	struct pollfd p = { .fd = at, .events = POLLIN };
	uint32_t number, last = 0;
	unsigned late = 0;

	for (uint32_t i = 1; i <= n; i++)
		sendto(from, &i, sizeof(i), 0, (struct sockaddr *)&to, sizeof(to));
	while (poll(&p, 1, 300) > 0) {
		assert_int_equal(recv(at, &number, sizeof(number), MSG_DONTWAIT), sizeof(number));
		late += number < last;
		last = number > last ? number : last;
	}
	assert_true(last > 0);
	close(from);
	close(at);
	return late;
}

#endif
