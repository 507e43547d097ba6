/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/json.h"

#include "core/base/cleanup.h"
#include "core/base/fd.h"

#include <errno.h>
#include <string.h>

#define JSON_FILE_MAX (1024UL * 1024)

int json_parse(const char *text, size_t len, json_t **ret)
{
	json_error_t why = { 0 };
	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	if (!j)
		return json_error_code(&why) == json_error_out_of_memory ? -ENOMEM : -EINVAL;
	*ret = j;
	return 0;
}

/* The reference is the caller's. */
int json_load_at(int dirfd, const char *name, json_t **ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ json_t *j = NULL;
	size_t len;
	int r;

	r = file_read_at(dirfd, name, JSON_FILE_MAX, &text, &len);
	if (r < 0)
		return r;
	r = json_parse(text, len, &j);
	if (r < 0)
		return r;
	if (!json_is_object(j))
		return -EINVAL;
	*ret = take_ptr(j);
	return 0;
}

int json_save_at(int dirfd, const char *name, const json_t *j)
{
	_cleanup_free_ char *text = NULL;

	text = json_dumps(j, JSON_COMPACT);
	if (!text)
		return -EINVAL;
	return file_replace_at(dirfd, name, text, strlen(text), 0600, false);
}

/* Borrowed from o. */
const char *json_str(const json_t *o, const char *key, const char *def)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : def;
}

int64_t json_int(const json_t *o, const char *key, int64_t def)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : def;
}

bool json_flag(const json_t *o, const char *key, bool def)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : def;
}
