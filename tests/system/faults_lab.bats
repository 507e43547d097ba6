#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of the making of a lab and of its end fails once, and is once the last:
# of the command, of the supervisor, of the nodes and their commands. Those of a lab that
# runs: faults_lab_live.bats.

# Functions are called by name.
# shellcheck disable=SC2034,SC2317
FAULTS_EVERYDAY=6
load lib
load lab
load kill
load faults
load faults_lab

@test "ctlab up: each call fails" {
	full_lab
	fails_everywhere "[124]" true end_all ctlab up "$LAB"
}

@test "ctlab up: each call is the last" {
	full_lab
	dies_at_every_call true end_all ctlab up "$LAB"
}

# What is made of the host's: a network, an attachment, a published port.
@test "ctlab up with an uplink: each call fails" {
	an_exit 'uplink = bridge0' 'masquerade = 10.0.0.0/8' 'publish.1 = 8080:h:80'
	ctnet -q create bridge0 --subnet 10.99.0.0/24
	fails_everywhere "[124]" true end_all ctlab up "$LAB"
}

@test "ctlab down: each call fails" {
	full_lab
	followed
	fails_everywhere 1 true end_all sh -c "ctlab up '$LAB' && ctlab down full"
}

@test "ctlab down: each call is the last" {
	in_a_sweep
	full_lab
	followed
	dies_at_every_call true end_all sh -c "ctlab up '$LAB' && ctlab down full"
}
