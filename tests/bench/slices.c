/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slices - what TCP connections get through, compared slice by slice.
 *
 *     slices ROUNDS MIB PATH... where PATH is NAME CLIENT-NETNS SERVER-NETNS ADDRESS
 *
 * One connection per path, all held by this one process, so that the same
 * threads on the same cpus with the same buffers serve every path. In each
 * round every path moves MIB mebibytes, some milliseconds, once in the order
 * given and once in reverse: what the machine does meanwhile hits all alike,
 * and a ratio is taken within its round. Two ways:
 *
 *     wall  a thread sends and another one reads, each on a cpu of its own:
 *           Mbit a second until the last byte was read
 *     cpu   one thread sends and reads in turn, and what the kernel does for
 *           the packets happens in its system calls: Mbit a second of cpu
 *           time, the whole cost of a byte, which other load hardly changes
 *
 * Prints a JSON object: way to { NAME: median, ..., "ratio": the median of the
 * last path's result by the first one's in the same round }.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/die.h"

enum { CHUNK = 256 * 1024, PATHS_MAX = 4, WORDS = 4, SENDER = 0, READER = 1 };

struct path {
	const char *name, *client_ns, *server_ns, *address;
	int out, in;
	double *got; /* one per round, in Mbit a second */
};

/* The reader's orders: so much from there. */
struct reader {
	int fd;
	size_t left;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

struct plan {
	struct path paths[PATHS_MAX];
	unsigned n, rounds;
	size_t bytes; /* a slice; a multiple of CHUNK */
	double *ratios; /* one per round */
	struct reader reader;
};

/* Moves a slice; returns its seconds. */
typedef double move_fn(struct plan *plan, const struct path *p);

static char out_chunk[CHUNK], in_chunk[CHUNK];

static double clock_s(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
}

/* A socket stays in the namespace it was made in. */
static void connect_path(struct path *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int listener;

	if (inet_pton(AF_INET, p->address, &at.sin_addr) != 1)
		die(p->address);
	enter(p->server_ns);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	enter(p->client_ns);
	p->out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* one that paces by what it believes of the path (bbr) makes differences of its own */
	if (p->out < 0 ||
	    setsockopt(p->out, IPPROTO_TCP, TCP_CONGESTION, "reno", strlen("reno")) < 0 ||
	    connect(p->out, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("connect");
	p->in = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (p->in < 0)
		die("accept");
	close(listener);
}

/* Where there is one cpu only, all share it. */
static void pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *reader_main(void *arg)
{
	struct reader *r = arg;

	pin(READER);
	for (;;) {
		size_t left;
		int fd;

		pthread_mutex_lock(&r->lock);
		while (!r->left)
			pthread_cond_wait(&r->changed, &r->lock);
		left = r->left;
		fd = r->fd;
		pthread_mutex_unlock(&r->lock);
		while (left) {
			ssize_t n = read(fd, in_chunk, left < CHUNK ? left : CHUNK);

			if (n <= 0)
				die("read");
			left -= (size_t)n;
		}
		pthread_mutex_lock(&r->lock);
		r->left = 0;
		pthread_cond_broadcast(&r->changed);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static double move_wall(struct plan *plan, const struct path *p)
{
	struct reader *r = &plan->reader;
	double start = clock_s(CLOCK_MONOTONIC);
	size_t sent = 0;

	pthread_mutex_lock(&r->lock);
	r->fd = p->in;
	r->left = plan->bytes;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	while (sent < plan->bytes) {
		ssize_t n = write(p->out, out_chunk, CHUNK);

		if (n < 0)
			die("write");
		sent += (size_t)n;
	}
	pthread_mutex_lock(&r->lock);
	while (r->left)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
	return clock_s(CLOCK_MONOTONIC) - start;
}

static double move_cpu(struct plan *plan, const struct path *p)
{
	double start = clock_s(CLOCK_THREAD_CPUTIME_ID);
	size_t sent = 0, got = 0;

	while (got < plan->bytes) {
		ssize_t n = sent < plan->bytes ? send(p->out, out_chunk, CHUNK, MSG_DONTWAIT) : 0;

		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno != EAGAIN)
			die("send");
		while ((n = recv(p->in, in_chunk, CHUNK, MSG_DONTWAIT)) > 0)
			got += (size_t)n;
		if (n == 0 || errno != EAGAIN)
			die("recv");
	}
	return clock_s(CLOCK_THREAD_CPUTIME_ID) - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* There and back, so that no path always comes first. */
static void one_round(struct plan *plan, move_fn *move, unsigned round)
{
	double took[PATHS_MAX] = { 0 };
	unsigned n = plan->n;

	for (unsigned i = 0; i < n; i++)
		took[i] += move(plan, &plan->paths[i]);
	for (unsigned i = n; i-- > 0;)
		took[i] += move(plan, &plan->paths[i]);
	for (unsigned i = 0; i < n; i++)
		plan->paths[i].got[round] = 2 * 8 * (double)plan->bytes / took[i] / 1e6;
	plan->ratios[round] = took[0] / took[n - 1];
}

static void compare(struct plan *plan, const char *way, move_fn *move)
{
	for (unsigned i = 0; i < plan->n; i++)
		move(plan, &plan->paths[i]); /* windows grow */
	for (unsigned r = 0; r < plan->rounds; r++)
		one_round(plan, move, r);
	printf("\"%s\": { ", way);
	for (unsigned i = 0; i < plan->n; i++)
		printf("\"%s\": %.0f, ", plan->paths[i].name,
		       median(plan->paths[i].got, plan->rounds));
	printf("\"ratio\": %.4f }", median(plan->ratios, plan->rounds));
}

static double *numbers(unsigned n)
{
	double *v = calloc(n, sizeof(*v));

	if (!v)
		die("memory");
	return v;
}

int main(int argc, char **argv)
{
	struct plan plan = { .reader = { .lock = PTHREAD_MUTEX_INITIALIZER,
					 .changed = PTHREAD_COND_INITIALIZER } };
	pthread_t thread;

	if (argc < 3 + WORDS || (argc - 3) % WORDS || argc > 3 + WORDS * PATHS_MAX) {
		fprintf(stderr, "usage: slices ROUNDS MIB [NAME CLIENT SERVER ADDRESS]...\n");
		return 2;
	}
	plan.n = (unsigned)(argc - 3) / WORDS;
	plan.rounds = (unsigned)strtoul(argv[1], NULL, 10);
	plan.bytes = strtoul(argv[2], NULL, 10) << 20;
	if (!plan.rounds || !plan.bytes)
		return 2;
	plan.ratios = numbers(plan.rounds);
	for (unsigned i = 0; i < plan.n; i++) {
		char **word = argv + 3 + (size_t)i * WORDS;

		plan.paths[i] = (struct path){ word[0], word[1], word[2], word[3], -1, -1, NULL };
		plan.paths[i].got = numbers(plan.rounds);
		connect_path(&plan.paths[i]);
	}
	pin(SENDER);
	if (pthread_create(&thread, NULL, reader_main, &plan.reader))
		die("thread");
	printf("{ ");
	compare(&plan, "wall", move_wall);
	printf(", ");
	compare(&plan, "cpu", move_cpu);
	printf(" }\n");
	return 0;
}
