#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of a later command in a container fails once, and is once the last. The
# container does not notice.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill
load faults

@test "ct exec: each call fails" {
	start one --memory 64M --pids 20
	fails_everywhere "125|126" true true ct exec one /probe
	is_running one
}

@test "ct exec: each call is the last" {
	start one --memory 64M --pids 20
	dies_at_every_call true true ct exec one /probe
	is_running one
}
