/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one teardown of attachments, from their records: of what ended, of what
 * failed half-way and of what somebody left who died. Every part of it accepts
 * what is gone already.
 */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/attach_rate.h"
#include "net/attach_real.h"
#include "net/conntrack.h"
#include "net/dns_server.h"
#include "net/firewall.h"
#include "net/flows.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/link_stats.h"
#include "net/names.h"

/* 1: it says so, or is the nameless start of what we were making; 0: it is another's. */
static int is_ours(const struct attach_info *a, const struct link_info *l)
{
	char alias[ATTACH_ALIAS_LEN];
	int r = attach_alias(a, alias);

	return r < 0 ? r : !strcmp(l->kind, "veth") && (!l->alias[0] || !strcmp(l->alias, alias));
}

static int drop_link(struct net *net, const struct attach_info *a, struct err *e)
{
	struct link_info l;
	int r;

	if (!a->host_ifname[0])
		return attach_drop_inside(a, e);
	r = link_get(&net->rt, a->host_ifname, &l, NULL);
	if (r == -ENODEV)
		return 0;
	if (r >= 0)
		r = is_ours(a, &l);
	if (r < 0)
		return err_sys(e, r, "find link %s", a->host_ifname);
	if (!r)
		return 0;
	r = link_del(&net->rt, a->host_ifname, e);
	crash_point("detach", "link");
	return r;
}

/* What limits its rate does not die with the namespace. */
static int drop_links(struct net *net, const struct attach_info *a, bool netns_dead, struct err *e)
{
	int r = netns_dead ? 0 : drop_link(net, a, e);

	return r < 0 ? r : attach_rate_drop(net, a, e);
}

/*
 * Connections of its addresses can only be tracked if something of them passed the
 * host, and then its link has counted, if only the question for its hardware address.
 */
static bool has_flows(struct net *net, const struct attach_info *a)
{
	struct link_stats s;

	if (!a->host_ifname[0] || !conntrack_any())
		return false;
	return link_stats_get(&net->rt, a->host_ifname, &s, NULL) < 0 || is_ours(a, &s.link) <= 0 ||
	       s.rx_packets || s.tx_packets;
}

/* With the link alive the addresses drain; the record goes last. */
static int forget(struct net *net, const struct attach_info *a, bool flows, struct err *e)
{
	char key[ATTACH_KEY_LEN];
	int r = port_end(net, a, e);

	if (r < 0)
		return r;
	crash_point("detach", "ports");
	r = attach_key(a, key);
	for (size_t i = 0; i < a->n_addrs && r >= 0; i++) {
		r = names_leave(net, a->network, &a->addrs[i].addr);
		if (r >= 0)
			r = ipam_release(net, a->network, &a->addrs[i].addr, key,
					 a->host_ifname[0] ? a->host_ifname : NULL);
		crash_point("detach", "address");
	}
	if (r >= 0)
		r = dns_server_left(net, a->network, key);
	if (r >= 0)
		r = attach_host_drop(net, a);
	if (r < 0)
		return err_sys(e, r, "forget the attachment %s", key);
	r = firewall_del_attach(net, a, e);
	crash_point("detach", "firewall");
	if (r < 0)
		return r;
	if (flows)
		flows_leave(net, a->addrs, a->n_addrs);
	r = attach_record_drop(net, key);
	crash_point("detach", "record");
	return r < 0 ? err_sys(e, r, "forget the attachment %s", key) : 0;
}

int attach_down_locked(struct net *net, const struct attach_info *a, bool netns_dead, struct err *e)
{
	bool flows = has_flows(net, a);
	int r = drop_links(net, a, netns_dead, e);

	return r < 0 ? r : forget(net, a, flows, e);
}

/* The lock is not held while the kernel waits for the link to go. */
int attach_down(struct net *net, const struct attach_info *a, bool netns_dead, struct err *e)
{
	_cleanup_close_ int lock = -1;
	bool flows = has_flows(net, a);
	int r = drop_links(net, a, netns_dead, e);

	if (r < 0)
		return r;
	lock = net_lock(net, e);
	return lock < 0 ? lock : forget(net, a, flows, e);
}
