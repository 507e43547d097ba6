/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way back: found by its mark, moved here if it is elsewhere, then all
 * that the record has of it is set again; the record goes last.
 */
#include <errno.h>
#include <linux/if.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/phys_real.h"

struct find {
	char alias[PHYS_ALIAS_LEN];
	struct link_info link;
	bool found;
};

static int on_link(const struct link_info *l, void *ctx)
{
	struct find *f = ctx;

	if (!strcmp(l->alias, f->alias)) {
		f->link = *l;
		f->found = true;
	}
	return 0;
}

/* By its mark; -ENODEV. */
static int find(struct nl *nl, const struct phys_info *p, struct link_info *ret, struct err *e)
{
	struct find f = { .found = false };
	int r = phys_alias(p, f.alias);

	if (r >= 0)
		r = link_list(nl, 0, on_link, &f, e);
	if (r < 0)
		return r;
	if (!f.found)
		return -ENODEV;
	*ret = f.link;
	return 0;
}

/*
 * The container may have taken the mark off: then by the name it got there. On
 * the host, where the kernel has put it with that name, its MAC must be right too.
 */
static int find_named(struct nl *nl, const struct phys_info *p, bool inside, struct link_info *ret)
{
	int r = link_get(nl, p->inside, ret, NULL);

	if (r < 0 || strcmp(ret->kind, p->kind) != 0)
		return -ENODEV;
	if (!inside && (p->kind[0] || memcmp(&ret->mac, &p->mac, sizeof(p->mac)) != 0))
		return -ENODEV;
	return 0;
}

/* Under its own name, or where somebody has that by now, the one it has, or one of ours. */
static int bring(struct nl *in, const struct link_info *l, const struct phys_info *p,
		 struct link_info *ret, struct err *e)
{
	_cleanup_close_ int here = netns_open_self();
	const char *const names[] = { p->name, l->name, NULL };
	char last[16];
	int r = -EEXIST;

	if (here < 0)
		return err_sys(e, here, "open the host's network namespace");
	for (size_t i = 0; names[i] && r == -EEXIST; i++) {
		err_clear(e);
		r = link_move(in, l->index, here, names[i], ret, e);
	}
	if (r != -EEXIST)
		return r;
	err_clear(e);
	str_fmt(last, sizeof(last), "ctphys%x", l->index);
	return link_move(in, l->index, here, last, ret, e);
}

/* All in one try: what one setting refuses does not keep the others. */
static int restore(struct nl *nl, const struct link_info *l, const struct phys_info *p,
		   struct err *e)
{
	struct link_change c = { .alias = p->alias, .up = p->up ? ON : OFF };
	struct link_info other;
	int r = 0, k;

	if (strcmp(l->name, p->name) != 0 && link_get(nl, p->name, &other, NULL) >= 0)
		log_note("interface %s is back as %s: there is another %s", p->name, l->name,
			 p->name);
	else if (strcmp(l->name, p->name) != 0)
		r = link_rename(nl, l->index, p->name, e);
	if (mac_is_set(&p->mac) && memcmp(&l->mac, &p->mac, sizeof(l->mac)) != 0)
		link_set(nl, l->index, NULL, &(struct link_change){ .mac = p->mac }, NULL);
	if (p->mtu && l->mtu != p->mtu)
		c.mtu = p->mtu;
	k = link_set(nl, l->index, NULL, &c, r < 0 ? NULL : e);
	return r < 0 ? r : k;
}

/* -ENODEV: it is nowhere. */
static int give_back(struct net *net, const struct phys_info *p, int netns_fd, struct err *e)
{
	_cleanup_nl_ struct nl in = NL_INIT;
	struct link_info l = { .index = 0 };
	int r = find(&net->rt, p, &l, e);

	if (r == -ENODEV && netns_fd >= 0) {
		r = netns_nl_open(netns_fd, &in, NETLINK_ROUTE, e);
		if (r >= 0)
			r = find(&in, p, &l, e);
		if (r == -ENODEV)
			r = find_named(&in, p, true, &l);
		if (r >= 0)
			r = bring(&in, &l, p, &l, e);
		crash_point("phys", "moved back");
	} else if (r == -ENODEV) {
		r = find_named(&net->rt, p, false, &l);
	}
	return r < 0 ? r : restore(&net->rt, &l, p, e);
}

static int forget(struct net *net, const struct phys_info *p, struct err *e)
{
	int r = phys_record_drop(net, p->name);

	return r < 0 ? err_sys(e, r, "forget that interface %s is lent", p->name) : 0;
}

/* One that is nowhere is destroyed, or was never marked; both end the record. */
int phys_return(struct net *net, const struct phys_info *p, int netns_fd, struct err *e)
{
	_cleanup_close_ int lock = -1;
	int r = give_back(net, p, netns_fd, e);

	if (r < 0 && r != -ENODEV)
		return err_wrap(e, r, "give interface %s back", p->name);
	lock = net_lock(net, e);
	return lock < 0 ? lock : forget(net, p, e);
}

/*
 * Its namespace may outlive its holder for as long as another container has
 * joined it: the record of what comes back by itself waits for it.
 */
static int end_one(struct net *net, const char *name, struct err *e)
{
	struct phys_info p;
	int r = phys_record_load(net, name, &p);

	if (r == -EINVAL)
		return phys_record_drop(net, name);
	if (r < 0 || p.holder.pid == 0 || proc_alive(&p.holder))
		return 0;
	log_trace("gc: interface %s", name);
	r = give_back(net, &p, -1, e);
	if (r == -ENODEV && !p.kind[0] && !net_link_index(net, name))
		return 0;
	return r < 0 && r != -ENODEV ? r : forget(net, &p, e);
}

int phys_gc(struct net *net, struct err *e)
{
	struct strv names = { 0 };
	int r = phys_record_names(net, &names);

	for (size_t i = 0; i < names.n; i++) {
		int k = end_one(net, names.v[i], r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	strv_free(&names);
	return r < 0 ? r : 0;
}
