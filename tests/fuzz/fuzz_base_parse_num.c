/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any word as a number, size, duration, rate, CPU count or list: a refusal says
 * so and touches nothing, what is accepted has no sign and no blanks.
 */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GUARD 0x5eed5eed5eedULL

static void check(const char *word, int r, uint64_t v, const struct err *e)
{
	if (r == 0) {
		if (e->num || strpbrk(word, " \t\n+-,") || !strpbrk(word, "0123456789"))
			abort();
	} else if ((r != -EINVAL && r != -ERANGE) || e->num != r || !e->msg[0] || v != GUARD) {
		abort();
	}
}

static void check_cpuset(const char *word)
{
	char list[512], again[512];
	struct err e = ERR_INIT;

	if (parse_cpuset(word, list, sizeof(list), &e) < 0)
		return;
	/* normalised text is its own normal form */
	if (parse_cpuset(list, again, sizeof(again), NULL) < 0 || strcmp(list, again) != 0)
		abort();
}

static void check_plain(const char *word)
{
	struct err e = ERR_INIT;
	uint64_t v = GUARD;
	char text[32];
	int r = parse_u64(word, 0, UINT64_MAX, &v, &e);

	check(word, r, v, &e);
	if (r < 0)
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	if (strcmp(text, word) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const parsers[])(const char *s, uint64_t *ret, struct err *e) = {
		parse_size,
		parse_duration,
		parse_rate,
	};
	_cleanup_free_ char *word = strndup((const char *)data, size);
	uint32_t milli;

	if (!word)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		struct err e = ERR_INIT;
		uint64_t v = GUARD;
		int r = parsers[i](word, &v, &e);

		check(word, r, v, &e);
	}
	if (parse_cpus(word, &milli, NULL) == 0 && !milli)
		abort();
	check_plain(word);
	check_cpuset(word);
	return 0;
}
