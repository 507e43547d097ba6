/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any lines as the words behind ctrun: refused with a word, or a whole spec, which can be
 * told as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/run_args.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/spec_json.h"
#include "tests/fuzz/fuzz.h"

#define WORDS 32

/* What options of files open is the machine's, and may be without an end. */
static bool opens(const char *word)
{
	static const char *const names[] = { "env-file", "seccomp",	 "bundle", "device",
					     "rootfs",	 "security-opt", "net" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(word, names[i]) && (strpbrk(word, "/.") || !strcmp(names[i], "bundle")))
			return true;
	return false;
}

static void check(struct run_args *a)
{
	_cleanup_json_ json_t *o = NULL;
	struct ct_spec *s = &a->spec;

	for (size_t i = 0; i < s->n_mounts; i++)
		fuzz_check(s->mounts[i].target[0] == '/');
	for (size_t i = 0; i < s->env.n; i++)
		fuzz_check(strchr(s->env.v[i], '='));
	for (size_t i = 0; i < a->nets.n; i++)
		fuzz_check(a->nets.v[i].network && a->nets.v[i].network[0]);
	for (size_t i = 0; i < a->ports.n; i++)
		fuzz_check(a->ports.v[i].port && a->ports.v[i].host_end >= a->ports.v[i].host_port);
	o = spec_to_json(s);
	fuzz_check(json_is_object(o));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct app app = { .root = "/nonexistent", .root_fd = -1 };
	struct run_args args = { .spec = { .argv = NULL } };
	const struct opt_set set = { .own = cmd_find("", "run")->opts,
				     .common = app_opts,
				     .args = &args,
				     .common_args = &app,
				     .stop_at_words = true };
	struct err e = ERR_INIT;
	char *argv[WORDS + 1] = { NULL }, *at = text;
	int argc = 0, r;

	while (argc < WORDS && (argv[argc] = strsep(&at, "\n")))
		if (opens(argv[argc++]))
			return 0;
	r = opt_parse(&set, argc, argv, &e);
	if (r >= 0)
		r = run_args_finish(&args, &e);
	if (r >= 0)
		check(&args);
	else
		fuzz_check(e.num < 0 && e.msg[0] && !strpbrk(e.msg, "\n\033"));
	run_args_free(&args);
	app_close(&app);
	return 0;
}
