/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json: linux.resources. A limit below zero is none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/oci_keys.h"

/* A setting that has no option of its own goes to the group's file. */
static int raw(struct oci *o, const char *where, const char *file, int64_t value, struct err *e)
{
	if (strv_add_take(&o->spec->limits.raw, str_printf("%s=%lld", file, (long long)value)) < 0)
		return err_sys(e, -ENOMEM, "%s", where);
	return 0;
}

static int bytes(const char *where, const json_t *v, uint64_t *ret, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, -1, INT64_MAX, &n, e);

	if (r >= 0)
		*ret = n < 0 ? 0 : (uint64_t)n;
	return r;
}

/* ---- memory ---- */

static int memory_limit(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return bytes(where, v, &o->spec->limits.memory, e);
}

static int memory_reservation(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return bytes(where, v, &o->spec->limits.memory_reservation, e);
}

static int memory_swap(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_number(where, v, -1, INT64_MAX, &o->spec->limits.memory_swap, e);
}

static int swappiness(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, 0, 100, &n, e);

	return r < 0 ? r : raw(o, where, "memory.swappiness", n, e);
}

static int memory(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "limit", JSON_INTEGER, memory_limit },
		{ "reservation", JSON_INTEGER, memory_reservation },
		{ "swap", JSON_INTEGER, memory_swap },
		{ "swappiness", JSON_INTEGER, swappiness },
		{ "kernel", JSON_INTEGER, NULL },
		{ "kernelTCP", JSON_INTEGER, NULL },
		{ "disableOOMKiller", JSON_TRUE, NULL },
		{ "useHierarchy", JSON_TRUE, NULL },
		{ "checkBeforeUpdate", JSON_TRUE, NULL },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

/* ---- cpu ---- */

static int shares(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, 0, 262144, &n, e);

	if (r >= 0 && n)
		o->spec->limits.cpu_shares = n < 2 ? 2 : (uint32_t)n;
	return r;
}

static int cpus(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->limits.cpuset_cpus = json_string_length(v) ? json_string_value(v) : NULL;
	return 0;
}

static int mems(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->limits.cpuset_mems = json_string_length(v) ? json_string_value(v) : NULL;
	return 0;
}

/* The two make one number; rounded up, since a quota of 0 would be none. */
static int quota(struct oci *o, const char *where, const json_t *v, struct err *e)
{
	const json_t *q = json_object_get(v, "quota"), *p = json_object_get(v, "period");
	int64_t quota_us = -1, period_us = 100000;
	int r = q ? oci_number(where, q, -1, 1000000000, &quota_us, e) : 0;

	if (r >= 0 && p && json_integer_value(p))
		r = oci_number(where, p, 1000, 1000000, &period_us, e);
	if (r >= 0 && quota_us > 0)
		o->spec->limits.cpus_milli =
			(uint32_t)((quota_us * 1000 + period_us - 1) / period_us);
	return r;
}

static int cpu(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "shares", JSON_INTEGER, shares },
		{ "quota", JSON_INTEGER, oci_elsewhere },
		{ "period", JSON_INTEGER, oci_elsewhere },
		{ "cpus", JSON_STRING, cpus },
		{ "mems", JSON_STRING, mems },
		{ "burst", JSON_INTEGER, NULL },
		{ "realtimeRuntime", JSON_INTEGER, NULL },
		{ "realtimePeriod", JSON_INTEGER, NULL },
		{ "idle", JSON_INTEGER, NULL },
		OCI_KEYS_END,
	};
	int r = oci_object(o, where, v, keys, e);

	return r < 0 ? r : quota(o, where, v, e);
}

/* ---- the rest ---- */

static int pids_limit(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, -1, UINT32_MAX, &n, e);

	if (r >= 0)
		o->spec->limits.pids = n < 0 ? 0 : (uint32_t)n;
	return r;
}

static int pids(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "limit", JSON_INTEGER, pids_limit },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

static int weight(struct oci *o, const char *where, json_t *v, struct err *e)
{
	int64_t n;
	int r = oci_number(where, v, 0, 1000, &n, e);

	if (r >= 0)
		o->spec->limits.io_weight = (uint16_t)n;
	return r;
}

static int throttle(struct oci *o, const char *where, json_t *v, const char *key, struct err *e)
{
	json_t *row;
	size_t i;

	json_array_foreach(v, i, row)
	{
		int64_t major, minor, rate;
		int r = oci_number(where, json_object_get(row, "major"), 0, 4095, &major, e);

		if (r >= 0)
			r = oci_number(where, json_object_get(row, "minor"), 0, 1048575, &minor, e);
		if (r >= 0)
			r = oci_number(where, json_object_get(row, "rate"), 0, INT64_MAX, &rate, e);
		if (r >= 0)
			r = strv_add_take(&o->spec->limits.io_max,
					  str_printf("%lld:%lld:%s=%lld", (long long)major,
						     (long long)minor, key, (long long)rate));
		if (r < 0)
			return r == -ENOMEM ? err_sys(e, r, "%s", where) : r;
	}
	return 0;
}

static int read_bps(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return throttle(o, where, v, "rbps", e);
}

static int write_bps(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return throttle(o, where, v, "wbps", e);
}

static int read_iops(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return throttle(o, where, v, "riops", e);
}

static int write_iops(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return throttle(o, where, v, "wiops", e);
}

static int block_io(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "weight", JSON_INTEGER, weight },
		{ "leafWeight", JSON_INTEGER, NULL },
		{ "weightDevice", JSON_ARRAY, NULL },
		{ "throttleReadBpsDevice", JSON_ARRAY, read_bps },
		{ "throttleWriteBpsDevice", JSON_ARRAY, write_bps },
		{ "throttleReadIOPSDevice", JSON_ARRAY, read_iops },
		{ "throttleWriteIOPSDevice", JSON_ARRAY, write_iops },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}

/* {"pageSize": "2MB", "limit": BYTES} */
static int hugepage(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *size = json_string_value(json_object_get(v, "pageSize"));
	size_t len = size ? strlen(size) : 0;
	int64_t limit;
	int r = oci_number(where, json_object_get(v, "limit"), 0, INT64_MAX, &limit, e);

	if (r < 0)
		return r;
	if (len < 3 || size[len - 1] != 'B' || json_object_size(v) != 2)
		return oci_refuse(where, e, "is not pageSize, as \"2MB\", and limit");
	if (strv_add_take(&o->spec->limits.hugetlb,
			  str_printf("%.*s=%lld", (int)len - 1, size, (long long)limit)) < 0)
		return err_sys(e, -ENOMEM, "%s", where);
	return 0;
}

static int hugepages(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_array(o, where, v, JSON_OBJECT, hugepage, e);
}

static int number_or_all(const char *where, const json_t *v, int64_t *ret, struct err *e)
{
	*ret = -1;
	return v && !json_is_null(v) ? oci_number(where, v, -1, 1048575, ret, e) : 0;
}

static int device_rule(struct oci *o, const char *where, json_t *v, struct err *e)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const char *access = json_string_value(json_object_get(v, "access"));
	struct ct_device_rule *d = VEC_ADD(o->spec->device_rules, o->spec->n_device_rules);
	int r;

	if (!d)
		return err_sys(e, -ENOMEM, "%s", where);
	access = access && access[0] ? access : "rwm";
	type = type && type[0] ? type : "a";
	if (!strchr("abc", type[0]) || type[1])
		return oci_refuse(where, e, "type is not \"a\", \"b\" or \"c\"");
	if (strspn(access, "rwm") != strlen(access) || strlen(access) > 3)
		return oci_refuse(where, e, "access is not of r, w and m");
	d->allow = json_is_true(json_object_get(v, "allow"));
	d->type = type[0];
	memcpy(d->access, access, strlen(access) + 1);
	r = number_or_all(where, json_object_get(v, "major"), &d->major, e);
	return r < 0 ? r : number_or_all(where, json_object_get(v, "minor"), &d->minor, e);
}

static int device_rules(struct oci *o, const char *where, json_t *v, struct err *e)
{
	o->spec->devices_given = json_array_size(v) > 0;
	return oci_array(o, where, v, JSON_OBJECT, device_rule, e);
}

static int unified(struct oci *o, const char *where, json_t *v, struct err *e)
{
	return oci_strings(where, v, &o->spec->limits.raw, e);
}

int oci_resources(struct oci *o, const char *where, json_t *v, struct err *e)
{
	static const struct oci_key keys[] = {
		{ "memory", JSON_OBJECT, memory },
		{ "cpu", JSON_OBJECT, cpu },
		{ "pids", JSON_OBJECT, pids },
		{ "blockIO", JSON_OBJECT, block_io },
		{ "hugepageLimits", JSON_ARRAY, hugepages },
		{ "devices", JSON_ARRAY, device_rules },
		{ "unified", JSON_OBJECT, unified },
		{ "network", JSON_OBJECT, NULL },
		{ "rdma", JSON_OBJECT, NULL },
		OCI_KEYS_END,
	};

	return oci_object(o, where, v, keys, e);
}
