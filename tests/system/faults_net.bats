#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of the commands that make and change networks fails once, and is once
# the last.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill
load faults

no_network()
{
	[ ! -e /etc/ctnet/networks/bridge0.conf ] || ctnet rm bridge0
}

a_network()
{
	ctnet -q create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

@test "ctnet create: each call fails" {
	fails_everywhere 1 true no_network ctnet create bridge0 \
		--subnet 10.99.0.0/24 --subnet fd99::/64
}

@test "ctnet create: each call is the last" {
	dies_at_every_call true no_network ctnet create bridge0 \
		--subnet 10.99.0.0/24 --subnet fd99::/64
}

@test "ctnet rm: each call fails" {
	fails_everywhere 1 a_network no_network ctnet rm bridge0
}

@test "ctnet rm: each call is the last" {
	dies_at_every_call a_network no_network ctnet rm bridge0
}
