/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/volume.h"

#include <errno.h>
#include <string.h>

#include "cli/mount_opts.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/spec.h"

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

static int finish(struct ct_spec *spec, struct ct_mount *m, const char *list, struct strv *owned,
		  struct err *e)
{
	int r = mount_opts_set(m, list, owned, e);

	return r < 0 ? r : mount_push(spec, m, e);
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
	m.source = mount_source(source, owned);
	m.target = target;
	return m.source ? finish(spec, &m, cut(target), owned, e) : -ENOMEM;
}

int volume_add_tmpfs(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e)
{
	char *target = keep(owned, word);
	struct ct_mount m = { .fstype = "tmpfs", .target = target };

	return target ? finish(spec, &m, cut(target), owned, e) : -ENOMEM;
}
