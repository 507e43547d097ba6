#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of a container's start and end fails once, and is once the last: those of
# the runner, of the guard, and of the first process until it is the command.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill
load faults

export FAULTS_GC=1

# a_network - for a container
a_network()
{
	ctnet -q create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

@test "ctrun on a network: each call fails" {
	a_network
	fails_everywhere "125|126" true true ctrun --name one \
		--net bridge0:ip=10.99.0.9,ip6=fd99::9 -p 8080:80 --memory 64M --pids 20 \
		--tmpfs /scratch --rootfs "$ROOTFS" /probe
}

@test "ctrun on a network: each call is the last" {
	a_network
	dies_at_every_call true true ctrun --name one --net bridge0:ip=10.99.0.9,ip6=fd99::9 \
		-p 8080:80 --memory 64M --pids 20 --tmpfs /scratch --rootfs "$ROOTFS" /probe
}
