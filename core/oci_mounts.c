/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.json: mounts. The file systems of the kernel that every container of
 * ours has (core/mount.c) are there already when a bundle asks for them, with
 * options that are as strict as any in use; the rest become volumes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/vec.h"
#include "core/oci_keys.h"
#include "core/propagation.h"

/* ---- options ---- */

static int set_ro(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = true;
	return 0;
}

static int set_rw(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = false;
	return 0;
}

static int set_rro(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = m->recursive_ro = true;
	return 0;
}

static int set_exec(struct ct_mount *m, const char *value, struct err *e)
{
	m->exec = true;
	m->noexec = false;
	return 0;
}

static int set_noexec(struct ct_mount *m, const char *value, struct err *e)
{
	m->noexec = true;
	m->exec = false;
	return 0;
}

static int set_suid(struct ct_mount *m, const char *value, struct err *e)
{
	m->suid = true;
	return 0;
}

static int set_nosuid(struct ct_mount *m, const char *value, struct err *e)
{
	m->suid = false;
	return 0;
}

static int set_dev(struct ct_mount *m, const char *value, struct err *e)
{
	m->dev = true;
	return 0;
}

static int set_nodev(struct ct_mount *m, const char *value, struct err *e)
{
	m->dev = false;
	return 0;
}

static int set_bind(struct ct_mount *m, const char *value, struct err *e)
{
	m->fstype = NULL;
	m->not_recursive = true;
	return 0;
}

static int set_rbind(struct ct_mount *m, const char *value, struct err *e)
{
	m->fstype = NULL;
	m->not_recursive = false;
	return 0;
}

static int set_idmap(struct ct_mount *m, const char *value, struct err *e)
{
	m->idmap = true;
	return 0;
}

static int set_copy(struct ct_mount *m, const char *value, struct err *e)
{
	m->copy = true;
	return 0;
}

/* What every mount is anyway. */
static int set_nothing(struct ct_mount *m, const char *value, struct err *e)
{
	return 0;
}

static int set_mode(struct ct_mount *m, const char *value, struct err *e)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (!*value || *end || mode > 07777)
		return err_set(e, EINVAL, "'%s' is no octal mode", value);
	m->mode = (uint32_t)mode;
	return 0;
}

/* As the kernel has it: bytes, or with k, m, g. */
static int set_size(struct ct_mount *m, const char *value, struct err *e)
{
	char word[32];

	if (str_fmt(word, sizeof(word), "%s", value) < 0)
		return err_set(e, EINVAL, "'%.40s' is no size", value);
	for (char *p = word; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p & ~0x20) : *p;
	return parse_size(word, &m->size, e);
}

static const struct {
	const char *name; /* with '=' when it takes a value */
	int (*set)(struct ct_mount *m, const char *value, struct err *e);
} options[] = {
	{ "ro", set_ro },
	{ "rw", set_rw },
	{ "rro", set_rro },
	{ "exec", set_exec },
	{ "noexec", set_noexec },
	{ "suid", set_suid },
	{ "nosuid", set_nosuid },
	{ "dev", set_dev },
	{ "nodev", set_nodev },
	{ "bind", set_bind },
	{ "rbind", set_rbind },
	{ "idmap", set_idmap },
	{ "ridmap", set_idmap },
	{ "tmpcopyup", set_copy },
	{ "relatime", set_nothing },
	{ "async", set_nothing },
	{ "defaults", set_nothing },
	{ "diratime", set_nothing },
	{ "mode=", set_mode },
	{ "size=", set_size },
};

static int option(const char *where, struct ct_mount *m, const char *word, struct strv *rest,
		  struct err *e)
{
	unsigned long flags = propagation_flags(word);

	if (flags) {
		m->propagation = flags;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		size_t len = strlen(options[i].name);
		bool valued = options[i].name[len - 1] == '=';
		int r;

		if (strncmp(word, options[i].name, len) != 0 || (!valued && word[len]))
			continue;
		r = options[i].set(m, word + len, e);
		return r < 0 ? err_wrap(e, r, "%s", where) : 0;
	}
	return strv_add(rest, word) < 0 ? err_sys(e, -ENOMEM, "%s", where) : 0;
}

/* What is left is the file system's own, which a bind mount has not. */
static int leave(struct oci *o, const char *where, struct ct_mount *m, const struct strv *rest,
		 struct err *e)
{
	char *all = NULL;

	if (!rest->n)
		return 0;
	if (!m->fstype)
		return oci_refuse(where, e, "the option '%.60s' is not supported", rest->v[0]);
	for (size_t i = 0; i < rest->n; i++) {
		char *more = str_printf("%s%s%s", all ? all : "", all ? "," : "", rest->v[i]);

		free(all);
		all = more;
		if (!all)
			break;
	}
	m->options = oci_keep(o, all);
	return m->options ? 0 : err_sys(e, -ENOMEM, "%s", where);
}

/* ---- places ---- */

static const struct {
	const char *target, *fstype;
} ours[] = {
	{ "/proc", "proc" },	 { "/dev", "tmpfs" },	      { "/dev/pts", "devpts" },
	{ "/dev/shm", "tmpfs" }, { "/dev/mqueue", "mqueue" }, { "/sys", "sysfs" },
};

/* 1: there already; -EINVAL: something else in its place. */
static int already(struct oci *o, const char *where, const struct ct_mount *m, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strcmp(ours[i].target, m->target) != 0)
			continue;
		if (!m->fstype || strcmp(m->fstype, ours[i].fstype) != 0)
			return oci_refuse(where, e, "%s is a %s here and nothing else", m->target,
					  ours[i].fstype);
		if (!strcmp(m->target, "/dev/shm"))
			o->spec->shm_size = m->size;
		return 1;
	}
	return 0;
}

/* Of file systems that need no device. */
static const char *const fstypes[] = { "tmpfs",	 "proc",   "sysfs",  "devpts",
				       "mqueue", "cgroup", "cgroup2" };

static int check(const char *where, const struct ct_mount *m, struct err *e)
{
	if (m->target[0] != '/' || !m->target[1])
		return oci_refuse(where, e, "destination '%.80s' is no absolute path below /",
				  m->target);
	if (!m->fstype)
		return m->source && m->source[0] ? 0 : oci_refuse(where, e, "source is missing");
	if (str_starts(m->fstype, "cgroup") && !m->read_only)
		return oci_refuse(where, e,
				  "control groups are shown read-only: add the option ro");
	for (size_t i = 0; i < ARRAY_SIZE(fstypes); i++)
		if (!strcmp(fstypes[i], m->fstype))
			return 0;
	return oci_refuse(where, e, "the file system type %.40s is not supported", m->fstype);
}

static void cleanup_words(struct strv *s)
{
	strv_free(s);
}

/* Options come last: "bind" among them makes a type of no account. */
static int fill(struct oci *o, const char *where, json_t *v, struct ct_mount *m, struct err *e)
{
	_cleanup_(cleanup_words) struct strv words = { 0 }, rest = { 0 };
	const json_t *source = json_object_get(v, "source"), *type = json_object_get(v, "type");
	json_t *list = json_object_get(v, "options");
	int r = list && json_is_array(list) ? oci_strings(where, list, &words, e) : 0;

	m->target = json_string_value(json_object_get(v, "destination"));
	if (!m->target)
		return oci_refuse(where, e, "destination is missing");
	m->source = json_string_value(source);
	m->fstype = json_string_value(type);
	if (m->fstype &&
	    (!m->fstype[0] || !strcmp(m->fstype, "bind") || !strcmp(m->fstype, "none")))
		m->fstype = NULL;
	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = option(where, m, words.v[i], &rest, e);
	if (r >= 0 && !m->fstype && m->source && m->source[0] && m->source[0] != '/') {
		m->source = oci_keep(o, str_printf("%s/%s", o->dir, m->source));
		r = m->source ? 0 : err_sys(e, -ENOMEM, "%s", where);
	}
	return r < 0 ? r : leave(o, where, m, &rest, e);
}

static int one(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "destination", JSON_STRING, oci_elsewhere },
		{ "source", JSON_STRING, oci_elsewhere },
		{ "type", JSON_STRING, oci_elsewhere },
		{ "options", JSON_ARRAY, oci_elsewhere },
		{ "uidMappings", JSON_ARRAY, NULL },
		{ "gidMappings", JSON_ARRAY, NULL },
		OCI_KEYS_END,
	};
	struct ct_mount m = { 0 }, *to;
	int r = oci_object(o, where, v, keys, e);

	if (r >= 0)
		r = fill(o, where, v, &m, e);
	if (r >= 0)
		r = check(where, &m, e);
	if (r >= 0)
		r = already(o, where, &m, e);
	if (r)
		return r < 0 ? r : 0;
	to = VEC_ADD(o->spec->mounts, o->spec->n_mounts);
	if (!to)
		return err_sys(e, -ENOMEM, "%s", where);
	*to = m;
	return 0;
}

int oci_mounts(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, one, e);
}
