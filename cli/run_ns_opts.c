/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for namespaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "cli/run_opts.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/idmap.h"
#include "core/ns.h"
#include "core/propagation.h"

/* ---- whose they are ---- */

/* host, private, container:NAME, ns:PATH */
static int set_kind(struct run_args *a, enum ct_ns_kind kind, const char *value, struct err *e)
{
	struct run_ns *ns = &a->ns;

	ns->said[kind] = true;
	ns->join[kind] = NULL;
	if (!strcmp(value, "host"))
		a->spec.ns[kind].mode = CT_NS_HOST;
	else if (!strcmp(value, "private"))
		a->spec.ns[kind].mode = CT_NS_NEW;
	else if ((str_starts(value, "container:") || str_starts(value, "ns:")) &&
		 strchr(value, ':')[1])
		ns->join[kind] = value;
	else
		return err_set(e, EINVAL, "'%s' is not host, %s, container:NAME or ns:PATH", value,
			       kind == CT_NS_USER ? "auto" : "private");
	return 0;
}

static int set_pid(void *args, const char *value, struct err *e)
{
	return set_kind(args, CT_NS_PID, value, e);
}

static int set_ipc(void *args, const char *value, struct err *e)
{
	return set_kind(args, CT_NS_IPC, value, e);
}

static int set_uts(void *args, const char *value, struct err *e)
{
	return set_kind(args, CT_NS_UTS, value, e);
}

static int set_cgroupns(void *args, const char *value, struct err *e)
{
	return set_kind(args, CT_NS_CGROUP, value, e);
}

static int set_userns(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	a->ns.auto_ids = !strcmp(value, "auto");
	if (a->ns.auto_ids) {
		a->ns.said[CT_NS_USER] = true;
		a->ns.join[CT_NS_USER] = NULL;
		a->spec.ns[CT_NS_USER].mode = CT_NS_NEW;
		return 0;
	}
	if (!strcmp(value, "private"))
		return err_set(e, EINVAL, "'private': 'auto' finds ids for it");
	return set_kind(a, CT_NS_USER, value, e);
}

/* A kind's number, RUN_NS_NET's for net; -1. */
static int kind_of(const char *word, size_t len)
{
	for (int i = 0; i < CT_NS_KINDS; i++)
		if (strlen(ns_kinds[i].name) == len && !strncmp(ns_kinds[i].name, word, len))
			return i;
	return len == 3 && !strncmp(word, "net", 3) ? CT_NS_KINDS : -1;
}

static int set_only(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	for (const char *at = value;; at += strcspn(at, ",") + 1) {
		size_t len = strcspn(at, ",");
		int kind = kind_of(at, len);

		if (kind < 0)
			return err_set(e, EINVAL,
				       "'%.*s' is not one of mnt, pid, uts, ipc, net, cgroup, "
				       "user, time",
				       (int)len, at);
		a->ns.only |= 1u << kind;
		if (!at[len])
			return 0;
	}
}

static int set_persist(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	size_t len = strcspn(value, "=");
	int kind = kind_of(value, len);

	if (kind < 0 || !value[len] || !value[len + 1])
		return err_set(e, EINVAL, "'%s' is not KIND=FILE, such as uts=/run/my-uts", value);
	if (kind == CT_NS_KINDS)
		a->spec.netns_persist = value + len + 1;
	else
		a->spec.ns[kind].persist = value + len + 1;
	return 0;
}

/* ---- what they are like ---- */

static int add_map(struct id_map **maps, size_t *n, const char *value, struct err *e)
{
	struct id_map m, *added;
	int r = parse_id_map(value, &m, e);

	if (r < 0)
		return r;
	added = VEC_ADD(*maps, *n);
	if (!added)
		return -ENOMEM;
	*added = m;
	return 0;
}

static int set_uidmap(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return add_map(&a->spec.uid_maps, &a->spec.n_uid_maps, value, e);
}

static int set_gidmap(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return add_map(&a->spec.gid_maps, &a->spec.n_gid_maps, value, e);
}

static int set_rootfs_idmap(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	bool on = true;
	int r = value ? parse_bool(value, &on, e) : 0;

	a->ns.no_rootfs_idmap = !on;
	return r;
}

static int set_clock(struct run_args *a, const char *word, struct err *e)
{
	struct run_ns *ns = &a->ns;
	struct ct_spec *s = &a->spec;

	if (str_starts(word, "monotonic=")) {
		ns->monotonic = true;
		return parse_offset(word + strlen("monotonic="), &s->time_monotonic, e);
	}
	if (str_starts(word, "boottime=")) {
		ns->boottime = true;
		return parse_offset(word + strlen("boottime="), &s->time_boottime, e);
	}
	ns->monotonic = true;
	return parse_offset(word, &s->time_monotonic, e);
}

/* Without a name it is for both clocks, unless the other is named. */
static int set_timens(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	_cleanup_(strv_free) struct strv words = { 0 };
	int r;

	if (!strcmp(value, "host") || str_starts(value, "container:") || str_starts(value, "ns:"))
		return set_kind(a, CT_NS_TIME, value, e);
	a->ns.said[CT_NS_TIME] = true;
	a->spec.ns[CT_NS_TIME].mode = CT_NS_NEW;
	r = strv_split(&words, value, ",");
	if (r >= 0 && !words.n)
		return err_set(e, EINVAL, "an offset is expected, such as +3d");
	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = set_clock(a, words.v[i], e);
	if (r >= 0 && words.n == 1 && !strchr(value, '='))
		a->spec.time_boottime = a->spec.time_monotonic;
	return r;
}

static int set_propagation(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return propagation_parse(value, &a->spec.propagation, e);
}

const struct opt run_ns_opts[] = {
	OPT_HEADING("Namespaces"),
	FN("only", 0, "LIST", set_only,
	   "just these are new, the others the caller's:\n"
	   "                                  mnt,pid,uts,ipc,net,cgroup,user,time"),
	FN("pid", 0, "WHOSE", set_pid, "host, container:NAME or ns:PATH (default: its own)"),
	FN("ipc", 0, "WHOSE", set_ipc, "the same"),
	FN("uts", 0, "WHOSE", set_uts, "the same"),
	FN("cgroupns", 0, "WHOSE", set_cgroupns, "the same"),
	FN("userns", 0, "WHOSE", set_userns,
	   "auto, host, container:NAME or ns:PATH (default: the caller's)"),
	FN("uidmap", 0, "C:H:N", set_uidmap,
	   "N users of a user namespace, from C on, are the host's from H on;\n"
	   "                                  repeatable"),
	FN("gidmap", 0, "C:H:N", set_gidmap, "the same for groups (default: as --uidmap)"),
	FN("rootfs-idmap", 0, "[no]", set_rootfs_idmap,
	   "the root's owners are the user namespace's (default there)"),
	FN("timens", 0, "OFF", set_timens,
	   "clocks of its own: [monotonic=]OFF[,boottime=OFF], as in +3d"),
	FN("persist", 0, "KIND=FILE", set_persist, "keep a namespace at FILE, repeatable"),
	FN("propagation", 0, "MODE", set_propagation,
	   "of mounts in the root: [r]private, [r]slave, [r]shared, [r]unbindable"),
	OPT_END,
};

/* ---- all together ---- */

static void apply_only(struct run_args *a)
{
	unsigned only = a->ns.only;

	for (unsigned i = 0; only && i < CT_NS_KINDS; i++)
		if (!a->ns.said[i])
			a->spec.ns[i].mode = only & 1u << i ? CT_NS_NEW : CT_NS_HOST;
}

static int finish_net(struct run_args *a, struct err *e)
{
	struct run_nets *n = &a->nets;

	if (!a->ns.only || a->ns.only & RUN_NS_NET || n->join)
		return 0;
	if (n->n || n->phys.n || n->none)
		return err_set(e, EINVAL, "--net needs net in --only");
	n->join = "host";
	return 0;
}

/* One list given stands for both. */
static int copy_maps(struct ct_spec *s)
{
	bool uids = s->n_uid_maps;
	size_t n = uids ? s->n_uid_maps : s->n_gid_maps;
	struct id_map *from = uids ? s->uid_maps : s->gid_maps, *to;

	if (s->n_uid_maps && s->n_gid_maps)
		return 0;
	to = calloc(n, sizeof(*to));
	if (!to)
		return -ENOMEM;
	memcpy(to, from, n * sizeof(*to));
	*(uids ? &s->gid_maps : &s->uid_maps) = to;
	s->n_uid_maps = s->n_gid_maps = n;
	return 0;
}

static int finish_maps(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;
	int r;

	if (!s->n_uid_maps && !s->n_gid_maps)
		return 0;
	if (a->ns.auto_ids || a->ns.join[CT_NS_USER] || s->ns[CT_NS_USER].mode == CT_NS_HOST)
		return err_set(e, EINVAL,
			       "--uidmap and --gidmap make a user namespace: no --userns");
	s->ns[CT_NS_USER].mode = CT_NS_NEW;
	r = copy_maps(s);
	if (r < 0)
		return r;
	r = idmap_check(s->uid_maps, s->n_uid_maps, e);
	if (r < 0)
		return err_wrap(e, r, "--uidmap");
	r = idmap_check(s->gid_maps, s->n_gid_maps, e);
	if (r < 0)
		return err_wrap(e, r, "--gidmap");
	if (idmap_has(s->uid_maps, s->n_uid_maps, s->uid) &&
	    idmap_has(s->gid_maps, s->n_gid_maps, s->gid))
		return 0;
	return err_set(e, EINVAL, "--user %u:%u is not among the mapped ids", s->uid, s->gid);
}

/* What has no place without a mount namespace, or a name, of its own. */
static int finish_place(const struct run_args *a, struct err *e)
{
	const struct ct_spec *s = &a->spec;

	if (!ns_is_new(s, CT_NS_UTS) && s->hostname)
		return err_set(e, EINVAL, "--hostname needs a uts namespace of its own");
	if (ns_is_new(s, CT_NS_MNT))
		return 0;
	if (s->rootfs.n || s->n_mounts || s->upper || s->read_only || s->n_devices ||
	    s->propagation || s->host_root_all)
		return err_set(e, EINVAL,
			       "without mnt in --only the command has the caller's files: no "
			       "--rootfs, volumes or devices");
	return 0;
}

int run_ns_finish(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;
	int r;

	apply_only(a);
	r = finish_net(a, e);
	if (r >= 0)
		r = finish_maps(a, e);
	if (r >= 0)
		r = finish_place(a, e);
	if (r < 0)
		return r;
	if (s->ns[CT_NS_USER].mode == CT_NS_NEW || a->ns.join[CT_NS_USER])
		s->rootfs_idmap = !a->ns.no_rootfs_idmap;
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].idmap && !s->ns[CT_NS_USER].mode && !a->ns.join[CT_NS_USER])
			return err_set(e, EINVAL, "volume %s: idmap needs --userns",
				       s->mounts[i].target);
	return 0;
}
