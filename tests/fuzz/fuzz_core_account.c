/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a container's own /etc/passwd and /etc/group, behind a line that says
 * who is looked up there: nobody gets ids that mean something else to the kernel.
 */
#include <stdlib.h>
#include <string.h>

#include "core/account.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/env.h"
#include "tests/fuzz/fuzz.h"

static void find(const char *word)
{
	_cleanup_(strv_free) struct strv groups = { 0 };
	struct account_want want = { .groups = &groups };
	struct account a;
	struct err e = ERR_INIT;

	if (account_parse(word, &want.uid, &want.gid, &want.user, NULL) < 0)
		return;
	if (account_check_group(word, NULL) >= 0)
		fuzz_check(strv_add(&groups, word) >= 0);
	if (account_find(fuzz_dir(), &want, &a, &e) < 0) {
		fuzz_check(e.num < 0 && e.msg[0]);
		return;
	}
	fuzz_check(a.uid != UINT32_MAX && a.gid != UINT32_MAX && a.n_groups <= ACCOUNT_GROUPS);
	for (uint32_t i = 0; i < a.n_groups; i++)
		fuzz_check(a.groups[i] != UINT32_MAX);
}

/* HOME is absolute, whatever stands there. */
static void home(uint32_t uid)
{
	_cleanup_(strv_free) struct strv env = { 0 };
	const struct env_spec s = { .root_fd = fuzz_dir(), .uid = uid };
	const char *dir;

	fuzz_check(env_build(&s, &env) >= 0);
	dir = env_get(&env, "HOME");
	fuzz_check(dir && dir[0] == '/' && !strpbrk(dir, "\n:"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *word = fuzz_part(&at), *passwd = fuzz_part(&at);

	word[strcspn(word, "\n")] = '\0';
	fuzz_file("etc/passwd", passwd, strlen(passwd));
	fuzz_file("etc/group", at, strlen(at));
	find(word);
	home(0);
	home(1000);
	return 0;
}
