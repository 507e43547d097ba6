/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links that go from one namespace to another, and their names on both sides.
 *
 * A move waits for RCU (some 20 ms), takes the link down, and with it its
 * addresses and routes; so what is made for a namespace is born there. Kernels
 * before 6.13 look for the name of a link that is to be born elsewhere among
 * their caller's links too.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/err.h"
#include "net/link_kind.h"
#include "net/netns.h"

int link_rename(struct nl *nl, uint32_t index, const char *name, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct ifinfomsg *ifi;

	nl_req_init(&q);
	ifi = nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "rename link %u to %s", index, name);
	ifi->ifi_index = (int)index;
	link_put_name(&q, name);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* Both in one message: the name is given there, behind the move. */
static int move(struct nl *nl, const struct link_info *l, int netns_fd, const char *name,
		struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct ifinfomsg *ifi;
	int r;

	nl_req_init(&q);
	ifi = nl_msg(&q, RTM_NEWLINK, 0, sizeof(*ifi), "move link %s to another namespace",
		     l->name);
	ifi->ifi_index = (int)l->index;
	nl_put_u32(&q, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	link_put_name(&q, name);
	r = nl_run(nl, &q, NULL, NULL, e);
	if (r == -EINVAL)
		err_hint(e, "links of this type are bound to their namespace");
	return r;
}

int link_move(struct nl *nl, uint32_t index, int netns_fd, const char *name, struct link_info *ret,
	      struct err *e)
{
	_cleanup_nl_ struct nl there = NL_INIT;
	struct link_info l, found;
	int r = link_get_index(nl, index, &l, e);

	if (r >= 0)
		r = netns_nl_open(netns_fd, &there, NETLINK_ROUTE, e);
	if (r < 0)
		return r;
	if (!name)
		name = l.name;
	/* found out before: the kernel would move it and then refuse the name */
	if (link_get(&there, name, &found, NULL) >= 0)
		return err_set(e, EEXIST, "move link %s: there is a link %s already", l.name, name);
	r = move(nl, &l, netns_fd, name, e);
	if (r >= 0)
		r = link_get(&there, name, &found, e);
	if (r >= 0 && ret)
		*ret = found;
	return r;
}

/*
 * ip link add ... name TEMPORARY netns FD; ip -n FD link set TEMPORARY name NAME
 *
 * The name is free there, or the kernel's answer stands.
 */
int link_create_there(struct nl *nl, const struct link_spec *s, struct err *e)
{
	_cleanup_nl_ struct nl there = NL_INIT;
	_cleanup_nl_req_ struct nl_req q;
	struct link_spec born = *s;
	struct link_info l;
	char name[16];
	int r;

	nl_req_init(&q);
	if (netns_nl_open(s->netns_fd, &there, NETLINK_ROUTE, NULL) < 0 ||
	    link_get(&there, s->name, &l, NULL) >= 0)
		return -EEXIST;
	err_clear(e);
	snprintf(name, sizeof(name), "ct%x", (unsigned)getpid());
	born.name = name;
	born.up = UNSET;
	link_add_put(&q, &born);
	r = nl_run(nl, &q, NULL, NULL, e);
	if (r >= 0)
		r = link_get(&there, name, &l, e);
	if (r < 0)
		return r;
	r = link_rename(&there, l.index, s->name, e);
	if (r >= 0 && s->up == ON)
		r = link_set(&there, l.index, NULL, &(struct link_change){ .up = ON }, e);
	if (r < 0)
		link_del(&there, name, NULL);
	return r;
}
