/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the files of a log: the last lines of all of them are lines of all of
 * them, and a time that is asked for is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/log_file.h"
#include "tests/fuzz/fuzz.h"

#define SINCE 1700000000000000000

struct seen {
	size_t whole;
	int64_t since;
};

static int see(const struct log_line *l, void *ctx)
{
	struct seen *s = ctx;

	fuzz_check(l->stream == 1 || l->stream == 2);
	fuzz_check(!s->since || l->time >= s->since);
	fuzz_check(!memchr(l->text, '\n', l->len));
	s->whole += !l->part;
	return 0;
}

static size_t lines(uint64_t tail, int64_t since)
{
	const struct log_reader r = {
		.dir_fd = fuzz_dir(), .tail = tail, .since = since, .end_fd = -1, .out_fd = -1
	};
	struct seen s = { .since = since };
	struct err e = ERR_INIT;

	fuzz_check(log_file_read(&r, see, &s, &e) == 0);
	return s.whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *first = fuzz_part(&at);
	size_t all;

	fuzz_file("log.3", first, strlen(first));
	fuzz_file("log.7", at, size - (size_t)(at - text));
	fuzz_file("log.007", "", 0);
	all = lines(UINT64_MAX, 0);
	fuzz_check(lines(3, 0) == (all < 3 ? all : 3));
	fuzz_check(lines(UINT64_MAX, SINCE) <= all);
	lines(2, SINCE);
	return 0;
}
