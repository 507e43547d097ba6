/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

const struct driver driver_vxlan = {
	.name = "vxlan",
	.takes = DRIVER_PARENT | DRIVER_VNI | DRIVER_PEER | DRIVER_GROUP | DRIVER_PORT |
		 DRIVER_STP | DRIVER_MAC | DRIVER_SUBNET | DRIVER_FIREWALL,
	.needs = DRIVER_VNI,
};
