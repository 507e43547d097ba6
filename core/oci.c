/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/oci_keys.h"

#define CONFIG_MAX (4u << 20)

/* Every 1.x is read: what a later one adds is refused where it is asked for. */
static int version(struct oci *o, const char *where, json_t *v, struct err *e)
{
	if (strncmp(json_string_value(v), "1.", 2) != 0)
		return oci_refuse(where, e, "%.40s is not a version 1 of the specification",
				  json_string_value(v));
	return 0;
}

static int root_path(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *path = json_string_value(v);
	const char *full =
		oci_keep(o, path[0] == '/' ? strdup(path) : str_printf("%s/%s", o->dir, path));

	if (!path[0] || strchr(path, ':'))
		return oci_refuse(where, e, "'%.80s' is no path of a root file system", path);
	if (!full || strv_add(&o->spec->rootfs, full) < 0)
		return err_sys(e, -ENOMEM, "%s", where);
	return 0;
}

static int root_readonly(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->read_only = json_is_true(v);
	return 0;
}

static int root(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "path", JSON_STRING, root_path },
		{ "readonly", JSON_TRUE, root_readonly },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

static int hostname(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->hostname = json_string_value(v);
	return name_check("host", o->spec->hostname, NAME_MAX_CT, e);
}

static int domainname(struct oci *o, const char *where, json_t *v, struct err *e)
{
	if (strv_add_take(&o->spec->sysctls,
			  str_printf("kernel.domainname=%s", json_string_value(v))) < 0)
		return err_sys(e, -ENOMEM, "%s", where);
	return 0;
}

/* The specification's labels. */
static int annotations(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_strings(where, v, &o->spec->labels, e);
}

static const struct oci_key top[] = {
	{ "ociVersion", JSON_STRING, version },
	{ "root", JSON_OBJECT, root },
	{ "process", JSON_OBJECT, oci_process },
	{ "hostname", JSON_STRING, hostname },
	{ "domainname", JSON_STRING, domainname },
	{ "mounts", JSON_ARRAY, oci_mounts },
	{ "linux", JSON_OBJECT, oci_linux },
	{ "annotations", JSON_OBJECT, annotations },
	{ "hooks", JSON_OBJECT, NULL },
	{ "vm", JSON_OBJECT, NULL },
	{ "windows", JSON_OBJECT, NULL },
	{ "solaris", JSON_OBJECT, NULL },
	{ "zos", JSON_OBJECT, NULL },
	OCI_KEYS_END,
};

static int require(const json_t *config, struct err *e)
{
	static const char *const names[] = { "ociVersion", "root" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!json_object_get(config, names[i]))
			return oci_refuse(names[i], e, "is missing");
	return 0;
}

/* A root that may be written is written through, as the specification means it. */
static int finish(struct oci *o, struct err *e)
{
	struct ct_spec *s = o->spec;

	if (!s->rootfs.n)
		return oci_refuse("root.path", e, "is missing");
	s->rootfs_rw = !s->read_only;
	s->masks_given = true;
	o->b->has_caps = true; /* without a word on them: none */
	return 0;
}

/*
 * Numbers of 64 bits without a sign, such as RLIM_INFINITY, have no place in
 * jansson's: they become those of the same bits with one. Outside of strings a
 * run of digits is a number's.
 */
static char *wrap_integers(const char *text)
{
	char *out = malloc(strlen(text) * 2 + 1), *to = out;
	bool quoted = false;

	while (out && *text) {
		size_t digits = quoted ? 0 : strspn(text, "0123456789");
		char *end;
		uint64_t n;

		if (digits < 19 || text[digits] == '.' || (text[digits] | 0x20) == 'e') {
			digits = digits ? digits : 1;
			if (*text == '"')
				quoted = !quoted;
			else if (quoted && *text == '\\' && text[1])
				digits = 2;
			to = mempcpy(to, text, digits);
			text += digits;
			continue;
		}
		errno = 0;
		n = strtoull(text, &end, 10);
		if (errno == ERANGE) /* too big for anybody: jansson says so */
			to = mempcpy(to, text, digits);
		else
			to += snprintf(to, 24, "%lld", (long long)n);
		text += digits;
	}
	if (out)
		*to = 0;
	return out;
}

int oci_parse(const char *text, const char *dir, struct ct_spec *spec, struct oci_bundle *ret,
	      struct err *e)
{
	struct oci o = { .spec = spec, .b = ret, .dir = dir };
	_cleanup_free_ char *wrapped = wrap_integers(text);
	json_error_t where;
	int r;

	if (!wrapped)
		return err_sys(e, -ENOMEM, "config.json");
	ret->config = json_loads(wrapped, JSON_REJECT_DUPLICATES, &where);
	if (!ret->config)
		return err_set(e, EINVAL, "config.json:%d:%d: %s", where.line, where.column,
			       where.text);
	if (!json_is_object(ret->config))
		return err_set(e, EINVAL, "config.json: is not an object");
	r = require(ret->config, e);
	if (r >= 0)
		r = oci_object(&o, "", ret->config, top, e);
	if (r >= 0)
		r = finish(&o, e);
	return r < 0 ? err_wrap(e, r, "config.json") : 0;
}

int oci_load(const char *dir, struct ct_spec *spec, struct oci_bundle *ret, struct err *e)
{
	_cleanup_close_ int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if (fd < 0)
		return err_sys(e, errno, "open the bundle %s", dir);
	r = file_read_at(fd, "config.json", CONFIG_MAX, &text, &len);
	if (r == -ENOENT)
		err_hint(e, "a bundle is a directory with config.json and a root file system");
	if (r < 0)
		return err_sys(e, r, "read %s/config.json", dir);
	if (strlen(text) != len)
		return err_set(e, EINVAL, "%s/config.json has a NUL byte", dir);
	r = oci_parse(text, dir, spec, ret, e);
	return r < 0 ? err_wrap(e, r, "%s", dir) : 0;
}

void oci_free(struct oci_bundle *b)
{
	json_decref(b->config);
	strv_free(&b->owned);
	free(b->argv);
	free(b->net);
	*b = (struct oci_bundle){ 0 };
}
