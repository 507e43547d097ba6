/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcp - a client and a server that are faster than what they measure.
 *
 *     tcp serve PORT             for ever: reads each connection to its end, in turn
 *     tcp open ADDRESS PORT MS   opens connections for so long; prints how many a second
 *
 * "open" sends nothing and waits for the server's end of file, so that no queue
 * overflows; it leaves with a reset, so that no port waits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/die.h"

#define CHUNK (256 * 1024)

static char chunk[CHUNK];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void serve(const struct sockaddr_in6 *at)
{
	int on = 1, off = 0, fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 || listen(fd, 4096) < 0)
		die("serve");
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (c < 0)
			continue;
		/* at once: the end of file that "open" waits for */
		shutdown(c, SHUT_WR);
		while (read(c, chunk, sizeof(chunk)) > 0)
			;
		close(c);
	}
}

/* A new connection; *at of either family. */
static int dial(const struct sockaddr_in6 *at)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		die("connect");
	return fd;
}

static void open_many(const struct sockaddr_in6 *at, double seconds)
{
	struct linger reset = { .l_onoff = 1 };
	double start = now(), t;
	unsigned long n = 0;

	do {
		int fd = dial(at);

		if (read(fd, chunk, sizeof(chunk)) != 0)
			die("read");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		n++;
		t = now() - start;
	} while (t < seconds);
	printf("%.0f\n", (double)n / t);
}

/* An IPv4 address goes through the same socket, mapped. */
static struct sockaddr_in6 address(const char *host, const char *port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(host, ':') ? "" : "::ffff:", host);
	if (inet_pton(AF_INET6, mapped, &a.sin6_addr) != 1) {
		errno = EINVAL;
		die(host);
	}
	return a;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 at;

	if (argc == 3 && !strcmp(argv[1], "serve")) {
		at = address("::", argv[2]);
		serve(&at);
	}
	if (argc != 5 || strcmp(argv[1], "open")) {
		fprintf(stderr, "usage: tcp serve PORT | open ADDRESS PORT MS\n");
		return 2;
	}
	at = address(argv[2], argv[3]);
	open_many(&at, strtod(argv[4], NULL) / 1e3);
	return 0;
}
