/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/addr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "core/base/err.h"

/* As ip(8): addresses of 127/8 are of no use to others. */
static uint8_t scope_of(const struct ip_addr *a)
{
	return a->family == AF_INET && ip_is_loopback(a) ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
}

static void put_common(struct nl_req *q, uint16_t type, uint16_t flags, uint32_t index,
		       const struct ip_prefix *p, const char *what)
{
	struct ifaddrmsg *ifa;
	char buf[IP_PREFIX_STRLEN];

	ifa = nl_msg(q, type, flags, sizeof(*ifa), "%s %s", what, prefix_str(p, buf));
	ifa->ifa_family = p->addr.family;
	ifa->ifa_prefixlen = p->len;
	ifa->ifa_index = index;
	ifa->ifa_scope = type == RTM_NEWADDR ? scope_of(&p->addr) : 0;
	nl_put_ip(q, IFA_LOCAL, &p->addr);
	nl_put_ip(q, IFA_ADDRESS, &p->addr);
}

/* ip address add ADDR/LEN [brd +] dev LINK [nodad] [noprefixroute] */
void addr_add_put(struct nl_req *q, const struct addr_spec *s)
{
	struct ip_addr last;
	uint32_t flags = 0;

	put_common(q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, s->index, &s->addr, "add address");
	if (s->addr.addr.family == AF_INET && s->addr.len <= 30) {
		last = prefix_last(&s->addr);
		nl_put_ip(q, IFA_BROADCAST, &last);
	}
	if (s->nodad && s->addr.addr.family == AF_INET6)
		flags |= IFA_F_NODAD;
	if (s->noprefixroute)
		flags |= IFA_F_NOPREFIXROUTE;
	if (flags)
		nl_put_u32(q, IFA_FLAGS, flags);
}

int addr_add(struct nl *nl, const struct addr_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	addr_add_put(&q, s);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* ip address del ADDR/LEN dev LINK; the address or the link already gone is success. */
int addr_del(struct nl *nl, uint32_t index, const struct ip_prefix *a, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	put_common(&q, RTM_DELADDR, 0, index, a, "delete address");
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -EADDRNOTAVAIL || r == -ENODEV)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

bool addr_parse(const struct nlmsghdr *msg, struct addr_info *ret)
{
	const struct ifaddrmsg *ifa = nl_msg_extra(msg, sizeof(*ifa));
	const struct nlattr *tb[IFA_MAX + 1];
	struct addr_info info;

	if (msg->nlmsg_type != RTM_NEWADDR || !ifa)
		return false;
	nl_parse(msg, sizeof(*ifa), tb, IFA_MAX);
	info = (struct addr_info){ .index = ifa->ifa_index,
				   .flags = nl_attr_u32(tb[IFA_FLAGS], ifa->ifa_flags),
				   .addr.len = ifa->ifa_prefixlen,
				   .scope = ifa->ifa_scope };
	/* with a peer, IFA_ADDRESS is the peer's; without, IPv6 has only that */
	if (!nl_attr_ip(tb[IFA_LOCAL], ifa->ifa_family, &info.addr.addr) &&
	    !nl_attr_ip(tb[IFA_ADDRESS], ifa->ifa_family, &info.addr.addr))
		return false;
	if (info.addr.len > ip_bits(&info.addr.addr))
		return false;
	*ret = info;
	return true;
}

struct list {
	uint32_t index;
	uint8_t family;
	addr_fn *fn;
	void *ctx;
};

static int list_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct list *l = ctx;
	struct addr_info info;

	if (!addr_parse(msg, &info) || (l->index && info.index != l->index) ||
	    (l->family && info.addr.addr.family != l->family))
		return 0;
	return l->fn(&info, l->ctx);
}

/*
 * ip address show [dev LINK]; -ENODEV for a link that is not there. The kernel
 * filters by index (strict checking, 4.20); what it lets through is filtered
 * here.
 */
int addr_list(struct nl *nl, uint32_t index, uint8_t family, addr_fn *fn, void *ctx, struct err *e)
{
	struct list l = { .index = index, .family = family, .fn = fn, .ctx = ctx };
	_cleanup_nl_req_ struct nl_req q;
	struct ifaddrmsg *ifa;

	nl_req_init(&q);
	ifa = nl_msg(&q, RTM_GETADDR, 0, sizeof(*ifa), "list addresses");
	ifa->ifa_family = family;
	ifa->ifa_index = index;
	return nl_dump(nl, &q, list_reply, &l, e);
}
