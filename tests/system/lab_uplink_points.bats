#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of what a lab makes of the host's: a network of its own, an
# attachment, a published port; and of their end.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load lab
load kill

up()
{
	ctlab up "$LAB"
}

# beside what kill.bash compares: the definitions, which are not below /run
no_network()
{
	end_all
	ctnet gc
	[ -z "$(ls /etc/ctnet/networks)" ]
}

@test "up with a network of its own dies behind each of its steps" {
	an_exit 'uplink = host' 'publish.1 = 8080:h:80'
	dies_everywhere true no_network ctlab up "$LAB"
}

@test "down of it dies behind each of its steps" {
	an_exit 'uplink = host' 'publish.1 = 8080:h:80'
	dies_everywhere up no_network ctlab down --all
}
