/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link - network devices: add, change, delete, get, list, move. One file per
 * kind (link_bridge.c, link_veth.c, ...) gives a struct link_kind (link_kind.h)
 * that adds its own attributes to IFLA_INFO_DATA; a new kind is one file and
 * one line in the table at the top of link.c.
 *
 * Zero means "leave it to the kernel"; where zero is a value, a tri-state.
 * The _put form adds the message to a request, for batches; the other sends it.
 */
#ifndef CT_NET_LINK_H
#define CT_NET_LINK_H

#include "core/base/inet.h"
#include "net/nl.h"

enum tristate { UNSET, OFF, ON };

/* The link group of every ctnet bridge and routed port; the firewall's last rule. */
#define LINK_GROUP_CTNET 4242
/* Of ports whose frames are judged by the spoof guard. */
#define LINK_GROUP_GUARDED 4243

struct link_kind;
extern const struct link_kind link_bridge, link_veth, link_macvlan, link_ipvlan, link_vxlan,
	link_ifb, link_vlan, link_dummy;

/* The kind of that IFLA_INFO_KIND name ("bridge"), or NULL. */
const struct link_kind *link_kind_find(const char *name);

/*
 * Whether this kernel has the kind, loading its module if need be; nothing is
 * made. -EOPNOTSUPP: "this kernel has no ipvlan (CONFIG_IPVLAN)", and the cure.
 */
int link_kind_probe(struct nl *nl, const struct link_kind *kind, struct err *e);
/* The same of bridges that filter by VLAN. */
int link_vlan_filtering_probe(struct nl *nl, struct err *e);

/* Flags of a bridge port. */
struct brport_flags {
	enum tristate isolated, hairpin, learning, neigh_suppress, flood;
	enum tristate bpdu_guard; /* a port that speaks spanning tree is shut */
};
bool brport_is_set(const struct brport_flags *f); /* any of them */

struct link_spec {
	const struct link_kind *kind;
	const char *name;
	const char *label; /* what errors call it; NULL: the name */
	uint32_t index; /* its ifindex; 0: the kernel's choice */
	uint32_t mtu;
	/* for sending and as many for receiving, at both ends of a veth; 0: the kernel's choice */
	uint32_t queues;
	uint32_t master; /* ifindex */
	/* ifindex in our namespace, wherever the new one is born (macvlan,
	 * ipvlan, vlan, vxlan) */
	uint32_t parent;
	uint32_t group;
	struct mac_addr mac; /* all zero: the kernel chooses */
	uint16_t vlan_id; /* vlan: 802.1Q */
	enum tristate up;
	int netns_fd; /* create there; 0: here (never a valid namespace) */
	pid_t netns_pid; /* or in that of a process; 0: by netns_fd */
	/* largest GSO packet in segments, 1: each frame by itself; 0: the kernel's */
	uint32_t gso_segs;
	/* IFLA_INET6_ADDR_GEN_MODE none: no link-local address of its own (host
	 * ends); -EAFNOSUPPORT where the kernel has no IPv6. link_add sends it behind. */
	bool no_linklocal;
	struct {
		const char *peer;
		struct mac_addr peer_mac;
		uint32_t peer_mtu;
		uint32_t peer_index; /* only beside index */
		uint32_t peer_gso_segs;
		int peer_netns; /* descriptor; 0: this namespace */
		pid_t peer_netns_pid;
	} veth;
	struct {
		enum tristate stp, mcast_snooping, vlan_filtering;
		/* addresses learned of frames to 01:80:c2:00:00:0X, too; since Linux 4.20 */
		enum tristate linklocal_learn;
		uint16_t default_pvid; /* VLAN of each port, untagged; 0: the kernel's 1 */
		/* of spanning tree, centiseconds; 0: the kernel's 1500, 200, 2000 */
		uint32_t forward_delay, hello, max_age;
	} bridge;
	struct {
		const char *mode; /* bridge, private, vepa, passthru; NULL: vepa, the kernel's */
		bool nopromisc; /* passthru: leaves the parent's promiscuous mode alone */
	} macvlan;
	struct {
		const char *mode; /* l2, l3, l3s; NULL: l3, the kernel's */
		bool private, vepa; /* neither: bridge */
	} ipvlan;
	struct {
		uint32_t vni;
		struct ip_addr remote; /* a multicast group or one peer; unset: by fdb_add */
		struct ip_addr local; /* unset: as routed */
		uint8_t family; /* of the packets, where neither address tells; 0: IPv4 */
		uint16_t port; /* 0: 4789 */
		uint8_t ttl; /* 0: the kernel's (1 for a group) */
		enum tristate learning;
	} vxlan;
	/* What the kernel does not take at creation: link_add sends it behind. */
	const char *alias;
	struct brport_flags brport;
};

/* One of IFLA_AF_SPEC/AF_INET/IFLA_INET_CONF, what net.ipv4.conf.LINK.* holds. */
struct link_devconf {
	uint16_t id; /* IPV4_DEVCONF_* */
	uint32_t value;
};

/*
 * What an existing link is told; only set fields are sent. A group wants an index:
 * with the name of a link that is gone, older kernels take it for all the links
 * of the group (rtnl_group_changelink).
 */
struct link_change {
	enum tristate up;
	const char *alias;
	const char *label; /* what errors call it; NULL: name or index */
	uint32_t mtu, group, gso_segs;
	uint32_t master;
	bool no_master, no_group;
	bool no_linklocal;
	struct mac_addr mac;
	struct brport_flags brport;
	const struct link_devconf *conf4;
	size_t n_conf4;
};

struct link_info {
	uint32_t index, master, mtu, group;
	uint32_t flags; /* IFF_* */
	uint32_t peer_index; /* IFLA_LINK: other end or parent */
	bool peer_elsewhere; /* which is in another namespace */
	char name[16], kind[16], alias[256];
	struct mac_addr mac;
};

/* The creation alone: alias, brport and no_linklocal are refused here. */
void link_add_put(struct nl_req *q, const struct link_spec *s);
int link_add(struct nl *nl, const struct link_spec *s, struct err *e); /* -EEXIST */

/* By index, or by name when index is 0. */
void link_set_put(struct nl_req *q, uint32_t index, const char *name, const struct link_change *c);
int link_set(struct nl *nl, uint32_t index, const char *name, const struct link_change *c,
	     struct err *e);

/* ip link set dev LINK type KIND ...: of s only the kind and what is given of it */
int link_set_kind(struct nl *nl, uint32_t index, const struct link_spec *s, struct err *e);

int link_del(struct nl *nl, const char *name, struct err *e); /* absent: success */
/* -ENODEV */
int link_get(struct nl *nl, const char *name, struct link_info *ret, struct err *e);
int link_get_index(struct nl *nl, uint32_t index, struct link_info *ret, struct err *e);
/* The question alone; since 6.8 it also makes the kernel notice a carrier that came or went. */
void link_get_put(struct nl_req *q, uint32_t index);
/* An RTM_NEWLINK message read; false when it is none. */
bool link_parse(const struct nlmsghdr *msg, struct link_info *ret);

/* Calls fn for each link (master != 0: only its ports); stops at the first r < 0. */
typedef int link_fn(const struct link_info *l, void *ctx);
int link_list(struct nl *nl, uint32_t master, link_fn *fn, void *ctx, struct err *e);

/*
 * Whether it stays when its namespace goes: the kernel moves such a link to the
 * first namespace (default_device_exit_net), and destroys all others, those
 * that were made by netlink (IFLA_INFO_KIND). lo is neither.
 */
bool link_is_physical(const struct link_info *l);
/*
 * ip link set dev LINK netns FD name NAME. It arrives down, without addresses
 * and routes. name NULL: the one it has. *ret: what it is there, may be NULL;
 * -EEXIST when the name is taken there, and then it has not moved.
 */
int link_move(struct nl *nl, uint32_t index, int netns_fd, const char *name, struct link_info *ret,
	      struct err *e);
/* ip link set dev LINK name NAME; -EBUSY while up on kernels before 6.2 */
int link_rename(struct nl *nl, uint32_t index, const char *name, struct err *e);

/* bridge link set dev PORT isolated on hairpin on ...: one RTM_SETLINK of AF_BRIDGE */
int link_set_brport(struct nl *nl, uint32_t index, const struct brport_flags *f, struct err *e);

/* A VLAN of a bridge port, or (self) of the bridge as a port of its own. */
struct brvlan_spec {
	uint32_t index;
	uint16_t vid;
	bool pvid, untagged; /* what arrives untagged belongs to it; leaves untagged */
	bool self;
};
/* bridge vlan add|del dev PORT vid N [pvid] [untagged] [self]; set again is no error */
int brvlan_add(struct nl *nl, const struct brvlan_spec *s, struct err *e);
int brvlan_del(struct nl *nl, const struct brvlan_spec *s, struct err *e); /* absent: success */

#endif
