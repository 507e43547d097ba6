#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL after any step of the life of a network: kill_driver.bash.

load lib
load kill_driver

@test "ptp: gc and the same again leave nothing" {
	dies_in_its_life --driver ptp --subnet 10.99.0.0/24
}
