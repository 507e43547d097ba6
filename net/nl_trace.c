/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --trace shows of netlink: one line for each message sent, with its
 * attributes (nested ones in braces, text as text, the rest as numbers or
 * hex), and one for each answer.
 */
#include "net/nl.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"

struct name {
	uint16_t number;
	const char *name;
};

/* clang-format off */
static const struct name rtm_names[] = {
	{ RTM_NEWLINK, "RTM_NEWLINK" },		{ RTM_DELLINK, "RTM_DELLINK" },
	{ RTM_GETLINK, "RTM_GETLINK" },		{ RTM_SETLINK, "RTM_SETLINK" },
	{ RTM_NEWADDR, "RTM_NEWADDR" },		{ RTM_DELADDR, "RTM_DELADDR" },
	{ RTM_GETADDR, "RTM_GETADDR" },		{ RTM_NEWROUTE, "RTM_NEWROUTE" },
	{ RTM_DELROUTE, "RTM_DELROUTE" },	{ RTM_GETROUTE, "RTM_GETROUTE" },
	{ RTM_NEWNEIGH, "RTM_NEWNEIGH" },	{ RTM_DELNEIGH, "RTM_DELNEIGH" },
	{ RTM_GETNEIGH, "RTM_GETNEIGH" },	{ RTM_NEWRULE, "RTM_NEWRULE" },
	{ RTM_DELRULE, "RTM_DELRULE" },		{ RTM_NEWQDISC, "RTM_NEWQDISC" },
	{ RTM_DELQDISC, "RTM_DELQDISC" },	{ RTM_NEWTCLASS, "RTM_NEWTCLASS" },
	{ RTM_NEWTFILTER, "RTM_NEWTFILTER" },	{ RTM_NEWNSID, "RTM_NEWNSID" },
};

static const struct name nft_names[] = {
	{ NFT_MSG_NEWTABLE, "NFT_MSG_NEWTABLE" },	{ NFT_MSG_GETTABLE, "NFT_MSG_GETTABLE" },
	{ NFT_MSG_DELTABLE, "NFT_MSG_DELTABLE" },	{ NFT_MSG_NEWCHAIN, "NFT_MSG_NEWCHAIN" },
	{ NFT_MSG_GETCHAIN, "NFT_MSG_GETCHAIN" },	{ NFT_MSG_DELCHAIN, "NFT_MSG_DELCHAIN" },
	{ NFT_MSG_NEWRULE, "NFT_MSG_NEWRULE" },		{ NFT_MSG_GETRULE, "NFT_MSG_GETRULE" },
	{ NFT_MSG_DELRULE, "NFT_MSG_DELRULE" },		{ NFT_MSG_NEWSET, "NFT_MSG_NEWSET" },
	{ NFT_MSG_GETSET, "NFT_MSG_GETSET" },		{ NFT_MSG_DELSET, "NFT_MSG_DELSET" },
	{ NFT_MSG_NEWSETELEM, "NFT_MSG_NEWSETELEM" },	{ NFT_MSG_GETGEN, "NFT_MSG_GETGEN" },
	{ NFT_MSG_GETSETELEM, "NFT_MSG_GETSETELEM" },
	{ NFT_MSG_DELSETELEM, "NFT_MSG_DELSETELEM" },
};

static const struct name ifla_names[] = {
	{ IFLA_ADDRESS, "address" },	{ IFLA_IFNAME, "ifname" },	{ IFLA_MTU, "mtu" },
	{ IFLA_LINK, "link" },		{ IFLA_MASTER, "master" },
	{ IFLA_PROTINFO, "protinfo" },
	{ IFLA_LINKINFO, "linkinfo" },	{ IFLA_IFALIAS, "ifalias" },	{ IFLA_GROUP, "group" },
	{ IFLA_AF_SPEC, "af_spec" },	{ IFLA_NET_NS_FD, "net_ns_fd" },
	{ IFLA_EXT_MASK, "ext_mask" },
};

static const struct name ifa_names[] = {
	{ IFA_ADDRESS, "address" },	{ IFA_LOCAL, "local" },
	{ IFA_BROADCAST, "broadcast" },	{ IFA_FLAGS, "flags" },
};

static const struct name rta_names[] = {
	{ RTA_DST, "dst" },		{ RTA_OIF, "oif" },		{ RTA_GATEWAY, "gateway" },
	{ RTA_PRIORITY, "priority" },	{ RTA_PREFSRC, "prefsrc" },	{ RTA_TABLE, "table" },
};

static const struct name nda_names[] = {
	{ NDA_DST, "dst" },		{ NDA_LLADDR, "lladdr" },
	{ NDA_MASTER, "master" },	{ NDA_VLAN, "vlan" },
};
/* clang-format on */

#define BIT(n) (1u << (n))

/* A group of four rtnetlink messages: fixed header, the attributes that are IP addresses, names */
static const struct shape {
	uint16_t first, extra;
	uint32_t ips;
	const struct name *names;
	size_t n;
} shapes[] = {
	{ RTM_NEWLINK, sizeof(struct ifinfomsg), 0, ifla_names, ARRAY_SIZE(ifla_names) },
	{ RTM_NEWADDR, sizeof(struct ifaddrmsg),
	  BIT(IFA_ADDRESS) | BIT(IFA_LOCAL) | BIT(IFA_BROADCAST), ifa_names,
	  ARRAY_SIZE(ifa_names) },
	{ RTM_NEWROUTE, sizeof(struct rtmsg), BIT(RTA_DST) | BIT(RTA_GATEWAY) | BIT(RTA_PREFSRC),
	  rta_names, ARRAY_SIZE(rta_names) },
	{ RTM_NEWNEIGH, sizeof(struct ndmsg), BIT(NDA_DST), nda_names, ARRAY_SIZE(nda_names) },
	{ RTM_NEWQDISC, sizeof(struct tcmsg), 0, NULL, 0 },
	{ RTM_NEWTCLASS, sizeof(struct tcmsg), 0, NULL, 0 },
	{ RTM_NEWTFILTER, sizeof(struct tcmsg), 0, NULL, 0 },
};

static const char *name_of(const struct name *names, size_t n, uint16_t number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

const char *nl_type_name(int family, uint16_t type, char buf[32])
{
	const char *name = NULL;

	if (family == NETLINK_ROUTE)
		name = name_of(rtm_names, ARRAY_SIZE(rtm_names), type);
	else if (family == NETLINK_NETFILTER && NFNL_SUBSYS_ID(type) == NFNL_SUBSYS_NFTABLES)
		name = name_of(nft_names, ARRAY_SIZE(nft_names), NFNL_MSG_TYPE(type));
	if (name)
		return name;
	snprintf(buf, 32, "netlink message type %u", type);
	return buf;
}

static const struct shape *shape_of(int family, uint16_t type)
{
	if (family != NETLINK_ROUTE)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (type >= shapes[i].first && type < shapes[i].first + 4)
			return &shapes[i];
	return NULL;
}

/* A line that is cut, not broken, when it gets long. */
struct text {
	size_t len;
	char s[1600];
};

static __attribute__((format(printf, 2, 3))) void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, fmt, ap);
	va_end(ap);
	t->len += n < 0 ? 0 : (size_t)n;
	if (t->len >= sizeof(t->s))
		t->len = sizeof(t->s) - 1;
}

static bool is_text(const char *p, size_t len)
{
	if (len < 2 || p[len - 1])
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return true;
}

static void text_value(struct text *t, const struct nlattr *a, bool ip)
{
	const unsigned char *p = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	char buf[INET6_ADDRSTRLEN];
	uint32_t v;

	if (ip && (len == 4 || len == 16)) {
		text_add(t, "%s", inet_ntop(len == 4 ? AF_INET : AF_INET6, p, buf, sizeof(buf)));
	} else if (is_text((const char *)p, len)) {
		text_add(t, "\"%s\"", (const char *)p);
	} else if (len == sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		text_add(t, "%u", v);
	} else {
		for (size_t i = 0; i < len && i < 32; i++)
			text_add(t, "%02x", p[i]);
		text_add(t, len > 32 ? ".." : "");
	}
}

static void text_attrs(struct text *t, const char *at, const char *end, const struct shape *s)
{
	const size_t head = sizeof(struct ifinfomsg);

	/* VETH_INFO_PEER: a struct ifinfomsg, all zero, stands before the attributes */
	if (!s && end - at >= (ptrdiff_t)head && !((const struct nlattr *)at)->nla_len)
		at += head;
	while (at < end && mnl_attr_ok((const struct nlattr *)at, (int)(end - at))) {
		const struct nlattr *a = (const struct nlattr *)at;
		uint16_t type = mnl_attr_get_type(a);
		const char *name = s ? name_of(s->names, s->n, type) : NULL;
		const char *payload = mnl_attr_get_payload(a);

		if (name)
			text_add(t, " %s", name);
		else
			text_add(t, " %u", type);
		if (a->nla_type & NLA_F_NESTED) {
			text_add(t, " {");
			text_attrs(t, payload, payload + mnl_attr_get_payload_len(a), NULL);
			text_add(t, " }");
		} else {
			text_add(t, "=");
			text_value(t, a, s && type < 32 && s->ips & BIT(type));
		}
		at += NLA_ALIGN(a->nla_len);
	}
}

static void trace_message(int family, const struct nlmsghdr *msg, const char *label)
{
	const struct shape *s = shape_of(family, msg->nlmsg_type);
	const char *start = (const char *)msg + NLMSG_HDRLEN;
	const char *end = (const char *)msg + msg->nlmsg_len;
	struct text t = { 0 };
	char buf[32];

	/* NFNL_MSG_BATCH_BEGIN and the like have no subsystem but the same header */
	if (s)
		start += NLMSG_ALIGN(s->extra);
	else if (family == NETLINK_NETFILTER)
		start += NLMSG_ALIGN(sizeof(struct nfgenmsg));
	else
		start = end;
	if (start < end)
		text_attrs(&t, start, end, s);
	log_trace("netlink: #%u %s %s%s%sflags 0x%x len %u%s", msg->nlmsg_seq,
		  nl_type_name(family, msg->nlmsg_type, buf), label ? "(" : "", label ? label : "",
		  label ? ") " : "", msg->nlmsg_flags, msg->nlmsg_len, t.s);
}

void nl_trace_sent(int family, const struct nl_exchange *x)
{
	const struct nlmsghdr *msg;
	const void *at = x->buf;
	size_t len = x->len;

	if (!log_tracing())
		return;
	while ((msg = nl_next_msg(&at, &len)))
		trace_message(family, msg,
			      x->label ? x->label(msg->nlmsg_seq, x->label_ctx) : NULL);
}

void nl_trace_answer(const struct nlmsghdr *msg, int error, const char *kernel)
{
	if (!log_tracing())
		return;
	log_trace("netlink: #%u %s%s%s%s", msg->nlmsg_seq, error < 0 ? strerror(-error) : "ok",
		  kernel ? " (kernel: \"" : "", kernel ? kernel : "", kernel ? "\")" : "");
}
