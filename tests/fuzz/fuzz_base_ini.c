/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an INI file: it is refused with a position, or iniparser agrees
 * with the scanner about every key, and each is found again.
 */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/ini.h"
#include "core/base/str.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ini_key keys[] = {
	{ "k" }, { "subnet" }, { "label.*" }, { "dns.#" }, { NULL }
};
static const struct ini_section schema[] = { { "s", keys }, { "node.*", keys }, { NULL, NULL } };

static void ignore(void *ctx, const struct err *what)
{
	if (what->num >= 0 || !str_starts(what->msg, "f:"))
		abort();
}

static void check_entries(const struct ini *ini)
{
	unsigned line = 1;

	for (size_t i = 0; i < ini->n; i++) {
		const struct ini_entry *at = &ini->entries[i];

		if (at->line < line || !at->col || !at->key != !at->value ||
		    ini_find(ini, at->section, at->key) != at)
			abort();
		line = at->line;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(ini_free) struct ini ini = { 0 };
	struct err e = ERR_INIT;
	int r = ini_parse("f", (const char *)data, size, &ini, &e);

	if (r < 0) {
		/* any other error is one of iniparser's, which then sees the text differently */
		if ((r != -EINVAL && r != -EFBIG) || !str_starts(e.msg, "f:") || ini.n)
			abort();
		return 0;
	}
	check_entries(&ini);
	if (!ini_check_each(&ini, schema, ignore, NULL) != !ini_check(&ini, schema, NULL))
		abort();
	return 0;
}
