/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json: linux, but for its resources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/ns.h"
#include "core/oci_keys.h"
#include "core/propagation.h"

/* ---- namespaces ---- */

/* The specification's words are the kernel's but for one. */
static const char *type_of(enum ct_ns_kind kind)
{
	return kind == CT_NS_MNT ? "mount" : ns_kinds[kind].name;
}

static int network(struct oci *o, const char *where, const char *path, struct err *e)
{
	if (o->net_seen)
		return oci_refuse(where, e, "network stands there twice");
	o->net_seen = true;
	if (!path)
		return 0;
	o->b->net = str_printf("ns:%s", path);
	return o->b->net ? 0 : err_sys(e, -ENOMEM, "%s", where);
}

static int join(const char *where, enum ct_ns_kind kind, const char *path, struct ct_ns *ns,
		struct err *e)
{
	int fd = ns_open_path(path, kind, e);

	if (fd < 0)
		return err_wrap(e, fd, "%s", where);
	ns->mode = CT_NS_JOIN;
	ns->fd = fd;
	return 0;
}

static int namespace(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const char *path = json_string_value(json_object_get(v, "path"));
	enum ct_ns_kind kind = 0;

	if (!type || json_object_size(v) > 1 + !!json_object_get(v, "path"))
		return oci_refuse(where, e, "is not type and path");
	if (path && !path[0])
		path = NULL;
	if (path && path[0] != '/')
		return oci_refuse(where, e, "path is not absolute");
	if (!strcmp(type, "network"))
		return network(o, where, path, e);
	while (kind < CT_NS_KINDS && strcmp(type_of(kind), type) != 0)
		kind++;
	if (kind == CT_NS_KINDS)
		return oci_refuse(where, e, "there is no namespace '%.40s'", type);
	if (o->ns_seen & 1u << kind)
		return oci_refuse(where, e, "%s stands there twice", type);
	o->ns_seen |= 1u << kind;
	o->spec->ns[kind].mode = CT_NS_NEW;
	return path ? join(where, kind, path, &o->spec->ns[kind], e) : 0;
}

/* What is not named is shared with the runner. */
static int namespaces(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int r = oci_array(o, where, v, JSON_OBJECT, namespace, e);

	if (r < 0)
		return r;
	if (!(o->ns_seen & 1u << CT_NS_MNT))
		return oci_refuse(where, e, "a container needs a mount namespace of its own");
	for (int k = 0; k < CT_NS_KINDS; k++)
		if (!(o->ns_seen & 1u << k))
			o->spec->ns[k].mode = CT_NS_HOST;
	if (!o->net_seen && !o->b->net) {
		o->b->net = strdup("host");
		return o->b->net ? 0 : err_sys(e, -ENOMEM, "%s", where);
	}
	return 0;
}

static int id_map(const char *where, json_t *v, struct id_map *m, struct err *e)
{
	static const char *const names[] = { "containerID", "hostID", "size" };
	int64_t n[ARRAY_SIZE(names)];

	if (json_object_size(v) != ARRAY_SIZE(names))
		return oci_refuse(where, e, "is not containerID, hostID and size");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = oci_number(where, json_object_get(v, names[i]), i == 2, UINT32_MAX, &n[i],
				   e);

		if (r < 0)
			return r;
	}
	if (n[0] + n[2] > UINT32_MAX || n[1] + n[2] > UINT32_MAX)
		return oci_refuse(where, e, "reaches beyond the last id");
	*m = (struct id_map){ (uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2] };
	return 0;
}

static int uid_map(struct oci *o, const char *where, json_t *v, struct err *e)
{
	struct id_map *m = VEC_ADD(o->spec->uid_maps, o->spec->n_uid_maps);

	return m ? id_map(where, v, m, e) : err_sys(e, -ENOMEM, "%s", where);
}

static int gid_map(struct oci *o, const char *where, json_t *v, struct err *e)
{
	struct id_map *m = VEC_ADD(o->spec->gid_maps, o->spec->n_gid_maps);

	return m ? id_map(where, v, m, e) : err_sys(e, -ENOMEM, "%s", where);
}

static int uid_maps(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, uid_map, e);
}

static int gid_maps(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, gid_map, e);
}

static int offset(const char *where, json_t *v, int64_t *ret, struct err *e)
{
	int64_t secs = 0, nanosecs = 0;
	const json_t *s = json_object_get(v, "secs"), *n = json_object_get(v, "nanosecs");
	int r = s ? oci_number(where, s, -4000000000, 4000000000, &secs, e) : 0;

	if (r >= 0 && n)
		r = oci_number(where, n, 0, 999999999, &nanosecs, e);
	if (r < 0)
		return r;
	if (json_object_size(v) != (size_t) !!s + !!n)
		return oci_refuse(where, e, "has more than secs and nanosecs");
	*ret = secs * 1000000000 + nanosecs;
	return 0;
}

static int monotonic(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return offset(where, v, &o->spec->time_monotonic, e);
}

static int boottime(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return offset(where, v, &o->spec->time_boottime, e);
}

static int time_offsets(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "monotonic", JSON_OBJECT, monotonic },
		{ "boottime", JSON_OBJECT, boottime },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

/* ---- files ---- */

static int device_fill(const char *where, json_t *v, struct ct_device *d, struct err *e)
{
	static const struct {
		const char *name;
		size_t offset;
		int64_t max;
	} numbers[] = {
		{ "major", offsetof(struct ct_device, major), 4095 },
		{ "minor", offsetof(struct ct_device, minor), 1048575 },
		{ "fileMode", offsetof(struct ct_device, mode), 07777 },
		{ "uid", offsetof(struct ct_device, uid), UINT32_MAX - 1 },
		{ "gid", offsetof(struct ct_device, gid), UINT32_MAX - 1 },
	};

	d->mode = 0666;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const json_t *n = json_object_get(v, numbers[i].name);
		int64_t value;
		int r;

		if (!n || json_is_null(n))
			continue;
		r = oci_number(where, n, 0, numbers[i].max, &value, e);
		if (r < 0)
			return r;
		*(uint32_t *)((char *)d + numbers[i].offset) = (uint32_t)value;
	}
	return 0;
}

static int device(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const char *path = json_string_value(json_object_get(v, "path"));
	struct ct_device *d;

	if (!path || strncmp(path, "/dev/", 5) != 0)
		return oci_refuse(where, e, "path is not below /dev");
	if (!type || !strchr("cbu", type[0]) || type[1])
		return oci_refuse(where, e, "type is not \"c\", \"b\" or \"u\"");
	d = VEC_ADD(o->spec->devices, o->spec->n_devices);
	if (!d)
		return err_sys(e, -ENOMEM, "%s", where);
	d->source = d->target = path;
	d->type = type[0] == 'b' ? 'b' : 'c';
	return device_fill(where, v, d, e);
}

static int devices(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, device, e);
}

static int masked(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_strings(where, v, &o->spec->masked, e);
}

static int read_only(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_strings(where, v, &o->spec->ro_paths, e);
}

static int propagation(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->propagation = propagation_flags(json_string_value(v));
	return o->spec->propagation || !json_string_length(v)
		       ? 0
		       : oci_refuse(where, e, "'%.40s' is no propagation", json_string_value(v));
}

static int sysctl(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_strings(where, v, &o->spec->sysctls, e);
}

/* Compiled by who knows where compiled ones are kept. */
static int seccomp(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->b->seccomp = v;
	return 0;
}

int oci_linux(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "namespaces", JSON_ARRAY, namespaces },
		{ "uidMappings", JSON_ARRAY, uid_maps },
		{ "gidMappings", JSON_ARRAY, gid_maps },
		{ "timeOffsets", JSON_OBJECT, time_offsets },
		{ "devices", JSON_ARRAY, devices },
		{ "netDevices", JSON_OBJECT, NULL },
		{ "cgroupsPath", JSON_STRING, NULL },
		{ "resources", JSON_OBJECT, oci_resources },
		{ "rootfsPropagation", JSON_STRING, propagation },
		{ "seccomp", JSON_OBJECT, seccomp },
		{ "sysctl", JSON_OBJECT, sysctl },
		{ "maskedPaths", JSON_ARRAY, masked },
		{ "readonlyPaths", JSON_ARRAY, read_only },
		{ "mountLabel", JSON_STRING, NULL },
		{ "personality", JSON_OBJECT, NULL },
		{ "intelRdt", JSON_OBJECT, NULL },
		{ "memoryPolicy", JSON_OBJECT, NULL },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}
