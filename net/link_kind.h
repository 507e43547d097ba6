/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_kind - what a kind of link is to link.c, and what the files of kinds
 * build their part of a request with. For link*.c only.
 */
#ifndef CT_NET_LINK_KIND_H
#define CT_NET_LINK_KIND_H

#include "net/link.h"

struct link_kind {
	const char *name;
	const char *module, *config; /* what provides it: "8021q", "CONFIG_VLAN_8021Q" */
	const char *const *modes; /* the words of ip-link(8), ended by NULL; may be NULL */
	bool on_parent; /* IFLA_LINK names the parent */
	/* fills IFLA_INFO_DATA, which the caller has opened; may be NULL */
	void (*put_data)(struct nl_req *q, const struct link_spec *s);
};
/* The place of a word among the modes of its kind; breaks the request (-EINVAL) without one. */
unsigned link_mode(struct nl_req *q, const struct link_kind *kind, const char *mode);
/* Behind an -EEXIST of a creation elsewhere, which may be about a name of ours: link_move.c. */
int link_create_there(struct nl *nl, const struct link_spec *s, struct err *e);
void brport_put(struct nl_req *q, const struct brport_flags *f);
/* ip link set NAME type bridge_slave ...: by name, where AF_BRIDGE wants an index */
void brport_put_slave(struct nl_req *q, const struct brport_flags *f);
/* An interface name; a too long one breaks the request (-ENAMETOOLONG). */
void link_put_name(struct nl_req *q, const char *name);
void link_put_netns(struct nl_req *q, int fd, pid_t pid); /* the one that is given, or none */
void link_put_mac(struct nl_req *q, const struct mac_addr *m); /* when set */
void link_put_u32(struct nl_req *q, uint16_t type, uint32_t v); /* when not 0 */
/* n for sending, n for receiving; 0: the kernel's choice */
void link_put_queues(struct nl_req *q, uint32_t n);
void link_put_tri(struct nl_req *q, uint16_t type, enum tristate v); /* u8, when set */

#endif
