/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a bridge knows of a port: flags, and VLANs where it filters by them. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "core/base/err.h"
#include "net/link_kind.h"

bool brport_is_set(const struct brport_flags *f)
{
	return f->isolated != UNSET || f->hairpin != UNSET || f->learning != UNSET ||
	       f->neigh_suppress != UNSET || f->flood != UNSET || f->bpdu_guard != UNSET;
}

void brport_put(struct nl_req *q, const struct brport_flags *f)
{
	link_put_tri(q, IFLA_BRPORT_ISOLATED, f->isolated);
	link_put_tri(q, IFLA_BRPORT_MODE, f->hairpin);
	link_put_tri(q, IFLA_BRPORT_LEARNING, f->learning);
	link_put_tri(q, IFLA_BRPORT_NEIGH_SUPPRESS, f->neigh_suppress);
	link_put_tri(q, IFLA_BRPORT_UNICAST_FLOOD, f->flood);
	link_put_tri(q, IFLA_BRPORT_GUARD, f->bpdu_guard);
}

void brport_put_slave(struct nl_req *q, const struct brport_flags *f)
{
	if (!brport_is_set(f))
		return;
	nl_nest(q, IFLA_LINKINFO);
	nl_put_str(q, IFLA_INFO_SLAVE_KIND, "bridge");
	nl_nest(q, IFLA_INFO_SLAVE_DATA);
	brport_put(q, f);
	nl_nest_end(q);
	nl_nest_end(q);
}

/* bridge link set dev PORT [isolated on] [hairpin on] [learning off]; 25 us for all */
int link_set_brport(struct nl *nl, uint32_t index, const struct brport_flags *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct ifinfomsg *ifi;

	nl_req_init(&q);
	ifi = nl_msg(&q, RTM_SETLINK, 0, sizeof(*ifi), "set bridge port %u", index);
	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = (int)index;
	nl_nest(&q, IFLA_PROTINFO);
	brport_put(&q, f);
	nl_nest_end(&q);
	return nl_run(nl, &q, NULL, NULL, e);
}

static int brvlan_run(struct nl *nl, uint16_t type, const struct brvlan_spec *s, struct err *e)
{
	struct bridge_vlan_info info = { .flags = (s->pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
						  (s->untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0),
					 .vid = s->vid };
	_cleanup_nl_req_ struct nl_req q;
	struct ifinfomsg *ifi;
	int r;

	nl_req_init(&q);
	ifi = nl_msg(&q, type, 0, sizeof(*ifi), "%s VLAN %u of port %u",
		     type == RTM_SETLINK ? "add" : "delete", s->vid, s->index);
	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = (int)s->index;
	nl_nest(&q, IFLA_AF_SPEC);
	if (s->self)
		nl_put_u16(&q, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
	nl_put(&q, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
	nl_nest_end(&q);
	r = nl_run(nl, &q, NULL, NULL, e);
	/* without filtering there is none to delete, and this is how that is said */
	if (r == -EOPNOTSUPP && type == RTM_SETLINK)
		return link_vlan_filtering_probe(nl, e) < 0 ? -EOPNOTSUPP : r;
	return r;
}

/* bridge vlan add dev PORT vid N [pvid] [untagged] [self] */
int brvlan_add(struct nl *nl, const struct brvlan_spec *s, struct err *e)
{
	return brvlan_run(nl, RTM_SETLINK, s, e);
}

/* bridge vlan del dev PORT vid N [self] */
int brvlan_del(struct nl *nl, const struct brvlan_spec *s, struct err *e)
{
	struct err own = ERR_INIT;
	int r = brvlan_run(nl, RTM_DELLINK, s, &own);

	if (r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}
