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

struct err;
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

struct driver {
	const char *name;
	unsigned takes, needs; /* enum driver_option; needs is part of takes */
	const char *modes[5]; /* the first is the default; NULL ends */
	const char
		*without_firewall; /* why there is none: "its packets do not pass the host"; NULL */
};

extern const struct driver driver_bridge, driver_macvlan, driver_ipvlan, driver_ptp, driver_vxlan;

/* The driver of that name, or NULL. */
const struct driver *driver_find(const char *name);
/* That of a checked network; without a name the bridge. */
const struct driver *driver_of(const struct network *n);

/* Known, and every option of the definition means something to it. -EINVAL, with the cure. */
int driver_check(const struct network *n, struct err *e);
/* Fills in what follows from the driver: its default mode. */
void driver_fill(struct network *n);

#endif
