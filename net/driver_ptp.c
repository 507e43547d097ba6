/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/driver.h"

const struct driver driver_ptp = {
	.name = "ptp",
	.takes = DRIVER_SUBNET | DRIVER_FIREWALL,
};
