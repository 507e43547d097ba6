/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container's first process, its namespaces, mounts and limits, as the kernel has them. */
#include <string.h>
#include <sys/sysmacros.h>

#include "cli/ct_json.h"
#include "cli/inspect.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/cgroup.h"
#include "core/mountinfo.h"
#include "core/ns_info.h"
#include "core/procfs.h"
#include "core/state.h"

/* ---- the process ---- */

static json_t *process_json(const struct procfs_stat *st, const struct procfs_ids *uids,
			    const struct ct_info *i)
{
	uint32_t uid = procfs_id_inside(uids, st->uid);
	char state[2] = { st->state, '\0' };

	return json_pack("{s:i, s:o, s:s, s:o, s:I, s:I, s:I, s:I}", "pid", (int)i->init.pid,
			 "name", ct_json_word(st->comm), "state", state, "uid",
			 uid == UINT32_MAX ? json_null() : json_integer(uid), "host_uid",
			 (json_int_t)st->uid, "threads", (json_int_t)st->threads, "rss",
			 (json_int_t)st->rss, "cpu_ns", (json_int_t)st->cpu_ns);
}

json_t *inspect_process(const struct ct_info *i)
{
	_cleanup_close_ int proc = procfs_open(&i->init);
	struct procfs_ids uids = { .n = 0 };
	struct procfs_stat st;
	json_t *o;

	if (proc < 0 || procfs_stat(proc, &st) < 0 || procfs_ids(proc, "uid_map", &uids) < 0)
		return json_null();
	o = process_json(&st, &uids, i);
	free(uids.v);
	return o;
}

/* ---- namespaces ---- */

struct sharing {
	const struct ct_info *ct;
	const struct ns_info *ns;
	json_t *with[NS_INFO_TYPES];
};

static int compare(struct ct_info *other, void *ctx)
{
	const struct sharing *s = ctx;
	_cleanup_close_ int proc = -1;
	struct ns_id ids[NS_INFO_TYPES];

	if (!strcmp(other->id, s->ct->id))
		return 0;
	proc = procfs_open(&other->init);
	if (proc < 0 || ns_info_ids(proc, ids) < 0)
		return 0;
	for (unsigned t = 0; t < NS_INFO_TYPES; t++)
		if (!s->ns[t].is_own && ns_id_eq(&ids[t], &s->ns[t].id))
			json_array_append_new(s->with[t], json_string(other->name));
	return 0;
}

static json_t *inode(const struct ns_id *id)
{
	return id->ino ? json_integer((json_int_t)id->ino) : json_null();
}

static json_t *namespace_json(const struct ns_info *ns, json_t *shared_with)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "type", ns->type, "inode",
			 inode(&ns->id), "device",
			 json_sprintf("%u:%u", major(ns->id.dev), minor(ns->id.dev)),
			 "user_namespace", inode(&ns->owner), "parent", inode(&ns->parent),
			 "owner_uid",
			 ns->owner_uid == (uid_t)-1 ? json_null() : json_integer(ns->owner_uid),
			 "host", ns->is_own, "shared_with", shared_with);
}

json_t *inspect_namespaces(int root_fd, const struct ct_info *i)
{
	_cleanup_close_ int proc = procfs_open(&i->init);
	struct ns_info ns[NS_INFO_TYPES];
	struct sharing s = { .ct = i, .ns = ns };
	json_t *all = json_array();

	if (proc < 0 || ns_info_read(proc, ns) < 0)
		return all;
	for (unsigned t = 0; t < NS_INFO_TYPES; t++)
		s.with[t] = json_array();
	state_list(root_fd, compare, &s, NULL);
	for (unsigned t = 0; t < NS_INFO_TYPES; t++)
		if (ns[t].id.ino)
			json_array_append_new(all, namespace_json(&ns[t], s.with[t]));
		else
			json_decref(s.with[t]);
	return all;
}

/* ---- mounts ---- */

/* As findmnt(8) has it. */
static const char *propagation(const struct mount_info *m)
{
	if (m->unbindable)
		return "unbindable";
	if (m->shared && m->master)
		return "shared,slave";
	return m->shared ? "shared" : m->master ? "slave" : "private";
}

json_t *inspect_mounts(const struct ct_info *i)
{
	_cleanup_close_ int proc = procfs_open(&i->init);
	struct mountinfo m = { 0 };
	json_t *all = json_array();

	if (proc < 0 || mountinfo_load(proc, "mountinfo", &m, NULL) < 0)
		return all;
	for (size_t k = 0; k < m.n; k++) {
		const struct mount_info *v = &m.v[k];

		json_array_append_new(
			all,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:I}", "target",
				  ct_json_word(v->target), "source", ct_json_word(v->source),
				  "root", ct_json_word(v->root), "fstype", ct_json_word(v->fstype),
				  "options", ct_json_word(v->options), "super_options",
				  ct_json_word(v->super_options), "propagation", propagation(v),
				  "device", json_sprintf("%u:%u", v->major, v->minor), "id",
				  (json_int_t)v->id, "parent", (json_int_t)v->parent));
	}
	mountinfo_free(&m);
	return all;
}

/* ---- limits ---- */

json_t *inspect_limits(const struct ct_info *i)
{
	struct cgroup_limits l;

	if (!i->cgroup || !*i->cgroup || !proc_alive(&i->init) ||
	    cgroup_limits(i->cgroup, &l, NULL) < 0)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "memory", text_json_number(l.memory),
		"memory_swap", text_json_number(l.memory_swap), "cpus",
		l.cpus_milli == UINT64_MAX ? json_null() : json_real((double)l.cpus_milli / 1000),
		"cpu_shares", text_json_number(l.cpu_shares), "cpu_weight",
		text_json_number(l.cpu_weight), "cpuset_cpus", ct_json_word(l.cpuset_cpus), "pids",
		text_json_number(l.pids));
}
