/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features of the kernel. What can be seen in a file is; the rest is asked for
 * in a namespace that exists for the question: with too little said, so that a
 * kind the kernel knows answers "invalid argument" and only one that it does
 * not know answers that it is not there. Where the module lies on the disk
 * nothing is asked, since the kernel would load it to answer.
 */
#include "net/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/nft.h"
#include "net/nft_batch.h"
#include "net/qdisc.h"

struct feature {
	const char *name; /* of a link kind, a qdisc, an expression, a file system */
	const char *module, *config; /* what provides it; NULL: no module alone */
	const char *use;
	enum doctor_status without;
};

/* Asks the kernel: 1 there, 0 not, or -errno. */
typedef int ask_fn(struct nl *nl, const char *name);

/* modules.dep of the running kernel; NULL: none is installed here. */
static char *module_list(void)
{
	char path[256];
	struct utsname u;
	char *text = NULL;

	if (uname(&u) < 0 ||
	    str_fmt(path, sizeof(path), "/lib/modules/%s/modules.dep", u.release) < 0 ||
	    file_read_at(AT_FDCWD, path, 16 << 20, &text, NULL) < 0)
		return NULL;
	return text;
}

static bool module_listed(const char *list, const char *module)
{
	char file[64];

	snprintf(file, sizeof(file), "/%s.ko", module ? module : "");
	return list && module && strstr(list, file);
}

static void say_missing(struct doctor *d, const struct feature *f)
{
	char cure[160];

	if (f->module && access("/proc/modules", F_OK) == 0)
		snprintf(cure, sizeof(cure), "modprobe %s, or boot a kernel with %s", f->module,
			 f->config);
	else
		snprintf(cure, sizeof(cure), "boot a kernel with %s", f->config);
	doctor_say(d, f->without, cure, "%s is missing (%s): no %s", f->name, f->config, f->use);
}

/* One line of what is there, and one for each that is not. */
static int look_for(struct doctor *d, const struct feature *f, size_t n, struct nl *nl, ask_fn *ask)
{
	_cleanup_free_ char *list = module_list();
	char there[256] = "";
	int worst = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(there);
		int r = module_listed(list, f[i].module) ? 1 : ask(nl, f[i].name);

		if (r > 0)
			snprintf(there + len, sizeof(there) - len, "%s%s", len ? ", " : "",
				 f[i].name);
		else if (r == 0)
			say_missing(d, &f[i]);
		else
			worst = r;
	}
	if (there[0])
		doctor_say(d, DOCTOR_OK, NULL, "there are %s", there);
	return worst;
}

/* ---- links and queueing -------------------------------------------------- */

static int ask_link(struct nl *nl, const char *name)
{
	const struct link_kind *kind = link_kind_find(name);

	if (!kind)
		return link_vlan_filtering_probe(nl, NULL) >= 0;
	return link_kind_probe(nl, kind, NULL) >= 0;
}

static int ask_qdisc(struct nl *nl, const char *kind)
{
	return qdisc_probe(nl, &(struct qdisc_part){ .name = kind }, NULL) >= 0;
}

static int in_scratch(int family, struct nl *nl, struct err *e)
{
	_cleanup_close_ int ns = netns_scratch(e);

	/* the socket keeps the namespace */
	return ns < 0 ? ns : netns_nl_open(ns, nl, family, e);
}

int doctor_links(struct doctor *d, struct err *e)
{
	static const struct feature kinds[] = {
		{ "bridge", "bridge", "CONFIG_BRIDGE", "networks of driver bridge", DOCTOR_FAIL },
		{ "veth", "veth", "CONFIG_VETH", "attachments", DOCTOR_FAIL },
		{ "macvlan", "macvlan", "CONFIG_MACVLAN", "networks of driver macvlan",
		  DOCTOR_WARN },
		{ "ipvlan", "ipvlan", "CONFIG_IPVLAN", "networks of driver ipvlan", DOCTOR_WARN },
		{ "vxlan", "vxlan", "CONFIG_VXLAN", "networks of driver vxlan", DOCTOR_WARN },
		{ "vlan", "8021q", "CONFIG_VLAN_8021Q", "VLANs on a parent link", DOCTOR_WARN },
		{ "bridge that filters VLANs", NULL, "CONFIG_BRIDGE_VLAN_FILTERING",
		  "networks with --vlan", DOCTOR_WARN },
		{ "ifb", "ifb", "CONFIG_IFB", "limit with --rate-out", DOCTOR_WARN },
	};
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = in_scratch(NETLINK_ROUTE, &nl, e);

	return r < 0 ? r : look_for(d, kinds, ARRAY_SIZE(kinds), &nl, ask_link);
}

int doctor_qdiscs(struct doctor *d, struct err *e)
{
	static const struct feature kinds[] = {
		{ "tbf", "sch_tbf", "CONFIG_NET_SCH_TBF", "--rate-in and --rate-out", DOCTOR_WARN },
		{ "clsact", "sch_ingress", "CONFIG_NET_SCH_INGRESS", "limit with --rate-out",
		  DOCTOR_WARN },
		{ "netem", "sch_netem", "CONFIG_NET_SCH_NETEM", "delay and loss on links",
		  DOCTOR_WARN },
	};
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = in_scratch(NETLINK_ROUTE, &nl, e);

	return r < 0 ? r : look_for(d, kinds, ARRAY_SIZE(kinds), &nl, ask_qdisc);
}

/* ---- nftables --------------------------------------------------------------- */

static const struct nft_where inet_probe = { .family = NFPROTO_INET, .table = "probe" };
static const struct nft_where bridge_probe = { .family = NFPROTO_BRIDGE, .table = "probe" };

/* A rule of one expression without its arguments. */
static void put_expr(struct nft_batch *b, const char *expr)
{
	struct nlmsghdr *msg = nft_msg_begin(b, NFT_MSG_NEWRULE, NFPROTO_INET,
					     NLM_F_CREATE | NLM_F_APPEND, "try %s", expr);
	struct nlattr *list, *elem;

	if (!msg)
		return;
	mnl_attr_put_strz(msg, NFTA_RULE_TABLE, inet_probe.table);
	mnl_attr_put_strz(msg, NFTA_RULE_CHAIN, expr);
	list = mnl_attr_nest_start(msg, NFTA_RULE_EXPRESSIONS);
	elem = mnl_attr_nest_start(msg, NFTA_LIST_ELEM);
	mnl_attr_put_strz(msg, NFTA_EXPR_NAME, expr);
	mnl_attr_nest_end(msg, elem);
	mnl_attr_nest_end(msg, list);
	nft_msg_end(b, msg);
}

/* "bridge" and "nat chain" are a table and a chain, all others expressions. */
static int ask_nft(struct nl *nl, const char *name)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	struct nft_chain_spec c = { .name = name, "filter", NF_INET_POST_ROUTING, 0 };
	bool bridge = !strcmp(name, "bridge"), nat = !strcmp(name, "nat chain");
	bool masq = !strcmp(name, "masq");
	const struct nft_where *w = bridge ? &bridge_probe : &inet_probe;
	struct err e = ERR_INIT;
	int r;

	/* needs nothing else, and so is judged by where it stands */
	if (nat || masq)
		c.type = "nat";
	nft_table_add(b, w);
	nft_chain_add(b, w, &c);
	if (!bridge && !nat)
		put_expr(b, name);
	r = nft_commit(nl, b, 0, &e);
	return r != -ENOENT && r != -EOPNOTSUPP && r != -EAFNOSUPPORT && r != -EPROTONOSUPPORT;
}

int doctor_nftables(struct doctor *d, struct err *e)
{
	static const struct feature parts[] = {
		{ "nat chain", "nft_chain_nat", "CONFIG_NFT_NAT", "masquerade and published ports",
		  DOCTOR_FAIL },
		{ "nat", "nft_nat", "CONFIG_NFT_NAT", "published ports", DOCTOR_FAIL },
		{ "masq", "nft_masq", "CONFIG_NFT_MASQ", "way out of networks", DOCTOR_FAIL },
		{ "ct", "nft_ct", "CONFIG_NFT_CT", "firewall", DOCTOR_FAIL },
		{ "fib", "nft_fib_inet", "CONFIG_NFT_FIB_INET", "published ports", DOCTOR_FAIL },
		{ "bridge", "nf_tables_bridge", "CONFIG_NF_TABLES_BRIDGE", "spoof guard",
		  DOCTOR_FAIL },
	};
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = in_scratch(NETLINK_NETFILTER, &nl, e);

	return r < 0 ? r : look_for(d, parts, ARRAY_SIZE(parts), &nl, ask_nft);
}

/* ---- what files tell ---------------------------------------------------------- */

static bool has_overlay(void)
{
	_cleanup_free_ char *text = NULL;

	return file_read_at(AT_FDCWD, "/proc/filesystems", 65536, &text, NULL) >= 0 &&
	       strstr(text, "\toverlay\n");
}

static int ask_file(struct nl *nl, const char *name)
{
	(void)nl;
	if (!strcmp(name, "overlay"))
		return has_overlay();
	if (!strcmp(name, "seccomp"))
		return access("/proc/sys/kernel/seccomp", F_OK) == 0;
	if (!strcmp(name, "userns"))
		return doctor_number("/proc/sys/user/max_user_namespaces", 0) > 0;
	return access("/proc/sys/net/netfilter/nf_conntrack_max", F_OK) == 0;
}

static void say_cgroups(struct doctor *d)
{
	_cleanup_free_ char *text = NULL;
	char names[128] = "";

	if (file_read_at(AT_FDCWD, "/sys/fs/cgroup/cgroup.controllers", 4096, &text, NULL) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		doctor_say(d, DOCTOR_OK, NULL, "cgroup v2: %s", text[0] ? text : "no controllers");
		return;
	}
	if (file_read_at(AT_FDCWD, "/proc/cgroups", 4096, &text, NULL) < 0) {
		doctor_say(d, DOCTOR_WARN, "boot a kernel with CONFIG_CGROUPS",
			   "no cgroups: limits are refused");
		return;
	}
	/* the first word of each line but the heading */
	for (const char *p = strchr(text, '\n'); p && p[1]; p = strchr(p + 1, '\n')) {
		size_t len = strlen(names);

		snprintf(names + len, sizeof(names) - len, " %.*s", (int)strcspn(p + 1, "\t"),
			 p + 1);
	}
	doctor_say(d, DOCTOR_OK, NULL, "cgroup v1%s:%s",
		   access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0 ? ", with v2 beside it"
									    : "",
		   names);
}

int doctor_kernel(struct doctor *d, struct err *e)
{
	static const struct feature files[] = {
		{ "overlay", "overlay", "CONFIG_OVERLAY_FS", "copy-on-write root", DOCTOR_FAIL },
		{ "conntrack", "nf_conntrack", "CONFIG_NF_CONNTRACK", "firewall", DOCTOR_FAIL },
		{ "seccomp", "seccomp", "CONFIG_SECCOMP_FILTER", "system call filter",
		  DOCTOR_FAIL },
		{ "userns", "userns", "CONFIG_USER_NS", "--userns", DOCTOR_WARN },
	};

	(void)e;
	say_cgroups(d);
	return look_for(d, files, ARRAY_SIZE(files), NULL, ask_file);
}
