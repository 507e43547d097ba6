/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link - network devices: add, change, delete, get, list. One file per kind
 * (link_bridge.c, link_veth.c, ...) gives a struct link_kind that adds its own
 * attributes to IFLA_INFO_DATA; a new kind is one file and one line in the
 * table at the top of link.c.
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

struct link_kind;
extern const struct link_kind link_bridge, link_veth;

/* The kind of that IFLA_INFO_KIND name ("bridge"), or NULL. */
const struct link_kind *link_kind_find(const char *name);

/* Flags of a bridge port. */
struct brport_flags {
	enum tristate isolated, hairpin, learning;
};

struct link_spec {
	const struct link_kind *kind;
	const char *name;
	uint32_t mtu;
	uint32_t master; /* ifindex */
	uint32_t group;
	struct mac_addr mac; /* all zero: the kernel chooses */
	enum tristate up;
	int netns_fd; /* create there; 0: here (never a valid namespace) */
	struct {
		const char *peer;
		struct mac_addr peer_mac;
		uint32_t peer_mtu;
		int peer_netns; /* descriptor; 0: this namespace */
	} veth;
	struct {
		enum tristate stp, mcast_snooping, vlan_filtering;
	} bridge;
	/* What the kernel does not take at creation: link_add sends it behind. */
	const char *alias;
	struct brport_flags brport;
	/* IFLA_INET6_ADDR_GEN_MODE none: no link-local address of its own (host
	 * ends); -EAFNOSUPPORT where the kernel has no IPv6 */
	bool no_linklocal;
};

/* One of IFLA_AF_SPEC/AF_INET/IFLA_INET_CONF, what net.ipv4.conf.LINK.* holds. */
struct link_devconf {
	uint16_t id; /* IPV4_DEVCONF_* */
	uint32_t value;
};

/* What an existing link is told; only set fields are sent. */
struct link_change {
	enum tristate up;
	const char *alias;
	uint32_t mtu, group;
	uint32_t master;
	bool no_master;
	bool no_linklocal;
	struct mac_addr mac;
	struct brport_flags brport;
	const struct link_devconf *conf4;
	size_t n_conf4;
};

struct link_info {
	uint32_t index, master, mtu, group;
	uint32_t flags; /* IFF_* */
	uint32_t peer_index; /* IFLA_LINK: other end or parent, maybe in another namespace */
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

int link_del(struct nl *nl, const char *name, struct err *e); /* absent: success */
/* -ENODEV */
int link_get(struct nl *nl, const char *name, struct link_info *ret, struct err *e);
int link_get_index(struct nl *nl, uint32_t index, struct link_info *ret, struct err *e);
/* An RTM_NEWLINK message read; false when it is none. */
bool link_parse(const struct nlmsghdr *msg, struct link_info *ret);

/* Calls fn for each link (master != 0: only its ports); stops at the first r < 0. */
typedef int link_fn(const struct link_info *l, void *ctx);
int link_list(struct nl *nl, uint32_t master, link_fn *fn, void *ctx, struct err *e);

/* bridge link set dev PORT isolated on hairpin on ...: one RTM_SETLINK of AF_BRIDGE */
int link_set_brport(struct nl *nl, uint32_t index, const struct brport_flags *f, struct err *e);

/* For link.c and the kinds only. */
struct link_kind {
	const char *name;
	/* fills IFLA_INFO_DATA, which the caller has opened; may be NULL */
	void (*put_data)(struct nl_req *q, const struct link_spec *s);
};
/* An interface name; a too long one breaks the request (-ENAMETOOLONG). */
void link_put_name(struct nl_req *q, const char *name);
void link_put_mac(struct nl_req *q, const struct mac_addr *m); /* when set */
void link_put_u32(struct nl_req *q, uint16_t type, uint32_t v); /* when not 0 */
void link_put_tri(struct nl_req *q, uint16_t type, enum tristate v); /* u8, when set */

#endif
