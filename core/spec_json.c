/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Most members are rows of a table: a key, and where the value is. Setting a
 * member that has none (NULL) is no error here, so that a row says nothing when
 * there is nothing to say; what memory was too short for shows at the end.
 */
#include "core/spec_json.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/propagation.h"
#include "core/rlimit.h"
#include "core/spec.h"

enum row_type { FLAG, TEXT, WORDS, U16, U32, U32_OR_NONE, S64, U64, ULONG_PROPAGATION };

struct row {
	const char *key;
	enum row_type type;
	size_t offset;
};

#define ROW(s, key, type, member)                     \
	{                                             \
		key, type, offsetof(struct s, member) \
	}

static const struct row spec_rows[] = {
	ROW(ct_spec, "hostname", TEXT, hostname),
	ROW(ct_spec, "env_host", FLAG, env_host),
	ROW(ct_spec, "interactive", FLAG, interactive),
	ROW(ct_spec, "init", FLAG, init),
	ROW(ct_spec, "pidfile", TEXT, pidfile),
	ROW(ct_spec, "rootfs", WORDS, rootfs),
	ROW(ct_spec, "read_only", FLAG, read_only),
	ROW(ct_spec, "rootfs_rw", FLAG, rootfs_rw),
	ROW(ct_spec, "rootfs_idmap", FLAG, rootfs_idmap),
	ROW(ct_spec, "host_root_all", FLAG, host_root_all),
	ROW(ct_spec, "propagation", ULONG_PROPAGATION, propagation),
	ROW(ct_spec, "shm_size", U64, shm_size),
	ROW(ct_spec, "upper", TEXT, upper),
	ROW(ct_spec, "upper_size", U64, upper_size),
	ROW(ct_spec, "time_monotonic", S64, time_monotonic),
	ROW(ct_spec, "time_boottime", S64, time_boottime),
	ROW(ct_spec, "sysctls", WORDS, sysctls),
	ROW(ct_spec, "cgroup_parent", TEXT, cgroup_parent),
	ROW(ct_spec, "apparmor", TEXT, apparmor),
	ROW(ct_spec, "selinux", TEXT, selinux),
};

static const struct row limit_rows[] = {
	ROW(ct_limits, "memory", U64, memory),
	ROW(ct_limits, "memory_reservation", U64, memory_reservation),
	ROW(ct_limits, "memory_swap", S64, memory_swap),
	ROW(ct_limits, "oom_kill_disable", FLAG, oom_kill_disable),
	ROW(ct_limits, "cpus_milli", U32, cpus_milli),
	ROW(ct_limits, "cpu_shares", U32, cpu_shares),
	ROW(ct_limits, "cpuset_cpus", TEXT, cpuset_cpus),
	ROW(ct_limits, "cpuset_mems", TEXT, cpuset_mems),
	ROW(ct_limits, "pids", U32_OR_NONE, pids),
	ROW(ct_limits, "io_weight", U16, io_weight),
	ROW(ct_limits, "io_max", WORDS, io_max),
	ROW(ct_limits, "hugetlb", WORDS, hugetlb),
	ROW(ct_limits, "cgroup", WORDS, raw),
};

static const struct row mount_rows[] = {
	ROW(ct_mount, "source", TEXT, source),
	ROW(ct_mount, "target", TEXT, target),
	ROW(ct_mount, "read_only", FLAG, read_only),
	ROW(ct_mount, "exec", FLAG, exec),
	ROW(ct_mount, "noexec", FLAG, noexec),
	ROW(ct_mount, "suid", FLAG, suid),
	ROW(ct_mount, "dev", FLAG, dev),
	ROW(ct_mount, "recursive_ro", FLAG, recursive_ro),
	ROW(ct_mount, "not_recursive", FLAG, not_recursive),
	ROW(ct_mount, "idmap", FLAG, idmap),
	ROW(ct_mount, "copy", FLAG, copy),
	ROW(ct_mount, "propagation", ULONG_PROPAGATION, propagation),
	ROW(ct_mount, "size", U64, size),
	ROW(ct_mount, "options", TEXT, options),
};

static const struct row health_rows[] = {
	ROW(ct_health, "interval", U64, interval),
	ROW(ct_health, "timeout", U64, timeout),
	ROW(ct_health, "start_period", U64, start_period),
	ROW(ct_health, "retries", U32, retries),
};

static json_t *words(char *const *v)
{
	json_t *a = v && *v ? json_array() : NULL;

	for (; v && *v; v++)
		/* bytes that are not UTF-8 have no JSON form; they are left out */
		json_array_append_new(a, json_string(*v));
	return a;
}

static json_t *number(json_int_t n)
{
	return n ? json_integer(n) : NULL;
}

static json_t *value(enum row_type type, const void *at)
{
	const char *text;

	switch (type) {
	case FLAG:
		return *(const bool *)at ? json_true() : NULL;
	case TEXT:
		text = *(char *const *)at;
		return text ? json_string(text) : NULL;
	case WORDS:
		return words(((const struct strv *)at)->v);
	case U16:
		return number(*(const uint16_t *)at);
	case U32:
		return number(*(const uint32_t *)at);
	case U32_OR_NONE: /* UINT32_MAX: no limit, as -1 */
		return *(const uint32_t *)at == UINT32_MAX ? json_integer(-1)
							   : number(*(const uint32_t *)at);
	case S64:
		return number(*(const int64_t *)at);
	case U64:
		return number((json_int_t) * (const uint64_t *)at);
	case ULONG_PROPAGATION:
		text = propagation_word(*(const unsigned long *)at);
		return text ? json_string(text) : NULL;
	}
	return NULL;
}

/* v may be NULL, or an empty object: there is nothing to say. */
static void set(json_t *o, const char *key, json_t *v)
{
	if (v && (!json_is_object(v) || json_object_size(v)))
		json_object_set_new(o, key, v);
	else
		json_decref(v);
}

static json_t *object_of(const struct row *rows, size_t n, const void *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++)
		set(o, rows[i].key, value(rows[i].type, (const char *)s + rows[i].offset));
	return o;
}

json_t *spec_limits_to_json(const struct ct_limits *l)
{
	return object_of(limit_rows, ARRAY_SIZE(limit_rows), l);
}

/* ---- what is no single value ---- */

static json_t *octal(uint32_t mode)
{
	return mode ? json_sprintf("%04o", mode) : NULL;
}

static json_t *tty_json(const struct ct_spec *s)
{
	return s->tty == TTY_AUTO ? NULL : json_boolean(s->tty == TTY_YES);
}

static json_t *health_json(const struct ct_spec *s)
{
	json_t *o;

	if (!s->health.argv)
		return NULL;
	o = object_of(health_rows, ARRAY_SIZE(health_rows), &s->health);
	set(o, "command", words(s->health.argv));
	return o;
}

static json_t *restart_json(const struct ct_spec *s)
{
	static const char *const names[] = {
		[RESTART_NO] = NULL,
		[RESTART_ON_FAILURE] = "on-failure",
		[RESTART_ALWAYS] = "always",
		[RESTART_UNLESS_STOPPED] = "unless-stopped",
	};

	if (s->restart == RESTART_ON_FAILURE && s->restart_max)
		return json_sprintf("%s:%u", names[s->restart], s->restart_max);
	return names[s->restart] ? json_string(names[s->restart]) : NULL;
}

static json_t *log_json(const struct ct_spec *s)
{
	json_t *o = json_object();

	set(o, "none", s->log_none ? json_true() : NULL);
	set(o, "max_size", number((json_int_t)s->log_max_size));
	set(o, "max_file", number(s->log_max_file));
	return o;
}

static json_t *mounts_json(const struct ct_spec *s)
{
	json_t *all = s->n_mounts ? json_array() : NULL;

	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct ct_mount *m = &s->mounts[i];
		json_t *o = object_of(mount_rows, ARRAY_SIZE(mount_rows), m);

		set(o, "type", json_string(m->fstype ? m->fstype : "bind"));
		set(o, "mode", octal(m->mode));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *devices_json(const struct ct_spec *s)
{
	json_t *all = s->n_devices ? json_array() : NULL;

	for (size_t i = 0; i < s->n_devices; i++) {
		const struct ct_device *d = &s->devices[i];
		json_t *o = json_object();

		set(o, "source", d->source ? json_string(d->source) : NULL);
		set(o, "target", d->target ? json_string(d->target) : NULL);
		set(o, "number",
		    d->type ? json_sprintf("%c %u:%u", d->type, d->major, d->minor) : NULL);
		set(o, "access", d->access[0] ? json_string(d->access) : NULL);
		json_array_append_new(all, o);
	}
	return all;
}

static void number_or_star(int64_t n, char buf[24])
{
	snprintf(buf, 24, n < 0 ? "*" : "%lld", (long long)n);
}

/* As the devices controller has them: "allow c 1:* rwm" */
static json_t *device_rules_json(const struct ct_spec *s)
{
	json_t *all = s->n_device_rules ? json_array() : NULL;

	for (size_t i = 0; i < s->n_device_rules; i++) {
		const struct ct_device_rule *d = &s->device_rules[i];
		char major[24], minor[24];

		number_or_star(d->major, major);
		number_or_star(d->minor, minor);
		json_array_append_new(all,
				      json_sprintf("%s %c %s:%s %s", d->allow ? "allow" : "deny",
						   d->type, major, minor, d->access));
	}
	return all;
}

static json_t *netns_json(const struct ct_spec *s)
{
	static const char *const names[] = {
		[NETNS_NEW] = NULL, [NETNS_HOST] = "host", [NETNS_FD] = "join"
	};

	return names[s->netns] ? json_string(names[s->netns]) : NULL;
}

static json_t *namespaces_json(const struct ct_spec *s)
{
	static const char *const kinds[CT_NS_KINDS] = {
		[CT_NS_MNT] = "mnt",   [CT_NS_PID] = "pid",	  [CT_NS_UTS] = "uts",
		[CT_NS_IPC] = "ipc",   [CT_NS_CGROUP] = "cgroup", [CT_NS_USER] = "user",
		[CT_NS_TIME] = "time",
	};
	static const char *const modes[] = {
		[CT_NS_DEFAULT] = NULL,
		[CT_NS_NEW] = "new",
		[CT_NS_HOST] = "host",
		[CT_NS_JOIN] = "join",
	};
	json_t *o = json_object(), *kept = json_object();

	set(o, "net", netns_json(s));
	for (size_t i = 0; i < CT_NS_KINDS; i++) {
		const char *mode = modes[s->ns[i].mode], *file = s->ns[i].persist;

		set(o, kinds[i], mode ? json_string(mode) : NULL);
		set(kept, kinds[i], file ? json_string(file) : NULL);
	}
	set(o, "persist", kept);
	return o;
}

static json_t *maps_json(const struct id_map *v, size_t n)
{
	json_t *all = n ? json_array() : NULL;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_sprintf("%u:%u:%u", v[i].inside, v[i].outside,
							v[i].count));
	return all;
}

static json_t *limit_value(rlim_t v)
{
	return v == RLIM_INFINITY ? json_integer(-1) : json_integer((json_int_t)v);
}

static json_t *ulimits_json(const struct ct_spec *s)
{
	json_t *all = s->n_rlimits ? json_array() : NULL;

	for (size_t i = 0; i < s->n_rlimits; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:o, s:o}", "name",
						rlimit_name(s->rlimits[i].resource), "soft",
						limit_value(s->rlimits[i].lim.rlim_cur), "hard",
						limit_value(s->rlimits[i].lim.rlim_max)));
	return all;
}

static json_t *oom_score_json(const struct ct_spec *s)
{
	return s->oom_score_adj_set ? json_integer(s->oom_score_adj) : NULL;
}

static json_t *words_or_none(char *const *v)
{
	return v && *v ? words(v) : json_array();
}

/* Empty ones mean that nothing is masked. */
static json_t *masked_json(const struct ct_spec *s)
{
	return s->masks_given ? json_pack("{s:o, s:o}", "masked", words_or_none(s->masked.v),
					  "read_only", words_or_none(s->ro_paths.v))
			      : NULL;
}

static json_t *limits_json(const struct ct_spec *s)
{
	return spec_limits_to_json(&s->limits);
}

static json_t *uid_maps_json(const struct ct_spec *s)
{
	return maps_json(s->uid_maps, s->n_uid_maps);
}

static json_t *gid_maps_json(const struct ct_spec *s)
{
	return maps_json(s->gid_maps, s->n_gid_maps);
}

static json_t *profile_json(const struct ct_spec *s)
{
	return s->filter ? json_string("profile") : NULL;
}

json_t *spec_to_json(const struct ct_spec *spec)
{
	static const struct {
		const char *key;
		json_t *(*get)(const struct ct_spec *s);
	} parts[] = {
		{ "tty", tty_json },
		{ "health", health_json },
		{ "restart", restart_json },
		{ "log", log_json },
		{ "mounts", mounts_json },
		{ "devices", devices_json },
		{ "device_rules", device_rules_json },
		{ "namespaces", namespaces_json },
		{ "uid_maps", uid_maps_json },
		{ "gid_maps", gid_maps_json },
		{ "limits", limits_json },
		{ "ulimits", ulimits_json },
		{ "oom_score_adj", oom_score_json },
		{ "masks", masked_json },
		{ "seccomp", profile_json },
	};
	json_t *o = object_of(spec_rows, ARRAY_SIZE(spec_rows), spec);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		set(o, parts[i].key, parts[i].get(spec));
	return o;
}
