/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver - runs a libFuzzer target without libFuzzer: every file of its corpus,
 * then mutations of them. The generator's seed is fixed, so a failure comes
 * again; the time is bounded, so that it can be an ordinary test.
 *
 *     fuzz_TARGET [-n MUTATIONS] [-t SECONDS] [DIRECTORY | FILE]...
 *
 * The input that ends the program is written to ./crash-TARGET; run it again by
 * naming the file, with -n 0.
 */
#include "core/base/cleanup.h"
#include "core/base/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* of the sanitizers' run time, when there is one */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

#define INPUT_MAX 4096
#define SEEDS_MAX 256

struct input {
	size_t size;
	uint8_t data[INPUT_MAX];
};

static struct input seeds[SEEDS_MAX], current;
static size_t seed_count;
static const char *program;
static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64 */
static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? next_random() % n : 0;
}

/* May run in a signal handler: no stdio. */
static void save_crash(void)
{
	char path[256] = "crash-";
	const char *name = strrchr(program, '/');
	int fd;

	strncat(path, name ? name + 1 : program, sizeof(path) - 8);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && fd_write_all(fd, current.data, current.size) == 0)
		fd_write_all(2, path, strlen(path));
	fd_write_all(2, ": the input\n", 12);
}

static void on_signal(int sig)
{
	save_crash();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* An exact copy on the heap: there one byte too far is seen. */
static void run(const struct input *in)
{
	_cleanup_free_ uint8_t *data = malloc(in->size ? in->size : 1);

	if (!data)
		exit(1);
	memcpy(data, in->data, in->size);
	LLVMFuzzerTestOneInput(data, in->size);
}

static void add_seed(int dirfd, const char *name)
{
	struct input *in = &seeds[seed_count];
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read_all(fd, in->data, INPUT_MAX);

	if (n < 0 || seed_count == SEEDS_MAX - 1) {
		fprintf(stderr, "%s: cannot be a seed\n", name);
		exit(1);
	}
	in->size = (size_t)n;
	seed_count++;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Sorted: the sequence must not depend on the file system. */
static void add_path(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **list;
	int n;

	if (fd < 0) {
		add_seed(AT_FDCWD, path);
		return;
	}
	n = scandir(path, &list, not_hidden, by_name);
	for (int i = 0; i < n; i++) {
		add_seed(fd, list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void insert(struct input *in, size_t at, const uint8_t *data, size_t n)
{
	if (n > INPUT_MAX - in->size)
		n = INPUT_MAX - in->size;
	memmove(in->data + at + n, in->data + at, in->size - at);
	memcpy(in->data + at, data, n);
	in->size += n;
}

static void erase(struct input *in, size_t at, size_t n)
{
	memmove(in->data + at, in->data + at + n, in->size - at - n);
	in->size -= n;
}

/* Bytes that mean something to one of the parsers, and the ends of numbers. */
static void insert_token(struct input *in)
{
	static const char *const tokens[] = {
		"0",
		"1",
		"9",
		".",
		"..",
		"-",
		"+",
		":",
		"::",
		"/",
		",",
		"=",
		"[",
		"]",
		"\"",
		"'",
		";",
		"#",
		"\\",
		"\\\n",
		"\n",
		"\r\n",
		" ",
		"\t",
		"\xef\xbb\xbf",
		"\x7f",
		"\xff",
		"255",
		"256",
		"65535",
		"65536",
		"4294967295",
		"4294967296",
		"18446744073709551615",
		"18446744073709551616",
		"ms",
		"K",
		"mbit",
		"[s]\n",
		"k=",
		"/32",
		"/128",
	};
	const char *t = tokens[below(ARRAY_SIZE(tokens))];

	insert(in, below(in->size + 1), (const uint8_t *)t, strlen(t));
}

/* A piece of a seed, often of this one, somewhere. */
static void insert_piece(struct input *in)
{
	const struct input *from = &seeds[below(seed_count)];
	size_t at = below(from->size), n = below(from->size - at + 1);

	insert(in, below(in->size + 1), from->data + at, n);
}

static void mutate(struct input *in)
{
	size_t at = below(in->size);

	switch (below(6)) {
	case 0:
		if (in->size)
			in->data[at] ^= (uint8_t)(1U << below(8));
		break;
	case 1:
		if (in->size)
			in->data[at] = (uint8_t)next_random();
		break;
	case 2:
		if (in->size)
			erase(in, at, 1 + below(in->size - at < 8 ? in->size - at : 8));
		break;
	case 3:
		in->size = below(in->size + 1);
		break;
	case 4:
		insert_token(in);
		break;
	default:
		insert_piece(in);
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned long run_all(unsigned long mutations, double seconds)
{
	double end = now() + seconds;
	unsigned long done = 0;

	for (size_t i = 0; i < seed_count; i++) {
		current = seeds[i];
		run(&current);
	}
	/* there is always an empty one to start from */
	seed_count++;
	for (; done < mutations && now() < end; done++) {
		current = seeds[below(seed_count)];
		for (size_t n = 1 + below(4); n; n--)
			mutate(&current);
		run(&current);
	}
	return done;
}

int main(int argc, char **argv)
{
	unsigned long mutations = 100000;
	double seconds = 5;
	int opt;

	program = argv[0];
	while ((opt = getopt(argc, argv, "n:t:")) != -1) {
		if (opt == 'n')
			mutations = strtoul(optarg, NULL, 10);
		else if (opt == 't')
			seconds = strtod(optarg, NULL);
		else
			return 2;
	}
	for (; optind < argc; optind++)
		add_path(argv[optind]);
	signal(SIGABRT, on_signal);
	signal(SIGSEGV, on_signal);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(save_crash);
	mutations = run_all(mutations, seconds);
	printf("%zu seeds, %lu mutations\n", seed_count - 1, mutations);
	return 0;
}
