/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/seccomp_member.h"

#include <errno.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/str.h"

static const char *key_at(const void *ctx, size_t i)
{
	return ((const char *const *)ctx)[i];
}

int seccomp_keys(json_t *o, const char *where, const char *const *keys, struct err *e)
{
	const char *key;
	json_t *v;

	if (!json_is_object(o))
		return err_set(e, -EINVAL, "%s is not an object", where);
	json_object_foreach(o, key, v)
	{
		const char *near;
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (keys[i])
			continue;
		err_set(e, -EINVAL, "%s: unknown key '%.64s'", where, key);
		near = str_nearest(key, key_at, keys);
		if (near)
			err_hint(e, "did you mean %s?", near);
		return -EINVAL;
	}
	return 0;
}

int seccomp_member(json_t *o, const char *where, const char *key, json_type type, json_t **ret,
		   struct err *e)
{
	json_t *v = json_object_get(o, key);

	*ret = json_is_null(v) ? NULL : v;
	if (*ret && json_typeof(v) != type)
		return err_set(e, -EINVAL, "%s: %s has the wrong type", where, key);
	return 0;
}

int seccomp_unsigned(json_t *o, const char *where, const char *key, uint64_t max, uint64_t *ret,
		     struct err *e)
{
	json_t *v;
	int r = seccomp_member(o, where, key, JSON_INTEGER, &v, e);

	if (r < 0 || !v)
		return r;
	/* values are 64 bits without a sign; JSON integers here have one */
	if (json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return err_set(e, -EINVAL, "%s: %s is out of range", where, key);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}
