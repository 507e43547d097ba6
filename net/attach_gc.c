/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sweeping up after the dead. What each start does is a bounded look at
 * records; the full sweep also compares the kernel and the leases with the
 * records, both ways.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/attach_real.h"
#include "net/connect.h"
#include "net/dns_server.h"
#include "net/flows.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/names_own.h"
#include "net/network_real.h"
#include "net/note.h"
#include "net/phys.h"
#include "net/port.h"

static bool has_record(struct net *net, const char *key)
{
	struct attach_info a;

	return attach_record_load(net, key, &a) >= 0;
}

/* Its leases and link are found without it, by the other steps of a full sweep. */
static int end_one(struct net *net, const char *key, struct err *e)
{
	struct attach_info a;
	int r = attach_record_load(net, key, &a);

	if (r == -EINVAL)
		return attach_record_drop(net, key);
	if (r < 0 || attach_alive(&a))
		return 0;
	log_trace("gc: %s", key);
	connect_undo(net, &a);
	/* no link of it on the host, by which it would be found later */
	if (!a.host_ifname[0] && attach_drop_inside(&a, e) < 0)
		return -EAGAIN;
	return attach_down_locked(net, &a, true, e);
}

/*
 * From a random one on, so that small sweeps come round. One that cannot be
 * ended does not protect the others; the first error is returned.
 */
static int sweep_records(struct net *net, unsigned max, struct err *e)
{
	struct strv keys = { 0 };
	unsigned start = 0;
	int r = attach_record_keys(net, &keys);

	if (max && keys.n > max && getrandom(&start, sizeof(start), GRND_NONBLOCK) < 0)
		start = 0;
	for (size_t i = 0; i < keys.n && (!max || i < max); i++) {
		int k = end_one(net, keys.v[(start + i) % keys.n], r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	strv_free(&keys);
	return r;
}

struct strays {
	struct net *net;
	struct strv names;
};

/* "ctnet:NETWORK:CTID:IFNAME" of a network that is realised here, and no record of it. */
static int on_link(const struct link_info *l, void *ctx)
{
	struct strays *s = ctx;
	struct strv words = { 0 };
	char key[ATTACH_KEY_LEN];
	int r = 0;

	if ((strcmp(l->kind, "veth") != 0 && strcmp(l->kind, "ifb") != 0) ||
	    !str_starts(l->alias, ALIAS_PREFIX))
		return 0;
	r = strv_split(&words, l->alias + strlen(ALIAS_PREFIX), ":");
	if (r >= 0 && words.n == 3 && network_is_real(s->net, words.v[0]) &&
	    str_fmt(key, sizeof(key), "%s.%s", words.v[1], words.v[2]) >= 0 &&
	    !has_record(s->net, key))
		r = strv_add(&s->names, l->name);
	strv_free(&words);
	return r;
}

static int sweep_links(struct net *net, struct err *e)
{
	struct strays s = { .net = net };
	int r = link_list(&net->rt, 0, on_link, &s, e);

	for (size_t i = 0; i < s.names.n && r >= 0; i++) {
		log_trace("gc: link %s", s.names.v[i]);
		r = link_del(&net->rt, s.names.v[i], e);
	}
	strv_free(&s.names);
	return r;
}

struct leases {
	struct net *net;
	const char *network;
};

static int on_lease(const struct ip_addr *a, const char *owner, void *ctx)
{
	struct leases *l = ctx;

	return has_record(l->net, owner) ? 0 : ipam_release(l->net, l->network, a, owner, NULL);
}

/* After the links: what drained for them is free now. */
static int sweep_leases(struct net *net, struct err *e)
{
	struct strv names = { 0 };
	int r = network_real_names(net, &names, e);

	for (size_t i = 0; i < names.n && r >= 0; i++) {
		struct leases l = { net, names.v[i] };

		r = ipam_list(net, names.v[i], on_lease, &l);
		if (r < 0)
			err_sys(e, r, "sweep the leases of network %s", names.v[i]);
		ipam_sweep(net, names.v[i], 0, NULL);
	}
	strv_free(&names);
	return r;
}

/* Names of host links that no record holds any more. */
static int sweep_link_names(struct net *net)
{
	_cleanup_closedir_ DIR *d = NULL;
	int fd = net_dir(net, "links", false), r = 0;
	struct dirent *ent;
	char key[ATTACH_KEY_LEN];

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return -ENOMEM;
	}
	while ((ent = dir_next(d, &r)))
		if (ent->d_name[0] != '.' &&
		    note_get(dirfd(d), ent->d_name, key, sizeof(key)) >= 0 && !has_record(net, key))
			note_del(dirfd(d), ent->d_name);
	return r;
}

int attach_gc(struct net *net, unsigned max, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	int r = lock < 0 ? lock : sweep_records(net, max, e);

	if (r >= 0)
		r = port_gc(net, max, e);
	if (r < 0 || max)
		return r < 0 ? r : 0;
	flows_sweep(net, NULL);
	names_own_sweep(net);
	connect_sweep(net);
	dns_server_sweep(net);
	r = sweep_links(net, e);
	if (r >= 0)
		r = phys_gc(net, e);
	if (r >= 0)
		r = sweep_leases(net, e);
	if (r >= 0)
		r = sweep_link_names(net);
	return r < 0 ? r : 0;
}
