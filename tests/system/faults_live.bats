#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of the commands that change the network of a container that runs fails
# once, and is once the last.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill
load faults


# member [OPTION...] - a container that was on bridge0 before: what a first visit leaves as
# long as it lives is no trace of a second
member()
{
	ctnet -q create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	start one "$@"
	[ $# -gt 0 ] || { ctnet connect bridge0 one && ctnet disconnect bridge0 one; }
}

connected()
{
	ctnet -q connect bridge0 one --ip 10.99.0.9 --ip6 fd99::9
}

disconnected()
{
	ctnet disconnect bridge0 one 2>/dev/null || true
}

published()
{
	ctnet publish one 8080:80 >/dev/null
}

unpublished()
{
	ctnet unpublish one 8080:80 2>/dev/null || true
}

@test "ctnet connect: each call fails" {
	member
	fails_everywhere 1 true disconnected ctnet connect bridge0 one --ip 10.99.0.9 --ip6 fd99::9
}

@test "ctnet connect: each call is the last" {
	member
	dies_at_every_call true disconnected ctnet connect bridge0 one --ip 10.99.0.9 --ip6 fd99::9
}

@test "ctnet disconnect: each call fails" {
	member
	# names of links that are gone
	export FAULTS_GC=1
	fails_everywhere 1 connected disconnected ctnet disconnect bridge0 one
}

@test "ctnet disconnect: each call is the last" {
	member
	dies_at_every_call connected disconnected ctnet disconnect bridge0 one
}

@test "ctnet publish: each call fails" {
	member --net bridge0
	fails_everywhere 1 true unpublished ctnet publish one 8080:80
}

@test "ctnet publish: each call is the last" {
	member --net bridge0
	dies_at_every_call true unpublished ctnet publish one 8080:80
}
