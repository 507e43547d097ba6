/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

const struct driver driver_macvlan = {
	.name = "macvlan",
	.takes = DRIVER_PARENT | DRIVER_MODE | DRIVER_SUBNET,
	.needs = DRIVER_PARENT | DRIVER_SUBNET,
	.modes = { "bridge", "private", "vepa", "passthru" },
	.without_firewall = "its packets do not pass the host",
};
