/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/mount.h"

#include <errno.h>
#include <string.h>

#include "cli/mount_opts.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/propagation.h"
#include "core/spec.h"

/* What a --mount says, before it is known of which type. */
struct mount {
	const char *type, *source, *target;
	struct strv words; /* keys that are options of a mount, by the names they have there */
};

/* ---- fields ---- */

/* What is between double quotes, in place; *p is left behind the second one. */
static int unquote(char **p, char **ret, struct err *e)
{
	char *to = *p;

	*ret = to;
	for (char *from = *p + 1; *from; *to++ = *from++) {
		if (*from != '"')
			continue;
		if (from[1] != '"') {
			*p = from + 1;
			*to = '\0';
			return 0;
		}
		from++;
	}
	return err_set(e, EINVAL, "a quote is not closed");
}

/* 1: *ret is the next field, and *pos is advanced; 0: there is none. */
static int field_next(char **pos, char **ret, struct err *e)
{
	char *p = *pos, *end;
	int r;

	if (!p)
		return 0;
	if (*p == '"') {
		r = unquote(&p, ret, e);
		if (r < 0)
			return r;
		if (*p && *p != ',')
			return err_set(e, EINVAL, "a comma is missing behind '%s'", *ret);
		*pos = *p ? p + 1 : NULL;
		return 1;
	}
	*ret = p;
	end = p + strcspn(p, ",");
	*pos = *end ? end + 1 : NULL;
	*end = '\0';
	if (strchr(p, '"'))
		return err_set(e, EINVAL, "'%s': quotes go around the whole KEY=VALUE", p);
	return 1;
}

/* ---- keys ---- */

static int set_type(struct mount *m, const char *value, struct err *e)
{
	static const char *const types[] = { "bind", "tmpfs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(value, types[i])) {
			m->type = types[i];
			return 0;
		}
	if (!strcmp(value, "volume"))
		err_hint(e, "volumes with names do not exist here: type=bind,source=/...");
	else
		err_hint(e, "known are bind and tmpfs");
	return err_set(e, EINVAL, "unknown type '%s'", value);
}

static int set_source(struct mount *m, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "an empty path");
	m->source = value;
	return 0;
}

static int set_target(struct mount *m, const char *value, struct err *e)
{
	m->target = value;
	return 0;
}

/* docker's, since it can: read-only with all that is mounted below, unless bind-recursive. */
static int set_readonly(struct mount *m, const char *value, struct err *e)
{
	bool on = true;
	int r = value ? parse_bool(value, &on, e) : 0;

	return r < 0 ? r : strv_add(&m->words, on ? "readonly" : "rw");
}

static int set_propagation(struct mount *m, const char *value, struct err *e)
{
	unsigned long flags;
	int r = propagation_parse(value, &flags, e);

	return r < 0 ? r : strv_add(&m->words, value);
}

static int set_recursive(struct mount *m, const char *value, struct err *e)
{
	static const struct {
		const char *value, *word;
	} words[] = { { "enabled", "rbind" },
		      { "disabled", "bind" },
		      { "writable", "writable" },
		      { "readonly", "rro" } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(value, words[i].value))
			return strv_add(&m->words, words[i].word);
	err_hint(e, "known are enabled, disabled, writable, readonly");
	return err_set(e, EINVAL, "'%s' is not one of its values", value);
}

static int set_nonrecursive(struct mount *m, const char *value, struct err *e)
{
	bool on = true;
	int r = value ? parse_bool(value, &on, e) : 0;

	return r < 0 ? r : strv_add(&m->words, on ? "bind" : "rbind");
}

static int add_valued(struct mount *m, const char *name, const char *value)
{
	return strv_add_take(&m->words, str_printf("%s=%s", name, value));
}

static int set_size(struct mount *m, const char *value, struct err *e)
{
	return add_valued(m, "size", value);
}

static int set_mode(struct mount *m, const char *value, struct err *e)
{
	return add_valued(m, "mode", value);
}

static const struct key {
	const char *name;
	int (*set)(struct mount *m, const char *value, struct err *e);
	bool bare; /* may stand without a value */
} keys[] = {
	{ "type", set_type, false },
	{ "source", set_source, false },
	{ "src", set_source, false },
	{ "target", set_target, false },
	{ "destination", set_target, false },
	{ "dst", set_target, false },
	{ "readonly", set_readonly, true },
	{ "ro", set_readonly, true },
	{ "bind-propagation", set_propagation, false },
	{ "bind-recursive", set_recursive, false },
	{ "bind-nonrecursive", set_nonrecursive, true },
	{ "tmpfs-size", set_size, false },
	{ "tmpfs-mode", set_mode, false },
};

static const char *candidate(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(keys) ? keys[i].name : NULL;
}

/* Keys of its own first; what is none may be an option of a mount, by its short name. */
static int set_key(struct mount *m, char *word, struct err *e)
{
	char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);

	if (!*word) {
		err_hint(e, "as in type=bind,source=/srv,target=/srv");
		return err_set(e, EINVAL, "an empty KEY=VALUE");
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int r;

		if (strlen(keys[i].name) != len || strncmp(word, keys[i].name, len) != 0)
			continue;
		if (!value && !keys[i].bare)
			return err_set(e, EINVAL, "'%s' needs a value: %s=...", word, word);
		r = keys[i].set(m, value ? value + 1 : NULL, e);
		return r < 0 ? err_wrap(e, r, "%s", keys[i].name) : 0;
	}
	return strv_add(&m->words, word);
}

/* ---- the whole ---- */

static int fields_read(struct mount *m, char *text, struct err *e)
{
	char *field;
	int r;

	while ((r = field_next(&text, &field, e)) > 0) {
		r = set_key(m, field, e);
		if (r < 0)
			return r;
	}
	return r;
}

/* A word that is no option either may have been meant as a key. */
static int option(struct ct_mount *m, const char *word, struct strv *owned, struct err *e)
{
	_cleanup_free_ char *name = strndup(word, strcspn(word, "="));
	const char *near = name ? str_nearest(name, candidate, NULL) : NULL;
	struct err own = ERR_INIT;
	int r = mount_opt_set(m, word, owned, &own);

	if (r >= 0)
		return r;
	if (near)
		err_hint(&own, "did you mean %s?", near);
	if (e)
		*e = own;
	return r;
}

static int options_set(struct ct_mount *ret, const struct mount *m, struct strv *owned,
		       struct err *e)
{
	bool readonly = false, writable = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->words.n; i++) {
		const char *word = m->words.v[i];

		if (!strcmp(word, "readonly"))
			readonly = true;
		else if (!strcmp(word, "writable"))
			writable = true;
		else
			r = option(ret, word, owned, e);
	}
	if (r < 0)
		return r;
	if (writable && ret->fstype)
		return err_set(e, EINVAL, "bind-recursive is for type=bind");
	ret->read_only |= readonly;
	ret->recursive_ro |= readonly && !writable && !ret->fstype && !ret->not_recursive;
	return 0;
}

/* Words that are none are told of first: what seems to be missing may be one of them. */
static int convert(const struct mount *m, struct ct_mount *ret, struct strv *owned, struct err *e)
{
	bool bind = !m->type || !strcmp(m->type, "bind");
	int r;

	*ret = (struct ct_mount){ .fstype = bind ? NULL : m->type, .target = m->target };
	r = options_set(ret, m, owned, e);
	if (r < 0)
		return r;
	if (!m->target)
		return err_set(e, EINVAL, "target= is missing");
	if (!bind)
		return m->source ? err_set(e, EINVAL, "a %s has no source", m->type) : 0;
	if (!m->source)
		return err_set(e, EINVAL, "source= is missing");
	if (*m->source != '/' && *m->source != '.')
		return err_set(e, EINVAL, "'%s': the source is a path: /... or ./...", m->source);
	ret->source = mount_source(m->source, owned);
	return ret->source ? 0 : err_sys(e, -ENOMEM, "source");
}

int mount_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e)
{
	struct mount m = { 0 };
	struct ct_mount mnt;
	int r = strv_add(owned, word);

	if (r >= 0)
		r = fields_read(&m, owned->v[owned->n - 1], e);
	if (r >= 0)
		r = convert(&m, &mnt, owned, e);
	strv_free(&m.words);
	return r < 0 ? r : mount_push(spec, &mnt, e);
}
