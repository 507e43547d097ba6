#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL after any step of the life of a network: kill_driver.bash.

load lib
load kill_driver

@test "vxlan: gc and the same again leave nothing" {
	dies_in_its_life --driver vxlan --vni 7 --peer 192.0.2.9
}
