/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Publishing in two halves. A claim decides: against the other publications by
 * the index, against the host's services by binding the ports, which keepers do
 * and go on doing. Then, once it is known where the ports lead, the record, the
 * elements, the settings of links, the answer at [::1], and what is remembered
 * of connections.
 */
#include "net/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/conntrack.h"
#include "net/firewall.h"
#include "net/note.h"
#include "net/port_index.h"
#include "net/port_keeper.h"
#include "net/port_real.h"

struct port_claim {
	struct net *net;
	struct port_record rec;
	struct port_keepers keepers;
	bool recorded, published;
};

static int copy_want(const struct port_want *w, struct port_record *rec, struct err *e)
{
	int r = str_fmt(rec->owner, sizeof(rec->owner), "%s", w->owner);

	if (r >= 0)
		r = str_fmt(rec->name, sizeof(rec->name), "%s", w->name ? w->name : w->owner);
	for (size_t i = 0; i < w->n && r >= 0; i++)
		r = port_record_add(rec, &w->specs[i]);
	rec->holder = w->holder;
	return r < 0 ? err_sys(e, r, "publish ports of %s", w->owner) : 0;
}

/* An address of the host leads only to one of the same family. */
static int check_families(const struct port_record *rec, const struct port_target *t, struct err *e)
{
	for (size_t i = 0; i < rec->n; i++) {
		const struct ip_addr *ip = &rec->specs[i].host_ip;
		char text[PORT_STRLEN];
		bool v4 = ip->family == AF_INET;

		if (!ip_is_set(ip) || t->family[v4 ? PORT_V4 : PORT_V6])
			continue;
		err_hint(e, "the network needs %s subnet", v4 ? "an IPv4" : "an IPv6");
		return err_set(e, EADDRNOTAVAIL, "port %s: the container has no %s address",
			       port_str(&rec->specs[i], text), v4 ? "IPv4" : "IPv6");
	}
	return 0;
}

/* chosen: those whose port the kernel has chosen by now; else the others. What
 * passed is in the index, so that the next one is compared with it too. */
static int decide(struct port_claim *c, struct port_index *ix, const bool *chosen, bool now,
		  size_t *ret_done, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < c->rec.n && r >= 0; i++) {
		if (chosen[i] != now)
			continue;
		r = port_conflict_check(c->net, ix, &c->rec, &c->rec.specs[i], e);
		if (r >= 0) {
			port_index_add(ix, &c->rec.specs[i], 1);
			(*ret_done)++;
		}
	}
	return r;
}

/* Keepers of somebody who died this moment go by themselves: worth a wait. */
static int hold(struct port_claim *c, struct err *e)
{
	struct port_spec at = { 0 };
	int r = -EAGAIN;

	for (int tries = 0; tries < 50 && r == -EAGAIN; tries++) {
		if (tries)
			usleep(10000);
		err_clear(e);
		r = port_keepers_hold(c->net, &c->rec, &c->keepers, &at, e);
		if (r == -EADDRINUSE)
			r = port_busy(&at, e);
	}
	return r == -EAGAIN ? err_set(e, EADDRINUSE, "port %u is in use by a keeper of ports",
				      at.host_port)
			    : r;
}

/* Takes back what decide() counted: the first `done` that it looked at. */
static void uncount(struct port_index *ix, const struct port_claim *c, const bool *chosen, bool now,
		    size_t done)
{
	for (size_t i = 0; i < c->rec.n && done; i++)
		if (chosen[i] == now) {
			port_index_sub(ix, &c->rec.specs[i], 1);
			done--;
		}
}

static int claim_locked(struct port_claim *c, struct err *e)
{
	_cleanup_port_index_ struct port_index ix = { 0 };
	_cleanup_free_ bool *chosen = calloc(c->rec.n, sizeof(*chosen));
	size_t fixed = 0, found = 0;
	int r = chosen ? port_index_open(c->net, &ix) : -ENOMEM;

	if (r < 0)
		return err_sys(e, r, "open the index of ports");
	for (size_t i = 0; i < c->rec.n; i++)
		chosen[i] = !c->rec.specs[i].host_port;
	r = decide(c, &ix, chosen, false, &fixed, e);
	if (r >= 0)
		r = hold(c, e);
	crash_point("publish", "bound");
	if (r >= 0)
		r = decide(c, &ix, chosen, true, &found, e);
	if (r >= 0) {
		r = port_record_save(c->net, &c->rec);
		c->recorded = r >= 0;
		if (r < 0)
			err_sys(e, r, "write the record of ports");
	}
	crash_point("publish", "claimed");
	if (r < 0) {
		uncount(&ix, c, chosen, false, fixed);
		uncount(&ix, c, chosen, true, found);
	}
	return r;
}

static void cleanup_claim(struct port_claim **c)
{
	port_claim_free(*c);
}

int port_claim(struct net *net, const struct port_want *w, const struct port_target *t,
	       struct port_claim **ret, struct err *e)
{
	_cleanup_(cleanup_claim) struct port_claim *c = calloc(1, sizeof(*c));
	_cleanup_close_ int lock = -1;
	int r;

	if (!c)
		return err_sys(e, ENOMEM, "publish ports");
	c->net = net;
	r = copy_want(w, &c->rec, e);
	if (r >= 0)
		r = check_families(&c->rec, t, e);
	if (r >= 0)
		r = lock = net_lock(net, e);
	if (r >= 0)
		r = claim_locked(c, e);
	if (r >= 0) {
		*ret = take_ptr(c);
		return 0;
	}
	port_keepers_close(&c->keepers);
	if (lock >= 0 && !c->recorded)
		port_drop_empty(net, c->rec.owner);
	return r;
}

const struct port_spec *port_claimed(const struct port_claim *c, size_t *ret_n)
{
	*ret_n = c->rec.n;
	return c->rec.specs;
}

/*
 * The claim's holder is who publishes: one that is killed here leaves what any
 * sweep withdraws, from the keepers too, which know only the holder to come.
 */
static int build(struct port_claim *c, const struct proc_id *holder, struct err *e)
{
	_cleanup_(port_mapv_free) struct port_mapv maps = { 0 };
	_cleanup_close_ int dir = port_record_dir(c->net, c->rec.owner, true);
	struct net *net = c->net;
	int r = dir < 0 ? dir : port_record_save(net, &c->rec);

	if (r >= 0)
		r = note_set_proc(dir, PORT_NOTE_HOLDER, &c->rec.holder);

	crash_point("publish", "record");
	if (r >= 0)
		r = port_maps_of(&c->rec, &maps);
	if (r < 0)
		return err_sys(e, r, "write the record of ports");
	r = maps.n ? firewall_add_ports(net, maps.v, maps.n, e) : 0;
	crash_point("publish", "elements");
	if (r >= 0)
		r = port_link_up(net, &c->rec, e);
	crash_point("publish", "links");
	if (r >= 0)
		conntrack_forget_published(&net->nft, &net->rt, maps.v, maps.n, NULL);
	if (r >= 0)
		r = port_keepers_serve(&c->keepers, &c->rec, holder, e);
	crash_point("publish", "served");
	return r;
}

/* From here on it lives as long as the holder. */
static int hand_over(struct port_claim *c, const struct proc_id *holder, struct err *e)
{
	int r;

	if (holder->pid == c->rec.holder.pid && holder->start == c->rec.holder.start)
		return 0;
	c->rec.holder = *holder;
	r = port_record_save(c->net, &c->rec);
	crash_point("publish", "handed over");
	return r < 0 ? err_sys(e, r, "write the record of ports") : 0;
}

/* Records that lead nowhere, too. The caller holds the lock. */
static void withdraw(struct port_claim *c)
{
	struct port_recordv v = { 0 };

	port_keepers_close(&c->keepers);
	if (c->recorded && port_recordv_take(&v, &c->rec) >= 0)
		port_leave(c->net, &v, false, NULL);
	c->recorded = false;
	port_recordv_free(&v);
}

int port_publish(struct port_claim *c, const struct port_target *t, const struct proc_id *holder,
		 struct err *e)
{
	_cleanup_close_ int lock = net_lock(c->net, e);
	int r = lock;

	if (r < 0)
		return r;
	memcpy(c->rec.to, t->to, sizeof(c->rec.to));
	memcpy(c->rec.dev, t->dev, sizeof(c->rec.dev));
	memcpy(c->rec.port, t->bridge_port, sizeof(c->rec.port));
	r = build(c, holder, e);
	if (r >= 0)
		r = hand_over(c, holder, e);
	if (r < 0)
		withdraw(c);
	c->published = r >= 0;
	return r < 0 ? r : 0;
}

void port_claim_free(struct port_claim *c)
{
	if (c && c->recorded && !c->published) {
		_cleanup_close_ int lock = net_lock(c->net, NULL);

		if (lock >= 0)
			withdraw(c);
	}
	if (c) {
		port_keepers_close(&c->keepers);
		port_record_free(&c->rec);
	}
	free(c);
}

/* What is to be unpublished, out of each record it is in. */
struct unpublish {
	struct net *net;
	const struct port_want *w;
	bool *found;
	struct port_recordv leaving;
};

/* Host port 0 stands for whichever leads to that port of the container. */
static bool is_meant(const struct port_spec *want, const struct port_spec *s)
{
	if (want->host_port)
		return port_spec_eq(want, s);
	return want->proto == s->proto && want->port == s->port && s->host_port == s->host_end &&
	       ip_eq(&want->host_ip, &s->host_ip);
}

static bool meant(struct unpublish *u, const struct port_spec *s, size_t *hint)
{
	for (size_t k = 0; k < u->w->n; k++) {
		size_t at = (*hint + k) % u->w->n;

		if (is_meant(&u->w->specs[at], s)) {
			*hint = at + 1;
			return u->found[at] = true;
		}
	}
	return false;
}

static int pick(const struct port_record *rec, void *ctx)
{
	struct unpublish *u = ctx;
	_cleanup_port_record_ struct port_record part = *rec;
	size_t hint = 0;
	int r = 0;

	part.specs = NULL;
	part.n = 0;
	if (port_record_leaving(rec))
		return 0;
	for (size_t i = 0; i < rec->n && r >= 0; i++)
		if (meant(u, &rec->specs[i], &hint))
			r = port_record_add(&part, &rec->specs[i]);
	if (r < 0 || !part.n)
		return r;
	return port_recordv_take(&u->leaving, &part);
}

static int check_found(const struct unpublish *u, struct err *e)
{
	char text[PORT_STRLEN];

	for (size_t i = 0; i < u->w->n; i++)
		if (!u->found[i]) {
			err_hint(e, "`ct ps` shows what is published");
			return err_set(e, ENOENT, "container %s does not publish %s to port %u",
				       u->w->name, port_str(&u->w->specs[i], text),
				       u->w->specs[i].port);
		}
	return 0;
}

/* A part becomes a record of its own that is leaving; port_leave takes it out of the other. */
static int unpublish(struct unpublish *u, struct err *e)
{
	int r = port_record_list(u->net, u->w->owner, pick, u);

	if (r < 0)
		return err_sys(e, r, "read the published ports of %s", u->w->name);
	r = check_found(u, e);
	for (size_t i = 0; i < u->leaving.n && r >= 0; i++) {
		r = port_record_part(u->net, &u->leaving.v[i]);
		if (r < 0)
			err_sys(e, r, "write the record of ports");
	}
	crash_point("unpublish", "part");
	return r < 0 ? r : port_leave(u->net, &u->leaving, false, e);
}

int port_unpublish(struct net *net, const struct port_want *w, struct err *e)
{
	_cleanup_free_ bool *found = calloc(w->n, sizeof(*found));
	_cleanup_close_ int lock = net_lock(net, e);
	struct unpublish u = { .net = net, .w = w, .found = found };
	int r = lock < 0 ? lock : found ? unpublish(&u, e) : err_sys(e, ENOMEM, "unpublish");

	port_recordv_free(&u.leaving);
	return r < 0 ? r : 0;
}

struct listing {
	port_fn *fn;
	void *ctx;
};

static int list_record(const struct port_record *rec, void *ctx)
{
	const struct listing *l = ctx;
	int r = 0;

	if (port_record_leaving(rec))
		return 0;
	for (size_t i = 0; i < rec->n && r >= 0; i++)
		r = l->fn(&rec->specs[i], l->ctx);
	return r;
}

int port_list(struct net *net, const char *owner, port_fn *fn, void *ctx)
{
	struct listing l = { fn, ctx };

	return port_record_list(net, owner, list_record, &l);
}
