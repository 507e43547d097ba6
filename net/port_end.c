/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of publications. A record that is to go is renamed first, so that no
 * map follows from it and any later sweep knows what is left to do: elements,
 * bound ports, what connections remember, the settings of links; the record
 * goes last, and then the count of its ports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/vec.h"
#include "net/attach.h"
#include "net/conntrack.h"
#include "net/firewall.h"
#include "net/note.h"
#include "net/port_index.h"
#include "net/port_keeper.h"
#include "net/port_real.h"

void port_recordv_free(struct port_recordv *v)
{
	for (size_t i = 0; i < v->n; i++)
		port_record_free(&v->v[i]);
	free(take_ptr(v->v));
	v->n = 0;
}

int port_recordv_take(struct port_recordv *v, struct port_record *rec)
{
	struct port_record *added = VEC_ADD(v->v, v->n);

	if (!added)
		return -ENOMEM;
	*added = *rec;
	*rec = (struct port_record){ .n = 0 };
	return 0;
}

/* 1: the owner has no other records, 0: others stay; -errno. */
static int is_last(struct net *net, const char *owner, const struct port_recordv *v)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	_cleanup_(strv_free) struct strv ids = { 0 };
	int r = dir < 0 ? dir : dir_names(dir, &ids);

	return r < 0 ? r : ids.n == v->n;
}

static int drop_records(struct net *net, const struct port_recordv *v, bool last, struct err *e)
{
	_cleanup_port_index_ struct port_index ix = { 0 };
	int r = port_index_open(net, &ix);

	for (size_t i = 0; i < v->n && r >= 0; i++) {
		r = port_record_drop(net, &v->v[i]);
		if (r >= 0)
			port_index_sub(&ix, v->v[i].specs, v->v[i].n);
	}
	if (r >= 0 && last)
		r = port_record_forget(net, v->v[0].owner);
	return r < 0 ? err_sys(e, r, "forget the published ports") : 0;
}

/* A whole container's keepers end; else they let go of single ports. */
static int let_go(struct net *net, const struct port_recordv *v, bool last, struct err *e)
{
	int r = 0;

	if (last)
		port_keepers_stop(net, v->v[0].owner);
	for (size_t i = 0; i < v->n && r >= 0 && !last; i++)
		r = port_keepers_release(net, &v->v[i]);
	return r < 0 ? err_sys(e, r, "let go of the published ports") : 0;
}

struct stripping {
	struct net *net;
	const struct port_record *what;
};

bool port_spec_eq(const struct port_spec *a, const struct port_spec *b)
{
	return a->proto == b->proto && a->host_port == b->host_port && a->host_end == b->host_end &&
	       a->port == b->port && ip_eq(&a->host_ip, &b->host_ip);
}

/* Asked in the order of the record, as it mostly is, each is found at once. */
static bool is_among(const struct port_record *rec, const struct port_spec *s, size_t *hint)
{
	for (size_t k = 0; k < rec->n; k++) {
		size_t at = (*hint + k) % rec->n;

		if (port_spec_eq(s, &rec->specs[at])) {
			*hint = at + 1;
			return true;
		}
	}
	return false;
}

static int strip_one(const struct port_record *rec, void *ctx)
{
	const struct stripping *s = ctx;
	_cleanup_port_record_ struct port_record left = *rec;
	size_t hint = 0;
	int r = 0;

	left.specs = NULL;
	left.n = 0;
	if (port_record_leaving(rec))
		return 0;
	for (size_t i = 0; i < rec->n && r >= 0; i++)
		if (!is_among(s->what, &rec->specs[i], &hint))
			r = port_record_add(&left, &rec->specs[i]);
	if (r < 0 || left.n == rec->n)
		return r;
	return left.n ? port_record_save(s->net, &left) : port_record_drop(s->net, rec);
}

/* What is leaving by itself may still stand in the record it came from. */
static int strip(struct net *net, const struct port_record *what)
{
	struct stripping s = { net, what };

	return port_record_list(net, what->owner, strip_one, &s);
}

int port_leave(struct net *net, struct port_recordv *v, bool gone, struct err *e)
{
	_cleanup_(port_mapv_free) struct port_mapv maps = { 0 };
	int last = 0, r = 0;

	if (!v->n)
		return 0;
	for (size_t i = 0; i < v->n && r >= 0; i++) {
		r = port_record_leaving(&v->v[i]) ? strip(net, &v->v[i])
						  : port_record_leave(net, &v->v[i]);
		if (r >= 0)
			r = port_maps_of(&v->v[i], &maps);
	}
	if (r >= 0)
		r = last = is_last(net, v->v[0].owner, v);
	if (r < 0)
		return err_sys(e, r, "end the published ports of %s", v->v[0].owner);
	crash_point("unpublish", "records");
	r = maps.n ? firewall_del_ports(net, maps.v, maps.n, e) : 0;
	crash_point("unpublish", "elements");
	if (r >= 0)
		r = let_go(net, v, last, e);
	crash_point("unpublish", "keepers");
	if (r < 0)
		return r;
	/* of addresses that are gone all is forgotten with the attachment */
	if (maps.n && !gone)
		conntrack_forget_unpublished(&net->nft, maps.v, maps.n, NULL);
	for (size_t i = 0; i < v->n && last; i++)
		port_link_down(net, &v->v[i], !gone);
	crash_point("unpublish", "links");
	return drop_records(net, v, last, e);
}

struct choice {
	struct port_recordv *v;
	const struct attach_info *a; /* NULL: whatever it leads to */
	bool dead_only;
};

static bool leads_to(const struct port_record *rec, const struct attach_info *a)
{
	for (size_t i = 0; i < a->n_addrs; i++)
		for (int f = 0; f < PORT_FAMILIES; f++)
			if (ip_eq(&a->addrs[i].addr, &rec->to[f]))
				return true;
	return false;
}

static int choose(const struct port_record *rec, void *ctx)
{
	struct choice *c = ctx;
	struct port_record copy = *rec;
	int r = 0;

	if ((c->a && !leads_to(rec, c->a)) || (c->dead_only && !port_record_leaving(rec) &&
					       (!rec->holder.pid || proc_alive(&rec->holder))))
		return 0;
	/* the list frees its own; what is kept is a copy */
	copy.specs = NULL;
	copy.n = 0;
	for (size_t i = 0; i < rec->n && r >= 0; i++)
		r = port_record_add(&copy, &rec->specs[i]);
	if (r >= 0)
		r = port_recordv_take(c->v, &copy);
	port_record_free(&copy);
	return r;
}

/* One that was left half-made or half-ended may be a living one's. */
static bool is_gone(struct net *net, const struct port_record *rec)
{
	return rec->port[0] ? !net_link_index(net, rec->port) : !proc_alive(&rec->holder);
}

static int end_chosen(struct net *net, const char *owner, const struct choice *of, struct err *e)
{
	_cleanup_(port_recordv_free) struct port_recordv v = { 0 };
	struct choice c = { .v = &v, .a = of->a, .dead_only = of->dead_only };
	bool gone;
	int r = port_record_list(net, owner, choose, &c);

	if (r < 0)
		return err_sys(e, r, "read the published ports of %s", owner);
	gone = c.a || (v.n && is_gone(net, &v.v[0]));
	return port_leave(net, &v, gone, e);
}

int port_sweep_owner(struct net *net, const char *owner, struct err *e)
{
	return end_chosen(net, owner, &(struct choice){ .dead_only = true }, e);
}

int port_end(struct net *net, const struct attach_info *a, struct err *e)
{
	if (!port_record_any(net, a->owner))
		return 0;
	return end_chosen(net, a->owner, &(struct choice){ .a = a }, e);
}

/* Nobody has a record there any more: what a command that was refused or killed left. */
int port_drop_empty(struct net *net, const char *owner)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	_cleanup_(strv_free) struct strv ids = { 0 };
	int r = dir < 0 ? dir : dir_names(dir, &ids);

	if (r < 0 || ids.n)
		return r == -ENOENT ? 0 : r;
	port_keepers_stop(net, owner);
	return port_record_forget(net, owner);
}

static bool is_held(struct net *net, const char *owner)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	struct proc_id holder;

	return dir >= 0 && note_get_proc(dir, PORT_NOTE_HOLDER, &holder) && proc_alive(&holder);
}

static int count_record(const struct port_record *rec, void *ctx)
{
	port_index_add(ctx, rec->specs, rec->n);
	return 0;
}

static int recount(struct net *net, struct err *e)
{
	_cleanup_port_index_ struct port_index ix = { 0 };
	int r = port_index_open(net, &ix);

	if (r >= 0) {
		port_index_reset(&ix);
		r = port_record_list(net, NULL, count_record, &ix);
	}
	return r < 0 ? err_sys(e, r, "count the published ports") : 0;
}

int port_gc(struct net *net, unsigned max, struct err *e)
{
	_cleanup_(strv_free) struct strv owners = { 0 };
	int r = port_record_owners(net, &owners);

	if (r < 0)
		return err_sys(e, r, "list the published ports");
	for (size_t i = 0; i < owners.n && r >= 0 && (!max || i < max); i++) {
		/* what a command left half-done there waits for a full sweep, or for whoever
		 * asks for the same port */
		if (max && is_held(net, owners.v[i]))
			continue;
		r = port_sweep_owner(net, owners.v[i], e);
		if (r >= 0)
			r = port_drop_empty(net, owners.v[i]);
	}
	if (r < 0 || max)
		return r;
	port_link_sweep(net);
	return owners.n ? recount(net, e) : 0;
}
