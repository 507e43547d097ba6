/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json: process. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/caps.h"
#include "core/oci_keys.h"
#include "core/rlimit.h"

static int terminal(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->tty = json_is_true(v) ? TTY_YES : TTY_NO;
	return 0;
}

static int cwd(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->workdir = json_string_value(v);
	return o->spec->workdir[0] == '/' ? 0 : oci_refuse(where, e, "is not an absolute path");
}

static int env(struct oci *o, const char *where, json_t *v, struct err *e)
{
	size_t before = o->spec->env.n;
	int r = oci_strings(where, v, &o->spec->env, e);

	for (size_t i = before; r >= 0 && i < o->spec->env.n; i++)
		if (!strchr(o->spec->env.v[i], '=') || o->spec->env.v[i][0] == '=')
			r = oci_refuse(where, e, "'%.60s' is not NAME=VALUE", o->spec->env.v[i]);
	return r;
}

static int args(struct oci *o, const char *where, json_t *v, struct err *e)
{
	size_t n = json_array_size(v);

	o->b->argv = calloc(n + 1, sizeof(char *));
	if (!o->b->argv)
		return err_sys(e, -ENOMEM, "%s", where);
	for (size_t i = 0; i < n; i++) {
		o->b->argv[i] = (char *)json_string_value(json_array_get(v, i));
		if (!o->b->argv[i])
			return oci_refuse(where, e, "element %zu is not a string", i);
	}
	o->spec->argv = o->b->argv;
	o->b->has_args = n > 0;
	return 0;
}

/* ---- limits ---- */

static int rlimit(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const json_t *soft = json_object_get(v, "soft"), *hard = json_object_get(v, "hard");
	struct ct_rlimit *l;
	char word[64];
	int r;

	if (!type || strncmp(type, "RLIMIT_", 7) != 0 || !json_is_integer(soft) ||
	    !json_is_integer(hard) || json_object_size(v) != 3)
		return oci_refuse(where, e, "is not type RLIMIT_*, soft and hard");
	l = VEC_ADD(o->spec->rlimits, o->spec->n_rlimits);
	if (!l)
		return err_sys(e, -ENOMEM, "%s", where);
	/* the name is checked where the command line's is; RLIM_INFINITY is all ones */
	snprintf(word, sizeof(word), "%.30s=0", type + 7);
	for (char *p = word; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	r = rlimit_parse(word, l, e);
	if (r < 0)
		return err_wrap(e, r, "%s", where);
	l->lim.rlim_cur = (rlim_t)json_integer_value(soft);
	l->lim.rlim_max = (rlim_t)json_integer_value(hard);
	return l->lim.rlim_cur <= l->lim.rlim_max ? 0 : oci_refuse(where, e, "soft is above hard");
}

static int rlimits(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, rlimit, e);
}

static int oom_score(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, -1000, 1000, &n, e);

	if (r < 0)
		return r;
	o->spec->oom_score_adj = (int)n;
	o->spec->oom_score_adj_set = true;
	return 0;
}

/* ---- privileges ---- */

static const char *const sets[] = { "bounding", "permitted", "effective", "inheritable",
				    "ambient" };
enum { BOUNDING, PERMITTED, EFFECTIVE, INHERITABLE, AMBIENT };

static int cap_set(const char *where, const char *name, const json_t *v, uint64_t *ret,
		   struct err *e)
{
	const json_t *word;
	size_t i;

	if (!json_is_array(v))
		return oci_refuse(where, e, "%s is not an array", name);
	json_array_foreach(v, i, word)
	{
		const char *s = json_string_value(word);
		uint64_t bit;
		int r = s && !strncmp(s, "CAP_", 4) ? caps_parse(s, &bit, e) : -EINVAL;

		if (r < 0)
			return s && !strncmp(s, "CAP_", 4)
				       ? err_wrap(e, r, "%s.%s", where, name)
				       : oci_refuse(where, e, "%s has what is no CAP_*", name);
		*ret |= bit;
	}
	return 0;
}

/*
 * The command gets its sets from execve(2): root all of the bounding set, another
 * user the ambient set. What execve would take away again cannot be given.
 */
static int capabilities(struct oci *o, const char *where, json_t *v, struct err *e)
{
	uint64_t mask[ARRAY_SIZE(sets)] = { 0 };
	const char *name;
	json_t *list;

	json_object_foreach(v, name, list)
	{
		size_t i = 0;
		int r;

		while (i < ARRAY_SIZE(sets) && strcmp(sets[i], name) != 0)
			i++;
		if (i == ARRAY_SIZE(sets))
			return oci_refuse(where, e, "%.40s is no set of capabilities", name);
		r = cap_set(where, name, list, &mask[i], e);
		if (r < 0)
			return r;
	}
	if ((mask[PERMITTED] | mask[EFFECTIVE]) & ~mask[BOUNDING])
		return oci_refuse(where, e, "permitted or effective has what bounding lacks");
	if (mask[AMBIENT] & ~(mask[PERMITTED] & mask[INHERITABLE]))
		return oci_refuse(where, e, "ambient has what permitted or inheritable lacks");
	o->b->caps = mask[BOUNDING];
	o->b->has_caps = true;
	o->spec->ambient = mask[AMBIENT];
	return 0;
}

static int apparmor(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->apparmor = json_string_length(v) ? json_string_value(v) : NULL;
	return 0;
}

static int selinux(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->selinux = json_string_length(v) ? json_string_value(v) : NULL;
	return 0;
}

/* ---- user ---- */

static int id(const char *where, const json_t *v, uint32_t *ret, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, 0, (int64_t)UINT32_MAX - 1, &n, e);

	if (r >= 0)
		*ret = (uint32_t)n;
	return r;
}

static int uid(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return id(where, v, &o->spec->uid, e);
}

static int gid(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return id(where, v, &o->spec->gid, e);
}

static int umask_mode(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, 0, 0777, &n, e);

	if (r < 0)
		return r;
	o->spec->umask = (uint32_t)n;
	o->spec->umask_set = true;
	return 0;
}

static int group(struct oci *o, const char *where, json_t *v, struct err *e)
{
	uint32_t n;
	int r = id(where, v, &n, e);

	if (r < 0)
		return r;
	if (strv_add_take(&o->spec->groups, str_printf("%u", n)) < 0)
		return err_sys(e, -ENOMEM, "%s", where);
	return 0;
}

static int groups(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_INTEGER, group, e);
}

static int user(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "uid", JSON_INTEGER, uid },	       { "gid", JSON_INTEGER, gid },
		{ "umask", JSON_INTEGER, umask_mode }, { "additionalGids", JSON_ARRAY, groups },
		{ "username", JSON_STRING, NULL },     OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

/* Without a word on it privileges stay as they are, as in every container of ours. */
static int no_new_privileges(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->new_privs = !json_is_true(v);
	return 0;
}

int oci_process(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "terminal", JSON_TRUE, terminal },
		{ "consoleSize", JSON_OBJECT, NULL },
		{ "cwd", JSON_STRING, cwd },
		{ "env", JSON_ARRAY, env },
		{ "args", JSON_ARRAY, args },
		{ "commandLine", JSON_STRING, NULL },
		{ "rlimits", JSON_ARRAY, rlimits },
		{ "oomScoreAdj", JSON_INTEGER, oom_score },
		{ "capabilities", JSON_OBJECT, capabilities },
		{ "noNewPrivileges", JSON_TRUE, no_new_privileges },
		{ "apparmorProfile", JSON_STRING, apparmor },
		{ "selinuxLabel", JSON_STRING, selinux },
		{ "user", JSON_OBJECT, user },
		{ "scheduler", JSON_OBJECT, NULL },
		{ "ioPriority", JSON_OBJECT, NULL },
		{ "execCPUAffinity", JSON_OBJECT, NULL },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}
