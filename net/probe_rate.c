/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much arrives: one process drives both ends, the sender as fast as the
 * kernel takes it (or at a given rate), the receiver as fast as it comes. What arrives
 * is counted and thrown away where it lies (MSG_TRUNC), so that copying costs nothing.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/probe_icmp.h"

/* After the first byte: slow start, and buckets that are full of tokens. */
#define WARM_UP	   (250 * PROBE_MS)
#define FIRST_WAIT (3 * PROBE_S)
#define TCP_CHUNK  (256U << 10)
#define UDP_SIZE   1400U /* of a datagram: fits in what tunnels leave of 1500 */
#define UDP_BURST  64U
#define UDP_RATE   1000000000ULL

static const uint8_t zero[TCP_CHUNK];

struct rate {
	int send, recv; /* sockets */
	int (*push)(struct rate *x, uint64_t now); /* 1: there is more to send at once */
	int (*pull)(struct rate *x, uint64_t *bytes);
	uint64_t want, sent; /* udp: bits a second; bytes */
	uint64_t begun; /* the first was sent */
};

/* ---- counting ---- */

/* Sleeps until something can be done; a sender that goes by the clock looks every millisecond. */
static int pause_for(struct rate *x, uint64_t until)
{
	struct pollfd p[] = { { x->recv, POLLIN, 0 }, { x->send, POLLOUT, 0 } };
	uint64_t now = probe_now(), left = until > now ? until - now : 0;
	struct timespec t = { (time_t)(left / PROBE_S), (long)(left % PROBE_S) };

	if (x->want) {
		p[1].fd = -1;
		t = (struct timespec){ 0, PROBE_MS };
	}
	return ppoll(p, ARRAY_SIZE(p), &t, NULL) < 0 && errno != EINTR ? -errno : 0;
}

/* Bytes that arrive until then, or the first ones. */
static int move(struct rate *x, uint64_t until, bool first, uint64_t *bytes)
{
	uint64_t now;
	int r = 0, more;

	*bytes = 0;
	while (r >= 0 && (now = probe_now()) < until && !(first && *bytes)) {
		more = x->push(x, now);
		r = more < 0 ? more : x->pull(x, bytes);
		if (r >= 0 && !more)
			r = pause_for(x, until);
	}
	return r;
}

static int measure(struct rate *x, uint32_t seconds, uint64_t *ret, struct err *e)
{
	uint64_t bytes, from, took;
	int r;

	x->begun = probe_now();
	r = move(x, x->begun + FIRST_WAIT, true, &bytes);
	if (r >= 0 && !bytes) {
		*ret = 0;
		return 0;
	}
	r = r < 0 ? r : move(x, probe_now() + WARM_UP, false, &bytes);
	from = probe_now();
	r = r < 0 ? r : move(x, from + seconds * PROBE_S, false, &bytes);
	if (r < 0)
		return err_sys(e, r, "measure the rate");
	took = (probe_now() - from) / 1000;
	*ret = took ? bytes * 8 * 1000000 / took : 0;
	return 0;
}

/* ---- sockets ---- */

/* Bound to any address, since dst may be translated on the way. */
static int receiver(const struct probe_path *p, int netns_fd, int type, uint16_t *ret_port,
		    struct err *e)
{
	const struct ip_addr any = { .family = p->dst.family };
	struct sockaddr_storage sa;
	struct sockaddr_in6 at = { 0 };
	socklen_t len = sizeof(at);
	_cleanup_close_ int fd = probe_socket(netns_fd, p->dst.family, type, 0, e);

	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&sa, probe_sockaddr(&any, 0, 0, &sa)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 1) < 0) ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return err_sys(e, errno, "receive");
	*ret_port = ntohs(at.sin6_port); /* where sin_port is, too */
	return take_fd(&fd);
}

static int sender(const struct probe_path *p, int type, uint16_t port, struct err *e)
{
	_cleanup_close_ int fd = probe_socket(p->netns_fd, p->dst.family, type, 0, e);
	struct sockaddr_storage sa;
	socklen_t len = probe_sockaddr(&p->dst, port, p->scope, &sa);
	char buf[IP_STRLEN];
	int r;

	if (fd < 0)
		return fd;
	r = probe_bind(fd, p, e);
	if (r < 0)
		return r;
	if (connect(fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS)
		return err_sys(e, errno, "connect to %s", ip_str(&p->dst, buf));
	return take_fd(&fd);
}

/* ---- TCP ---- */

static int tcp_push(struct rate *x, uint64_t now)
{
	ssize_t n = send(x->send, zero, sizeof(zero), MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)now;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	return n > 0;
}

static int tcp_pull(struct rate *x, uint64_t *bytes)
{
	ssize_t n;

	while ((n = recv(x->recv, NULL, 16U << 20, MSG_DONTWAIT | MSG_TRUNC)) > 0)
		*bytes += (uint64_t)n;
	return n == 0 ? -ECONNRESET : errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* Until the connection stands, or is refused. */
static int tcp_await(const struct probe_path *p, int conn, int listener, struct err *e)
{
	const uint64_t until = probe_now() + FIRST_WAIT;
	struct sockaddr_storage sa;
	socklen_t len = sizeof(int);
	char buf[IP_STRLEN];
	int error = 0, fd;

	if (probe_wait(conn, POLLOUT, until) <= 0)
		return err_sys(e, ETIMEDOUT, "connect to %s", ip_str(&p->dst, buf));
	if (getsockopt(conn, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return err_sys(e, error ? error : errno, "connect to %s", ip_str(&p->dst, buf));
	/* it is accepted at once, unless something in between answered in its place */
	probe_wait(listener, POLLIN, until);
	len = sizeof(sa);
	fd = accept4(listener, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return fd < 0 ? err_sys(e, errno, "accept the connection of the test") : fd;
}

int probe_tcp_rate(const struct probe_path *p, int to_netns_fd, uint32_t seconds, uint64_t *ret_bps,
		   struct err *e)
{
	_cleanup_close_ int listener = -1, conn = -1, peer = -1;
	struct rate x = { .push = tcp_push, .pull = tcp_pull };
	const struct linger at_once = { 1, 0 };
	uint16_t port;
	int r;

	listener = receiver(p, to_netns_fd, SOCK_STREAM, &port, e);
	if (listener < 0)
		return listener;
	conn = sender(p, SOCK_STREAM, port, e);
	if (conn < 0)
		return conn;
	peer = tcp_await(p, conn, listener, e);
	if (peer < 0)
		return peer;
	x.send = conn;
	x.recv = peer;
	r = measure(&x, seconds ? seconds : 1, ret_bps, e);
	/* what is still queued is nobody's: a reset, so that it does not drain for seconds */
	setsockopt(conn, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	return r;
}

/* ---- UDP ---- */

/* As many datagrams as are due by now; a sender that was late does not catch up for ever. */
static int udp_push(struct rate *x, uint64_t now)
{
	const uint64_t due = (now - x->begun) / 1000 * (x->want / 8) / 1000000;
	struct iovec iov = { (void *)zero, UDP_SIZE };
	struct mmsghdr m[UDP_BURST];
	unsigned n;
	int sent;

	if (due > x->sent + 16ULL * UDP_BURST * UDP_SIZE)
		x->sent = due - 16ULL * UDP_BURST * UDP_SIZE;
	n = due > x->sent ? (unsigned)((due - x->sent) / UDP_SIZE) : 0;
	if (!n)
		return 0;
	n = n < UDP_BURST ? n : UDP_BURST;
	memset(m, 0, n * sizeof(m[0]));
	for (unsigned i = 0; i < n; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	sent = sendmmsg(x->send, m, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
		return -errno;
	if (sent > 0)
		x->sent += (uint64_t)sent * UDP_SIZE;
	return sent > 0;
}

static int udp_pull(struct rate *x, uint64_t *bytes)
{
	struct mmsghdr m[UDP_BURST];
	int n;

	do {
		memset(m, 0, sizeof(m));
		n = recvmmsg(x->recv, m, UDP_BURST, MSG_DONTWAIT | MSG_TRUNC, NULL);
		for (int i = 0; i < n; i++)
			*bytes += m[i].msg_len;
	} while (n == (int)UDP_BURST);
	return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

int probe_udp_rate(const struct probe_path *p, int to_netns_fd, uint32_t seconds, uint64_t want,
		   uint64_t *ret_bps, struct err *e)
{
	_cleanup_close_ int in = -1, out = -1;
	struct rate x = { .push = udp_push, .pull = udp_pull, .want = want ? want : UDP_RATE };
	const int room = 8 << 20;
	uint16_t port;

	in = receiver(p, to_netns_fd, SOCK_DGRAM, &port, e);
	if (in < 0)
		return in;
	/* it is read between two sends: what a burst brings must find room */
	setsockopt(in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	out = sender(p, SOCK_DGRAM, port, e);
	if (out < 0)
		return out;
	x.send = out;
	x.recv = in;
	return measure(&x, seconds ? seconds : 1, ret_bps, e);
}
