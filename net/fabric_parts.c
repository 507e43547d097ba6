/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/fabric_parts.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/filter.h"
#include "net/link.h"
#include "net/link_kind.h"
#include "net/netns.h"
#include "net/nft.h"
#include "net/qdisc.h"
#include "net/sysctl.h"

/* ---- parts ------------------------------------------------------------------------- */

static int ask_netem(struct nl *nl, struct err *e)
{
	return qdisc_probe(nl, &qdisc_part_netem, e);
}

static int ask_tbf(struct nl *nl, struct err *e)
{
	return qdisc_probe(nl, &qdisc_part_tbf, e);
}

/* Filters hang on it. */
static int ask_loss(struct nl *nl, struct err *e)
{
	int r = qdisc_probe(nl, &qdisc_part_clsact, e);

	return r < 0 ? r : filter_loss_probe(nl, e);
}

static int ask_wire(struct nl *nl, struct err *e)
{
	int r = qdisc_probe(nl, &qdisc_part_clsact, e);

	return r < 0 ? r : filter_redirect_probe(nl, e);
}

static int ask_ifb(struct nl *nl, struct err *e)
{
	return link_kind_probe(nl, &link_ifb, e);
}

static int ask_bridge(struct nl *nl, struct err *e)
{
	return link_kind_probe(nl, &link_bridge, e);
}

static int ask_veth(struct nl *nl, struct err *e)
{
	return link_kind_probe(nl, &link_veth, e);
}

/* A table with a chain that translates, and it is gone with its namespace. */
static int ask_nat(struct nl *nl, struct err *e)
{
	static const struct nft_where w = { .family = NFPROTO_INET, .table = "probe" };
	const struct nft_chain_spec c = { "post", "nat", NF_INET_POST_ROUTING, 100 };
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct err own = ERR_INIT;
	int r;

	nft_table_add(b, &w);
	nft_chain_add(b, &w, &c);
	r = nft_commit(nl, b, 0, &own);
	if (r == -ENOENT || r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT)
		return -EOPNOTSUPP;
	if (r < 0 && e)
		*e = own;
	return r;
}

static const struct part {
	int family; /* of the socket */
	int (*ask)(struct nl *nl, struct err *e); /* -EOPNOTSUPP: it is not there */
	const char *cure;
} table[PART_COUNT] = {
	{ NETLINK_ROUTE, ask_netem,
	  "this kernel has no netem (CONFIG_NET_SCH_NETEM, module sch_netem)" },
	{ NETLINK_ROUTE, ask_tbf, "this kernel has no tbf (CONFIG_NET_SCH_TBF, module sch_tbf)" },
	{ NETLINK_ROUTE, ask_loss,
	  "this kernel has neither netem (CONFIG_NET_SCH_NETEM, module sch_netem) nor cls_bpf "
	  "(CONFIG_NET_CLS_BPF)" },
	{ NETLINK_ROUTE, ask_wire,
	  "this kernel cannot redirect packets (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_U32, "
	  "CONFIG_NET_ACT_MIRRED)" },
	{ NETLINK_ROUTE, ask_ifb, "this kernel has no ifb (CONFIG_IFB, module ifb)" },
	{ NETLINK_ROUTE, ask_bridge, "this kernel has no bridge (CONFIG_BRIDGE, module bridge)" },
	{ NETLINK_ROUTE, ask_veth, "this kernel has no veth (CONFIG_VETH, module veth)" },
	{ NETLINK_NETFILTER, ask_nat,
	  "this kernel has no NAT of nftables (CONFIG_NFT_NAT, CONFIG_NFT_MASQ; modules "
	  "nft_chain_nat, nft_nat, nft_masq)" },
};

/* Only those that change something want a namespace for it. */
#define ASKED_ANYWHERE (PART_IFB | PART_BRIDGE | PART_VETH)

static int ask_family(int netns_fd, int family, unsigned parts, unsigned *has, struct err *e)
{
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r;

	for (unsigned i = 0; i < PART_COUNT; i++) {
		if (!(parts & 1U << i) || table[i].family != family)
			continue;
		if (nl.fd < 0) {
			r = netns_fd < 0 ? nl_open(&nl, family, e)
					 : netns_nl_open(netns_fd, &nl, family, e);
			/* no such protocol: nothing of it is there */
			if (r == -EPROTONOSUPPORT)
				return 0;
			if (r < 0)
				return r;
		}
		r = table[i].ask(&nl, e);
		if (r < 0 && r != -EOPNOTSUPP)
			return r;
		err_clear(e);
		*has |= r < 0 ? 0 : 1U << i;
	}
	return 0;
}

int parts_ask(unsigned parts, unsigned *ret_has, struct err *e)
{
	_cleanup_close_ int scratch = -1;
	unsigned has = 0;
	int r;

	if (parts & ~ASKED_ANYWHERE) {
		scratch = netns_scratch(e);
		if (scratch < 0)
			return scratch;
	}
	r = ask_family(scratch, NETLINK_ROUTE, parts, &has, e);
	if (r >= 0)
		r = ask_family(scratch, NETLINK_NETFILTER, parts, &has, e);
	if (r >= 0)
		*ret_has = has;
	return r;
}

const char *parts_cure(unsigned part)
{
	for (unsigned i = 0; i < PART_COUNT; i++)
		if (part & 1U << i)
			return table[i].cure;
	return "";
}

/* ---- words of `needs` --------------------------------------------------------------- */

bool parts_of_word(const char *word, unsigned *ret)
{
	static const struct {
		const char *word;
		unsigned parts;
	} words[] = {
		{ "rate", PART_TBF },
		{ "tbf", PART_TBF },
		{ "queue", PART_TBF | PART_NETEM },
		{ "delay", PART_NETEM },
		{ "jitter", PART_NETEM },
		{ "dup", PART_NETEM },
		{ "reorder", PART_NETEM },
		{ "corrupt", PART_NETEM },
		{ "netem", PART_NETEM },
		{ "loss", PART_NETEM | PART_LOSS },
		{ "ifb", PART_IFB },
		{ "bridge", PART_BRIDGE },
		{ "stp", PART_BRIDGE },
		{ "veth", PART_VETH },
		{ "nft", PART_NAT },
		{ "nat", PART_NAT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		*ret = words[i].parts;
		return true;
	}
	return false;
}

static bool has_kind(const char *name)
{
	static const struct link_kind vrf = { .name = "vrf", .module = "vrf" },
				      wireguard = { .name = "wireguard", .module = "wireguard" };
	const struct link_kind *kind = link_kind_find(name);
	_cleanup_nl_ struct nl nl = NL_INIT;

	if (!kind)
		kind = !strcmp(name, "vrf") ? &vrf : &wireguard;
	return nl_open(&nl, NETLINK_ROUTE, NULL) >= 0 && link_kind_probe(&nl, kind, NULL) >= 0;
}

static bool has_ipv6(const char *name)
{
	return sysctl_has_ipv6();
}

static bool has_file(const char *name)
{
	return access(!strcmp(name, "tun") ? "/dev/net/tun" : "/proc/sys/net/mpls", F_OK) == 0;
}

static bool has_sctp(const char *name)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_SEQPACKET | SOCK_CLOEXEC, IPPROTO_SCTP);

	return fd >= 0;
}

/*
 * Where nodes look, which share the host's programs; and a package that keeps its daemons
 * in a directory of its own, as frr does.
 */
static bool has_program(const char *name)
{
	static const char *const dirs[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					    "/usr/bin",	       "/sbin",		 "/bin" };
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (str_fmt(path, sizeof(path), "%s/%s", dirs[i], name) >= 0 &&
		    access(path, X_OK) == 0)
			return true;
	return str_fmt(path, sizeof(path), "/usr/lib/%s", name) >= 0 && stat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

bool parts_other(const char *word, const char **ret_why)
{
	static const struct {
		const char *word;
		bool (*has)(const char *name);
		const char *why;
	} words[] = {
		{ "vlan", has_kind, "this kernel has no vlan (CONFIG_VLAN_8021Q, module 8021q)" },
		{ "vxlan", has_kind, "this kernel has no vxlan (CONFIG_VXLAN, module vxlan)" },
		{ "vrf", has_kind, "this kernel has no vrf (CONFIG_NET_VRF, module vrf)" },
		{ "macvlan", has_kind, "this kernel has no macvlan (CONFIG_MACVLAN)" },
		{ "ipvlan", has_kind, "this kernel has no ipvlan (CONFIG_IPVLAN)" },
		{ "dummy", has_kind, "this kernel has no dummy (CONFIG_DUMMY, module dummy)" },
		{ "wireguard", has_kind, "this kernel has no wireguard (CONFIG_WIREGUARD)" },
		{ "ipv6", has_ipv6, "this kernel has no IPv6 (CONFIG_IPV6, ipv6.disable)" },
		{ "mpls", has_file, "this kernel has no mpls (CONFIG_MPLS_ROUTING, mpls_router)" },
		{ "tun", has_file, "there is no /dev/net/tun (CONFIG_TUN, module tun)" },
		{ "sctp", has_sctp, "this kernel has no sctp (CONFIG_IP_SCTP, module sctp)" },
	};

	if (str_starts(word, "bin:")) {
		*ret_why = "the program is not installed";
		return has_program(word + 4);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		*ret_why = words[i].why;
		if (!strcmp(words[i].word, word))
			return words[i].has(word);
	}
	*ret_why = "nobody knows how to look for it";
	return false;
}
