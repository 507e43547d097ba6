/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as ctnet.conf and, behind a line "%%", as a file of --env-file: refused with
 * the place, or whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/env.h"
#include "core/base/cleanup.h"
#include "core/userns.h"
#include "tests/fuzz/fuzz.h"

static void config(const char *path)
{
	struct app app = { .root_fd = -1, .config = path };
	struct err e = ERR_INIT;

	if (app_load_config(&app, &e) < 0) {
		fuzz_check(e.num < 0 && str_starts(e.msg, path));
	} else {
		fuzz_check(app.net_config.n_pools &&
			   app.net_config.n_pools <= ARRAY_SIZE(app.net_config.pools));
		fuzz_check(app.n_publish <= ARRAY_SIZE(app.publish));
		fuzz_check(!app.userns_count || app.userns_count >= USERNS_BLOCK);
		fuzz_check(!app.cgroup_parent || !strstr(app.cgroup_parent, ".."));
	}
	app_close(&app);
}

static void environment(const char *path)
{
	_cleanup_(strv_free) struct strv env = { 0 };
	struct err e = ERR_INIT;

	if (env_add_file(&env, path, &e) < 0)
		fuzz_check(e.num < 0 && str_starts(e.msg, path));
	for (size_t i = 0; i < env.n; i++)
		fuzz_check(env.v[i][0] != '=' && strchr(env.v[i], '='));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *first = fuzz_part(&at), path[64];

	fuzz_file("conf", first, strlen(first));
	fuzz_file("env", at, size - (size_t)(at - text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d/conf", fuzz_dir());
	config(path);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/env", fuzz_dir());
	environment(path);
	return 0;
}
