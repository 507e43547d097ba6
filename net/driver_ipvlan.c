/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

const struct driver driver_ipvlan = {
	.name = "ipvlan",
	.takes = DRIVER_PARENT | DRIVER_MODE | DRIVER_SUBNET,
	.needs = DRIVER_PARENT | DRIVER_SUBNET,
	.modes = { "l2", "l3", "l3s" },
	.without_firewall = "its packets do not pass the host",
};
