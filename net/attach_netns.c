/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reaching an attachment from the side of its namespace, for what cannot be
 * done from the host. The namespace is looked for by the link in it: at its
 * holder's, among the named ones, then among those of all processes.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/attach_real.h"
#include "net/link.h"
#include "net/netns.h"

/* What is looked for: by its mark, or (a veth, whose mark is on the host) by its other end. */
struct search {
	const struct attach_info *a;
	uint32_t host_index;
	int fd; /* found by name */
};

static bool is_it(const struct search *s, const struct link_info *l)
{
	char alias[ATTACH_ALIAS_LEN];

	if (s->host_index)
		return !strcmp(l->kind, "veth") && l->peer_index == s->host_index &&
		       !memcmp(&l->mac, &s->a->mac, sizeof(l->mac));
	return attach_alias(s->a, alias) >= 0 && !strcmp(l->alias, alias);
}

static bool is_there(int netns_fd, const struct search *s)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info l;

	return netns_nl_open(netns_fd, &nl, NETLINK_ROUTE, NULL) >= 0 &&
	       link_get(&nl, s->a->ifname, &l, NULL) >= 0 && is_it(s, &l);
}

static int on_named(const char *name, int netns_fd, void *ctx)
{
	struct search *s = ctx;

	if (s->fd < 0 && is_there(netns_fd, s))
		s->fd = netns_open_name(name, NULL);
	return 0;
}

static int of_process(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return netns_open_path(path, NULL);
}

/* One process in a row is mostly in the namespace of the one before. */
static int among_processes(const struct search *s)
{
	_cleanup_closedir_ DIR *d = opendir("/proc");
	struct dirent *ent;
	ino_t last = 0;

	while (d && (ent = readdir(d))) {
		bool is_pid = ent->d_name[0] >= '1' && ent->d_name[0] <= '9';
		_cleanup_close_ int fd = -1;

		fd = is_pid ? of_process((pid_t)strtol(ent->d_name, NULL, 10)) : -1;
		if (fd < 0 || netns_inode(fd) == last)
			continue;
		last = netns_inode(fd);
		if (is_there(fd, s))
			return take_fd(&fd);
	}
	return -ENOENT;
}

/* The holder may be one who waits outside: its namespace is only where to look first. */
static int open_of(const struct attach_info *a, uint32_t host_index)
{
	struct search s = { .a = a, .host_index = host_index, .fd = -1 };
	_cleanup_close_ int fd = -1;

	fd = a->holder.pid ? of_process(a->holder.pid) : -ENOENT;
	if (fd >= 0 && is_there(fd, &s))
		return take_fd(&fd);
	netns_list(on_named, &s, NULL);
	return s.fd >= 0 ? s.fd : among_processes(&s);
}

int attach_drop_in(int netns_fd, const struct attach_info *a, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info l;
	char alias[ATTACH_ALIAS_LEN];
	int r = netns_nl_open(netns_fd, &nl, NETLINK_ROUTE, e);

	if (r >= 0)
		r = attach_alias(a, alias);
	if (r < 0)
		return r;
	/* one without a mark is the start of what we were making */
	if (link_get(&nl, a->ifname, &l, NULL) < 0 || (l.alias[0] && strcmp(l.alias, alias) != 0) ||
	    (strcmp(l.kind, "macvlan") != 0 && strcmp(l.kind, "ipvlan") != 0))
		return 0;
	return link_del(&nl, a->ifname, e);
}

int attach_drop_inside(const struct attach_info *a, struct err *e)
{
	_cleanup_close_ int fd = -1;
	int r;

	fd = open_of(a, 0);
	r = fd < 0 ? 0 : attach_drop_in(fd, a, e);
	crash_point("detach", "inside");
	return r;
}

static int set_mtu_inside(const struct attach_info *a, uint32_t index, uint32_t mtu, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	_cleanup_close_ int fd = -1;
	int r;

	fd = open_of(a, index);
	if (fd < 0)
		return 0;
	r = netns_nl_open(fd, &nl, NETLINK_ROUTE, e);
	return r < 0 ? r : link_set(&nl, 0, a->ifname, &(struct link_change){ .mtu = mtu }, e);
}

int attach_set_mtu(struct net *net, const struct attach_info *a, uint32_t mtu, struct err *e)
{
	struct link_info host;
	int r = link_get(&net->rt, a->host_ifname, &host, NULL);

	if (r < 0 || host.mtu == mtu)
		return 0;
	r = link_set(&net->rt, host.index, host.name, &(struct link_change){ .mtu = mtu }, e);
	return r < 0 ? r : set_mtu_inside(a, host.index, mtu, e);
}
