/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/mount_mask.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/mount.h"
#include "core/spec.h"

#define ALL "ALL"

int mount_mask_parse(struct strv *list, const char *word, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = strv_split(&words, word, ":");

	if (r >= 0 && !words.n)
		return err_set(e, EINVAL, "an empty path");
	for (size_t i = 0; r >= 0 && i < words.n; i++) {
		const char *path = words.v[i];

		if (strcmp(path, ALL) != 0 && (path[0] != '/' || !path[1]))
			return err_set(e, EINVAL, "'%s' is not an absolute path below /", path);
		r = strv_add(list, path);
	}
	return r;
}

static bool named(const struct strv *unmask, const char *path)
{
	for (size_t i = 0; i < unmask->n; i++)
		if (!strcmp(unmask->v[i], ALL) || !fnmatch(unmask->v[i], path, 0))
			return true;
	return false;
}

/* A copy without those that unmask names. */
static int keep(const struct strv *from, const struct strv *unmask, struct strv *ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < from->n; i++)
		if (!named(unmask, from->v[i]))
			r = strv_add(ret, from->v[i]);
	return r;
}

static struct strv take(struct strv *list)
{
	struct strv r = *list;

	*list = (struct strv){ 0 };
	return r;
}

int mount_mask_apply(struct ct_spec *spec, const struct strv *mask, const struct strv *unmask,
		     struct err *e)
{
	_cleanup_(strv_free) struct strv masked = { 0 }, ro = { 0 };
	int r = 0;

	if (!mask->n && !unmask->n)
		return 0;
	for (size_t i = 0; i < mask->n; i++)
		if (!strcmp(mask->v[i], ALL))
			return err_set(e, EINVAL, "only unmask takes " ALL);
	if (spec->masks_given) { /* a bundle's */
		masked = take(&spec->masked);
		ro = take(&spec->ro_paths);
	} else if (!spec->privileged) {
		r = mount_mask_ours(&masked, &ro);
	}
	if (r >= 0)
		r = keep(&masked, unmask, &spec->masked);
	if (r >= 0)
		r = keep(&ro, unmask, &spec->ro_paths);
	for (size_t i = 0; r >= 0 && i < mask->n; i++)
		r = strv_add(&spec->masked, mask->v[i]);
	spec->masks_given = true;
	return r < 0 ? err_sys(e, r, "masks") : 0;
}
