/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --cgroup KEY=VALUE: what the kernel has and no option here. The part of the key
 * before the first dot names the controller and so the hierarchy, in whichever
 * version it is mounted; what belongs to a hierarchy and not to a limit (who is
 * inside, what is killed, frozen or told of its end) is nobody's but ours.
 */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_settings.h"
#include "core/spec.h"

/* Of every v2 group, whatever controllers it has. */
static const char *const core_files[] = { "cgroup.max.depth", "cgroup.max.descendants" };

static bool is_core(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(core_files); i++)
		if (strcmp(core_files[i], key) == 0)
			return true;
	return false;
}

/* CG_N_CONTROLLERS: none has files of that name */
static enum cg_controller controller_of(const char *key)
{
	size_t n = strcspn(key, ".");

	for (unsigned c = 0; c < CG_N_CONTROLLERS; c++)
		for (unsigned v2 = 0; v2 < 2; v2++) {
			const char *name = cg_controller_name(c, v2 ? &cg_v2 : &cg_v1);

			if (name && strlen(name) == n && strncmp(name, key, n) == 0)
				return (enum cg_controller)c;
		}
	return CG_N_CONTROLLERS;
}

static int check_key(const char *key, struct err *e)
{
	size_t n = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

	if (!*key || key[n] || key[0] == '.' || strstr(key, ".."))
		return err_set(e, -EINVAL, "'%s' is not the name of a file of a control group",
			       key);
	if (is_core(key))
		return 0;
	if (controller_of(key) == CG_FREEZER || str_starts(key, "cgroup.") || !strchr(key, '.'))
		return err_set(e, -EINVAL,
			       "%s is no limit: it says who is in the group, and how "
			       "it ends",
			       key);
	if (controller_of(key) == CG_N_CONTROLLERS) {
		err_hint(e, "keys begin with that of a controller: memory.high, cpu.idle, "
			    "io.latency");
		return err_set(e, -EINVAL, "%s belongs to no controller", key);
	}
	return 0;
}

/* One line: a second one would be a second write in some files. */
static int check_value(const char *key, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, -EINVAL, "%s: no value", key);
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, -EINVAL, "%s: a control character in the value", key);
	return 0;
}

static int raw_parse(const char *word, char **ret_key, char **ret_value, struct err *e)
{
	int r = parse_key_value(word, ret_key, ret_value, e);

	if (r < 0)
		err_hint(e, "FILE=VALUE, as in memory.high=64M");
	if (r >= 0)
		r = check_key(*ret_key, e);
	return r < 0 ? r : check_value(*ret_key, *ret_value, e);
}

int cgroup_raw_check(const char *word, struct err *e)
{
	_cleanup_free_ char *key = NULL;
	char *value;

	return raw_parse(word, &key, &value, e);
}

/* "254:0 ...": a line among those of other devices */
static bool is_by_device(const char *value)
{
	uint32_t n;

	return cur_u32(&value, 0, UINT32_MAX, &n) && cur_lit(&value, ":") &&
	       cur_u32(&value, 0, UINT32_MAX, &n) && *value == ' ';
}

static int raw_one(const struct cg_trees *trees, const char *word, struct cg_settings *s,
		   struct err *e)
{
	struct cg_setting like = { .option = "--cgroup" };
	_cleanup_free_ char *key = NULL;
	char *value;
	int r = raw_parse(word, &key, &value, e);

	if (r < 0)
		return err_wrap(e, r, "%s", like.option);
	like.controller = controller_of(key);
	like.by_device = is_by_device(value);
	like.tree = is_core(key) ? cg_tree_v2(trees) : cg_tree_of(trees, like.controller);
	if (like.tree)
		return cg_settings_add(s, &like, key, value, e);
	r = err_set(e, -ENOTSUP, "%s: %s: %s%.*s is mounted nowhere", like.option, key,
		    is_core(key) ? "version 2, " : "the controller ", (int)strcspn(key, "."), key);
	err_hint(e, "mount -t cgroup2 none /sys/fs/cgroup, or run without it");
	return r;
}

int cg_raw_settings(const struct cg_trees *trees, const struct ct_limits *l, struct cg_settings *s,
		    struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < l->raw.n; i++)
		r = raw_one(trees, l->raw.v[i], s, e);
	return r;
}
