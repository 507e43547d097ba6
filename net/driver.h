/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver - the kinds of network: what each needs on the host, how a container
 * gets its link, and which options of a definition mean something to it. One
 * file per driver (driver_bridge.c, ...) gives a const struct driver; a new one
 * is one file and one line in the table of driver.c.
 */
#ifndef CT_NET_DRIVER_H
#define CT_NET_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/link.h"

struct attach_info;
struct err;
struct net;
struct network;

/* Options of a definition that not every driver has. */
enum driver_option {
	DRIVER_PARENT = 1 << 0,
	DRIVER_MODE = 1 << 1,
	DRIVER_PORT = 1 << 2,
	DRIVER_STP = 1 << 3,
	DRIVER_VLAN = 1 << 4,
	DRIVER_VNI = 1 << 5,
	DRIVER_PEER = 1 << 6,
	DRIVER_GROUP = 1 << 7,
	DRIVER_MAC = 1 << 8, /* of the bridge */
	/* what the host's firewall, or its address in the network, does for it */
	DRIVER_INTERNAL = 1 << 9,
	DRIVER_OPEN = 1 << 10,
	DRIVER_ICC = 1 << 11,
	DRIVER_HOST = 1 << 12,
	DRIVER_MASQUERADE = 1 << 13,
	DRIVER_GUARD = 1 << 14,
	DRIVER_DNS = 1 << 15,
	DRIVER_IPV6 = 1 << 16, /* a subnet can be chosen for it */
	DRIVER_SUBNET = 1 << 17,
};
#define DRIVER_FIREWALL                                                                 \
	(DRIVER_INTERNAL | DRIVER_OPEN | DRIVER_ICC | DRIVER_HOST | DRIVER_MASQUERADE | \
	 DRIVER_GUARD | DRIVER_DNS | DRIVER_IPV6)

/* A network while it is made to stand; every step looks first and makes what is missing. */
struct driver_net {
	struct net *net;
	const struct network *n;
	struct link_info link; /* the bridge, or the parent; index 0: none on the host */
	bool first; /* it does not stand yet at all */
	bool created; /* its link was made now, or left half-made by somebody who died */
	uint32_t mtu; /* of its containers' links */
	struct err *e;
};

/* The link of one attachment while it is made. */
struct driver_link {
	struct net *net;
	const struct network *n;
	const struct link_info *on; /* what driver_net.link was */
	uint32_t mtu;
	const struct attach_info *info;
	int netns_fd;
	struct err *e;
};

struct attach_inside;
struct nl_req;

struct driver {
	const char *name;
	unsigned takes, needs; /* enum driver_option; needs is part of takes */
	const char *modes[5]; /* the first is the default; NULL ends */
	const char
		*without_firewall; /* why there is none: "its packets do not pass the host"; NULL */
	bool host_end; /* a link of the host belongs to each attachment */
	bool bridged; /* which is a port of the network's bridge */
	bool own_mac; /* a container has a MAC of its own; may be asked for */
	bool host_routes; /* an address is alone on its link, /32 or /128 */

	/* what the network needs of the host before anybody can be on it */
	int (*realise)(struct driver_net *r);
	/* takes that away; of what is not there nothing, so it may be asked of any name */
	int (*destroy)(struct net *net, const char *name, struct err *e);
	/* the link of a container, from here into its namespace, where it stays down */
	int (*link)(const struct driver_link *l);
	/* routes inside, besides those that follow from the addresses */
	void (*put_routes)(struct nl_req *q, const struct attach_inside *in, uint32_t index);
};

extern const struct driver driver_bridge, driver_macvlan, driver_ipvlan, driver_ptp, driver_vxlan;

/* The driver of that name, or NULL. */
const struct driver *driver_find(const char *name);
/* That of a checked network; without a name the bridge. */
const struct driver *driver_of(const struct network *n);

/* Known, and every option of the definition means something to it. -EINVAL, with the cure. */
int driver_check(const struct network *n, struct err *e);
/* Takes away whatever stands on the host for the name; n NULL: its driver is not known. */
int driver_destroy(struct net *net, const char *name, const struct network *n, struct err *e);
/* Fills in what follows from the driver: its default mode. */
void driver_fill(struct network *n);

/* ---- for the drivers ---- */

/* A link of ours named as the network, with its mark: 1; -ENODEV; -EEXIST: another's. */
int driver_own_link(struct driver_net *r, const char *name, const char *kind,
		    struct link_info *ret);
/* Deletes it, where it is ours. */
int driver_drop_link(struct net *net, const char *network, const char *name, const char *kind,
		     struct err *e);
/* The MTU of the device that the world is reached by; without one, Ethernet's. */
uint32_t driver_default_mtu(struct net *net);

/* A bridge with the gateways' addresses; mtu: what it should have, and a port at least. */
int bridge_realise(struct driver_net *r);
int bridge_destroy(struct net *net, const char *name, struct err *e);
int bridge_link(const struct driver_link *l);
/* --port: links of the host as ports, and given back. */
int bridge_ports_mtu(struct driver_net *r);
int bridge_ports_take(struct driver_net *r);
void bridge_ports_give_back(struct net *net, const char *name);

/* macvlan and ipvlan. */
int parent_realise(struct driver_net *r, const struct link_kind *kind);
int parent_link(const struct driver_link *l, const struct link_spec *kind);

/* Default routes by the gateways of the subnets we are in; other subnets are on the same wire. */
void lan_put_routes(struct nl_req *q, const struct attach_inside *in, uint32_t index);

#endif
