/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

const struct driver driver_bridge = {
	.name = "bridge",
	.takes = DRIVER_PORT | DRIVER_STP | DRIVER_VLAN | DRIVER_MAC | DRIVER_SUBNET |
		 DRIVER_FIREWALL,
};
