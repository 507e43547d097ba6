/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/spec.h"

static int set_ro(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = true;
	return 0;
}

static int set_rro(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = true;
	m->recursive_ro = true;
	return 0;
}

static int set_rw(struct ct_mount *m, const char *value, struct err *e)
{
	m->read_only = false;
	return 0;
}

static int set_exec(struct ct_mount *m, const char *value, struct err *e)
{
	m->exec = true;
	return 0;
}

static int set_size(struct ct_mount *m, const char *value, struct err *e)
{
	return parse_size(value, &m->size, e);
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

enum { BIND = 1, TMPFS = 2 };

static const struct {
	const char *name; /* with '=' when it takes a value */
	unsigned for_;
	int (*set)(struct ct_mount *m, const char *value, struct err *e);
} options[] = {
	{ "ro", BIND | TMPFS, set_ro }, { "rro", BIND, set_rro },
	{ "rw", BIND | TMPFS, set_rw }, { "exec", BIND | TMPFS, set_exec },
	{ "size=", TMPFS, set_size },	{ "mode=", TMPFS, set_mode },
};

static int set_option(struct ct_mount *m, unsigned what, const char *word, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		size_t len = strlen(options[i].name);
		bool valued = options[i].name[len - 1] == '=';

		if (!(options[i].for_ & what) || strncmp(word, options[i].name, len) ||
		    (!valued && word[len]))
			continue;
		return options[i].set(m, word + len, e);
	}
	err_hint(e, what == BIND ? "known are ro, rro, rw, exec"
				 : "known are ro, rw, exec, size=, mode=");
	return err_set(e, EINVAL, "unknown option '%s'", word);
}

static int set_options(struct ct_mount *m, unsigned what, const char *list, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = list ? strv_split(&words, list, ",") : 0;

	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = set_option(m, what, words.v[i], e);
	return r;
}

static int push(struct ct_spec *spec, const struct ct_mount *m)
{
	struct ct_mount *grown = realloc(spec->mounts, (spec->n_mounts + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[spec->n_mounts++] = *m;
	spec->mounts = grown;
	return 0;
}

static int check_target(const char *target, struct err *e)
{
	if (target[0] != '/' || !target[1])
		return err_set(e, EINVAL,
			       "'%s': the place in the container is an absolute path below /",
			       target);
	return 0;
}

/* A copy of the word, which the spec may point into. */
static char *keep(struct strv *owned, const char *word)
{
	return strv_add(owned, word) < 0 ? NULL : owned->v[owned->n - 1];
}

/* Cuts the string at the next ':'; what follows it, or NULL. */
static char *cut(char *s)
{
	char *colon = strchr(s, ':');

	if (colon)
		*colon++ = 0;
	return colon;
}

static int finish(struct ct_spec *spec, struct ct_mount *m, const char *list, struct err *e)
{
	int r = check_target(m->target, e);

	if (r >= 0)
		r = set_options(m, m->fstype ? TMPFS : BIND, list, e);
	return r < 0 ? r : push(spec, m);
}

int volume_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e)
{
	struct ct_mount m = { 0 };
	char *source = keep(owned, word), *target;

	if (!source)
		return -ENOMEM;
	target = cut(source);
	if (!target || !*source) {
		err_hint(e, "volumes without a source directory do not exist here");
		return err_set(e, EINVAL, "'%s' is not SRC:DST[:OPTIONS]", word);
	}
	if (*source != '/' && *source != '.')
		return err_set(e, EINVAL, "'%s': the source is a path: /... or ./...", source);
	m.source = source;
	m.target = target;
	return finish(spec, &m, cut(target), e);
}

int volume_add_tmpfs(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e)
{
	char *target = keep(owned, word);
	struct ct_mount m = { .fstype = "tmpfs", .target = target };

	return target ? finish(spec, &m, cut(target), e) : -ENOMEM;
}
