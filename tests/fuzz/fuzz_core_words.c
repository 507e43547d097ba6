/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any word as a capability, a limit, a setting of the kernel, a way for mounts to
 * travel, a user or a range of ids: refused with a word, or whole.
 */
#include <stdlib.h>
#include <string.h>

#include "core/account.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/caps.h"
#include "core/propagation.h"
#include "core/rlimit.h"
#include "core/sysctls.h"
#include "core/userns.h"
#include "tests/fuzz/fuzz.h"

static bool refused(int r, const struct err *e)
{
	fuzz_check(r >= 0 || (e->num < 0 && e->msg[0]));
	return r < 0;
}

static void check_caps(const char *word)
{
	struct err e = ERR_INIT;
	uint64_t caps = 0;

	if (!refused(caps_parse(word, &caps, &e), &e))
		fuzz_check(caps && !(caps & ~caps_all()));
}

static void check_rlimit(const char *word)
{
	struct ct_rlimit limit;
	struct err e = ERR_INIT;

	if (refused(rlimit_parse(word, &limit, &e), &e))
		return;
	fuzz_check(limit.lim.rlim_cur <= limit.lim.rlim_max);
	fuzz_check(
		!strncmp(word, rlimit_name(limit.resource), strlen(rlimit_name(limit.resource))));
}

/* What is written below /proc/sys never leads out of it, and is one line. */
static void check_sysctl(const char *word)
{
	_cleanup_(strv_free) struct strv v = { 0 };
	struct err e = ERR_INIT;
	const char *value;

	if (refused(sysctls_parse(word, &v, &e), &e))
		return;
	fuzz_check(v.n == 1 && v.v[0][0] != '/' && v.v[0][0] != '.' && !strstr(v.v[0], "\n"));
	value = strchr(v.v[0], '=');
	fuzz_check(value);
	for (const char *up = strstr(v.v[0], "/.."); up; up = strstr(up + 1, "/.."))
		fuzz_check(up > value || (up[3] && up[3] != '/'));
}

static void check_propagation(const char *word)
{
	unsigned long flags;
	struct err e = ERR_INIT;

	if (!refused(propagation_parse(word, &flags, &e), &e))
		fuzz_check(!strcmp(propagation_word(flags), word));
}

static void check_ids(const char *word)
{
	uint32_t first, count, gid;
	struct err e = ERR_INIT;
	const char *name;

	if (!refused(userns_parse_range(word, &first, &count, &e), &e))
		fuzz_check(first && count >= USERNS_BLOCK && first + count > first);
	err_clear(&e);
	if (!refused(account_parse(word, &first, &gid, &name, &e), &e) && name)
		fuzz_check(strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"));
	err_clear(&e);
	refused(account_check_group(word, &e), &e);
}

/* The same text as subuid(5). */
static void check_subid(const char *text)
{
	struct id_map m = { 0 };

	if (userns_subid(text, "joe", 1000, &m) >= 0)
		fuzz_check(m.inside == 1 && m.count && m.count < USERNS_BLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *word = fuzz_text(data, size);

	check_caps(word);
	check_rlimit(word);
	check_sysctl(word);
	check_propagation(word);
	check_ids(word);
	check_subid(word);
	return 0;
}
