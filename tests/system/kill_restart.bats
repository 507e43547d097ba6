#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of an end that leads to another start.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

@test "a container that is started again" {
	dies_everywhere -n 65 true gone lived ctrun -d --name one --restart on-failure:1 \
		--rootfs "$ROOTFS" sh -c 'exit 3'
}
