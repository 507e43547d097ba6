/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record's members, by a table both ways. */
#include "core/record.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"

enum field_type { TEXT, STRING, STRINGS, COMMAND, INT, I64, U64, U32, BOOL, PROC };

/* Left out while it is `def`, which is what a missing one means. */
static const struct field {
	const char *key;
	size_t offset, size;
	json_int_t def;
	enum field_type type;
	bool always;
} fields[] = {
#define AT(type_, member)                                            \
	.type = (type_), .offset = offsetof(struct ct_info, member), \
	.size = sizeof(((struct ct_info *)0)->member)
	{ .key = "id", AT(TEXT, id), .always = true },
	{ .key = "name", AT(TEXT, name), .always = true },
	{ .key = "status", AT(TEXT, status), .always = true },
	{ .key = "runner", AT(PROC, runner), .always = true },
	{ .key = "init", AT(PROC, init) },
	{ .key = "exit_code", AT(INT, exit_code), .def = -1 },
	{ .key = "created", AT(I64, created) },
	{ .key = "command", AT(COMMAND, command) },
	{ .key = "labels", AT(STRINGS, labels) },
	{ .key = "caps", AT(U64, caps) },
	{ .key = "uid", AT(U32, uid) },
	{ .key = "gid", AT(U32, gid) },
	{ .key = "privileged", AT(BOOL, privileged) },
	{ .key = "seccomp_unconfined", AT(BOOL, seccomp_unconfined) },
	{ .key = "packet_sockets", AT(BOOL, packet_sockets) },
	{ .key = "new_privs", AT(BOOL, new_privs) },
	{ .key = "filter", AT(BOOL, filter) },
	{ .key = "ambient", AT(U64, ambient) },
	{ .key = "user", AT(STRING, user) },
	{ .key = "groups", AT(STRINGS, groups) },
	{ .key = "apparmor", AT(STRING, apparmor) },
	{ .key = "selinux", AT(STRING, selinux) },
	{ .key = "env", AT(STRINGS, env) },
	{ .key = "workdir", AT(STRING, workdir) },
	{ .key = "cgroup", AT(STRING, cgroup) },
	{ .key = "detached", AT(BOOL, detached) },
	{ .key = "auto_remove", AT(BOOL, auto_remove) },
	{ .key = "stopping", AT(BOOL, stopping) },
	{ .key = "stop_signal", AT(INT, stop_signal) },
	{ .key = "stop_timeout", AT(U64, stop_timeout), .def = -1 },
	{ .key = "restarts", AT(U32, restarts) },
	{ .key = "health", AT(TEXT, health) },
	{ .key = "started", AT(I64, started) },
	{ .key = "finished", AT(I64, finished) },
	{ .key = "oom_killed", AT(BOOL, oom_killed) },
	{ .key = "memory_peak", AT(U64, memory_peak) },
	{ .key = "cpu_ns", AT(U64, cpu_ns) },
	{ .key = "error", AT(STRING, error) },
	{ .key = "config", AT(STRING, config) },
#undef AT
};

bool record_id_valid(const char *s)
{
	return strlen(s) == CT_ID_LEN && strspn(s, "0123456789abcdef") == CT_ID_LEN;
}

/* ---- to JSON ---- */

static json_t *strings_to_json(char *const *v)
{
	json_t *a = v && *v ? json_array() : NULL;

	for (; v && *v; v++)
		/* bytes that are not UTF-8 have no JSON form; they are left out */
		json_array_append_new(a, json_string(*v));
	return a;
}

static json_t *proc_to_json(const struct proc_id *p)
{
	return json_pack("{s:i, s:I}", "pid", (int)p->pid, "start", (json_int_t)p->start);
}

static json_int_t number_get(const struct field *f, const void *at)
{
	switch (f->type) {
	case INT:
		return *(const int *)at;
	case U32:
		return *(const uint32_t *)at;
	case BOOL:
		return *(const bool *)at;
	case U64:
		return (json_int_t) * (const uint64_t *)at;
	default:
		return *(const int64_t *)at;
	}
}

/* NULL: nothing that would have to be said. */
static json_t *member_get(const struct field *f, const struct ct_info *i)
{
	const void *at = (const char *)i + f->offset;
	const char *text = f->type == TEXT ? at : f->type == STRING ? *(char *const *)at : NULL;
	json_int_t n;

	switch (f->type) {
	case TEXT:
	case STRING:
		return text && (*text || f->always) ? json_string(text) : NULL;
	case STRINGS:
		return strings_to_json(((const struct strv *)at)->v);
	case COMMAND:
		return strings_to_json(*(char **const *)at);
	case PROC:
		return f->always || ((const struct proc_id *)at)->pid ? proc_to_json(at) : NULL;
	default:
		n = number_get(f, at);
		if (n == f->def)
			return NULL;
		return f->type == BOOL ? json_true() : json_integer(n);
	}
}

json_t *record_to_json(const struct ct_info *i, const struct record_now *now)
{
	_cleanup_json_ json_t *o =
		json_pack("{s:s, s:I}", "boot", now->boot, "pidns", (json_int_t)now->pidns);

	for (size_t k = 0; o && k < ARRAY_SIZE(fields); k++) {
		json_t *v = member_get(&fields[k], i);

		if (v && json_object_set_new_nocheck(o, fields[k].key, v) < 0)
			return NULL;
	}
	return take_ptr(o);
}

/* ---- from JSON ---- */

static int strings_from_json(const json_t *a, struct strv *ret)
{
	size_t i;
	json_t *s;

	json_array_foreach(a, i, s)
	{
		int r = json_is_string(s) ? strv_add(ret, json_string_value(s)) : -EINVAL;

		if (r < 0)
			return r;
	}
	return 0;
}

static void number_set(const struct field *f, void *at, json_int_t n)
{
	switch (f->type) {
	case INT:
		*(int *)at = (int)n;
		break;
	case U32:
		*(uint32_t *)at = (uint32_t)n;
		break;
	case U64:
		*(uint64_t *)at = (uint64_t)n;
		break;
	default:
		*(int64_t *)at = n;
	}
}

static int text_set(const struct field *f, void *at, const char *s)
{
	if (f->type == TEXT)
		return str_fmt(at, f->size, "%s", s ? s : "") < 0 ? -EINVAL : 0;
	*(char **)at = s ? strdup(s) : NULL;
	return s && !*(char **)at ? -ENOMEM : 0;
}

static int member_set(const struct field *f, const json_t *o, struct ct_info *i)
{
	const json_t *v = json_object_get(o, f->key);
	void *at = (char *)i + f->offset;
	struct strv words = { 0 };
	int r;

	switch (f->type) {
	case TEXT:
	case STRING:
		return text_set(f, at, json_string_value(v));
	case STRINGS:
		return strings_from_json(v, at);
	case COMMAND:
		r = strings_from_json(v, &words);
		*(char ***)at = words.v; /* the same shape: NULL-terminated and owned */
		return r;
	case PROC:
		*(struct proc_id *)at =
			(struct proc_id){ .pid = (pid_t)json_int(v, "pid", 0),
					  .start = (uint64_t)json_int(v, "start", 0) };
		return 0;
	case BOOL:
		*(bool *)at = json_is_true(v);
		return 0;
	default:
		number_set(f, at, json_is_integer(v) ? json_integer_value(v) : f->def);
		return 0;
	}
}

/* Of a runner in another pid namespace nothing is known: it is taken for alive. */
static enum record_life judge(const json_t *o, const struct record_now *now,
			      const struct ct_info *i)
{
	if (strcmp(json_str(o, "boot", ""), now->boot))
		return RECORD_OLD;
	if (!strcmp(i->status, "exited") || proc_alive(&i->runner))
		return RECORD_LIVE;
	return json_int(o, "pidns", (int64_t)now->pidns) == (int64_t)now->pidns ? RECORD_DEAD
										: RECORD_LIVE;
}

int record_from_json(const json_t *o, const struct record_now *now, struct ct_info *ret)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 };
	int r = 0;

	for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(fields); k++)
		r = member_set(&fields[k], o, &i);
	if (r >= 0 &&
	    (!record_id_valid(i.id) || name_check("container", i.name, NAME_MAX_CT, NULL) < 0))
		r = -EINVAL;
	if (r < 0)
		return r;
	r = judge(o, now, &i);
	*ret = i;
	i = (struct ct_info){ 0 };
	return r;
}
