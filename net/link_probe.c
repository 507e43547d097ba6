/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel has a kind, without making a link. The kernel looks the
 * kind up (and has its module loaded) before it counts the queues, and refuses
 * more than 4096 of those for every kind: EINVAL says yes, EOPNOTSUPP no
 * (net/core/rtnetlink.c: rtnl_newlink, rtnl_create_link).
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "core/base/err.h"
#include "net/link_kind.h"

#define QUEUES_TOO_MANY 4097

int link_kind_probe(struct nl *nl, const struct link_kind *kind, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	nl_msg(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg),
	       "probe link type %s", kind->name);
	/* '%' is the kernel's own template: no link of that name is in the way */
	link_put_name(&q, "ctprobe%d");
	nl_put_u32(&q, IFLA_NUM_TX_QUEUES, QUEUES_TOO_MANY);
	nl_nest(&q, IFLA_LINKINFO);
	nl_put_str(&q, IFLA_INFO_KIND, kind->name);
	nl_nest_end(&q);
	r = nl_run(nl, &q, NULL, NULL, NULL);
	if (r != -EOPNOTSUPP)
		return r == -EPERM ? err_sys(e, r, "probe link type %s", kind->name) : 0;
	err_hint(e, "try: modprobe %s", kind->module);
	return err_set(e, EOPNOTSUPP, "this kernel has no %s (%s)", kind->name, kind->config);
}

static int ignore(const struct nlmsghdr *msg, void *ctx)
{
	(void)msg;
	(void)ctx;
	return 0;
}

/* bridge vlan show by RTM_GETVLAN (5.6), for which there is a handler only with filtering. */
int link_vlan_filtering_probe(struct nl *nl, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct br_vlan_msg *msg;
	int r;

	nl_req_init(&q);
	r = link_kind_probe(nl, &link_bridge, e);
	if (r < 0)
		return r;
	msg = nl_msg(&q, RTM_GETVLAN, 0, sizeof(*msg), "probe VLANs of bridges");
	msg->family = AF_BRIDGE;
	if (nl_dump(nl, &q, ignore, NULL, NULL) != -EOPNOTSUPP)
		return 0;
	err_hint(e, "it takes a kernel with CONFIG_BRIDGE_VLAN_FILTERING=y");
	return err_set(e, EOPNOTSUPP, "bridges of this kernel do not filter VLANs (%s)",
		       "CONFIG_BRIDGE_VLAN_FILTERING");
}
