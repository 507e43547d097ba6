/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/oci_keys.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/base/err.h"

#define WHERE_SIZE 160

int oci_refuse(const char *where, struct err *e, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, EINVAL, "%s: %s", where, text);
}

static const char *type_name(json_type type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",  [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number",    [JSON_TRUE] = "true or false",
	};

	return names[type];
}

static int check_type(const char *where, const json_t *v, json_type type, struct err *e)
{
	if (json_typeof(v) == type || (type == JSON_TRUE && json_is_false(v)))
		return 0;
	return oci_refuse(where, e, "is not %s", type_name(type));
}

/* Says nothing: asks for nothing. */
static bool is_empty(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return json_object_size(v) == 0;
	case JSON_ARRAY:
		return json_array_size(v) == 0;
	case JSON_STRING:
		return json_string_length(v) == 0;
	case JSON_INTEGER:
		return json_integer_value(v) == 0;
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	default:
		return false;
	}
}

static const struct oci_key *key_of(const struct oci_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

static int member(struct oci *o, const char *where, json_t *v, const struct oci_key *k,
		  struct err *e)
{
	int r;

	if (json_is_null(v) || ((!k || !k->take) && is_empty(v)))
		return 0;
	if (!k || !k->take) {
		err_hint(e, "take it out of config.json if the container can do without");
		return oci_refuse(where, e, k ? "this runner does not support it" : "is not known");
	}
	r = check_type(where, v, k->type, e);
	return r < 0 ? r : k->take(o, where, v, e);
}

int oci_object(struct oci *o, const char *where, json_t *v, const struct oci_key *keys,
	       struct err *e)
{
	const char *name;
	json_t *value;
	int r = 0;

	json_object_foreach(v, name, value)
	{
		char here[WHERE_SIZE];

		/* a name as long as that is in no table, and its beginning tells which it is */
		snprintf(here, sizeof(here), "%s%s%.60s", where, where[0] ? "." : "", name);
		r = member(o, here, value, key_of(keys, name), e);
		if (r < 0)
			return r;
	}
	return r;
}

int oci_array(struct oci *o, const char *where, json_t *v, json_type type, oci_take *take,
	      struct err *e)
{
	json_t *value;
	size_t i;
	int r = 0;

	json_array_foreach(v, i, value)
	{
		char here[WHERE_SIZE];

		snprintf(here, sizeof(here), "%s[%zu]", where, i);
		r = check_type(here, value, type, e);
		if (r >= 0)
			r = take(o, here, value, e);
		if (r < 0)
			return r;
	}
	return r;
}

int oci_elsewhere(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return 0;
}

static int list_strings(const char *where, json_t *v, struct strv *ret, struct err *e)
{
	json_t *value;
	size_t i;

	json_array_foreach(v, i, value)
	{
		if (!json_is_string(value))
			return oci_refuse(where, e, "element %zu is not a string", i);
		if (strv_add(ret, json_string_value(value)) < 0)
			return err_sys(e, -ENOMEM, "%s", where);
	}
	return 0;
}

static int map_strings(const char *where, json_t *v, struct strv *ret, struct err *e)
{
	const char *name;
	json_t *value;

	json_object_foreach(v, name, value)
	{
		if (!json_is_string(value))
			return oci_refuse(where, e, "%.60s is not a string", name);
		if (strv_add_take(ret, str_printf("%s=%s", name, json_string_value(value))) < 0)
			return err_sys(e, -ENOMEM, "%s", where);
	}
	return 0;
}

int oci_strings(const char *where, json_t *v, struct strv *ret, struct err *e)
{
	return json_is_array(v) ? list_strings(where, v, ret, e) : map_strings(where, v, ret, e);
}

int oci_number(const char *where, const json_t *v, int64_t min, int64_t max, int64_t *ret,
	       struct err *e)
{
	int64_t n = json_integer_value(v);

	if (!json_is_integer(v))
		return oci_refuse(where, e, "is not an integer");
	if (n < min || n > max)
		return oci_refuse(where, e, "%lld is not between %lld and %lld", (long long)n,
				  (long long)min, (long long)max);
	*ret = n;
	return 0;
}

const char *oci_keep(struct oci *o, char *text)
{
	return text && strv_add_take(&o->b->owned, text) >= 0 ? text : NULL;
}
