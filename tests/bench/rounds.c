/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rounds - times programs against each other: in each round every one runs
 * once, in an order shuffled anew, so that what the machine does meanwhile
 * hits all alike. Between two runs it pauses, because a dead network
 * namespace is cleaned up in the background and would slow the next one.
 *
 *     rounds N PAUSE-MS NAME COMMAND [ARG...] [-- NAME COMMAND [ARG...]]...
 *
 * Prints one JSON object: name to { median, p10, p90, min, rounds } in
 * milliseconds, rounds being every one in its order, so that two programs can
 * be compared round by round. What the programs print goes to nobody.
 * A program that fails ends everything with its status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/die.h"

#define PROGRAMS_MAX 32

struct program {
	const char *name;
	char **argv;
	double *ms;
};

extern char **environ;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double time_one(const struct program *p)
{
	posix_spawn_file_actions_t quiet;
	double start = now_ms();
	int status;
	pid_t pid;

	errno = posix_spawn_file_actions_init(&quiet);
	if (!errno)
		errno = posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null",
							 O_WRONLY, 0);
	if (!errno)
		errno = posix_spawnp(&pid, p->argv[0], &quiet, NULL, p->argv, environ);
	if (errno)
		die(p->argv[0]);
	posix_spawn_file_actions_destroy(&quiet);
	if (waitpid(pid, &status, 0) < 0)
		die("wait");
	start = now_ms() - start;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "rounds: %s failed\n", p->name);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	return start;
}

static void shuffle(unsigned *order, unsigned n, uint64_t *seed)
{
	for (unsigned i = n; i > 1; i--) {
		unsigned j, t;

		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		j = (unsigned)((*seed >> 33) % i);
		t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct program *p, unsigned n, int last)
{
	printf("  \"%s\": { \"rounds\": [", p->name);
	for (unsigned i = 0; i < n; i++)
		printf("%s%.3f", i ? "," : "", p->ms[i]);
	qsort(p->ms, n, sizeof(*p->ms), by_value);
	printf("], \"median\": %.3f, \"p10\": %.3f, \"p90\": %.3f, \"min\": %.3f }%s\n",
	       p->ms[n / 2], p->ms[n / 10], p->ms[n * 9 / 10], p->ms[0], last ? "" : ",");
}

/* Splits argv at "--"; returns the number of programs. */
static unsigned split(char **argv, struct program *programs, unsigned rounds)
{
	unsigned n = 0;

	while (*argv && n < PROGRAMS_MAX) {
		struct program *p = &programs[n++];

		p->name = *argv++;
		p->argv = argv;
		p->ms = calloc(rounds, sizeof(*p->ms));
		if (!*argv || !p->ms)
			return 0;
		while (*argv && strcmp(*argv, "--"))
			argv++;
		if (*argv)
			*argv++ = NULL;
		if (!p->argv[0]) /* a name, then at once "--" */
			return 0;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct program programs[PROGRAMS_MAX] = { 0 };
	unsigned order[PROGRAMS_MAX], n, rounds;
	uint64_t seed = 1;
	useconds_t pause;

	if (argc < 5) {
		fprintf(stderr,
			"usage: rounds N PAUSE-MS NAME COMMAND... [-- NAME COMMAND...]...\n");
		return 2;
	}
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	pause = (useconds_t)strtoul(argv[2], NULL, 10) * 1000;
	n = split(argv + 3, programs, rounds);
	if (!n || !rounds)
		return 2;
	for (unsigned i = 0; i < n; i++) {
		order[i] = i;
		time_one(&programs[i]); /* the first start reads from disk */
	}
	for (unsigned r = 0; r < rounds; r++) {
		shuffle(order, n, &seed);
		for (unsigned i = 0; i < n; i++) {
			usleep(pause);
			programs[order[i]].ms[r] = time_one(&programs[order[i]]);
		}
	}
	printf("{\n");
	for (unsigned i = 0; i < n; i++)
		report(&programs[i], rounds, i + 1 == n);
	printf("}\n");
	return 0;
}
