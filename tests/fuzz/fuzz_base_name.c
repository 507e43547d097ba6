/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any word as a name: what passes can be a path component and a link name; and
 * any word gets a suggestion, or none, without harm.
 */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *candidate(const void *ctx, size_t i)
{
	static const char *const words[] = { "create", "inspect", "--subnet", "", "x" };

	return i < ARRAY_SIZE(words) ? words[i] : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(strv_free) struct strv parts = { 0 };
	_cleanup_free_ char *word = strndup((const char *)data, size);
	struct err e = ERR_INIT;
	size_t bytes = 0;

	if (!word)
		return 0;
	if (name_check("network", word, NAME_MAX_IF, &e) == 0) {
		if (!*word || strlen(word) > NAME_MAX_IF || strpbrk(word, "/ :\n") ||
		    strchr("-._", *word) || strstr(word, ".."))
			abort();
	} else if (!e.num || !e.msg[0]) {
		abort();
	}
	str_nearest(word, candidate, NULL);
	if (strv_split(&parts, word, ",:") < 0)
		return 0;
	for (size_t i = 0; i < parts.n; i++) {
		if (!*parts.v[i] || strpbrk(parts.v[i], ",:"))
			abort();
		bytes += strlen(parts.v[i]);
	}
	if (bytes > strlen(word))
		abort();
	return 0;
}
