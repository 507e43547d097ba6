#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each system call of the commands that change a lab that runs fails once, and is once the
# last: of the command, and of what the supervisor and the nodes do for it. When it failed
# the lab can be made what its file says.

# Functions are called by name.
# shellcheck disable=SC2034,SC2317
FAULTS_EVERYDAY=4
load lib
load lab
load kill
load faults
load faults_lab

# live WORD... - fails everywhere, of a command in a lab that runs
live()
{
	full_lab
	followed
	fails_everywhere "${FAILED:-1|4|125|126}" true mended_and_ended sh -c "ctlab up '$LAB' && ctlab $*"
}

live_dies()
{
	full_lab
	followed
	dies_at_every_call true mended_and_ended sh -c "ctlab up '$LAB' && ctlab $*"
}

# another FILE - the lab with a node and a wire more, another rate, no daemon
another()
{
	full_lab
	sed 's/10mbit/20mbit/; s/pids = 50/pids = 60/; /daemon/d' "$LAB" >"$1"
	printf '[node.new]\n[link.new]\nends = a:eth3 new:eth0\nsubnet = 10.0.3.0/30\n' >>"$1"
}

@test "ctlab apply: each call fails" {
	another "$BATS_TEST_TMPDIR/another.ini"
	# 2: its file cannot be read
	FAILED="[124]" live apply "$BATS_TEST_TMPDIR/another.ini"
}

@test "ctlab apply: each call is the last" {
	in_a_sweep
	another "$BATS_TEST_TMPDIR/another.ini"
	live_dies apply "$BATS_TEST_TMPDIR/another.ini"
}

@test "ctlab link: each call fails" {
	in_a_sweep
	live link full ab down
}

@test "ctlab impair: each call fails" {
	in_a_sweep
	live impair full ab rate=5mbit
}

@test "ctlab node stop: each call fails" {
	in_a_sweep
	live node full c stop
}

@test "ctlab node stop: each call is the last" {
	in_a_sweep
	live_dies node full c stop
}

@test "ctlab node start: each call fails" {
	live "node full c stop && ctlab node full c start"
}

@test "ctlab node start: each call is the last" {
	in_a_sweep
	live_dies "node full c stop && ctlab node full c start"
}

@test "ctlab restart: each call fails" {
	in_a_sweep
	live restart full a
}

@test "ctlab exec: each call fails" {
	live exec full b echo inside
}
