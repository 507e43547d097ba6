#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of the making of a lab and of its end; of the command, the
# supervisor and the nodes alike.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load lab
load kill

@test "up dies behind each of its steps" {
	a_lab
	dies_everywhere true end_all ctlab up "$LAB"
}

@test "down dies behind each of its steps" {
	a_lab
	up()
	{
		ctlab up "$LAB"
	}
	dies_everywhere up end_all ctlab down --all
}

# What is made of the host's: a network, an attachment, a published port.
@test "up with an uplink dies behind each of its steps" {
	an_exit 'uplink = bridge0' 'masquerade = 10.0.0.0/8' 'publish.1 = 8080:h:80'
	ctnet create bridge0 --subnet 10.99.0.0/24
	dies_everywhere true end_all ctlab up "$LAB"
	ctnet rm bridge0
}
