#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of a start in the background fails once, and is once the last: those of
# the caller, the monitor, the guard and the first process; and those of the removal.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill
load faults

export FAULTS_GC=1

detach_one()
{
	ctrun -d --name one --rootfs "$ROOTFS" --memory 64M sleep 1000 >/dev/null
}

@test "ctrun -d: each call fails" {
	fails_everywhere "125|126" true gone ctrun -d --name one --rootfs "$ROOTFS" \
		--memory 64M sleep 1000
}

@test "ctrun -d: each call is the last" {
	dies_at_every_call true gone ctrun -d --name one --rootfs "$ROOTFS" --memory 64M sleep 1000
}

@test "ctrun -d, to its end: each call is the last" {
	# shellcheck disable=SC2034
	NTH_WAIT=(-w)
	dies_at_every_call true gone ctrun -d --name one --rootfs "$ROOTFS" --memory 64M true
}

@test "ct rm -f: each call fails" {
	fails_everywhere 1 detach_one gone ct rm -f one
}

@test "ct rm -f: each call is the last" {
	dies_at_every_call detach_one gone ct rm -f one
}
