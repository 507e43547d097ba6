/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach_real - what the parts of attach share: records on disk, names derived
 * from the owner, the inside of a namespace.
 */
#ifndef CT_NET_ATTACH_REAL_H
#define CT_NET_ATTACH_REAL_H

#include "net/attach.h"
#include "net/network.h"

/* "CTID.IFNAME": the name of a record, and the owner of leases. */
#define ATTACH_KEY_LEN 80
int attach_key(const struct attach_info *a, char buf[ATTACH_KEY_LEN]);
/* "ctnet:NETWORK:CTID:IFNAME", the mark on the host link. */
#define ATTACH_ALIAS_LEN 128
int attach_alias(const struct attach_info *a, char buf[ATTACH_ALIAS_LEN]);

int attach_record_save(struct net *net, const struct attach_info *a);
int attach_record_load(struct net *net, const char *key, struct attach_info *ret);
int attach_record_drop(struct net *net, const char *key); /* absent: success */
/* The keys of all records. */
int attach_record_keys(struct net *net, struct strv *ret);

/*
 * Names the host link, "ve", 12 hex digits of the owner and a digit, and holds
 * that name until attach_host_drop.
 */
int attach_host_name(struct net *net, struct attach_info *a);
int attach_host_drop(struct net *net, const struct attach_info *a);
bool attach_host_taken(struct net *net, const char *name);
/* MACs that follow from the addresses, and from the name of the host link. */
struct mac_addr attach_mac(const struct attach_info *a);
struct mac_addr attach_host_mac(const struct attach_info *a);

/* Leases, under the lock. */
struct attach_lease {
	struct net *net;
	const struct network *n;
	const char *key;
	struct attach_info *info; /* addrs grow by what is leased */
	struct err *e;
};
int attach_lease(const struct attach_lease *l, uint8_t family, const struct ip_addr *want);

/* Inside the namespace: sysctls, addresses, up, routes. */
struct attach_inside {
	const struct attach_info *info;
	const struct network *n;
	uint32_t metric; /* of the default routes */
	bool default_route, fresh;
};
int attach_inside(const struct attach_inside *in, int netns_fd, struct err *e);
/* Whether it has an address of that subnet. */
bool attach_has_addr(const struct attach_info *a, const struct ip_prefix *subnet);

/* Deletes the link where nothing of it is on the host: it carries our mark inside. */
int attach_drop_in(int netns_fd, const struct attach_info *a, struct err *e);
int attach_drop_inside(const struct attach_info *a, struct err *e);
/* Both ends of it. */
int attach_set_mtu(struct net *net, const struct attach_info *a, uint32_t mtu, struct err *e);

#endif
