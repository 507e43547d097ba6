/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/probe_icmp.h"

#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"

#define ECHO_HEADER 8U /* of an echo, and of a refusal before what it refuses */
#define IP4_HEADER  20U
#define IP6_HEADER  40U

uint16_t icmp_id(void)
{
	uint16_t id = 0;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = (uint16_t)probe_now();
	return id;
}

/* ---- the socket ---- */

struct option {
	int level, name, value;
};

static int set_options(int fd, const struct option *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (setsockopt(fd, o[i].level, o[i].name, &o[i].value, sizeof(o[i].value)) < 0)
			return -errno;
	return 0;
}

/* Only what can be an answer is let through, so that a flood of others' costs us nothing. */
static int filter4(int fd)
{
	const struct icmp_filter f = { ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH |
					 1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB) };

	return setsockopt(fd, IPPROTO_RAW, ICMP_FILTER, &f, sizeof(f)) < 0 ? -errno : 0;
}

static int filter6(int fd)
{
	static const uint8_t pass[] = { ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED,
					ICMPV6_PARAMPROB, ICMPV6_ECHO_REPLY };
	struct icmp6_filter f;

	memset(&f, 0xff, sizeof(f));
	for (size_t i = 0; i < ARRAY_SIZE(pass); i++)
		f.data[pass[i] / 32] &= ~(1U << pass[i] % 32);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, &f, sizeof(f)) < 0 ? -errno : 0;
}

static int options4(int fd, unsigned flags)
{
	const struct option o[] = {
		{ IPPROTO_IP, IP_MTU_DISCOVER,
		  flags & ICMP_DF ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT },
		{ IPPROTO_IP, IP_RECVERR, !!(flags & ICMP_ERRORS) },
	};
	int r = filter4(fd);

	return r < 0 ? r : set_options(fd, o, ARRAY_SIZE(o));
}

static int options6(int fd, unsigned flags)
{
	const struct option o[] = {
		{ IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		  flags & ICMP_DF ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT },
		{ IPPROTO_IPV6, IPV6_DONTFRAG, !!(flags & ICMP_DF) },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
		{ IPPROTO_IPV6, IPV6_RECVERR, !!(flags & ICMP_ERRORS) },
	};
	int r = filter6(fd);

	return r < 0 ? r : set_options(fd, o, ARRAY_SIZE(o));
}

int icmp_open(const struct probe_path *p, unsigned flags, struct err *e)
{
	bool v6 = p->dst.family == AF_INET6;
	const struct option stamps = { SOL_SOCKET, SO_TIMESTAMPNS, 1 };
	_cleanup_close_ int fd = -1;
	int r;

	fd = probe_socket(p->netns_fd, p->dst.family, SOCK_RAW, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
			  e);
	if (fd < 0)
		return fd;
	r = v6 ? options6(fd, flags) : options4(fd, flags);
	if (r >= 0 && flags & ICMP_STAMPS)
		r = set_options(fd, &stamps, 1);
	if (r < 0)
		return err_sys(e, r, "set up a socket for echoes");
	r = probe_bind(fd, p, e);
	return r < 0 ? r : take_fd(&fd);
}

int icmp_set_ttl(int fd, uint8_t family, uint8_t ttl)
{
	const struct option o = { family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
				  family == AF_INET6 ? IPV6_UNICAST_HOPS : IP_TTL, ttl };

	return set_options(fd, &o, 1);
}

/* ---- sending ---- */

/* RFC 1071; of IPv6 the kernel does it. All bytes behind the header are zero. */
static uint16_t checksum(const struct icmphdr *h)
{
	uint16_t w[4] = { 0 };
	uint32_t sum = 0;

	_Static_assert(sizeof(w) == sizeof(*h), "an echo's header");
	memcpy(w, h, sizeof(w));
	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		sum += w[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* The error queue has told nobody anything that the answers do not tell. */
static void drop_errors(int fd)
{
	char buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
}

static int refusal(int fd, bool v6)
{
	int r = -errno;

	drop_errors(fd);
	/* IPv6 says EINVAL where IPv4 says ENOBUFS (ip6_finish_output2) */
	return v6 && r == -EINVAL ? -ENOBUFS : r;
}

int icmp_send(int fd, const struct icmp_echo *m)
{
	static const uint8_t zero[65536];
	bool v6 = m->to->ss_family == AF_INET6;
	const uint32_t headers = (v6 ? IP6_HEADER : IP4_HEADER) + ECHO_HEADER;
	struct icmphdr h = { .type = v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO,
			     .un.echo = { .id = htons(m->id), .sequence = htons(m->seq) } };
	struct iovec iov[] = { { &h, sizeof(h) },
			       { (void *)zero, m->size > headers ? m->size - headers : 0 } };
	const struct msghdr msg = { .msg_name = (void *)m->to,
				    .msg_namelen = m->to_len,
				    .msg_iov = iov,
				    .msg_iovlen = ARRAY_SIZE(iov) };

	if (iov[1].iov_len > sizeof(zero))
		return -EMSGSIZE;
	if (!v6)
		h.checksum = checksum(&h);
	if (sendmsg(fd, &msg, MSG_DONTWAIT) >= 0)
		return 0;
	/* an error of an earlier packet that had waited on the socket: once more */
	drop_errors(fd);
	return sendmsg(fd, &msg, MSG_DONTWAIT) >= 0 ? 0 : refusal(fd, v6);
}

/* ---- what comes back ---- */

static int error4(uint8_t type, uint8_t code)
{
	static const int unreachable[] = {
		[ICMP_NET_UNREACH] = ENETUNREACH,   [ICMP_HOST_UNREACH] = EHOSTUNREACH,
		[ICMP_PROT_UNREACH] = ENOPROTOOPT,  [ICMP_PORT_UNREACH] = ECONNREFUSED,
		[ICMP_FRAG_NEEDED] = EMSGSIZE,	    [ICMP_SR_FAILED] = EOPNOTSUPP,
		[ICMP_NET_UNKNOWN] = ENETUNREACH,   [ICMP_HOST_UNKNOWN] = EHOSTUNREACH,
		[ICMP_HOST_ISOLATED] = ENETUNREACH, [ICMP_NET_ANO] = EACCES,
		[ICMP_HOST_ANO] = EACCES,	    [ICMP_NET_UNR_TOS] = ENETUNREACH,
		[ICMP_HOST_UNR_TOS] = EHOSTUNREACH, [ICMP_PKT_FILTERED] = EACCES,
	};

	if (type == ICMP_TIME_EXCEEDED)
		return ETIME;
	if (type != ICMP_DEST_UNREACH)
		return EPROTO;
	return code < ARRAY_SIZE(unreachable) ? unreachable[code] : EHOSTUNREACH;
}

static int error6(uint8_t type, uint8_t code)
{
	static const int unreachable[] = {
		[ICMPV6_NOROUTE] = ENETUNREACH,	       [ICMPV6_ADM_PROHIBITED] = EACCES,
		[ICMPV6_NOT_NEIGHBOUR] = EHOSTUNREACH, [ICMPV6_ADDR_UNREACH] = EHOSTUNREACH,
		[ICMPV6_PORT_UNREACH] = ECONNREFUSED,  [ICMPV6_POLICY_FAIL] = EACCES,
		[ICMPV6_REJECT_ROUTE] = EACCES,
	};

	if (type == ICMPV6_TIME_EXCEED)
		return ETIME;
	if (type == ICMPV6_PKT_TOOBIG)
		return EMSGSIZE;
	if (type != ICMPV6_DEST_UNREACH)
		return EPROTO;
	return code < ARRAY_SIZE(unreachable) ? unreachable[code] : EHOSTUNREACH;
}

static struct icmphdr header_at(const uint8_t *p)
{
	struct icmphdr h;

	memcpy(&h, p, sizeof(h));
	return h;
}

/* Behind the IP header at p; NULL: it is none of ICMP, or cut. */
static const uint8_t *behind_ip4(const uint8_t *p, size_t len, size_t *ret_len)
{
	size_t header;

	if (len < IP4_HEADER || p[0] >> 4 != 4 || p[9] != IPPROTO_ICMP)
		return NULL;
	header = (size_t)(p[0] & 15) * 4;
	if (header < IP4_HEADER || header + ECHO_HEADER > len)
		return NULL;
	*ret_len = len - header;
	return p + header;
}

/* An echo of ours was large enough to be in fragments: the first has our header. */
static const uint8_t *behind_ip6(const uint8_t *p, size_t len)
{
	size_t header = IP6_HEADER;
	uint8_t next;

	if (len < IP6_HEADER || p[0] >> 4 != 6)
		return NULL;
	next = p[6];
	if (next == IPPROTO_FRAGMENT && len >= header + 8) {
		next = p[header];
		header += 8;
	}
	return next == IPPROTO_ICMPV6 && header + ECHO_HEADER <= len ? p + header : NULL;
}

static bool is_echo(const struct icmphdr *h, uint8_t type, uint16_t id, struct icmp_answer *a)
{
	if (h->type != type || ntohs(h->un.echo.id) != id)
		return false;
	a->seq = ntohs(h->un.echo.sequence);
	return true;
}

static bool parse4(const uint8_t *p, size_t len, uint16_t id, struct icmp_answer *a)
{
	const uint8_t *ip = p, *inner;
	struct icmphdr h, echo;
	size_t rest;

	p = behind_ip4(p, len, &len);
	if (!p)
		return false;
	a->ttl = ip[8];
	a->from.family = AF_INET;
	memcpy(a->from.b, ip + 12, 4);
	h = header_at(p);
	a->reply = h.type == ICMP_ECHOREPLY;
	if (a->reply)
		return is_echo(&h, ICMP_ECHOREPLY, id, a);
	inner = behind_ip4(p + ECHO_HEADER, len - ECHO_HEADER, &rest);
	if (!inner)
		return false;
	echo = header_at(inner);
	a->error = error4(h.type, h.code);
	a->mtu = a->error == EMSGSIZE ? ntohs(h.un.frag.mtu) : 0;
	return is_echo(&echo, ICMP_ECHO, id, a);
}

static bool parse6(const uint8_t *p, size_t len, uint16_t id, struct icmp_answer *a)
{
	struct icmphdr h, echo; /* the same layout (RFC 4443) */
	const uint8_t *inner;

	if (len < ECHO_HEADER)
		return false;
	h = header_at(p);
	a->reply = h.type == ICMPV6_ECHO_REPLY;
	if (a->reply)
		return is_echo(&h, ICMPV6_ECHO_REPLY, id, a);
	inner = behind_ip6(p + ECHO_HEADER, len - ECHO_HEADER);
	if (!inner)
		return false;
	echo = header_at(inner);
	a->error = error6(h.type, h.code);
	a->mtu = a->error == EMSGSIZE ? ntohl(h.un.gateway) : 0;
	return is_echo(&echo, ICMPV6_ECHO_REQUEST, id, a);
}

bool icmp_parse(uint8_t family, const void *buf, size_t len, uint16_t id, struct icmp_answer *ret)
{
	struct icmp_answer a = { 0 };

	if (!(family == AF_INET6 ? parse6 : parse4)(buf, len, id, &a))
		return false;
	*ret = a;
	return true;
}

static void read_control(struct msghdr *msg, struct icmp_answer *a)
{
	struct timespec t = { 0 };
	int hops;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&t, CMSG_DATA(c), sizeof(t));
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
			a->ttl = (uint8_t)hops;
		}
	}
	a->when = t.tv_sec ? (uint64_t)t.tv_sec * PROBE_S + (uint64_t)t.tv_nsec : probe_stamp();
}

static void read_from(const struct sockaddr_in6 *sa, struct icmp_answer *a)
{
	if (sa->sin6_family != AF_INET6)
		return;
	a->from.family = AF_INET6;
	memcpy(a->from.b, &sa->sin6_addr, 16);
}

int icmp_recv(int fd, uint8_t family, uint16_t id, struct icmp_answer *ret)
{
	for (;;) {
		_Alignas(struct cmsghdr) char control[256];
		uint8_t buf[256];
		struct sockaddr_in6 from = { 0 };
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr msg = { .msg_name = &from,
				      .msg_namelen = sizeof(from),
				      .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0) {
			/* what an earlier echo met; its refusal comes as a message, too */
			int r = -errno;

			drop_errors(fd);
			if (r == -ENETDOWN || r == -EBADF || r == -ENOTSOCK)
				return r;
			continue;
		}
		if (!icmp_parse(family, buf, (size_t)n, id, ret))
			continue;
		if (family == AF_INET6)
			read_from(&from, ret);
		read_control(&msg, ret);
		return 1;
	}
}
