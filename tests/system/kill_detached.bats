#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of a life in the background: of the monitor, of the
# guard, and of the first process on its way.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

@test "ctrun -d" {
	dies_everywhere true gone ctrun -d --name one --memory 64M --health-cmd true \
		--rootfs "$ROOTFS" sleep 1000
}

@test "a container that ends by itself" {
	# what comes before is the start's
	dies_everywhere -n 30 true gone lived ctrun -d --name one --rootfs "$ROOTFS" sh -c 'exit 3'
}
