/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lease - what taking an address costs, as more of them are taken:
 *
 *     lease NETWORK STATE-ROOT DEFINITIONS N FIRST
 *
 * Reserves N attachments (addresses, names, records; no links) and prints one
 * JSON object with the median of the first FIRST ones and that of the rest, in
 * microseconds. Undoes them.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/base/dir.h"
#include "core/base/err.h"
#include "net/attach.h"
#include "net/network.h"
#include "tests/bench/die.h"

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void check(int r, const struct err *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "lease: %s\n", e->msg);
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n ? v[n / 2] : 0;
}

static double reserve(struct net *net, const char *network, size_t i, struct attach **ret)
{
	char owner[32], name[32];
	struct net_attach a = { .network = network, .owner = owner, .name = name };
	struct err e = ERR_INIT;
	double start;

	snprintf(owner, sizeof(owner), "%012zx", i + 1);
	snprintf(name, sizeof(name), "lease%zu", i);
	start = now_us();
	check(attach_reserve(net, &a, ret, &e), &e);
	return now_us() - start;
}

int main(int argc, char **argv)
{
	size_t n = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
	size_t first = argc == 6 ? strtoul(argv[5], NULL, 10) : 0;
	struct attach **all = calloc(n + 1, sizeof(*all));
	struct net_config config = { .defs_dir = argc == 6 ? argv[3] : "" };
	double *us = calloc(n + 1, sizeof(*us));
	struct net net = NET_INIT;
	struct err e = ERR_INIT;
	int root;

	if (argc != 6 || !all || !us || !first || first >= n) {
		fprintf(stderr, "usage: lease NETWORK STATE-ROOT DEFINITIONS N FIRST\n");
		return 2;
	}
	check(dir_open_private(argv[2], true, &root, &e), &e);
	check(net_open(&net, root, &config, &e), &e);
	for (size_t i = 0; i < n; i++)
		us[i] = reserve(&net, argv[1], i, &all[i]);
	printf("{ \"first\": %.1f, \"rest\": %.1f }\n", median(us, first),
	       median(us + first, n - first));
	for (size_t i = 0; i < n; i++) {
		check(attach_down(&net, attach_reserved(all[i]), true, &e), &e);
		attach_free(all[i]);
	}
	net_close(&net);
	free(all);
	free(us);
	return 0;
}
