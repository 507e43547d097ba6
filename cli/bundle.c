/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

/* Cheap, and true too often: in a value, or behind the command. */
static bool may_name_one(int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++)
		if (str_starts(argv[i], "--bundle"))
			return true;
	return false;
}

/* All options, into arguments that nobody uses: what is wrong there is told later. */
static const char *named(int argc, char *const *argv)
{
	_cleanup_free_ char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct run_args scratch = { 0 };
	struct app unused = { 0 };
	const struct opt_set set = { .own = run_opts,
				     .common = app_opts,
				     .args = &scratch,
				     .common_args = &unused,
				     .stop_at_words = true };
	const char *dir;

	if (!words)
		return NULL;
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	opt_parse(&set, argc, words, NULL);
	dir = scratch.bundle_dir;
	run_args_free(&scratch);
	return dir;
}

int bundle_load(struct app *app, int argc, char *const *argv, struct run_args *args, struct err *e)
{
	const char *dir = may_name_one(argc, argv) ? named(argc, argv) : NULL;

	return dir ? oci_load(dir, &args->spec, &args->bundle, e) : 0;
}

static bool has_network(const struct run_nets *n)
{
	return n->n || n->phys.n || n->join || n->none;
}

int bundle_finish(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;

	if (!a->bundle_dir)
		return 0;
	if (!s->argv || !s->argv[0])
		return err_set(e, EINVAL,
			       "%s/config.json has no process.args, and no command is given",
			       a->bundle_dir);
	if (s->read_only || s->upper)
		s->rootfs_rw = false;
	if (!has_network(&a->nets))
		a->nets.join = a->bundle.net;
	return 0;
}
