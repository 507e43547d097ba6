/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/mount_opts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/vec.h"
#include "core/spec.h"

enum { BIND = 1, TMPFS = 2, ANY = BIND | TMPFS };

/* What one option means: the member it sets, and to what; or the member its value goes to. */
struct mount_opt {
	const char *name;
	unsigned of;
	void (*flag)(struct ct_mount *m, unsigned long arg); /* takes no value */
	int (*value)(struct ct_mount *m, const char *value, struct err *e);
	const char *pass; /* takes a number, which the file system gets by this name */
	unsigned long arg;
};

enum { RW, RO, RRO };

static void set_write(struct ct_mount *m, unsigned long arg)
{
	m->read_only = arg != RW;
	m->recursive_ro = arg == RRO;
}

static void set_exec(struct ct_mount *m, unsigned long on)
{
	m->exec = on;
	m->noexec = !on;
}

static void set_suid(struct ct_mount *m, unsigned long on)
{
	m->suid = on;
}

static void set_dev(struct ct_mount *m, unsigned long on)
{
	m->dev = on;
}

static void set_recursive(struct ct_mount *m, unsigned long on)
{
	m->not_recursive = !on;
}

static void set_propagation(struct ct_mount *m, unsigned long flags)
{
	m->propagation = flags;
}

static void set_idmap(struct ct_mount *m, unsigned long on)
{
	m->idmap = on;
}

static void set_copy(struct ct_mount *m, unsigned long on)
{
	m->copy = on;
}

static int set_size(struct ct_mount *m, const char *value, struct err *e)
{
	return parse_size(value, &m->size, e);
}

static int set_mode(struct ct_mount *m, const char *value, struct err *e)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (*value < '0' || *value > '7' || *end || mode > 07777 || !mode)
		return err_set(e, EINVAL, "'%s' is no octal mode", value);
	m->mode = (uint32_t)mode;
	return 0;
}

#define FLAG(name_, of_, fn, arg_)                                         \
	{                                                                  \
		.name = (name_), .of = (of_), .flag = (fn), .arg = (arg_), \
	}
#define VALUE(name_, of_, fn)                               \
	{                                                   \
		.name = (name_), .of = (of_), .value = (fn) \
	}
#define PASS(name_)                                           \
	{                                                     \
		.name = (name_), .of = TMPFS, .pass = (name_) \
	}

static const struct mount_opt options[] = {
	FLAG("ro", ANY, set_write, RO),
	FLAG("rro", BIND, set_write, RRO),
	FLAG("rw", ANY, set_write, RW),
	FLAG("exec", ANY, set_exec, true),
	FLAG("noexec", ANY, set_exec, false),
	FLAG("suid", ANY, set_suid, true),
	FLAG("nosuid", ANY, set_suid, false),
	FLAG("dev", ANY, set_dev, true),
	FLAG("nodev", ANY, set_dev, false),
	FLAG("bind", BIND, set_recursive, false),
	FLAG("rbind", BIND, set_recursive, true),
	FLAG("private", BIND, set_propagation, MS_PRIVATE),
	FLAG("rprivate", BIND, set_propagation, MS_PRIVATE | MS_REC),
	FLAG("slave", BIND, set_propagation, MS_SLAVE),
	FLAG("rslave", BIND, set_propagation, MS_SLAVE | MS_REC),
	FLAG("shared", BIND, set_propagation, MS_SHARED),
	FLAG("rshared", BIND, set_propagation, MS_SHARED | MS_REC),
	FLAG("unbindable", BIND, set_propagation, MS_UNBINDABLE),
	FLAG("runbindable", BIND, set_propagation, MS_UNBINDABLE | MS_REC),
	FLAG("idmap", BIND, set_idmap, true),
	FLAG("copy", TMPFS, set_copy, true),
	FLAG("tmpcopyup", TMPFS, set_copy, true),
	FLAG("nocopy", ANY, set_copy, false),
	FLAG("notmpcopyup", TMPFS, set_copy, false),
	VALUE("size", TMPFS, set_size),
	VALUE("mode", TMPFS, set_mode),
	PASS("uid"),
	PASS("gid"),
	PASS("nr_inodes"),
};

static unsigned kind(const struct ct_mount *m)
{
	return m->fstype ? TMPFS : BIND;
}

/* str_nearest's candidates: those that such a mount has; the others are empty words. */
static const char *candidate(const void *ctx, size_t i)
{
	if (i >= ARRAY_SIZE(options))
		return NULL;
	return options[i].of & kind(ctx) ? options[i].name : "";
}

static int unknown(const struct ct_mount *m, const char *word, size_t len, struct err *e)
{
	_cleanup_free_ char *name = strndup(word, len);
	const char *near = name ? str_nearest(name, candidate, m) : NULL;

	if (near && *near)
		err_hint(e, "did you mean %s?", near);
	return err_set(e, EINVAL, "unknown option '%s' of a %s", name ? name : word,
		       m->fstype ? m->fstype : "bind mount");
}

/* "uid=5" behind what is there. */
static int pass_on(struct ct_mount *m, const char *name, const char *value, struct strv *owned,
		   struct err *e)
{
	uint32_t n;
	int r = parse_u32(value, 0, UINT32_MAX - 1, &n, e);

	if (r < 0)
		return err_wrap(e, r, "%s", name);
	r = strv_add_take(owned, str_printf("%s%s%s=%u", m->options ? m->options : "",
					    m->options ? "," : "", name, n));
	if (r >= 0)
		m->options = owned->v[owned->n - 1];
	return r;
}

int mount_opt_set(struct ct_mount *m, const char *word, struct strv *owned, struct err *e)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	const struct mount_opt *o = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(options) && !o; i++)
		if ((options[i].of & kind(m)) && strlen(options[i].name) == len &&
		    !strncmp(options[i].name, word, len))
			o = &options[i];
	if (!o)
		return unknown(m, word, len, e);
	if (o->flag && value)
		return err_set(e, EINVAL, "option '%s' takes no value", o->name);
	if (!o->flag && !value)
		return err_set(e, EINVAL, "option '%s' needs a value: %s=...", o->name, o->name);
	if (o->flag) {
		o->flag(m, o->arg);
		return 0;
	}
	if (o->pass)
		return pass_on(m, o->pass, value, owned, e);
	r = o->value(m, value, e);
	return r < 0 ? err_wrap(e, r, "%s", o->name) : 0;
}

int mount_opts_set(struct ct_mount *m, const char *list, struct strv *owned, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = list ? strv_split(&words, list, ",") : 0;

	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = mount_opt_set(m, words.v[i], owned, e);
	return r;
}

/* ---- all of them ---- */

/* The next component of a path, as it counts: "." and empty ones do not. */
static const char *component(const char *p, size_t *ret_len)
{
	for (;;) {
		p += strspn(p, "/");
		*ret_len = strcspn(p, "/");
		if (*ret_len != 1 || *p != '.')
			return p;
		p++;
	}
}

static bool same_path(const char *a, const char *b)
{
	size_t n, m;

	do {
		a = component(a, &n);
		b = component(b, &m);
		if (n != m || strncmp(a, b, n) != 0)
			return false;
		a += n;
		b += m;
	} while (n);
	return true;
}

static size_t depth(const char *path)
{
	size_t n, count = 0;

	for (path = component(path, &n); n; path = component(path + n, &n))
		count++;
	return count;
}

int mount_push(struct ct_spec *spec, const struct ct_mount *m, struct err *e)
{
	struct ct_mount *added;

	if (m->target[0] != '/' || !depth(m->target))
		return err_set(e, EINVAL,
			       "'%s': the place in the container is an absolute path below /",
			       m->target);
	for (size_t i = 0; i < spec->n_mounts; i++)
		if (same_path(spec->mounts[i].target, m->target))
			return err_set(e, EINVAL, "'%s': two mounts at one place", m->target);
	added = VEC_ADD(spec->mounts, spec->n_mounts);
	if (!added)
		return err_sys(e, -ENOMEM, "mounts");
	*added = *m;
	return 0;
}

const char *mount_source(const char *path, struct strv *owned)
{
	_cleanup_free_ char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);

	if (*path == '/')
		return strv_add(owned, path) < 0 ? NULL : owned->v[owned->n - 1];
	if (!cwd || strv_add_take(owned, str_printf("%s/%s", cwd, path)) < 0)
		return NULL;
	return owned->v[owned->n - 1];
}

/* By insertion: there are a handful, and equals keep their order. */
void mounts_sort(struct ct_spec *spec)
{
	for (size_t i = 1; i < spec->n_mounts; i++) {
		struct ct_mount m = spec->mounts[i];
		size_t at = i;

		for (; at && depth(spec->mounts[at - 1].target) > depth(m.target); at--)
			spec->mounts[at] = spec->mounts[at - 1];
		spec->mounts[at] = m;
	}
}
