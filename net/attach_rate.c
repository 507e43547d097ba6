/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Towards the container: a token bucket on the host's end of the veth.
 *
 * From the container: what arrives on the host's end is redirected to an ifb
 * of its own ("ib" for the "ve" of that end), whose token bucket holds it
 * back; then it goes on as if it had just arrived, into the bridge and its
 * filters. A bucket inside would need no device, but who has NET_ADMIN there
 * takes it off. Policing at the ingress has no queue: of the large packets
 * that a veth carries it drops whole bursts. One ifb for all would be one lock
 * for all. The ifb outlives the veth and costs its removal some 20 ms of RCU
 * wait, once, and only where there is such a limit; it has the same mark.
 */
#include "net/attach_rate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "net/attach_real.h"
#include "net/filter.h"
#include "net/link.h"
#include "net/qdisc.h"
#include "net/store.h"

bool attach_rate_is_set(const struct attach_info *a)
{
	return a->rate_in || a->rate_out;
}

static void ifb_name(const struct attach_info *a, char buf[16])
{
	snprintf(buf, 16, "ib%.13s", a->host_ifname + strlen("ve"));
}

int attach_rate_drop(struct net *net, const struct attach_info *a, struct err *e)
{
	char alias[ATTACH_ALIAS_LEN], name[16];
	struct link_info l;
	int r;

	if (!a->rate_out || !a->host_ifname[0])
		return 0;
	ifb_name(a, name);
	r = link_get(&net->rt, name, &l, NULL);
	if (r == -ENODEV)
		return 0;
	if (r >= 0)
		r = attach_alias(a, alias);
	if (r < 0)
		return err_sys(e, r, "find link %s", name);
	/* without a mark it is the start of what we were making */
	if (strcmp(l.kind, "ifb") != 0 || (l.alias[0] && strcmp(l.alias, alias) != 0))
		return 0;
	return link_del(&net->rt, name, e);
}

/* ip link add ibX mtu N type ifb; one that was left there makes room. */
static int add_ifb(struct net *net, const struct attach_info *a, uint32_t mtu,
		   struct link_info *ret, struct err *e)
{
	char alias[ATTACH_ALIAS_LEN], name[16];
	struct link_spec spec = { .kind = &link_ifb, .name = name, .mtu = mtu, .alias = alias };
	int r = attach_alias(a, alias);

	if (r < 0)
		return err_set(e, r, "alias of %s", a->host_ifname);
	ifb_name(a, name);
	r = link_add(&net->rt, &spec, e);
	if (r == -EEXIST && attach_rate_drop(net, a, NULL) >= 0) {
		err_clear(e);
		r = link_add(&net->rt, &spec, e);
	}
	return r < 0 ? r : link_get(&net->rt, name, ret, e);
}

/* Without addresses of its own; where there is no IPv6, it had none to begin with. */
static int raise_ifb(struct net *net, uint32_t index, struct err *e)
{
	int r = link_set(&net->rt, index, NULL,
			 &(struct link_change){ .up = ON, .no_linklocal = true }, e);

	if (r != -EAFNOSUPPORT)
		return r;
	err_clear(e);
	return link_set(&net->rt, index, NULL, &(struct link_change){ .up = ON }, e);
}

static int limit_out(struct net *net, const struct attach_info *a, const struct link_info *host,
		     struct err *e)
{
	struct tbf_spec tbf = { .rate = a->rate_out, .mtu = host->mtu };
	struct link_info ifb;
	int r = add_ifb(net, a, host->mtu, &ifb, e);

	if (r >= 0)
		r = qdisc_tbf(&net->rt, ifb.index, &tbf, e);
	if (r >= 0)
		r = raise_ifb(net, ifb.index, e);
	if (r >= 0)
		r = qdisc_clsact(&net->rt, host->index, e);
	if (r >= 0)
		r = filter_redirect(&net->rt, host->index, ifb.index, e);
	return r < 0 ? err_wrap(e, r, "rate-out") : 0;
}

int attach_rate_apply(struct net *net, const struct attach_info *a, struct err *e)
{
	struct tbf_spec tbf = { .rate = a->rate_in };
	struct link_info host;
	int r;

	if (!attach_rate_is_set(a))
		return 0;
	r = link_get(&net->rt, a->host_ifname, &host, e);
	if (r < 0)
		return r;
	tbf.mtu = host.mtu;
	if (a->rate_in)
		r = qdisc_tbf(&net->rt, host.index, &tbf, e);
	if (r < 0)
		return err_wrap(e, r, "rate-in");
	return a->rate_out ? limit_out(net, a, &host, e) : 0;
}
