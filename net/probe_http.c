/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request of HTTP/1.0 (RFC 1945), so that the body comes as it is and ends with the
 * connection, or with Content-Length where a server leaves it open.
 */
#include "net/probe_http.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/probe_icmp.h"

#define BODY_MAX (1U << 20)
#define HEAD_MAX (64U << 10)

/* Content-Length of a head; what is no number counts as not there. */
static bool find_length(const char *head, const char *end, size_t *ret)
{
	static const char name[] = "Content-Length:";
	const char *line = head, *value;
	char digits[20];
	uint64_t n;
	size_t len;

	while ((line = memchr(line, '\n', (size_t)(end - line))) && ++line < end) {
		if ((size_t)(end - line) < sizeof(name) - 1 ||
		    strncasecmp(line, name, sizeof(name) - 1))
			continue;
		value = line + sizeof(name) - 1;
		while (value < end && (*value == ' ' || *value == '\t'))
			value++;
		for (len = 0; value + len < end && value[len] >= '0' && value[len] <= '9';)
			len++;
		if (str_fmt(digits, sizeof(digits), "%.*s", (int)(len < 20 ? len : 20), value) <
			    0 ||
		    parse_u64(digits, 0, UINT64_MAX, &n, NULL) < 0)
			return false;
		*ret = (size_t)n;
		return true;
	}
	return false;
}

/* Behind the empty line; lines end with CR LF, or LF alone as RFC 1945 tolerates. */
static const char *find_body(const char *buf, size_t len)
{
	const char *p = buf, *end = buf + len;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		if (p < end && *p == '\n')
			return p + 1;
		if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
			return p + 2;
	}
	return NULL;
}

int http_parse(const char *buf, size_t len, struct http_answer *ret)
{
	static const char proto[] = "HTTP/1.";
	struct http_answer a = { 0 };
	const char *body;

	if (strncmp(buf, proto, len < sizeof(proto) - 1 ? len : sizeof(proto) - 1))
		return -EPROTO;
	body = find_body(buf, len);
	if (!body)
		return 0;
	/* "HTTP/1.1 200" */
	if (len < 12 || buf[8] != ' ')
		return -EPROTO;
	for (int i = 9; i < 12; i++) {
		if (buf[i] < '0' || buf[i] > '9')
			return -EPROTO;
		a.status = a.status * 10 + (buf[i] - '0');
	}
	a.body = (size_t)(body - buf);
	a.has_length = find_length(buf, body, &a.length);
	*ret = a;
	return 1;
}

/* ---- the connection ---- */

struct http {
	int fd;
	uint64_t until;
	char *buf;
	size_t len;
	struct http_answer a;
	bool head;
};

static int http_connect(struct http *x, const struct probe_path *p, uint16_t port, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = probe_sockaddr(&p->dst, port, p->scope, &sa), size = sizeof(int);
	char buf[IP_STRLEN];
	int error = 0, r;

	x->fd = probe_socket(p->netns_fd, p->dst.family, SOCK_STREAM, 0, e);
	if (x->fd < 0)
		return x->fd;
	r = probe_bind(x->fd, p, e);
	if (r < 0)
		return r;
	if (connect(x->fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS)
		return err_sys(e, errno, "connect to %s port %u", ip_str(&p->dst, buf), port);
	if (probe_wait(x->fd, POLLOUT, x->until) <= 0)
		error = ETIMEDOUT;
	else if (getsockopt(x->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	return error ? err_sys(e, error, "connect to %s port %u", ip_str(&p->dst, buf), port) : 0;
}

static int http_ask(struct http *x, const char *host, const char *path, struct err *e)
{
	_cleanup_free_ char *text =
		str_printf("GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: ctlab\r\n"
			   "Accept: */*\r\nConnection: close\r\n\r\n",
			   path, host);
	size_t len = text ? strlen(text) : 0, sent = 0;

	if (!text)
		return err_sys(e, ENOMEM, "request");
	while (sent < len) {
		ssize_t n = send(x->fd, text + sent, len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(e, errno, "send the request");
		if (n > 0)
			sent += (size_t)n;
		else if (probe_wait(x->fd, POLLOUT, x->until) <= 0)
			return err_sys(e, ETIMEDOUT, "send the request");
	}
	return 0;
}

/* Whether all is there that will be looked at. */
static int http_look(struct http *x, bool eof, struct err *e)
{
	int r = x->head ? 1 : http_parse(x->buf, x->len, &x->a);

	x->head = r > 0;
	if (r < 0 || (!r && (eof || x->len >= HEAD_MAX)))
		return err_set(e, EPROTO, "what answers does not speak HTTP");
	if (!r)
		return 0;
	return eof || x->len >= x->a.body + BODY_MAX ||
	       (x->a.has_length && x->len - x->a.body >= x->a.length);
}

static int http_hear(struct http *x, struct err *e)
{
	const size_t size = HEAD_MAX + BODY_MAX;
	int r = 0;

	x->buf = malloc(size + 1);
	if (!x->buf)
		return err_sys(e, ENOMEM, "answer");
	while (!r) {
		ssize_t n = recv(x->fd, x->buf + x->len, size - x->len, MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			if (probe_wait(x->fd, POLLIN, x->until) <= 0)
				return err_sys(e, ETIMEDOUT, "wait for the answer");
			continue;
		}
		if (n < 0 && errno != EINTR)
			return err_sys(e, errno, "read the answer");
		x->len += n > 0 ? (size_t)n : 0;
		x->buf[x->len] = '\0';
		r = http_look(x, !n || x->len == size, e);
	}
	return r < 0 ? r : 0;
}

static void http_close(struct http *x)
{
	fd_close(x->fd);
	free(x->buf);
}

int probe_http(const struct probe_path *p, uint16_t port, const char *host, const char *path,
	       uint64_t timeout, int *ret_status, char **ret_body, size_t *ret_len, struct err *e)
{
	_cleanup_(http_close) struct http x = { .fd = -1, .until = probe_now() + timeout };
	size_t len;
	int r = http_connect(&x, p, port, e);

	r = r < 0 ? r : http_ask(&x, host, path, e);
	r = r < 0 ? r : http_hear(&x, e);
	if (r < 0)
		return r;
	len = x.len - x.a.body;
	len = x.a.has_length && x.a.length < len ? x.a.length : len;
	len = len < BODY_MAX ? len : BODY_MAX;
	memmove(x.buf, x.buf + x.a.body, len);
	x.buf[len] = '\0';
	*ret_status = x.a.status;
	*ret_body = take_ptr(x.buf);
	*ret_len = len;
	return 0;
}
