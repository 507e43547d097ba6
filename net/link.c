/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/link_kind.h"

static const struct link_kind *const kinds[] = {
	&link_bridge, &link_veth, &link_macvlan, &link_ipvlan,
	&link_vxlan,  &link_ifb,  &link_vlan,	 &link_dummy,
};

const struct link_kind *link_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

unsigned link_mode(struct nl_req *q, const struct link_kind *kind, const char *mode)
{
	for (unsigned i = 0; kind->modes[i]; i++)
		if (!strcmp(kind->modes[i], mode))
			return i;
	nl_req_fail(q, -EINVAL);
	return 0;
}

void link_put_name(struct nl_req *q, const char *name)
{
	if (name && strlen(name) >= IFNAMSIZ)
		nl_req_fail(q, -ENAMETOOLONG);
	nl_put_str(q, IFLA_IFNAME, name);
}

void link_put_mac(struct nl_req *q, const struct mac_addr *m)
{
	if (mac_is_set(m))
		nl_put_mac(q, IFLA_ADDRESS, m);
}

void link_put_u32(struct nl_req *q, uint16_t type, uint32_t v)
{
	if (v)
		nl_put_u32(q, type, v);
}

void link_put_queues(struct nl_req *q, uint32_t n)
{
	link_put_u32(q, IFLA_NUM_TX_QUEUES, n);
	link_put_u32(q, IFLA_NUM_RX_QUEUES, n);
}

void link_put_tri(struct nl_req *q, uint16_t type, enum tristate v)
{
	if (v != UNSET)
		nl_put_u8(q, type, v == ON);
}

void link_put_netns(struct nl_req *q, int fd, pid_t pid)
{
	if (pid > 0)
		nl_put_u32(q, IFLA_NET_NS_PID, (uint32_t)pid);
	else if (fd > 0)
		nl_put_u32(q, IFLA_NET_NS_FD, (uint32_t)fd);
}

static void set_up(struct ifinfomsg *ifi, enum tristate up)
{
	if (up != UNSET)
		ifi->ifi_change |= IFF_UP;
	if (up == ON)
		ifi->ifi_flags |= IFF_UP;
}

/* What a creation ignores or cannot take: a second message, once the link is surely ours. */
static bool spec_has_rest(const struct link_spec *s)
{
	return s->alias || s->no_linklocal || brport_is_set(&s->brport);
}

static void put_kind(struct nl_req *q, const struct link_spec *s)
{
	nl_nest(q, IFLA_LINKINFO);
	nl_put_str(q, IFLA_INFO_KIND, s->kind->name);
	if (s->kind->put_data) {
		nl_nest(q, IFLA_INFO_DATA);
		s->kind->put_data(q, s);
		nl_nest_end(q);
	}
	nl_nest_end(q);
}

/*
 * ip link add [link PARENT] NAME [address MAC] [mtu N] [group G] [master BR] [up] [netns FD]
 *	type KIND ...
 *
 * The MAC goes into the creation: a bridge without one takes its ports', and
 * udev rewrites a veth's random one (addr_assign_type).
 */
void link_add_put(struct nl_req *q, const struct link_spec *s)
{
	struct ifinfomsg *ifi;

	ifi = nl_msg(q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*ifi), "add link %s type %s",
		     s->label ? s->label : s->name, s->kind->name);
	ifi->ifi_index = (int)s->index;
	set_up(ifi, s->up);
	if (spec_has_rest(s))
		nl_req_fail(q, -EINVAL);
	link_put_name(q, s->name);
	link_put_mac(q, &s->mac);
	link_put_u32(q, IFLA_MTU, s->mtu);
	link_put_queues(q, s->queues);
	link_put_u32(q, IFLA_GROUP, s->group);
	link_put_u32(q, IFLA_MASTER, s->master);
	if (s->kind->on_parent)
		link_put_u32(q, IFLA_LINK, s->parent);
	link_put_u32(q, IFLA_GSO_MAX_SEGS, s->gso_segs);
	link_put_netns(q, s->netns_fd, s->netns_pid);
	put_kind(q, s);
}

/* What the kernel lacks, if that is why it said EOPNOTSUPP. */
static int lacking(struct nl *nl, const struct link_spec *s, struct err *e)
{
	struct err own = ERR_INIT;
	int r = link_kind_probe(nl, s->kind, &own);

	if (r >= 0 && s->bridge.vlan_filtering == ON)
		r = link_vlan_filtering_probe(nl, &own);
	if (r < 0 && e)
		*e = own;
	return -EOPNOTSUPP;
}

static int link_create(struct nl *nl, const struct link_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	link_add_put(&q, s);
	r = nl_run(nl, &q, NULL, NULL, e);
	if (r == -EEXIST && s->netns_fd > 0)
		return link_create_there(nl, s, e);
	return r == -EOPNOTSUPP ? lacking(nl, s, e) : r;
}

/*
 * Creates a link; -EEXIST when the name is taken, and then nothing of the
 * other's link is touched: for that the alias, which is silently ignored in a
 * creation (IFLA_IFALIAS), travels in a second send and not behind it in one
 * batch, where it would run after the error too. Whatever fails, no link is
 * left.
 */
int link_add(struct nl *nl, const struct link_spec *s, struct err *e)
{
	struct link_spec born = *s;
	struct link_change rest = { .alias = s->alias,
				    .no_linklocal = s->no_linklocal,
				    .brport = s->brport };
	int r;

	if (!spec_has_rest(s))
		return link_create(nl, s, e);
	if (s->netns_fd > 0)
		return err_set(e, EINVAL, "add link %s: its alias can only be set from inside %s",
			       s->name, "its namespace");
	born.alias = NULL;
	born.brport = (struct brport_flags){ UNSET };
	born.no_linklocal = false;
	/* up only after the address mode is set, or there is an address already */
	if (s->no_linklocal) {
		born.up = UNSET;
		rest.up = s->up;
	}
	r = link_create(nl, &born, e);
	crash_point("link", "unmarked");
	if (r < 0)
		return r;
	r = link_set(nl, 0, s->name, &rest, e);
	if (r < 0)
		link_del(nl, s->name, NULL);
	return r;
}

static void put_inet_conf(struct nl_req *q, const struct link_change *c)
{
	nl_nest(q, AF_INET);
	nl_nest(q, IFLA_INET_CONF);
	for (size_t i = 0; i < c->n_conf4; i++)
		nl_put_u32(q, c->conf4[i].id, c->conf4[i].value);
	nl_nest_end(q);
	nl_nest_end(q);
}

static void put_af_spec(struct nl_req *q, const struct link_change *c)
{
	if (!c->n_conf4 && !c->no_linklocal)
		return;
	nl_nest(q, IFLA_AF_SPEC);
	if (c->n_conf4)
		put_inet_conf(q, c);
	if (c->no_linklocal) {
		nl_nest(q, AF_INET6);
		nl_put_u8(q, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
		nl_nest_end(q);
	}
	nl_nest_end(q);
}

/* Begins a message about an existing link: by index, or by name when index is 0. */
static struct ifinfomsg *set_begin(struct nl_req *q, uint32_t index, const char *name,
				   const char *what)
{
	struct ifinfomsg *ifi;

	if (name)
		ifi = nl_msg(q, RTM_NEWLINK, 0, sizeof(*ifi), "%s %s", what, name);
	else
		ifi = nl_msg(q, RTM_NEWLINK, 0, sizeof(*ifi), "%s %u", what, index);
	ifi->ifi_index = (int)index;
	return ifi;
}

/*
 * ip link set NAME [alias A] [mtu N] [group G] [master BR | nomaster] [up | down]
 *
 * With settings of an address family and up together there are two messages:
 * the kernel raises the link before it reads IFLA_AF_SPEC.
 */
void link_set_put(struct nl_req *q, uint32_t index, const char *name, const struct link_change *c)
{
	bool late_up = c->up == ON && (c->n_conf4 || c->no_linklocal);
	struct ifinfomsg *ifi = set_begin(q, index, c->label ? c->label : name, "set link");

	if (!late_up)
		set_up(ifi, c->up);
	if (!index)
		link_put_name(q, name);
	link_put_mac(q, &c->mac);
	link_put_u32(q, IFLA_MTU, c->mtu);
	link_put_u32(q, IFLA_GSO_MAX_SEGS, c->gso_segs);
	if ((c->group || c->no_group) && !index)
		nl_req_fail(q, -EINVAL);
	if (c->no_group)
		nl_put_u32(q, IFLA_GROUP, 0);
	else
		link_put_u32(q, IFLA_GROUP, c->group);
	if (c->no_master)
		nl_put_u32(q, IFLA_MASTER, 0);
	else
		link_put_u32(q, IFLA_MASTER, c->master);
	if (c->alias)
		nl_put_str(q, IFLA_IFALIAS, c->alias);
	brport_put_slave(q, &c->brport);
	put_af_spec(q, c);
	if (!late_up)
		return;
	set_up(set_begin(q, index, name, "set up link"), ON);
	if (!index)
		link_put_name(q, name);
}

int link_set(struct nl *nl, uint32_t index, const char *name, const struct link_change *c,
	     struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	link_set_put(&q, index, name, c);
	return nl_run(nl, &q, NULL, NULL, e);
}

int link_set_kind(struct nl *nl, uint32_t index, const struct link_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	set_begin(&q, index, s->label ? s->label : s->name, "set link");
	put_kind(&q, s);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* ip link del NAME; one that is not there is success. */
int link_del(struct nl *nl, const char *name, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	nl_msg(&q, RTM_DELLINK, 0, sizeof(struct ifinfomsg), "delete link %s", name);
	link_put_name(&q, name);
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -ENODEV)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}
