/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/connect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/attach_real.h"
#include "net/default_route.h"
#include "net/link.h"
#include "net/names_own.h"
#include "net/netns.h"
#include "net/note.h"

#define NOTES	   "connected"
#define IFNAME_MAX 1000

/* ---- the note ---- */

static int mark(struct net *net, const struct connect_target *t, struct err *e)
{
	_cleanup_close_ int dir = -1;
	int r;

	if (!t->holder.pid)
		return 0;
	dir = net_dir(net, NOTES, true);
	/* without the lock, and always the same for one container */
	r = dir < 0 ? dir : note_add_proc(dir, t->owner, &t->holder);
	crash_point("connect", "mark");
	return r < 0 && r != -EEXIST ? err_sys(e, r, "note that %s was connected", t->owner) : 0;
}

bool connect_used(int root_fd, const char *id)
{
	_cleanup_close_ int self = netns_open_self();
	char path[sizeof(NOTES) + NAME_MAX_CT + 40];
	struct proc_id holder;

	return self >= 0 &&
	       str_fmt(path, sizeof(path), "net/%ju/" NOTES "/%s", (uintmax_t)netns_inode(self),
		       id) >= 0 &&
	       note_get_proc(root_fd, path, &holder);
}

static void unmark(struct net *net, const char *id)
{
	_cleanup_close_ int dir = net_dir(net, NOTES, false);

	if (dir >= 0)
		note_del(dir, id);
}

/* ---- names ---- */

static int add_network(const struct attach_info *a, void *ctx)
{
	return strv_has(ctx, a->network) ? 0 : strv_add(ctx, a->network);
}

/* The container's own hosts file follows exactly the networks it is on. */
static int follow(struct net *net, const struct connect_target *t, struct err *e)
{
	struct strv networks = { 0 };
	int r;

	if (!t->hosts_extra)
		return 0;
	r = attach_list(net, t->owner, NULL, add_network, &networks);
	if (r >= 0)
		r = names_own_follow(net, t->owner, &t->holder, &networks, t->hosts_extra);
	strv_free(&networks);
	crash_point("connect", "hosts");
	return r < 0 ? err_sys(e, r, "hosts file of %s", t->owner) : 0;
}

/* ---- attaching ---- */

/* The first of eth0, eth1, ... that neither a link nor a record of the owner has. */
static int free_ifname(struct net *net, const struct connect_target *t, struct nl *inside,
		       char name[NAME_MAX_IF + 1], struct err *e)
{
	for (int i = 0; i < IFNAME_MAX; i++) {
		struct attach_info there;
		struct link_info l;
		int r;

		snprintf(name, NAME_MAX_IF + 1, "eth%d", i);
		if (attach_find(net, t->owner, name, &there) >= 0 && attach_alive(&there))
			continue;
		r = link_get(inside, name, &l, NULL);
		if (r == -ENODEV)
			return 0;
		if (r < 0)
			return err_sys(e, r, "look for link %s", name);
	}
	return err_set(e, EUSERS, "no interface name is free");
}

/* Others may take the name that was free: then the next one. */
static int attach(struct net *net, const struct connect_target *t, const struct net_attach *a,
		  struct attach_info *ret, struct err *e)
{
	_cleanup_nl_ struct nl inside = NL_INIT;
	char name[NAME_MAX_IF + 1];
	struct net_attach named = *a;
	int r;

	if (a->ifname)
		return attach_up(net, a, t->netns_fd, ret, e);
	r = netns_nl_open(t->netns_fd, &inside, NETLINK_ROUTE, e);
	if (r < 0)
		return r;
	named.ifname = name;
	for (int i = 0; i < IFNAME_MAX; i++) {
		r = free_ifname(net, t, &inside, name, e);
		if (r >= 0)
			r = attach_up(net, &named, t->netns_fd, ret, e);
		if (r != -EEXIST)
			break;
		err_clear(e);
	}
	return r;
}

/* Between the attachment and the lock it, or its holder, may have gone. */
static int still_there(struct net *net, const struct connect_target *t, const struct attach_info *a,
		       struct err *e)
{
	struct attach_info there;

	if (attach_find(net, a->owner, a->ifname, &there) < 0 ||
	    strcmp(there.host_ifname, a->host_ifname) != 0)
		return err_set(e, ENOENT, "%s was disconnected meanwhile", a->ifname);
	if (t->holder.pid && !proc_alive(&t->holder))
		return err_set(e, ESRCH, "the container ended meanwhile");
	return 0;
}

/* Last: from here on it lives as long as its holder. */
static int commit(struct net *net, const struct connect_target *t, struct attach_info *a,
		  struct err *e)
{
	int r;

	a->holder = t->holder;
	r = attach_record_save(net, a);
	crash_point("connect", "commit");
	return r < 0 ? err_sys(e, r, "write the record of %s", a->ifname) : 0;
}

/* Moved here when that was asked for; else only where the namespace has none. */
static int take_default(struct net *net, const struct connect_target *t, const struct net_attach *a,
			const struct attach_info *info, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	struct default_route d = { .n = &n, .a = info, .metric = a->metric };
	unsigned there = 0;
	int r = t->no_default ? 0 : network_load(net, info->network, &n, e);

	if (r >= 0 && !a->default_route)
		r = default_route_there(t->netns_fd, &there, e);
	d.families = default_route_can(&n) & ~there;
	if (r >= 0 && d.families)
		r = default_route_give(t->netns_fd, &d, e);
	crash_point("connect", "default route");
	return r;
}

static int check_default(struct net *net, const struct net_attach *a, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	int r = a->default_route ? network_load(net, a->network, &n, e) : 0;

	if (r < 0 || !a->default_route || default_route_can(&n))
		return r;
	err_hint(e, "leave --default-route out");
	return err_set(e, EINVAL, "network %s leads nowhere: it can have no default route", n.name);
}

/* The link, when the host's end is not what goes by the record: one without such an end. */
static void drop_inside(const struct connect_target *t, const struct attach_info *a)
{
	_cleanup_nl_ struct nl inside = NL_INIT;
	struct link_info l;

	if (netns_nl_open(t->netns_fd, &inside, NETLINK_ROUTE, NULL) >= 0 &&
	    link_get(&inside, a->ifname, &l, NULL) >= 0 && !memcmp(&l.mac, &a->mac, sizeof(l.mac)))
		link_del(&inside, a->ifname, NULL);
}

/* The default route goes first, so that there is one at each moment. The caller holds the lock. */
static int end(struct net *net, const struct connect_target *t, const struct attach_info *a,
	       struct err *e)
{
	int r;

	default_route_pass_on(net, a, t->netns_fd, NULL);
	crash_point("disconnect", "default route");
	r = attach_down_locked(net, a, false, e);
	if (r < 0)
		return r;
	drop_inside(t, a);
	crash_point("disconnect", "detach");
	return 0;
}

int connect_add(struct net *net, const struct connect_target *t, const struct net_attach *a,
		struct attach_info *ret, struct err *e)
{
	_cleanup_close_ int lock = -1;
	struct net_attach wanted = *a;
	int r = check_default(net, a, e);

	wanted.owner = t->owner;
	wanted.connect = true;
	wanted.default_route = false; /* the other one goes only when this one stands */
	if (r >= 0)
		r = proc_identify_self(&wanted.holder, e);
	if (r >= 0)
		r = mark(net, t, e);
	if (r >= 0)
		r = attach(net, t, &wanted, ret, e);
	if (r < 0)
		return r;
	lock = net_lock(net, e);
	r = lock < 0 ? lock : still_there(net, t, ret, e);
	if (r >= 0)
		r = follow(net, t, e);
	if (r >= 0)
		r = take_default(net, t, a, ret, e);
	if (r >= 0)
		r = commit(net, t, ret, e);
	if (r < 0 && lock >= 0) {
		end(net, t, ret, NULL);
		follow(net, t, NULL);
	}
	return r;
}

int connect_del(struct net *net, const struct connect_target *t, const struct attach_info *a,
		struct err *e)
{
	_cleanup_close_ int lock = -1;
	struct attach_info there;
	int r = mark(net, t, e);

	if (r < 0)
		return r;
	lock = net_lock(net, e);
	if (lock < 0)
		return lock;
	r = attach_find(net, a->owner, a->ifname, &there);
	if (err_is_passing(r))
		return err_sys(e, r, "read the record of %s", a->ifname);
	if (r < 0 || strcmp(there.network, a->network) != 0)
		return 0;
	r = end(net, t, &there, e);
	return r < 0 ? r : follow(net, t, e);
}

/* ---- the end of a container ---- */

/* Not left to the namespace's death: it may be one that the container only joined. */
static int end_one(const struct attach_info *a, void *ctx)
{
	attach_down(ctx, a, false, NULL);
	return 0;
}

void connect_end(struct net *net, const char *id)
{
	attach_list(net, id, NULL, end_one, net);
	names_own_drop(net, id);
	unmark(net, id);
}

/* ---- named namespaces ---- */

int connect_netns_owner(const char *name, char *buf, size_t size, struct err *e)
{
	int r = name_check("network namespace", name, NAME_MAX_CT - strlen(CONNECT_NETNS), e);

	return r < 0 ? r : str_fmt(buf, size, CONNECT_NETNS "%s", name);
}

/* Whether the namespace of that name still has the interface. */
static bool netns_has(struct net *net, const struct attach_info *a)
{
	_cleanup_nl_ struct nl inside = NL_INIT;
	_cleanup_close_ int fd = netns_open_name(a->owner + strlen(CONNECT_NETNS), NULL);
	struct link_info l;

	if (fd < 0)
		return false;
	if (a->host_ifname[0] && !net_link_index(net, a->host_ifname))
		return false;
	return netns_nl_open(fd, &inside, NETLINK_ROUTE, NULL) < 0 ||
	       link_get(&inside, a->ifname, &l, NULL) != -ENODEV;
}

static int sweep_netns(const struct attach_info *a, void *ctx)
{
	struct net *net = ctx;

	if (a->holder.pid || !str_starts(a->owner, CONNECT_NETNS) || netns_has(net, a))
		return 0;
	log_trace("gc: %s of %s", a->ifname, a->owner);
	attach_down_locked(net, a, false, NULL);
	return 0;
}

void connect_undo(struct net *net, const struct attach_info *a)
{
	_cleanup_close_ int dir = net_dir(net, NOTES, false), netns = -1;
	struct proc_id holder;
	char path[32];

	if (dir < 0 || !note_get_proc(dir, a->owner, &holder) || !proc_alive(&holder))
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)holder.pid);
	netns = netns_open_path(path, NULL);
	/* opened first: were the pid another's by then, the start time would tell */
	if (netns >= 0 && proc_alive(&holder))
		default_route_pass_on(net, a, netns, NULL);
}

/* A command that died may have left the container's hosts file with a network too many. */
static void refollow(struct net *net, const char *id)
{
	struct strv networks = { 0 };

	if (attach_list(net, id, NULL, add_network, &networks) >= 0)
		names_own_refollow(net, id, &networks);
	strv_free(&networks);
}

void connect_sweep(struct net *net)
{
	_cleanup_close_ int dir = net_dir(net, NOTES, false);
	struct strv ids = { 0 };

	if (dir >= 0)
		dir_names(dir, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		if (note_proc_lives(dir, ids.v[i]))
			refollow(net, ids.v[i]);
		else
			note_del(dir, ids.v[i]);
	}
	strv_free(&ids);
	attach_list(net, NULL, NULL, sweep_netns, net);
}
