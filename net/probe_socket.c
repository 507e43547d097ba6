/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all probes stand on: clocks, and sockets that belong to other namespaces. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "net/netns.h"
#include "net/port_server.h"
#include "net/probe_icmp.h"

uint64_t probe_now(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

uint64_t probe_stamp(void)
{
	return (uint64_t)clock_ns(CLOCK_REALTIME);
}

int probe_wait(int fd, short events, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now = probe_now(), left = until > now ? until - now : 0;
	const struct timespec t = { (time_t)(left / PROBE_S), (long)(left % PROBE_S) };
	int r = ppoll(&p, 1, &t, NULL);

	if (r < 0 && errno == EINTR)
		return 1; /* the caller looks, and waits again */
	return r < 0 ? -errno : r;
}

struct socket_args {
	int domain, type, proto;
};

static int open_inside(void *ctx)
{
	const struct socket_args *a = ctx;
	int fd = socket(a->domain, a->type | SOCK_CLOEXEC | SOCK_NONBLOCK, a->proto);

	return fd < 0 ? -errno : fd;
}

int probe_socket(int netns_fd, int domain, int type, int proto, struct err *e)
{
	struct socket_args a = { domain, type, proto };
	int fd = netns_do(netns_fd, open_inside, &a);

	return fd < 0 ? err_sys(e, fd, "open a socket in the network namespace") : fd;
}

socklen_t probe_sockaddr(const struct ip_addr *a, uint16_t port, uint32_t scope,
			 struct sockaddr_storage *ret)
{
	socklen_t len = sockaddr_of(a, port, ret);

	if (ip_is_linklocal(a) && a->family == AF_INET6)
		((struct sockaddr_in6 *)ret)->sin6_scope_id = scope;
	return len;
}

int probe_bind(int fd, const struct probe_path *p, struct err *e)
{
	struct sockaddr_storage sa;
	char buf[IP_STRLEN];

	if (!ip_is_set(&p->src))
		return 0;
	if (bind(fd, (struct sockaddr *)&sa, probe_sockaddr(&p->src, 0, p->scope, &sa)) < 0)
		return err_sys(e, errno, "send from %s", ip_str(&p->src, buf));
	return 0;
}
